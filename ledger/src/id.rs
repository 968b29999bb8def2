//! Ids of accounts, transfers and allowances: 128 bits in the form of a UUID, kept as the number whose
//! big-endian bytes are the UUID's. So ids with time sort by it.
//!
//! The version says which kind an id is. *Version 7* is made by clients and carries the time of its making in
//! milliseconds; a new one must be recent. *Version 8* is derived with BLAKE3 from what must be used once for
//! ever and has no time. Every other number is no id.

use crate::limits::{ID_AGE_MAX_MICROS, ID_AHEAD_MAX_MICROS};

const VERSION_SHIFT: u32 = 76;
const VARIANT_SHIFT: u32 = 62;
const TIME_SHIFT: u32 = 80;
const NIBBLE: u128 = 0xF;
const TWO_BITS: u128 = 0b11;
/// The variant of RFC 9562, the only one with versions.
const VARIANT: u128 = 0b10;
const FORM_MASK: u128 = NIBBLE << VERSION_SHIFT | TWO_BITS << VARIANT_SHIFT;
const FORM_7: u128 = 7 << VERSION_SHIFT | VARIANT << VARIANT_SHIFT;
const FORM_8: u128 = 8 << VERSION_SHIFT | VARIANT << VARIANT_SHIFT;

/// Which kind of id a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdKind {
    /// Version 7: made by a client at this time, in microseconds.
    Timed {
        /// The time in the id, a whole number of milliseconds.
        made_at: u64,
    },
    /// Version 8: derived, without time.
    Derived,
}

/// How the time in a new id stands to that of the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdAge {
    /// The id may be new.
    Acceptable,
    /// Made too long before the entry.
    TooOld,
    /// Made too far after the entry.
    InFuture,
}

/// The kind of an id; `None` if the number is no id.
#[inline]
#[must_use]
pub fn kind(id: u128) -> Option<IdKind> {
    match id & FORM_MASK {
        FORM_7 => Some(IdKind::Timed { made_at: time_micros(id) }),
        FORM_8 => Some(IdKind::Derived),
        _ => None,
    }
}

/// Whether the number is an id of one of the two kinds.
#[inline]
#[must_use]
pub fn is_valid(id: u128) -> bool {
    matches!(id & FORM_MASK, FORM_7 | FORM_8)
}

/// How the id's time stands to the entry's `timestamp`. An id without time is always acceptable.
#[inline]
#[must_use]
pub fn age(id: u128, timestamp: u64) -> IdAge {
    let Some(IdKind::Timed { made_at }) = kind(id) else {
        return IdAge::Acceptable;
    };
    if timestamp.saturating_sub(made_at) > ID_AGE_MAX_MICROS {
        IdAge::TooOld
    } else if made_at.saturating_sub(timestamp) > ID_AHEAD_MAX_MICROS {
        IdAge::InFuture
    } else {
        IdAge::Acceptable
    }
}

/// A version 7 id from the time of its making and 74 random bits; further bits of both are dropped.
#[must_use]
pub fn timed(made_at_millis: u64, random: u128) -> u128 {
    let time = u128::from(made_at_millis) << TIME_SHIFT;
    let random = random & ((1 << TIME_SHIFT) - 1) & !FORM_MASK;
    time | FORM_7 | random
}

/// The version 8 id of what `parts` name, within `domain`: 122 bits of BLAKE3. Each part is hashed with its
/// length, so moving bytes from one part to the next gives another id. The domain is a constant text that no
/// other use has.
#[must_use]
pub fn derived(domain: &'static str, parts: &[&[u8]]) -> u128 {
    let mut hasher = blake3::Hasher::new_derive_key(domain);
    for part in parts {
        // A length has at most 64 bits on every machine; hashing it in 16 bytes needs no conversion that fails.
        let length = u128::try_from(part.len()).unwrap_or(u128::MAX);
        hasher.update(&length.to_le_bytes());
        hasher.update(part);
    }
    let hash = hasher.finalize();
    let bits = hash.as_bytes().first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
    bits & !FORM_MASK | FORM_8
}

fn time_micros(id: u128) -> u64 {
    // The upper 48 bits of an id are its time, and 48 bits of milliseconds are 58 of microseconds.
    u64::try_from(id >> TIME_SHIFT).unwrap_or(u64::MAX).saturating_mul(1_000)
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(transparent)]
        pub struct $name(pub u128);

        impl $name {
            /// The zero that stands for no id in a record.
            pub const NONE: Self = Self(0);

            /// Whether this is the zero that stands for no id.
            #[inline]
            #[must_use]
            pub const fn is_none(self) -> bool {
                self.0 == 0
            }

            /// Whether this is a version 7 or version 8 id.
            #[inline]
            #[must_use]
            pub fn is_valid(self) -> bool {
                is_valid(self.0)
            }
        }
    };
}

id_type! {
    /// The id of an account.
    AccountId
}
id_type! {
    /// The id of a transfer: it has one outcome, for ever.
    TransferId
}
id_type! {
    /// The id of an allowance.
    AllowanceId
}

#[cfg(test)]
mod tests {
    use super::{IdAge, IdKind, age, derived, is_valid, kind, timed};
    use crate::limits::{ID_AGE_MAX_MICROS, ID_AHEAD_MAX_MICROS};

    const NOW_MILLIS: u64 = 1_770_000_000_000;
    const NOW: u64 = NOW_MILLIS * 1_000;

    #[test]
    fn the_version_is_read_where_a_uuid_has_it() {
        // The examples of RFC 9562, appendix A.6 and B.2.
        assert_eq!(
            kind(0x017F_22E2_79B0_7CC3_98C4_DC0C_0C07_398F),
            Some(IdKind::Timed { made_at: 0x017F_22E2_79B0 * 1_000 })
        );
        assert_eq!(kind(0x5C14_6B14_3C52_8AFD_938A_375D_0DF1_FBF6), Some(IdKind::Derived));
    }

    #[test]
    fn other_versions_and_variants_are_no_ids() {
        let id = timed(NOW_MILLIS, 99);
        for version in (0..16).filter(|version| ![7, 8].contains(version)) {
            let other = id & !(0xF << 76) | version << 76;
            assert_eq!(kind(other), None, "version {version}");
        }
        for variant in [0b00, 0b01, 0b11] {
            assert!(!is_valid(id & !(0b11 << 62) | variant << 62), "variant {variant}");
        }
        assert!(!is_valid(0) && !is_valid(u128::MAX));
    }

    #[test]
    fn a_timed_id_keeps_its_time_and_74_random_bits() {
        assert_eq!(kind(timed(NOW_MILLIS, u128::MAX)), Some(IdKind::Timed { made_at: NOW }));
        assert_eq!((timed(0, u128::MAX) ^ timed(0, 0)).count_ones(), 74);
        assert!(timed(NOW_MILLIS, u128::MAX) < timed(NOW_MILLIS + 1, 0));
    }

    #[test]
    fn an_id_is_new_for_seven_days_back_and_five_minutes_ahead() {
        let id = timed(NOW_MILLIS, 1);
        assert_eq!(age(id, NOW), IdAge::Acceptable);
        assert_eq!(age(id, NOW + ID_AGE_MAX_MICROS), IdAge::Acceptable);
        assert_eq!(age(id, NOW + ID_AGE_MAX_MICROS + 1), IdAge::TooOld);
        assert_eq!(age(id, NOW - ID_AHEAD_MAX_MICROS), IdAge::Acceptable);
        assert_eq!(age(id, NOW - ID_AHEAD_MAX_MICROS - 1), IdAge::InFuture);
    }

    #[test]
    fn a_derived_id_has_no_age_and_122_bits_of_hash() {
        let id = derived("ledger test 2026", &[b"row", b"step"]);
        assert_eq!(kind(id), Some(IdKind::Derived));
        assert_eq!(age(id, 0), IdAge::Acceptable);
        assert_eq!(age(id, u64::MAX), IdAge::Acceptable);
        assert_eq!(id, 0x3EE987A37E8E8DD9BAD236A5A4D3A808);
    }

    #[test]
    fn parts_and_domains_do_not_run_together() {
        let id = derived("ledger test 2026", &[b"ab", b"c"]);
        assert_ne!(id, derived("ledger test 2026", &[b"a", b"bc"]));
        assert_ne!(id, derived("ledger test 2026", &[b"abc"]));
        assert_ne!(id, derived("ledger test 2027", &[b"ab", b"c"]));
    }
}

//! One window of an allowance: how much may be taken over which stretch of time.
//!
//! Every window divides time into *buckets* with ascending numbers and counts the newest of them: a total has one
//! bucket for all time, a fixed window one for each period, a rolling window one for each sixtieth of its length,
//! of which it counts the 61 that overlap the last `length`. What a transfer takes goes into the bucket of its
//! entry's time.
//!
//! ```text
//!   0  kind             2   1 total, 2 fixed length, 3 day, 4 week, 5 month, 6 rolling
//!   2  measure          2   1 amount, 2 count
//!   4  flags            2
//!   6  reserved         2   zero
//!   8  cap              8
//!  16  length_seconds   8   zero unless the kind has a length
//!  24  anchor           8   zero unless fixed length
//! ```

use super::calendar::Period;
use super::window_flags::WindowFlags;
use crate::limits::{AMOUNT_MAX, ROLLING_SLICES, ROLLING_SLICES_KEPT, TIMESTAMP_MAX, WINDOW_SECONDS_MAX};
use crate::record::{field, is_zero, put};

/// The length of a window's record.
pub const WINDOW_BYTES: usize = 32;

/// What a window adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// The amounts of payments.
    Amount,
    /// The number of payments.
    Count,
}

impl Measure {
    /// What a payment of `amount` takes.
    #[inline]
    #[must_use]
    pub const fn of(self, amount: u64) -> u64 {
        match self {
            Self::Amount => amount,
            Self::Count => 1,
        }
    }
}

/// How a pending transfer ends without moving all of its amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Restore {
    /// It is voided.
    Void,
    /// It expires.
    Expiry,
    /// A part of it is posted.
    PartialPost,
}

impl Restore {
    /// The flag that gives something back.
    const fn flag(self) -> WindowFlags {
        match self {
            Self::Void => WindowFlags::RESTORE_ON_VOID,
            Self::Expiry => WindowFlags::RESTORE_ON_EXPIRE,
            Self::PartialPost => WindowFlags::RESTORE_ON_PARTIAL_POST,
        }
    }
}

/// Over which stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stretch {
    /// Since the allowance was created.
    Total,
    /// Since the last boundary.
    Fixed(Period),
    /// Over the last `length_seconds`, freed up to a sixtieth of it late.
    Rolling {
        /// A whole number of minutes, so that a slice is a whole number of seconds.
        length_seconds: u64,
    },
}

/// A window as its mandate states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// Over which stretch of time.
    pub stretch: Stretch,
    /// What is added up.
    pub measure: Measure,
    /// The most that may be used.
    pub cap: u64,
    /// What is given back, and when.
    pub flags: WindowFlags,
}

impl Window {
    /// The bucket that `timestamp` lies in.
    #[must_use]
    pub fn bucket(&self, timestamp: u64, utc_offset_seconds: i32) -> i64 {
        match self.stretch {
            Stretch::Total => 0,
            Stretch::Fixed(period) => period.number(timestamp, utc_offset_seconds),
            Stretch::Rolling { length_seconds } => {
                let slice_seconds = length_seconds.checked_div(ROLLING_SLICES).unwrap_or(0);
                Period::Length { anchor: 0, length_seconds: slice_seconds }.number(timestamp, 0)
            }
        }
    }

    /// How many buckets count, up to the one of now.
    #[must_use]
    pub const fn buckets_counted(&self) -> usize {
        match self.stretch {
            Stretch::Total | Stretch::Fixed(_) => 1,
            Stretch::Rolling { .. } => ROLLING_SLICES_KEPT,
        }
    }

    /// The bucket a refund at a time in `bucket` is given back to. In a rolling window it is the slice before, so
    /// that the refund never counts longer than `length`.
    #[must_use]
    pub const fn refund_bucket(&self, bucket: i64) -> i64 {
        match self.stretch {
            Stretch::Total | Stretch::Fixed(_) => bucket,
            Stretch::Rolling { .. } => bucket.saturating_sub(1),
        }
    }

    /// What is given back, if its bucket still counts, when a pending transfer that took it ends with `amount` not
    /// moved.
    #[inline]
    #[must_use]
    pub const fn restored(&self, end: Restore, amount: u64) -> u64 {
        if self.flags.contains(end.flag()) { self.measure.of(amount) } else { 0 }
    }

    /// What a refund of `amount` gives back.
    #[inline]
    #[must_use]
    pub const fn refunded(&self, amount: u64) -> u64 {
        if self.flags.contains(WindowFlags::REFUND_RESTORES) { self.measure.of(amount) } else { 0 }
    }

    /// Whether every field has a meaning.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let length_fits = |seconds| (1..=WINDOW_SECONDS_MAX).contains(&seconds);
        let stretch_fits = match self.stretch {
            Stretch::Total | Stretch::Fixed(Period::Day | Period::Week | Period::Month) => true,
            Stretch::Fixed(Period::Length { anchor, length_seconds }) => {
                length_fits(length_seconds) && anchor <= TIMESTAMP_MAX
            }
            Stretch::Rolling { length_seconds } => {
                length_fits(length_seconds) && length_seconds.is_multiple_of(ROLLING_SLICES)
            }
        };
        let flags_fit = match self.measure {
            Measure::Amount => true,
            Measure::Count => !self.flags.intersects(WindowFlags::AMOUNT_ONLY),
        };
        stretch_fits && flags_fit && !self.flags.has_unknown() && self.cap <= AMOUNT_MAX
    }

    /// Reads a record; `None` if a number has no meaning or a field that must be zero is not.
    #[must_use]
    pub fn decode(record: &[u8; WINDOW_BYTES]) -> Option<Self> {
        let length_seconds = u64::from_le_bytes(field::<16, 8, _>(record));
        let anchor = u64::from_le_bytes(field::<24, 8, _>(record));
        let window = Self {
            stretch: match u16::from_le_bytes(field::<0, 2, _>(record)) {
                1 => Stretch::Total,
                2 => Stretch::Fixed(Period::Length { anchor, length_seconds }),
                3 => Stretch::Fixed(Period::Day),
                4 => Stretch::Fixed(Period::Week),
                5 => Stretch::Fixed(Period::Month),
                6 => Stretch::Rolling { length_seconds },
                _ => return None,
            },
            measure: match u16::from_le_bytes(field::<2, 2, _>(record)) {
                1 => Measure::Amount,
                2 => Measure::Count,
                _ => return None,
            },
            cap: u64::from_le_bytes(field::<8, 8, _>(record)),
            flags: WindowFlags::from_bits(u16::from_le_bytes(field::<4, 2, _>(record))),
        };
        let no_other_field = window.encode() == *record && is_zero(&field::<6, 2, _>(record));
        no_other_field.then_some(window)
    }

    /// Writes the record.
    #[must_use]
    pub fn encode(&self) -> [u8; WINDOW_BYTES] {
        let (kind, length_seconds, anchor) = match self.stretch {
            Stretch::Total => (1_u16, 0, 0),
            Stretch::Fixed(Period::Length { anchor, length_seconds }) => (2, length_seconds, anchor),
            Stretch::Fixed(Period::Day) => (3, 0, 0),
            Stretch::Fixed(Period::Week) => (4, 0, 0),
            Stretch::Fixed(Period::Month) => (5, 0, 0),
            Stretch::Rolling { length_seconds } => (6, length_seconds, 0),
        };
        let measure: u16 = match self.measure {
            Measure::Amount => 1,
            Measure::Count => 2,
        };
        let mut record = [0; WINDOW_BYTES];
        put::<0, 2, _>(&mut record, kind.to_le_bytes());
        put::<2, 2, _>(&mut record, measure.to_le_bytes());
        put::<4, 2, _>(&mut record, self.flags.bits().to_le_bytes());
        put::<8, 8, _>(&mut record, self.cap.to_le_bytes());
        put::<16, 8, _>(&mut record, length_seconds.to_le_bytes());
        put::<24, 8, _>(&mut record, anchor.to_le_bytes());
        record
    }
}

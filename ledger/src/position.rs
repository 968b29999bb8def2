//! Where in the journal a transfer or an expiry stands: the sequence of its entry in the upper 44 bits, its index in
//! the lower 20. In an entry the expiries come first, then the transfers of the body.
//!
//! Invariant: positions order transfers and expiries as they were executed, so they order the statement entries of an
//! account. Zero is no position, since sequences begin at 1.

const INDEX_BITS: u32 = 20;
const INDEX_MAX: u64 = (1 << INDEX_BITS) - 1;
const SEQUENCE_MAX: u64 = u64::MAX >> INDEX_BITS;

/// The place of a transfer or an expiry in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Position(u64);

impl Position {
    /// Nothing: the end of a statement.
    pub const NONE: Self = Self(0);

    /// The place with this index in the entry of this sequence; `None` if one of them does not fit its bits.
    #[must_use]
    pub const fn new(sequence: u64, index: u32) -> Option<Self> {
        let index = index as u64;
        if sequence == 0 || sequence > SEQUENCE_MAX || index > INDEX_MAX {
            return None;
        }
        Some(Self(sequence << INDEX_BITS | index))
    }

    /// The place in a record.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The place as it stands in a record.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The sequence of the entry.
    #[must_use]
    pub const fn sequence(self) -> u64 {
        self.0 >> INDEX_BITS
    }

    /// The index among the expiries and transfers of the entry.
    #[must_use]
    pub const fn index(self) -> u64 {
        self.0 & INDEX_MAX
    }

    /// Whether nothing stands here.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn the_parts_come_back() {
        for (sequence, index) in [(1, 0), (1, 8_189), ((1 << 44) - 1, (1 << 20) - 1)] {
            let position = Position::new(sequence, index).unwrap();
            assert_eq!((position.sequence(), position.index()), (sequence, u64::from(index)));
            assert_eq!(Position::from_bits(position.bits()), position);
            assert!(!position.is_none());
        }
    }

    #[test]
    fn what_does_not_fit_is_no_position() {
        assert_eq!(Position::new(0, 0), None);
        assert_eq!(Position::new(1 << 44, 0), None);
        assert_eq!(Position::new(1, 1 << 20), None);
    }

    #[test]
    fn later_transfers_have_higher_positions() {
        let last_of_one = Position::new(1, (1 << 20) - 1).unwrap();
        let first_of_next = Position::new(2, 0).unwrap();
        assert!(Position::NONE < last_of_one && last_of_one < first_of_next);
    }
}

//! Where the records of a body lie, from the counts in the entry's header alone.

use crate::disk::to_u64;
use crate::journal::EntryCounts;
use crate::limits::{ENTRY_ADMINISTRATIVE_MAX, ENTRY_EXPIRIES_MAX, ENTRY_TRANSFERS_MAX};
use crate::record::{field, put};
use crate::{OUTCOME_BYTES, Position, RecordedExpiry, TRANSFER_BYTES, TransferId};

/// The length of an expiry's record.
pub const EXPIRY_BYTES: usize = 40;

/// The length of the record of an end.
pub const END_BYTES: usize = 12;

/// The length of the number of ends.
pub(super) const ENDS_COUNT_BYTES: usize = 4;

/// The places of the records of one body, in bytes from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLayout {
    counts: EntryCounts,
}

impl BodyLayout {
    /// The layout for these counts; `None` if there are more than an entry may have.
    #[must_use]
    pub fn of(counts: EntryCounts) -> Option<Self> {
        let within = |count: u32, most: usize| u64::from(count) <= to_u64(most);
        let fits = within(counts.expiries, ENTRY_EXPIRIES_MAX)
            && within(counts.transfers, ENTRY_TRANSFERS_MAX)
            && within(counts.requests, ENTRY_ADMINISTRATIVE_MAX);
        fits.then_some(Self { counts })
    }

    /// How many records of each sort there are.
    #[must_use]
    pub const fn counts(self) -> EntryCounts {
        self.counts
    }

    /// Where the expiry with this index begins; `None` if there are not so many.
    #[must_use]
    pub fn expiry(self, index: u64) -> Option<u64> {
        let exists = index < u64::from(self.counts.expiries);
        exists.then(|| index.saturating_mul(to_u64(EXPIRY_BYTES)))
    }

    /// Where the transfer with this index begins; `None` if there are not so many.
    #[must_use]
    pub fn transfer(self, index: u64) -> Option<u64> {
        self.in_transfers(index)?;
        Some(self.transfers_at().saturating_add(index.saturating_mul(to_u64(TRANSFER_BYTES))))
    }

    /// Where the outcome with this index begins; `None` if there are not so many.
    #[must_use]
    pub fn outcome(self, index: u64) -> Option<u64> {
        self.in_transfers(index)?;
        Some(self.outcomes_at().saturating_add(index.saturating_mul(to_u64(OUTCOME_BYTES))))
    }

    /// The index among the transfers of what stands at this index of a position; `None` for an expiry.
    #[must_use]
    pub fn transfer_index(self, position_index: u64) -> Option<u64> {
        position_index.checked_sub(u64::from(self.counts.expiries))
    }

    /// Where the number of ends stands, and behind it the first end.
    #[must_use]
    pub fn ends_count_at(self) -> u64 {
        let outcomes = u64::from(self.counts.transfers).saturating_mul(to_u64(OUTCOME_BYTES));
        self.outcomes_at().saturating_add(outcomes)
    }

    fn in_transfers(self, index: u64) -> Option<()> {
        (index < u64::from(self.counts.transfers)).then_some(())
    }

    fn transfers_at(self) -> u64 {
        u64::from(self.counts.expiries).saturating_mul(to_u64(EXPIRY_BYTES))
    }

    fn outcomes_at(self) -> u64 {
        let transfers = u64::from(self.counts.transfers).saturating_mul(to_u64(TRANSFER_BYTES));
        self.transfers_at().saturating_add(transfers)
    }
}

/// Reads an expiry's record.
#[must_use]
pub fn decode_expiry(record: &[u8; EXPIRY_BYTES]) -> RecordedExpiry {
    RecordedExpiry {
        id: TransferId(u128::from_le_bytes(field::<0, 16, _>(record))),
        position: Position::from_bits(u64::from_le_bytes(field::<16, 8, _>(record))),
        previous_debit: Position::from_bits(u64::from_le_bytes(field::<24, 8, _>(record))),
        previous_credit: Position::from_bits(u64::from_le_bytes(field::<32, 8, _>(record))),
    }
}

/// Writes an expiry's record.
pub(super) fn encode_expiry(expiry: &RecordedExpiry) -> [u8; EXPIRY_BYTES] {
    let mut record = [0; EXPIRY_BYTES];
    put::<0, 16, _>(&mut record, expiry.id.0.to_le_bytes());
    put::<16, 8, _>(&mut record, expiry.position.bits().to_le_bytes());
    put::<24, 8, _>(&mut record, expiry.previous_debit.bits().to_le_bytes());
    put::<32, 8, _>(&mut record, expiry.previous_credit.bits().to_le_bytes());
    record
}

/// Reads the record of an end: the index among the transfers, and the pending transfer it ended.
#[must_use]
pub fn decode_end(record: &[u8; END_BYTES]) -> (u32, Position) {
    let index = u32::from_le_bytes(field::<0, 4, _>(record));
    (index, Position::from_bits(u64::from_le_bytes(field::<4, 8, _>(record))))
}

/// Writes the record of an end.
pub(super) fn encode_end(index: u32, position: Position) -> [u8; END_BYTES] {
    let mut record = [0; END_BYTES];
    put::<0, 4, _>(&mut record, index.to_le_bytes());
    put::<4, 8, _>(&mut record, position.bits().to_le_bytes());
    record
}

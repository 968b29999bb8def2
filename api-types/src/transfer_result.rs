//! What became of one transfer of a batch: 48 bytes, in the order of the transfers.
//!
//! ```text
//!   0  outcome_status     2   what became of the id, for ever; 0: accepted
//!   2  reserved           6   zero
//!   8  outcome_amount     8   moved or reserved, minor units; zero where refused, and of a void
//!  16  previous_debit     8   position of the payer's statement entry before this one
//!  24  previous_credit    8   the same for the payee
//!  32  position           8   where it stands in the journal: sequence of the entry x 2^20 + index in it
//!  40  status             2   what this request is answered now: 0 accepted, 30 exists, else why not
//!  42  reserved           6   zero
//! ```
//!
//! The first 32 bytes are the outcome as the journal keeps it. A position of zero means that there is none: the id
//! is not used up, or is known with other fields; then all of the 40 bytes before the status are zero. So a client
//! tells *accepted now* (status 0), *done before* (status 30, with the first outcome, itself accepted or refused)
//! and *refused* (any other status; with a position it is the outcome of the id, without one the same id may be
//! sent again).

use crate::record::{field, put};

/// The number of bits below the sequence in a position.
const INDEX_BITS: u32 = 20;

/// What a request was answered, and the outcome of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferResult {
    /// What this request is answered now.
    pub status: u16,
    /// The outcome of the id, if it has one that is this transfer's.
    pub recorded: Option<RecordedOutcome>,
}

/// The outcome of an id, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedOutcome {
    /// Zero: accepted; else why not.
    pub status: u16,
    /// Moved or reserved, in minor units.
    pub amount: u64,
    /// The payer's statement entry before this one, or zero.
    pub previous_debit: u64,
    /// The payee's statement entry before this one, or zero.
    pub previous_credit: u64,
    /// Where it stands in the journal; never zero.
    pub position: u64,
}

impl RecordedOutcome {
    /// The sequence of the entry.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.position >> INDEX_BITS
    }
}

impl TransferResult {
    /// The length of the record.
    pub const BYTES: usize = 48;

    /// The status of a transfer that was executed now.
    pub const ACCEPTED: u16 = 0;
    /// The status of a transfer that was executed, or refused, before.
    pub const EXISTS: u16 = 30;

    /// Writes the record.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut record = [0; Self::BYTES];
        if let Some(recorded) = self.recorded {
            put::<0, 2, _>(&mut record, recorded.status.to_le_bytes());
            put::<8, 8, _>(&mut record, recorded.amount.to_le_bytes());
            put::<16, 8, _>(&mut record, recorded.previous_debit.to_le_bytes());
            put::<24, 8, _>(&mut record, recorded.previous_credit.to_le_bytes());
            put::<32, 8, _>(&mut record, recorded.position.to_le_bytes());
        }
        put::<40, 2, _>(&mut record, self.status.to_le_bytes());
        record
    }

    /// Reads a record. Bytes that have no meaning now may get one: they are not looked at.
    #[must_use]
    pub fn decode(record: &[u8; Self::BYTES]) -> Self {
        let position = u64::from_le_bytes(field::<32, 8, _>(record));
        let recorded = (position != 0).then(|| RecordedOutcome {
            status: u16::from_le_bytes(field::<0, 2, _>(record)),
            amount: u64::from_le_bytes(field::<8, 8, _>(record)),
            previous_debit: u64::from_le_bytes(field::<16, 8, _>(record)),
            previous_credit: u64::from_le_bytes(field::<24, 8, _>(record)),
            position,
        });
        Self { status: u16::from_le_bytes(field::<40, 2, _>(record)), recorded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(
            status in any::<u16>(),
            known in any::<bool>(),
            (outcome, amount, previous_debit, previous_credit) in any::<(u16, u64, u64, u64)>(),
            position in 1_u64..,
        ) {
            let recorded =
                RecordedOutcome { status: outcome, amount, previous_debit, previous_credit, position };
            let result = TransferResult { status, recorded: known.then_some(recorded) };
            prop_assert_eq!(TransferResult::decode(&result.encode()), result);
        }
    }
}

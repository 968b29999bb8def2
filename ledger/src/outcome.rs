//! The outcome of a transfer whose id is used up, as the journal keeps it beside the transfer.
//!
//! ```text
//!   0  status            2
//!   2  flags             2   none has a meaning yet
//!   4  reserved          4   zero
//!   8  amount            8   moved or reserved, minor units
//!  16  previous_debit    8   position of the payer's statement entry before this one
//!  24  previous_credit   8   the same for the payee
//! ```
//!
//! Invariant: what was refused moved nothing, so its other fields are zero.

use crate::position::Position;
use crate::record::{field, is_zero, put};
use crate::status::TransferStatus;

/// The length of an outcome's record.
pub const OUTCOME_BYTES: usize = 32;

/// What became of a transfer, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Accepted, or why not.
    pub status: TransferStatus,
    /// The amount moved by a transfer or a post, or reserved by a pending transfer; zero for a void.
    pub amount: u64,
    /// The payer's statement entry before this one.
    pub previous_debit: Position,
    /// The payee's statement entry before this one.
    pub previous_credit: Position,
}

impl Outcome {
    /// The outcome of a transfer that was not executed.
    #[must_use]
    pub const fn refused(status: TransferStatus) -> Self {
        Self { status, amount: 0, previous_debit: Position::NONE, previous_credit: Position::NONE }
    }

    /// Reads a record; `None` if it is not one that [`Outcome::encode`] writes.
    #[must_use]
    pub fn decode(record: &[u8; OUTCOME_BYTES]) -> Option<Self> {
        let outcome = Self {
            status: TransferStatus::from_code(u16::from_le_bytes(field::<0, 2, _>(record)))?,
            amount: u64::from_le_bytes(field::<8, 8, _>(record)),
            previous_debit: Position::from_bits(u64::from_le_bytes(field::<16, 8, _>(record))),
            previous_credit: Position::from_bits(u64::from_le_bytes(field::<24, 8, _>(record))),
        };
        let flags_and_reserved = field::<2, 6, _>(record);
        let well_formed = outcome.status.is_accepted() || outcome == Self::refused(outcome.status);
        (is_zero(&flags_and_reserved) && well_formed).then_some(outcome)
    }

    /// Writes the record.
    #[inline]
    #[must_use]
    pub fn encode(&self) -> [u8; OUTCOME_BYTES] {
        let mut record = [0; OUTCOME_BYTES];
        put::<0, 2, _>(&mut record, self.status.code().to_le_bytes());
        put::<8, 8, _>(&mut record, self.amount.to_le_bytes());
        put::<16, 8, _>(&mut record, self.previous_debit.bits().to_le_bytes());
        put::<24, 8, _>(&mut record, self.previous_credit.bits().to_le_bytes());
        record
    }
}

//! An expiry as the journal keeps it.

use crate::{Expiry, Position, TransferId};

/// A pending transfer that expired at the start of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedExpiry {
    /// The id of the transfer that reserved.
    pub id: TransferId,
    /// Where that transfer stands.
    pub position: Position,
    /// The payer's statement entry before the expiry.
    pub previous_debit: Position,
    /// The same for the payee.
    pub previous_credit: Position,
}

impl From<&Expiry> for RecordedExpiry {
    fn from(expiry: &Expiry) -> Self {
        Self {
            id: expiry.pending.id,
            position: expiry.pending.position,
            previous_debit: expiry.previous_debit,
            previous_credit: expiry.previous_credit,
        }
    }
}

//! The expiry of a pending transfer, which stands on the statements of both accounts.
//!
//! The pending transfers that expire at the start of an entry have the first positions of it, in their order; the
//! transfers it records follow.

use crate::{Pending, Position};

/// A pending transfer that was released because its time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// What was released.
    pub pending: Pending,
    /// The payer's statement entry before this one.
    pub previous_debit: Position,
    /// The same for the payee.
    pub previous_credit: Position,
}

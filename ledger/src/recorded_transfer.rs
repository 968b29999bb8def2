//! A transfer as the journal keeps it.

use crate::{Outcome, Position, Transfer};

/// A transfer that used up its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedTransfer {
    /// The request.
    pub transfer: Transfer,
    /// What became of it.
    pub outcome: Outcome,
    /// Where the pending transfer stands that it ended; none unless it is an accepted post or void.
    pub ended: Position,
}

//! A transfer as the journal holds it.

use crate::{Outcome, PendingState, Position, Transfer};

/// A transfer that used up its id, with what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferRecord {
    /// Where it stands.
    pub position: Position,
    /// When its entry was made.
    pub timestamp: u64,
    /// The request.
    pub transfer: Transfer,
    /// What became of it then.
    pub outcome: Outcome,
    /// If it is an accepted post or void: where the pending transfer stands that it ended. Else none.
    pub ended: Position,
    /// If it is an accepted pending transfer: whether, and how, it has ended.
    pub state: PendingState,
}

//! What is known of a transfer once its id is used up.

use crate::{PendingEnd, Recorded, Transfer};

/// A transfer whose id is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownTransfer {
    /// The request.
    pub transfer: Transfer,
    /// What became of it, and where.
    pub recorded: Recorded,
    /// Of the entry that executed it.
    pub timestamp: u64,
    /// How it has ended, if it was an accepted pending transfer and is not open any more.
    pub end: Option<PendingEnd>,
}

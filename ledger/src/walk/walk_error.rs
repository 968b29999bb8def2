//! Why a walk through the journal cannot go on.

use crate::Position;
use crate::journal::JournalError;

/// A record that cannot be read, or is not what led to it.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The journal cannot be read there.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The entry has no such record, or it is malformed.
    #[error("there is no whole record at position {sequence}/{index} of the journal; run `ballast verify`")]
    NoRecord {
        /// The entry.
        sequence: u64,
        /// The index in the entry.
        index: u64,
    },
    /// The record there is of another transfer or account.
    #[error("the record at position {sequence}/{index} is not the one that was led to; run `ballast verify`")]
    OtherRecord {
        /// The entry.
        sequence: u64,
        /// The index in the entry.
        index: u64,
    },
}

impl WalkError {
    /// Nothing whole stands at this position.
    #[must_use]
    pub const fn no_record(position: Position) -> Self {
        Self::NoRecord { sequence: position.sequence(), index: position.index() }
    }

    /// Something else stands at this position.
    #[must_use]
    pub const fn other_record(position: Position) -> Self {
        Self::OtherRecord { sequence: position.sequence(), index: position.index() }
    }
}

//! Why a walk through the journal cannot go on.

use crate::body::BodyFault;
use crate::handle::LedgerError;
use crate::journal::JournalError;
use crate::{AccountId, Position};

/// A record that cannot be read, or is not what led to it.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The journal cannot be read there.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The body of an entry does not hold.
    #[error("the body of entry {sequence} does not hold ({fault}); run `ballast verify`")]
    Body {
        /// The entry.
        sequence: u64,
        /// What does not hold.
        fault: BodyFault,
    },
    /// The entry has no such record.
    #[error("there is no record at position {sequence}/{index} of the journal; run `ballast verify`")]
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
    /// The record there leads to something that cannot be.
    #[error(
        "the record at position {sequence}/{index} leads to what cannot be before it; run `ballast verify`"
    )]
    LeadsAstray {
        /// The entry.
        sequence: u64,
        /// The index in the entry.
        index: u64,
    },
    /// An account's totals are not the sum of its statement entries.
    #[error("the totals of account {0:?} are not the sum of its statement entries; run `ballast verify`")]
    TotalsDiffer(AccountId),
}

impl WalkError {
    /// Nothing stands at this position.
    #[must_use]
    pub const fn no_record(position: Position) -> Self {
        Self::NoRecord { sequence: position.sequence(), index: position.index() }
    }

    /// Something else stands at this position.
    #[must_use]
    pub const fn other_record(position: Position) -> Self {
        Self::OtherRecord { sequence: position.sequence(), index: position.index() }
    }

    /// What stands at this position names a record that is not before it.
    pub(super) const fn leads_astray(position: Position) -> Self {
        Self::LeadsAstray { sequence: position.sequence(), index: position.index() }
    }

    pub(super) const fn body(sequence: u64, fault: BodyFault) -> Self {
        Self::Body { sequence, fault }
    }
}

impl From<WalkError> for LedgerError {
    fn from(error: WalkError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

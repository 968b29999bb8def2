//! Why a verification ended without a report.

use super::difference::{At, Difference, DifferenceKind};
use crate::disk::DiskError;
use crate::engine::EngineError;
use crate::id_index::IdIndexError;
use crate::journal::JournalError;
use crate::service::ServiceError;

/// A difference, or why there was nothing to compare.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is no ledger in the directory.
    #[error("there is no ledger in this directory; name the one that holds the folders journal and secret")]
    NoLedger,
    /// The disk failed, so nothing can be said about what it holds.
    #[error(transparent)]
    Disk(DiskError),
    /// The segment length of the settings cannot be that of a journal.
    #[error(transparent)]
    Settings(JournalError),
    /// A machine too small: the ids do not fit.
    #[error(
        "the directory has more ids than this program can keep in memory; verify a replica from a snapshot"
    )]
    TooManyIds,
    /// The engine cannot be started.
    #[error(transparent)]
    Engine(EngineError),
    /// Something is not as it should be.
    #[error("{0}")]
    Difference(Box<Difference>),
}

impl From<Difference> for VerifyError {
    fn from(difference: Difference) -> Self {
        Self::Difference(Box::new(difference))
    }
}

/// What went wrong with a file. One that is not there, or too short, is a difference; everything else may be a fault
/// of the disk that says nothing about the ledger.
pub(super) fn of_disk(at: At, error: DiskError) -> VerifyError {
    if error.is_missing() {
        return at.differs(format_args!("the file {}", error.path), "that it is missing or cut");
    }
    VerifyError::Disk(error)
}

/// What keeps the journal from being read.
pub(super) fn of_journal(error: JournalError) -> VerifyError {
    let directory = At::directory(DifferenceKind::Journal);
    match error {
        JournalError::Disk(error) => of_disk(directory, error),
        JournalError::Corrupt { sequence, path, offset, reason } => {
            let expected = format!("entry {sequence} in {path} at byte {offset}");
            At::entry(sequence, DifferenceKind::Journal).differs(expected, reason)
        }
        JournalError::SegmentMalformed { path } => {
            directory.differs(format_args!("the segment file {path}"), "that it is missing or malformed")
        }
        error @ JournalError::SegmentLength { .. } => VerifyError::Settings(error),
        error => directory.differs("a journal without gaps", error),
    }
}

/// What keeps the id index from being read.
pub(super) fn of_ids(error: IdIndexError) -> VerifyError {
    let directory = At::directory(DifferenceKind::IdIndex);
    match error {
        IdIndexError::Disk(error) => of_disk(directory, error),
        IdIndexError::RecentFull => VerifyError::TooManyIds,
        IdIndexError::Malformed { path } => {
            directory.differs(format_args!("the file {path} as it was written"), "that its bytes do not hold")
        }
        error => directory.differs("an id index", error),
    }
}

/// What a part of the running ledger says while it is used to verify: of this kind, in this entry.
pub(super) fn of_service(at: At, error: ServiceError) -> VerifyError {
    match error {
        ServiceError::Disk(error) => of_disk(at, error),
        ServiceError::Journal(error) => of_journal(error),
        ServiceError::Ids(error) => of_ids(error),
        error => at.differs("what the ledger writes", error),
    }
}

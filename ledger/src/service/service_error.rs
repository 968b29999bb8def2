//! What stops a running ledger, or keeps it from starting.

use crate::body::BodyFault;
use crate::disk::DiskError;
use crate::engine::{CaptureError, EngineError};
use crate::id_index::IdIndexError;
use crate::journal::JournalError;
use crate::proof::{ProveError, TreeError};
use crate::snapshot::SnapshotError;
use crate::walk::WalkError;

/// A fault after which nothing more is executed or acknowledged. What was acknowledged is durable; start again.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The journal failed, or does not hold.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The id index failed, or does not hold.
    #[error(transparent)]
    Ids(#[from] IdIndexError),
    /// A snapshot could not be written or read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A section of the snapshot holds something else than it should.
    #[error("snapshot section {0} is malformed; remove this snapshot so that the older one is used")]
    SnapshotSection(String),
    /// The engine refused an entry.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The state could not be copied for a snapshot or a state root.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// An entry's body does not hold although its hash does.
    #[error("entry {sequence}: {fault}; it was written by another version of this program")]
    Body {
        /// The entry.
        sequence: u64,
        /// What does not hold.
        fault: BodyFault,
    },
    /// A recorded transfer could not be read.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The state tree refused an update.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The state tree could not prove an account it holds.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The state is another one than the journal vouches for.
    #[error(
        "the state after entry {0} does not have the root that the journal carries; restore from a backup and run \
         `ballast verify`"
    )]
    RootDiffers(u64),
    /// The file with the ledger's secrets does not hold.
    #[error("the file {0} is malformed; restore it from a backup, without it the journal cannot be read")]
    SecretMalformed(String),
    /// A journal without the file of secrets it was written with.
    #[error("there is a journal but no file {0}; restore it from a backup")]
    SecretMissing(String),
    /// A thread could not be started.
    #[error("cannot start a thread ({0}); check the limit of threads")]
    Thread(std::io::Error),
    /// A thread of the ledger ended without saying why.
    #[error("a thread of the ledger has ended; start the process again")]
    StageLost,
}

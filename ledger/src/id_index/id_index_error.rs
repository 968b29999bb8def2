//! Why the id index refuses.

use crate::disk::DiskError;

/// A refusal of the id index.
#[derive(Debug, thiserror::Error)]
pub enum IdIndexError {
    /// The disk failed. After a write or flush the sealer accepts nothing more.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A write or flush failed before.
    #[error("the id index failed before and accepts nothing more; stop the process and start it again")]
    Unusable,
    /// A file's hash does not hold, or its layout is none that a writer makes.
    #[error(
        "id index file {path} is malformed; restore it from a backup or build the index from the segments"
    )]
    Malformed {
        /// The file.
        path: String,
    },
    /// Everything up to there was sealed before.
    #[error("ids through entry {given} cannot be sealed: entry {sealed_through} is sealed; seal each once")]
    AlreadySealed {
        /// The last entry given.
        given: u64,
        /// The last entry sealed.
        sealed_through: u64,
    },
    /// More ids than a segment or a run can hold.
    #[error("{count} ids are more than {bound}; seal one segment at a time")]
    TooManyIds {
        /// How many were given.
        count: u64,
        /// The bound.
        bound: u64,
    },
    /// More runs than the manifest can name.
    #[error("{0} runs of ids are on disk; merge them before sealing more")]
    TooManyRuns(u32),
    /// The recent ids have no room left.
    #[error("the recent ids are full; take a snapshot and seal segments before accepting more")]
    RecentFull,
}

//! Why a snapshot cannot be written or read.

use super::section::SectionName;
use crate::disk::DiskError;

/// A refusal of the snapshot store.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// There are snapshots, but none of them holds.
    #[error("none of {count} snapshots holds (newest: {newest}); restore a snapshot from a backup")]
    NoneHolds {
        /// How many there are.
        count: usize,
        /// What is wrong with the newest.
        newest: SnapshotFault,
    },
    /// A section name that is empty, longer than 16 bytes or not made of `a-z`, `0-9`, `_`.
    #[error("section name {0:?} is not possible; use 1 to 16 of a-z, 0-9 and _")]
    NameInvalid(String),
    /// A section of that name was written before.
    #[error("section {0} is there already; give each section its own name")]
    NameTaken(SectionName),
    /// What was begun as the snapshot of one entry is finished as that of another.
    #[error(
        "the snapshot was begun for entry {begun} and finished for entry {finished}; finish what was begun"
    )]
    OtherSequence {
        /// The entry it was begun for.
        begun: u64,
        /// The entry it was finished for.
        finished: u64,
    },
    /// More sections than a snapshot may have.
    #[error("a snapshot has at most {0} sections; put more into each")]
    TooManySections(u32),
    /// Bytes without a section to put them into.
    #[error("no section was begun; begin one before writing")]
    NoSection,
    /// The snapshot has no such section.
    #[error("the snapshot has no section {0}; it was written by another program version")]
    SectionMissing(SectionName),
    /// More bytes were asked for than the section has, or fewer were read.
    #[error("section {name} has {left} bytes left where {asked} were expected")]
    SectionLength {
        /// The section.
        name: SectionName,
        /// Bytes not read yet.
        left: u64,
        /// Bytes asked for; 0 at the end.
        asked: u64,
    },
    /// The bytes of a section changed since the snapshot was opened.
    #[error("the hash of section {0} does not hold; check the disk and start again")]
    SectionHash(SectionName),
}

/// What does not hold about one snapshot file.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotFault {
    /// A read failed.
    #[error(transparent)]
    Unreadable(#[from] DiskError),
    /// The layout is none that a writer makes.
    #[error("the file is malformed")]
    Malformed,
    /// Written by a program with another snapshot format.
    #[error("snapshot format {0} is not known")]
    FormatUnknown(u16),
    /// The hash of header and table does not hold.
    #[error("the hash of the table does not hold")]
    TableHash,
    /// The hash of a section does not hold.
    #[error("the hash of section {0} does not hold")]
    SectionHash(SectionName),
}

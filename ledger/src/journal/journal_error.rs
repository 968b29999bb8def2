//! Why the journal refuses.

use super::entry_header::EntryFault;
use crate::disk::DiskError;

/// A refusal of the journal. Only the first two end it; the others changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk failed. After a write or flush the journal accepts nothing more.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A write or flush failed before.
    #[error("the journal failed before and accepts nothing more; stop the process and start it again")]
    Unusable,
    /// A durable entry cannot be read.
    #[error(
        "entry {sequence} is corrupt in {path} at byte {offset}: {reason}; it had been durable, so restore \
         this file from a backup or a replica"
    )]
    Corrupt {
        /// The entry, or the one expected at this place.
        sequence: u64,
        /// The file.
        path: String,
        /// Where the entry begins.
        offset: u64,
        /// What does not hold.
        reason: CorruptReason,
    },
    /// A segment file that must be there is not, or has the wrong length.
    #[error("segment file {path} is missing or malformed; restore it from a backup or a replica")]
    SegmentMalformed {
        /// The file.
        path: String,
    },
    /// The next entry does not follow the last one.
    #[error("entry {given} does not follow entry {last}; apply decisions once and in order")]
    SequenceMismatch {
        /// The sequence that was given.
        given: u64,
        /// The last one in the journal.
        last: u64,
    },
    /// A timestamp before that of the last entry.
    #[error("timestamp {given} is before {last}, that of the last entry; the sequencer must not go back")]
    TimestampWentBack {
        /// The timestamp that was given.
        given: u64,
        /// That of the last entry.
        last: u64,
    },
    /// The state root belongs to an entry that is not there yet.
    #[error("a state root for entry {given} cannot travel in entry {sequence}; carry it in a later one")]
    StateRootTooNew {
        /// The entry the root belongs to.
        given: u64,
        /// The entry that was to carry it.
        sequence: u64,
    },
    /// The body is longer than an entry may be.
    #[error("an entry of {length} bytes is longer than {bound}; cut the batch")]
    EntryTooLong {
        /// Header, body and padding.
        length: u64,
        /// The bound.
        bound: u64,
    },
    /// Too many segments wait to be sealed.
    #[error("{count} segments wait to be sealed; take a snapshot and seal before appending more")]
    SealingBehind {
        /// How many there are.
        count: usize,
    },
    /// An entry that is not flushed yet, or does not exist.
    #[error("entry {sequence} is not readable; entries {oldest} to {newest} are")]
    NotReadable {
        /// The entry asked for.
        sequence: u64,
        /// The first one on this machine.
        oldest: u64,
        /// The last flushed one.
        newest: u64,
    },
    /// A segment that is not the oldest full one.
    #[error("segment {ordinal} cannot be sealed now; seal the oldest full, flushed segment")]
    NotSealable {
        /// The segment.
        ordinal: u64,
    },
    /// The segment length is no whole number of pages, or holds no entry.
    #[error("a segment of {length} bytes is not possible; use a multiple of 4,096")]
    SegmentLength {
        /// The length given.
        length: u64,
    },
}

/// What does not hold about an entry that had been durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorruptReason {
    /// The bytes are not an entry, and a later one says that it was flushed.
    #[error("{fault}, and entry {witness} says that it was flushed")]
    Witnessed {
        /// What is wrong with the bytes.
        fault: EntryFault,
        /// The later entry.
        witness: u64,
    },
    /// The bytes are not an entry, and a snapshot, anchor or archive holds that it was flushed.
    #[error("{0}, and a snapshot, anchor or sealed segment needs it")]
    Required(EntryFault),
    /// The bytes are not an entry.
    #[error("{0}")]
    Fault(EntryFault),
    /// An intact entry that does not continue the chain.
    #[error("it does not continue the entry before")]
    ChainBroken,
}

//! The journal: an append-only record of entries, each one hashed and chained to the one before.
//!
//! One entry is one batch. Entries lie one after the other in segments, files of a fixed length that were
//! written with zeros beforehand and are recycled, because a flush into a written file is several times faster
//! than into a growing one. [`Journal::append`] writes without flushing and [`Journal::flush`] makes everything
//! appended durable at once (group commit). Only what is flushed may be answered, read or shown, and
//! [`JournalReader`] reads nothing else.
//!
//! # Invariants
//! - Sequences start at 1 and have no gap; timestamps never go back; each entry carries the hash of the one
//!   before.
//! - After a failed write or flush the journal refuses everything: what the disk holds is not known until the
//!   next start has read it.
//! - An entry once flushed is never cut. If it cannot be read at the start, the start is refused by name.
//!
//! # Torn or corrupt
//! Recovery reads forward to the first bad entry `s` and then looks at every later page for an intact entry with
//! a higher sequence. If one of them says `flushed_through ≥ s`, then `s` had been durable: that is corruption.
//! Otherwise `s` and what follows were never acknowledged, and are cut.
//!
//! The last flush group has no successor that vouches for it, so a flipped bit in it looks like a torn tail on a
//! single node. The closing entry of a clean stop, snapshots and anchors (`required_through`) bound how much that
//! can be, and replicas heal it.
//!
//! # Files
//! `journal/segment-0000000001` and so on hold what is not sealed yet; `archive/segment-0000000001` are sealed
//! segments, immutable, with the offsets of their entries at the end. Lengths and offsets are bytes, times are
//! microseconds.

mod archive;
mod catalog;
mod cursor;
mod entry_buffer;
mod entry_header;
mod entry_window;
mod journal_error;
mod journal_writer;
mod reader;
mod recovery;
mod segment;
mod tail;

pub(crate) use archive::open_archive;
pub use archive::{ArchivedSegment, SegmentArchiver};
pub use cursor::JournalCursor;
pub use entry_buffer::EntryBuffer;
pub use entry_header::{
    ENTRY_HEADER_BYTES, EntryCounts, EntryFault, EntryFields, EntryHash, EntryHeader, EntryKind, JournalId,
};
pub(crate) use entry_window::EntryWindow;
pub use journal_error::{CorruptReason, JournalError};
pub use journal_writer::Journal;
pub(crate) use reader::body_of;
pub use reader::{EntryView, JournalReader};
pub use recovery::{JournalOptions, Recovered};
pub(crate) use segment::{JOURNAL_FOLDER, has_segments};
pub use segment::{PreparedSegment, SegmentPreparer};
pub(crate) use tail::Tail;

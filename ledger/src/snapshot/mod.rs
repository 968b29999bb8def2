//! Snapshots: the state at one entry, in one file of named sections.
//!
//! What a section holds is not known here. A snapshot is written as a stream under a temporary name, flushed,
//! renamed and its folder flushed, so it is there whole or not at all; every byte is under a hash. Two are kept,
//! and the older one serves when the newest does not hold.
//!
//! ```text
//! sections       behind each other, in the order they were written
//! table     64   for each section: name, offset, length, BLAKE3
//! header    96   magic, format, sequence, timestamp, chain hash, state root
//! trailer   48   table offset, number of sections, BLAKE3 of table, header and the fields before
//! ```
//!
//! The header stands behind the sections because they are written while the state root is still being computed.
//!
//! Lengths and offsets are bytes, times are microseconds.

mod section;
mod snapshot_error;
mod snapshot_file;
mod snapshot_folder;
mod snapshot_header;
mod snapshot_writer;

pub use section::{SectionName, SectionReader};
pub use snapshot_error::{SnapshotError, SnapshotFault};
pub use snapshot_file::Snapshot;
pub use snapshot_folder::{NewestSnapshot, SnapshotFolder};
pub(crate) use snapshot_folder::{SNAPSHOT_FOLDER, list_newest_first, snapshot_name};
pub use snapshot_header::SnapshotHeader;
pub use snapshot_writer::SnapshotWriter;

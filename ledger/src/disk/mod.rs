//! The file layer: everything the ledger keeps on disk goes through [`Disk`] and [`DiskFile`].
//!
//! [`RealDisk`] is the operating system's files; [`FakeDisk`] is a seeded disk in memory that loses what was not
//! flushed, fails when told to and can be full, so that every crash a test needs can be had again from its seed.
//! [`ReadOnlyDisk`] reads either of them and keeps every change to itself.
//!
//! Invariant: a failed write or flush is final. The kernel may have dropped the pages and would report
//! success the next time, so nothing here retries, and what owns the file must refuse further use.
//!
//! Units: lengths and offsets are bytes, pages are [`limits::PAGE_BYTES`]. A path is `folder/name`, one
//! folder deep, below the ledger's own folder.

mod bytes;
mod disk_error;
mod fake;
mod fake_state;
mod file_writer;
pub mod limits;
mod read_only;
mod real;

use std::fmt::Debug;
use std::sync::Arc;

pub(crate) use bytes::{FieldReader, FieldWriter, to_u32, to_u64, to_usize};
pub use disk_error::{DiskError, DiskOperation};
pub use fake::FakeDisk;
pub(crate) use file_writer::{FileWriter, remove_temporary_files};
pub use read_only::ReadOnlyDisk;
pub use real::RealDisk;

/// A folder of files that survives a crash as far as it was flushed.
pub trait Disk: Debug + Send + Sync {
    /// Makes a folder if it is not there, and flushes its entry.
    fn create_folder(&self, folder: &str) -> Result<(), DiskError>;

    /// The names of the files in a folder, sorted.
    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError>;

    /// Makes an empty file; one that is already there is an error.
    fn create(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError>;

    /// Opens a file for reading and writing.
    fn open(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError>;

    /// Gives a file another name in the same folder, replacing what had that name.
    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError>;

    /// Removes a file. What has it open keeps reading it.
    fn remove(&self, path: &str) -> Result<(), DiskError>;

    /// Makes the names in a folder durable: creations, renames and removals.
    fn flush_folder(&self, folder: &str) -> Result<(), DiskError>;
}

/// One open file. Every method takes `&self`: readers work beside the one writer.
pub trait DiskFile: Debug + Send + Sync {
    /// The length in bytes.
    fn length(&self) -> Result<u64, DiskError>;

    /// Writes all of `bytes` at `offset`, making the file longer if it ends before. Not durable yet.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError>;

    /// Fills all of `buffer` from `offset`; a file that ends before is an error.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), DiskError>;

    /// Makes everything written so far durable.
    fn flush(&self) -> Result<(), DiskError>;
}

//! Segment files: their names, and making a new one by writing zeros.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::journal_error::JournalError;
use crate::disk::limits::{PAGE_BYTES, WRITE_BUFFER_BYTES};
use crate::disk::{Disk, DiskError, DiskFile, FileWriter, remove_temporary_files, to_u64, to_usize};

pub(crate) const JOURNAL_FOLDER: &str = "journal";
const NAME_PREFIX: &str = "segment-";
/// What the names of written segments begin with that have no place in the order yet.
const PREPARED_PREFIX: &str = "prepared-";

/// `segment-` and the ordinal: the first segment ever is 1, the next one 2.
pub(super) fn segment_name(ordinal: u64) -> String {
    format!("{NAME_PREFIX}{ordinal:010}")
}

pub(super) fn segment_path(folder: &str, ordinal: u64) -> String {
    format!("{folder}/{}", segment_name(ordinal))
}

fn ordinal_of(name: &str) -> Option<u64> {
    let ordinal = name.strip_prefix(NAME_PREFIX)?.parse().ok()?;
    (segment_name(ordinal) == name).then_some(ordinal)
}

/// The ordinals of the segments in a folder, ascending. A gap between two is an error; what a crash left half
/// made is removed.
pub(super) fn list_ordinals(disk: &dyn Disk, folder: &str) -> Result<Vec<u64>, JournalError> {
    let names = remove_temporary_files(disk, folder)?;
    let mut ordinals: Vec<u64> = names.iter().filter_map(|name| ordinal_of(name)).collect();
    ordinals.sort_unstable();
    for (ordinal, next) in ordinals.iter().zip(ordinals.iter().skip(1)) {
        let expected = ordinal.saturating_add(1);
        if *next != expected {
            return Err(JournalError::SegmentMalformed { path: segment_path(folder, expected) });
        }
    }
    Ok(ordinals)
}

/// Whether there is a journal already.
pub(crate) fn has_segments(disk: &dyn Disk) -> Result<bool, DiskError> {
    for folder in [JOURNAL_FOLDER, super::archive::ARCHIVE_FOLDER] {
        disk.create_folder(folder)?;
        if disk.list(folder)?.iter().any(|name| ordinal_of(name).is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes prepared segments that never got their place.
pub(super) fn remove_prepared(disk: &dyn Disk) -> Result<(), DiskError> {
    for name in disk.list(JOURNAL_FOLDER)?.iter().filter(|name| name.starts_with(PREPARED_PREFIX)) {
        disk.remove(&format!("{JOURNAL_FOLDER}/{name}"))?;
    }
    Ok(())
}

pub(super) fn check_segment_bytes(length: u64) -> Result<(), JournalError> {
    let possible = length >= PAGE_BYTES && length.checked_rem(PAGE_BYTES) == Some(0);
    if possible { Ok(()) } else { Err(JournalError::SegmentLength { length }) }
}

/// Makes segments ready ahead of need, on any thread: writing 64 MiB of zeros takes longer than a batch may wait.
/// Clones may work at the same time.
#[derive(Debug, Clone)]
pub struct SegmentPreparer {
    disk: Arc<dyn Disk>,
    segment_bytes: u64,
    /// How many were begun: each has a name of its own until it has its place.
    begun: Arc<AtomicU64>,
}

/// A segment full of zeros, durable, without a place in the order. [`super::Journal::adopt`] gives it one.
#[derive(Debug)]
pub struct PreparedSegment {
    file: Arc<dyn DiskFile>,
    name: String,
}

impl SegmentPreparer {
    pub(super) fn new(disk: Arc<dyn Disk>, segment_bytes: u64) -> Self {
        Self { disk, segment_bytes, begun: Arc::default() }
    }

    /// Writes and flushes one segment of zeros.
    pub fn prepare(&self) -> Result<PreparedSegment, JournalError> {
        let name = format!("{PREPARED_PREFIX}{}", self.begun.fetch_add(1, Ordering::Relaxed));
        let mut writer = FileWriter::create(&self.disk, JOURNAL_FOLDER, name.clone())?;
        let zeros = vec![0; WRITE_BUFFER_BYTES];
        while writer.offset() < self.segment_bytes {
            let left = self.segment_bytes.saturating_sub(writer.offset());
            let part = zeros.get(..to_usize(left)).unwrap_or(&zeros);
            writer.append(part)?;
        }
        Ok(PreparedSegment { file: writer.commit()?, name })
    }
}

impl PreparedSegment {
    /// Gives the segment its place, durably.
    pub(super) fn place(self, disk: &dyn Disk, ordinal: u64) -> Result<Arc<dyn DiskFile>, DiskError> {
        disk.rename(&format!("{JOURNAL_FOLDER}/{}", self.name), &segment_path(JOURNAL_FOLDER, ordinal))?;
        disk.flush_folder(JOURNAL_FOLDER)?;
        Ok(self.file)
    }
}

/// Overwrites `[from, to)` of a file with zeros; not flushed.
pub(super) fn write_zeros(file: &dyn DiskFile, from: u64, to: u64) -> Result<(), DiskError> {
    let zeros = vec![0; WRITE_BUFFER_BYTES];
    let mut offset = from;
    while offset < to {
        let left = to_usize(to.saturating_sub(offset));
        let part = zeros.get(..left).unwrap_or(&zeros);
        file.write_at(offset, part)?;
        offset = offset.saturating_add(to_u64(part.len()));
    }
    Ok(())
}

//! Reads entries out of a segment through one buffer, a stretch at a time.

use std::sync::Arc;

use super::entry_header::{EntryFault, EntryHeader, JournalId};
use crate::disk::limits::{ENTRY_BYTES_MAX, PAGE_BYTES};
use crate::disk::{DiskError, DiskFile, to_u64, to_usize};

/// A stretch of one file in memory: at most `read_ahead` bytes, or one entry if that is longer.
#[derive(Debug)]
pub(crate) struct EntryWindow {
    journal_id: JournalId,
    read_ahead: u64,
    file: Option<Arc<dyn DiskFile>>,
    /// Where the file's entries end.
    end: u64,
    start: u64,
    /// How much of `bytes` was read from `start` on; the rest is memory kept for later.
    held: u64,
    bytes: Vec<u8>,
}

impl EntryWindow {
    pub(crate) fn new(journal_id: JournalId, read_ahead: u64) -> Self {
        Self { journal_id, read_ahead, file: None, end: 0, start: 0, held: 0, bytes: Vec::new() }
    }

    /// Turns to another file whose entries end at `end`; what was read before is forgotten, because the file may
    /// have changed.
    pub(crate) fn open(&mut self, file: Arc<dyn DiskFile>, end: u64) {
        self.file = Some(file);
        self.end = end;
        self.held = 0;
    }

    /// The entry that begins at `offset`, checked in full, or what is wrong with the bytes there.
    pub(crate) fn entry(&mut self, offset: u64) -> Result<Result<EntryHeader, EntryFault>, DiskError> {
        let header = match self.header(offset)? {
            Ok(header) => header,
            Err(fault) => return Ok(Err(fault)),
        };
        let length = header.padded_length();
        if offset.saturating_add(length) > self.end {
            return Ok(Err(EntryFault::TooLong));
        }
        let entry = self.bytes(offset, length)?;
        Ok(header.verify(entry).map(|()| header))
    }

    /// The header at `offset`; its hash is not checked.
    pub(crate) fn header(&mut self, offset: u64) -> Result<Result<EntryHeader, EntryFault>, DiskError> {
        let journal_id = self.journal_id;
        if offset.saturating_add(PAGE_BYTES) > self.end {
            return Ok(Err(EntryFault::NotAnEntry));
        }
        let page = self.bytes(offset, PAGE_BYTES)?;
        Ok(EntryHeader::decode(journal_id, page))
    }

    /// Bytes of the file; the caller keeps `length` within the longest entry. None, if the file ends before.
    pub(crate) fn bytes(&mut self, offset: u64, length: u64) -> Result<&[u8], DiskError> {
        let held_to = self.start.saturating_add(self.held);
        if offset < self.start || offset.saturating_add(length) > held_to {
            self.fill(offset, length.min(ENTRY_BYTES_MAX))?;
        }
        let held = self.bytes.get(..to_usize(self.held)).unwrap_or_default();
        let from = to_usize(offset.saturating_sub(self.start));
        Ok(held.get(from..from.saturating_add(to_usize(length))).unwrap_or_default())
    }

    fn fill(&mut self, offset: u64, length: u64) -> Result<(), DiskError> {
        let Some(file) = &self.file else { return Ok(()) };
        let wanted = length.max(self.read_ahead).min(self.end.saturating_sub(offset));
        if to_u64(self.bytes.len()) < wanted {
            self.bytes = vec![0; to_usize(wanted)];
        }
        (self.start, self.held) = (offset, 0);
        file.read_at(offset, self.bytes.get_mut(..to_usize(wanted)).unwrap_or_default())?;
        self.held = wanted;
        Ok(())
    }
}

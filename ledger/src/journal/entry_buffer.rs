//! The buffer an entry is encoded in: room for the header first, then the body, so that appending copies nothing.

use super::entry_header::{ENTRY_HEADER_BYTES, EntryHeader, JournalId, padded_length, seal_entry};
use crate::disk::{to_u64, to_usize};

/// A body under construction. It keeps its memory from entry to entry.
#[derive(Debug)]
pub struct EntryBuffer {
    bytes: Vec<u8>,
}

impl Default for EntryBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl EntryBuffer {
    /// An empty body.
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: vec![0; ENTRY_HEADER_BYTES] }
    }

    /// Forgets the body and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.truncate(ENTRY_HEADER_BYTES);
    }

    /// Puts bytes at the end of the body.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Makes the body longer by `length` zeros and returns them, to be filled in place.
    pub fn extend_zeroed(&mut self, length: usize) -> &mut [u8] {
        let start = self.bytes.len();
        self.bytes.resize(start.saturating_add(length), 0);
        self.bytes.get_mut(start..).unwrap_or_default()
    }

    /// The body so far.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.bytes.get(ENTRY_HEADER_BYTES..).unwrap_or_default()
    }

    /// Adds header and padding; the buffer then holds exactly what the segment will.
    pub(super) fn seal(
        &mut self,
        journal_id: JournalId,
        header: EntryHeader,
    ) -> Option<(EntryHeader, &[u8])> {
        let header = seal_entry(journal_id, header, &mut self.bytes)?;
        let padded = padded_length(to_u64(self.body().len()));
        self.bytes.resize(to_usize(padded), 0);
        Some((header, &self.bytes))
    }
}

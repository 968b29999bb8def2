//! The end of a chain of entries: what the next entry must continue.

use super::entry_header::{EntryHash, EntryHeader};

/// The last entry of a chain; the default is the empty chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tail {
    pub(crate) sequence: u64,
    pub(crate) timestamp: u64,
    pub(crate) hash: EntryHash,
    /// What the last entry knew to be durable.
    pub(crate) flushed_through: u64,
}

impl Tail {
    pub(crate) fn of(header: &EntryHeader) -> Self {
        Self {
            sequence: header.fields.sequence,
            timestamp: header.fields.timestamp,
            hash: header.hash,
            flushed_through: header.flushed_through,
        }
    }

    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence.saturating_add(1)
    }

    pub(crate) fn is_continued_by(&self, header: &EntryHeader) -> bool {
        header.fields.sequence == self.next_sequence()
            && header.previous_hash == self.hash
            && header.fields.timestamp >= self.timestamp
            && header.flushed_through >= self.flushed_through
    }
}

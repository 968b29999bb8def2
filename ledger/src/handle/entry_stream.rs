//! Following the journal: every durable entry once, in order.

use std::collections::VecDeque;

use super::handle::Handle;
use super::ledger_error::LedgerError;
use super::raw_entry::RawEntry;

/// The durable entries from one on. It holds at most one answer in memory and asks again when that is used up, so a
/// slow reader slows nobody.
#[derive(Debug)]
pub struct EntryStream {
    handle: Handle,
    next: u64,
    ready: VecDeque<RawEntry>,
}

impl EntryStream {
    pub(super) const fn new(handle: Handle, from: u64) -> Self {
        Self { handle, next: from, ready: VecDeque::new() }
    }

    /// The sequence of the entry that comes next.
    #[must_use]
    pub const fn next_sequence(&self) -> u64 {
        self.next
    }

    /// The next entry, as soon as it is durable. Safe to drop while it waits: nothing is skipped.
    ///
    /// # Errors
    /// Any [`LedgerError`]; calling again goes on at the same entry.
    pub async fn next(&mut self) -> Result<RawEntry, LedgerError> {
        while self.ready.is_empty() {
            self.ready = self.handle.entries(self.next).await?.into();
        }
        let entry = self.ready.pop_front().ok_or_else(|| unexpected("no entry"))?;
        if entry.header.fields.sequence != self.next {
            return Err(unexpected("an entry out of order"));
        }
        self.next = self.next.saturating_add(1);
        Ok(entry)
    }
}

fn unexpected(what: &str) -> LedgerError {
    LedgerError::Protocol(format!("{what} where the next one belongs"))
}

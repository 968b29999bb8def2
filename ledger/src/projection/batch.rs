//! Entries that are projected together.
//!
//! Invariant: a batch is never empty, its entries follow each other by sequence and hash, and the first one follows
//! what was projected before. It is as long as one transaction should be.

use super::limits::TRANSACTION_ROWS_MAX;
use super::projection_error::ProjectionError;
use super::reached::Reached;
use crate::Entry;
use crate::handle::{LedgerError, RawEntry};
use crate::journal::{EntryCounts, EntryHeader};

/// Consecutive entries, with where they begin and where they lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What has to have been projected before.
    pub(super) from: Reached,
    /// What is reached with them.
    pub(super) to: Reached,
    pub(super) entries: Vec<Entry>,
}

impl Batch {
    /// Takes as many entries as fit one transaction, and at least one, from the front of `entries`; `None` if there
    /// are none.
    ///
    /// # Errors
    /// A [`ProjectionError`] if an entry does not follow the one before it, or cannot be read.
    pub fn take(from: Reached, entries: &mut &[RawEntry]) -> Result<Option<Self>, ProjectionError> {
        let mut batch = Self { from, to: from, entries: Vec::new() };
        let mut rows = 0_u64;
        while let Some((entry, behind)) = entries.split_first() {
            rows = rows.saturating_add(rows_of(entry.header.fields.counts));
            if rows > TRANSACTION_ROWS_MAX && !batch.entries.is_empty() {
                break;
            }
            batch.add(entry)?;
            *entries = behind;
        }
        Ok((!batch.entries.is_empty()).then_some(batch))
    }

    fn add(&mut self, entry: &RawEntry) -> Result<(), ProjectionError> {
        check_follows(&self.to, &entry.header)?;
        let fields = &entry.header.fields;
        let malformed = |fault| ProjectionError::EntryMalformed { sequence: fields.sequence, fault };
        self.entries.push(entry.decode().map_err(malformed)?);
        self.to = Reached { sequence: fields.sequence, timestamp: fields.timestamp, hash: entry.header.hash };
        Ok(())
    }
}

fn check_follows(reached: &Reached, header: &EntryHeader) -> Result<(), ProjectionError> {
    if Some(header.fields.sequence) != reached.sequence.checked_add(1) {
        let found = header.fields.sequence;
        let text = format!("entry {found} where the one after {} belongs", reached.sequence);
        return Err(LedgerError::Protocol(text).into());
    }
    if header.previous_hash != reached.hash {
        return Err(ProjectionError::OtherJournal { sequence: reached.sequence });
    }
    Ok(())
}

/// At most so many rows are written for an entry, its own left out: an event and two balances for each movement, an
/// account and its balance for a request.
fn rows_of(counts: EntryCounts) -> u64 {
    let movements = u64::from(counts.expiries).saturating_add(counts.transfers.into());
    movements.saturating_mul(3).saturating_add(u64::from(counts.requests).saturating_mul(2))
}

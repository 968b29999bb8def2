//! Reads of the journal: for lookups, statements, earlier states and those who follow it.

use super::executed::ReadJob;
use super::service_error::ServiceError;
use crate::handle::{AccountAt, Answer, Command, LedgerError, RawEntry, TransferRecord};
use crate::id_index::{IdRecord, SealedIndex};
use crate::journal::JournalReader;
use crate::walk::{RecordAt, RecordedItem, Walk, WalkError};
use crate::{Account, TransferId};

/// One reading thread's tools.
#[derive(Debug)]
pub(super) struct Read {
    reader: JournalReader,
    index: SealedIndex,
}

impl Read {
    pub(super) const fn new(reader: JournalReader, index: SealedIndex) -> Self {
        Self { reader, index }
    }

    /// Does one job. Everything it may show is durable when it comes here.
    pub(super) fn perform(&mut self, job: ReadJob) -> Result<Answer, LedgerError> {
        match job {
            ReadJob::Transfer { id, recent, sequence } => {
                let record = self.transfer(id, recent).map_err(|error| unreadable(&error))?;
                Ok(Answer::Transfer { sequence, record })
            }
            ReadJob::AccountAt { account, at } => self.account_at(account, at),
            ReadJob::Statement { query, newest, sequence } => {
                let page = Walk::new(&mut self.reader).statement(&query, newest, sequence);
                Ok(Answer::Statement(page?))
            }
            ReadJob::Entries { from } => {
                Ok(Answer::Entries(self.entries(from).map_err(|error| unreadable(&error))?))
            }
        }
    }

    fn transfer(
        &mut self,
        id: TransferId,
        recent: Option<IdRecord>,
    ) -> Result<Option<TransferRecord>, ServiceError> {
        // An id is in the runs before it leaves the recent ones, so it is found in one of them.
        let sealed = || Ok::<_, ServiceError>(self.index.get_many(&[id.0])?.records.pop().flatten());
        let record = match recent {
            Some(record) => Some(record),
            None => sealed()?,
        };
        let Some(record) = record else { return Ok(None) };
        let known = RecordAt::read(&mut self.reader, record.position)?;
        let RecordedItem::Transfer(recorded) = known.item else {
            return Err(WalkError::other_record(record.position).into());
        };
        if recorded.transfer.id != id {
            return Err(WalkError::other_record(record.position).into());
        }
        Ok(Some(TransferRecord {
            position: record.position,
            timestamp: known.timestamp,
            transfer: recorded.transfer,
            outcome: recorded.outcome,
            ended: recorded.ended,
            state: record.state,
        }))
    }

    fn account_at(&mut self, account: Account, at: u64) -> Result<Answer, LedgerError> {
        let header =
            self.reader.read_header(at).map_err(|error| LedgerError::Unreadable(error.to_string()))?;
        let timestamp = header.fields.timestamp;
        let account = Walk::new(&mut self.reader).account_at(account, at, timestamp)?;
        Ok(Answer::AccountAt(account.map(|account| AccountAt { account, sequence: at, timestamp })))
    }

    fn entries(&mut self, from: u64) -> Result<Vec<RawEntry>, ServiceError> {
        let mut cursor = self.reader.cursor(from);
        let (mut entries, mut bytes) = (Vec::new(), 0_usize);
        while let Some(view) = cursor.next_entry()? {
            bytes = bytes.saturating_add(view.body.len());
            if bytes > Command::ENTRIES_BYTES && !entries.is_empty() {
                break;
            }
            entries.push(RawEntry { header: view.header, body: view.body.to_vec() });
        }
        Ok(entries)
    }
}

fn unreadable(error: &ServiceError) -> LedgerError {
    LedgerError::Unreadable(error.to_string())
}

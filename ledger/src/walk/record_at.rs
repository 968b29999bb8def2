//! One record of the journal, read by its position.

use super::open_entry::{OpenEntry, Sort};
use super::walk_error::WalkError;
use crate::body::{BodyFault, decode_end, decode_expiry};
use crate::disk::{to_u32, to_usize};
use crate::journal::JournalReader;
use crate::{Outcome, Position, RecordedExpiry, RecordedTransfer, Transfer, TransferFlags};

/// What stands at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedItem {
    /// A transfer that used up its id.
    Transfer(RecordedTransfer),
    /// A pending transfer released because its time was over.
    Expiry(RecordedExpiry),
}

/// A record with where and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordAt {
    /// Where it stands.
    pub position: Position,
    /// When its entry was made.
    pub timestamp: u64,
    /// What it is.
    pub item: RecordedItem,
}

impl RecordAt {
    /// Reads the record at a position.
    ///
    /// # Errors
    /// A [`WalkError`] if the journal cannot be read, or has no whole record there.
    pub fn read(reader: &mut JournalReader, position: Position) -> Result<Self, WalkError> {
        let record = OpenEntry::open(reader, position.sequence())?.record_at(reader, position)?;
        record.ok_or_else(|| WalkError::no_record(position))
    }
}

impl OpenEntry {
    /// The record at a position in this entry; `None` if there are not so many.
    pub(super) fn record_at(
        &mut self,
        reader: &mut JournalReader,
        position: Position,
    ) -> Result<Option<RecordAt>, WalkError> {
        let item = if let Some(start) = self.layout().expiry(position.index()) {
            Some(RecordedItem::Expiry(decode_expiry(&self.record(reader, (Sort::Expiry, start))?)))
        } else {
            self.transfer(reader, position.index())?.map(RecordedItem::Transfer)
        };
        let timestamp = self.timestamp();
        Ok(item.map(|item| RecordAt { position, timestamp, item }))
    }

    fn transfer(
        &mut self,
        reader: &mut JournalReader,
        position_index: u64,
    ) -> Result<Option<RecordedTransfer>, WalkError> {
        let (sequence, layout) = (self.sequence(), self.layout());
        let Some(index) = layout.transfer_index(position_index) else { return Ok(None) };
        let (Some(transfer), Some(outcome)) = (layout.transfer(index), layout.outcome(index)) else {
            return Ok(None);
        };
        let index = to_u32(to_usize(index));
        let malformed = || WalkError::body(sequence, BodyFault::OutcomeMalformed(index));
        let transfer = Transfer::decode(&self.record(reader, (Sort::Transfer, transfer))?);
        let outcome = Outcome::decode(&self.record(reader, (Sort::Outcome, outcome))?);
        let outcome = outcome.ok_or_else(malformed)?;
        let has_ended = outcome.status.is_accepted() && transfer.ends_pending();
        let ended = if has_ended { self.ended_by(reader, index)? } else { Position::NONE };
        Ok(Some(RecordedTransfer { transfer, outcome, ended }))
    }

    /// The pending transfer that the post or void with this index among the transfers ended.
    fn ended_by(&mut self, reader: &mut JournalReader, index: u32) -> Result<Position, WalkError> {
        let sequence = self.sequence();
        let ends = self.ends(reader)?;
        let found = ends.binary_search_by_key(&index, |end| decode_end(end).0);
        let end = found.ok().and_then(|place| ends.get(place)).map(|end| decode_end(end).1);
        let end = end.filter(|position| !position.is_none());
        end.ok_or_else(|| WalkError::body(sequence, BodyFault::EndsWrong))
    }
}

impl RecordedItem {
    /// Whether this is an accepted transfer that reserves.
    #[must_use]
    pub fn is_reservation(&self) -> bool {
        match self {
            Self::Transfer(recorded) => {
                recorded.outcome.status.is_accepted() && recorded.transfer.is(TransferFlags::PENDING)
            }
            Self::Expiry(_) => false,
        }
    }
}

//! One record of the journal, read by its position.

use super::walk_error::WalkError;
use crate::body::{BodyLayout, END_BYTES, EXPIRY_BYTES, decode_end, decode_expiry};
use crate::disk::to_u64;
use crate::journal::{EntryHeader, JournalReader};
use crate::{
    OUTCOME_BYTES, Outcome, Position, RecordedExpiry, RecordedTransfer, TRANSFER_BYTES, Transfer,
    TransferFlags,
};

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
        let header = reader.read_header(position.sequence())?;
        let none = || WalkError::no_record(position);
        let layout = BodyLayout::of(header.fields.counts).ok_or_else(none)?;
        let timestamp = header.fields.timestamp;
        let item = if let Some(start) = layout.expiry(position.index()) {
            let mut record = [0; EXPIRY_BYTES];
            reader.read_body_part(position.sequence(), start, &mut record)?;
            RecordedItem::Expiry(decode_expiry(&record))
        } else {
            let index = layout.transfer_index(position.index()).ok_or_else(none)?;
            RecordedItem::Transfer(read_transfer(reader, &header, layout, (position, index))?)
        };
        Ok(Self { position, timestamp, item })
    }
}

fn read_transfer(
    reader: &mut JournalReader,
    header: &EntryHeader,
    layout: BodyLayout,
    (position, index): (Position, u64),
) -> Result<RecordedTransfer, WalkError> {
    let none = || WalkError::no_record(position);
    let sequence = header.fields.sequence;
    let mut record = [0; TRANSFER_BYTES];
    reader.read_body_part(sequence, layout.transfer(index).ok_or_else(none)?, &mut record)?;
    let transfer = Transfer::decode(&record);
    let mut record = [0; OUTCOME_BYTES];
    reader.read_body_part(sequence, layout.outcome(index).ok_or_else(none)?, &mut record)?;
    let outcome = Outcome::decode(&record).ok_or_else(none)?;
    let has_ended = outcome.status.is_accepted() && transfer.ends_pending();
    let ended = if has_ended { read_end(reader, layout, (position, index))? } else { Position::NONE };
    Ok(RecordedTransfer { transfer, outcome, ended })
}

/// The pending transfer that the post or void with this index ended: ends lie in the order of their indexes.
fn read_end(
    reader: &mut JournalReader,
    layout: BodyLayout,
    (position, index): (Position, u64),
) -> Result<Position, WalkError> {
    let (none, sequence) = (|| WalkError::no_record(position), position.sequence());
    let count_at = layout.ends_count_at();
    let mut count = [0; 4];
    reader.read_body_part(sequence, count_at, &mut count)?;
    let first = count_at.saturating_add(to_u64(count.len()));
    let (mut low, mut high) = (0, u64::from(u32::from_le_bytes(count).min(layout.counts().transfers)));
    while low < high {
        let middle = low.midpoint(high);
        let mut record = [0; END_BYTES];
        let at = first.saturating_add(middle.saturating_mul(to_u64(END_BYTES)));
        reader.read_body_part(sequence, at, &mut record)?;
        let (found, ended) = decode_end(&record);
        match u64::from(found).cmp(&index) {
            std::cmp::Ordering::Equal => return Ok(ended),
            std::cmp::Ordering::Less => low = middle.saturating_add(1),
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    Err(none())
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

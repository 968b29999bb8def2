//! What earlier entries know of an id, read from the journal.

use super::service_error::ServiceError;
use crate::id_index::IdRecord;
use crate::journal::JournalReader;
use crate::walk::{RecordAt, RecordedItem, WalkError};
use crate::{KnownTransfer, PendingEnd, PendingState, Recorded, TransferId};

/// The id of a known transfer, as the index holds it.
pub(super) const fn id_of(known: &KnownTransfer) -> u128 {
    known.transfer.id.0
}

/// How a pending transfer has ended, if it has.
pub(super) const fn end_of(state: PendingState) -> Option<PendingEnd> {
    match state {
        PendingState::Ended(end) => Some(end),
        PendingState::NotPending | PendingState::Open => None,
    }
}

/// Reads the transfer that an index record names.
pub(crate) fn known_at(reader: &mut JournalReader, record: &IdRecord) -> Result<KnownTransfer, ServiceError> {
    let at = RecordAt::read(reader, record.position)?;
    match at.item {
        RecordedItem::Transfer(recorded) if recorded.transfer.id == TransferId(record.id) => {
            Ok(KnownTransfer {
                transfer: recorded.transfer,
                recorded: Recorded { position: record.position, outcome: recorded.outcome },
                timestamp: at.timestamp,
                end: end_of(record.state),
            })
        }
        _ => Err(WalkError::other_record(record.position).into()),
    }
}

//! What an entry does to ids: the same for an entry just executed, replayed or sealed.

use crate::engine::EntryOutcome;
use crate::id_index::{IdIndex, IdIndexError, IdRecord};
use crate::{Entry, EntryPart};
use crate::{PendingEnd, PendingState, Position, RecordedTransfer, Request, TransferFlags, TransferId};

/// One change of the id index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdChange {
    /// An id is used up.
    Used(IdRecord),
    /// A pending transfer has ended; the position is that of the pending transfer.
    Ended(IdRecord),
}

/// Remembers the ids of an entry that was just executed.
pub(super) fn remember_executed(
    ids: &mut IdIndex,
    outcome: &EntryOutcome,
    requests: &[Request],
) -> Result<(), IdIndexError> {
    let transfers = outcome.recorded_transfers(requests);
    let expired = outcome.expired.iter().map(|expiry| (expiry.pending.id, expiry.pending.position));
    let recent = ids.recent_mut();
    for_each_change(outcome.sequence, expired, transfers, |change| match change {
        IdChange::Used(record) => recent.insert(record),
        IdChange::Ended(record) => recent.mark_end(record),
    })
}

/// Remembers the ids of an entry of the journal.
pub(super) fn remember_recorded(ids: &mut IdIndex, entry: &Entry) -> Result<(), IdIndexError> {
    let recent = ids.recent_mut();
    for_each_recorded(entry, |change| match change {
        IdChange::Used(record) => recent.insert(record),
        IdChange::Ended(record) => recent.mark_end(record),
    })
}

/// Every change of ids by an entry of the journal, in order.
pub(crate) fn for_each_recorded<E>(
    entry: &Entry,
    apply: impl FnMut(IdChange) -> Result<(), E>,
) -> Result<(), E> {
    let transfers = entry.parts.iter().flat_map(|part| match part {
        EntryPart::Transfers(transfers) => transfers.as_slice(),
        EntryPart::Administrative(_) => &[],
    });
    let expired = entry.expired.iter().map(|expiry| (expiry.id, expiry.position));
    for_each_change(entry.sequence, expired, transfers.copied(), apply)
}

fn for_each_change<E>(
    sequence: u64,
    expired: impl Iterator<Item = (TransferId, Position)>,
    transfers: impl Iterator<Item = RecordedTransfer>,
    mut apply: impl FnMut(IdChange) -> Result<(), E>,
) -> Result<(), E> {
    let mut index = 0_u32;
    for (id, position) in expired {
        let state = PendingState::Ended(PendingEnd::Expired);
        apply(IdChange::Ended(IdRecord { id: id.0, position, state }))?;
        index = index.saturating_add(1);
    }
    for RecordedTransfer { transfer, outcome, ended } in transfers {
        let position = Position::new(sequence, index).unwrap_or(Position::NONE);
        index = index.saturating_add(1);
        let accepted = outcome.status.is_accepted();
        let is_open = accepted && transfer.is(TransferFlags::PENDING);
        let state = if is_open { PendingState::Open } else { PendingState::NotPending };
        apply(IdChange::Used(IdRecord { id: transfer.id.0, position, state }))?;
        if accepted && transfer.ends_pending() {
            let is_void = transfer.is(TransferFlags::VOID);
            let end = if is_void { PendingEnd::Voided } else { PendingEnd::Posted };
            let (id, state) = (transfer.pending_id.0, PendingState::Ended(end));
            apply(IdChange::Ended(IdRecord { id, position: ended, state }))?;
        }
    }
    Ok(())
}

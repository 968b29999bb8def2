//! Open pending transfers, by id and in the order in which they expire.
//!
//! One that has ended stays, with how, until the entry is over: a second post or void in the same entry is told.
//! Invariant: exactly the open ones are in the order of expiry.

use std::collections::BTreeMap;

use super::convert::NONE;
use super::partition_key::PartitionKey;
use super::row_capture::Wanted;
use super::rows::Rows;
use super::slot_index::SlotIndex;
use crate::{Pending, PendingEnd, Position, TransferId};

/// A pending transfer in the entry that made it or ends it, and in between.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldPending {
    pub(super) pending: Pending,
    /// How it ended, in this entry.
    pub(super) end: Option<PendingEnd>,
    /// Its cell in this run, if that is its own.
    pub(super) mark: u32,
}

/// All pending transfers that are open.
#[derive(Debug)]
pub(super) struct PendingBook {
    key: PartitionKey,
    index: SlotIndex,
    slots: Rows<Option<HeldPending>>,
    free: Vec<u32>,
    by_expiry: BTreeMap<(u64, Position), u32>,
    /// What has ended in this entry.
    ended: Vec<u32>,
}

impl PendingBook {
    pub(super) fn new(key: PartitionKey) -> Self {
        Self {
            key,
            index: SlotIndex::default(),
            slots: Rows::default(),
            free: Vec::new(),
            by_expiry: BTreeMap::new(),
            ended: Vec::new(),
        }
    }

    /// The slot of a pending transfer that is open, or was when the entry began or later.
    pub(super) fn find(&self, id: TransferId) -> Option<u32> {
        self.index.find(self.key.hash(id.0), |slot| self.get(slot).is_some_and(|held| held.pending.id == id))
    }

    pub(super) fn get(&self, slot: u32) -> Option<&HeldPending> {
        self.slots.get(slot)?.as_ref()
    }

    /// The pending transfer with this id, if it is open now.
    pub(super) fn open(&self, id: TransferId) -> Option<&Pending> {
        let held = self.get(self.find(id)?)?;
        held.end.is_none().then_some(&held.pending)
    }

    /// Remembers the cell of a pending transfer.
    pub(super) fn set_mark(&mut self, slot: u32, mark: u32) {
        if let Some(held) = self.held_mut(slot) {
            held.mark = mark;
        }
    }

    /// Adds an open one.
    pub(super) fn insert(&mut self, pending: Pending) {
        let held = HeldPending { pending, end: None, mark: NONE };
        let slot = self.free.pop().unwrap_or_else(|| self.slots.push(None));
        if let Some(place) = self.slots.get_mut(slot) {
            *place = Some(held);
        }
        self.index.insert(self.key.hash(pending.id.0), slot);
        self.by_expiry.insert(pending.expiry_order(), slot);
    }

    /// Ends one, and says what it reserved.
    pub(super) fn end(&mut self, slot: u32, end: PendingEnd) {
        let Some(held) = self.held_mut(slot) else { return };
        held.end = Some(end);
        let order = held.pending.expiry_order();
        self.by_expiry.remove(&order);
        self.ended.push(slot);
    }

    /// Undoes the newest end: the one at `slot` is open again.
    pub(super) fn undo_end(&mut self, slot: u32) {
        self.ended.pop();
        let Some(held) = self.held_mut(slot) else { return };
        held.end = None;
        let order = held.pending.expiry_order();
        self.by_expiry.insert(order, slot);
    }

    /// Undoes an insertion.
    pub(super) fn undo_insert(&mut self, id: TransferId) {
        let Some(slot) = self.find(id) else { return };
        if let Some(held) = self.get(slot) {
            let order = held.pending.expiry_order();
            self.by_expiry.remove(&order);
        }
        self.forget(slot);
    }

    /// Forgets what has ended in the entry.
    pub(super) fn finish_entry(&mut self) {
        let mut ended = std::mem::take(&mut self.ended);
        ended.drain(..).for_each(|slot| self.forget(slot));
        self.ended = ended;
    }

    /// How many are open.
    pub(super) fn len(&self) -> usize {
        self.by_expiry.len()
    }

    /// The open ones, in the order in which they expire.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Pending> {
        self.by_expiry.values().filter_map(|slot| Some(&self.get(*slot)?.pending))
    }

    /// The first `most` that are due, in the order in which they expire.
    pub(super) fn due(&self, timestamp: u64, most: usize) -> Vec<Pending> {
        self.iter().take_while(|pending| pending.is_due(timestamp)).take(most).copied().collect()
    }

    /// Captures the open ones. To be called between entries.
    pub(super) fn begin_capture(&mut self) {
        self.slots.begin_capture(Wanted::All);
    }

    /// Hands out captured ones; empty slots count as well. Says whether none is left.
    pub(super) fn capture_some(&mut self, budget: &mut usize, pending: &mut Vec<Pending>) -> bool {
        self.slots.capture_some(budget, |captured| pending.extend(captured.row.map(|held| held.pending)))
    }

    pub(super) fn end_capture(&mut self) {
        self.slots.end_capture();
    }

    fn forget(&mut self, slot: u32) {
        if let Some(held) = self.slots.get_mut(slot).and_then(Option::take) {
            self.index.remove(self.key.hash(held.pending.id.0), slot);
            self.free.push(slot);
        }
    }

    fn held_mut(&mut self, slot: u32) -> Option<&mut HeldPending> {
        self.slots.get_mut(slot)?.as_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::PendingBook;
    use crate::engine::PartitionKey;
    use crate::{AccountId, AllowanceId, Pending, PendingEnd, Position, TransferId};

    fn pending(id: u128, expires_at: u64) -> Pending {
        Pending {
            id: TransferId(id),
            debit_account: AccountId(1),
            credit_account: AccountId(2),
            allowance_id: AllowanceId::NONE,
            position: Position::from_bits(u64::try_from(id).unwrap()),
            amount: 5,
            timestamp: 0,
            expires_at,
        }
    }

    fn ids(book: &PendingBook) -> Vec<u128> {
        book.iter().map(|pending| pending.id.0).collect()
    }

    #[test]
    fn an_ended_one_answers_until_the_entry_is_over() {
        let mut book = PendingBook::new(PartitionKey::new([1; 16]));
        for (id, expires_at) in [(1, 30), (2, 10), (3, 10)] {
            book.insert(pending(id, expires_at));
        }
        assert_eq!(ids(&book), [2, 3, 1]);
        assert_eq!(book.due(10, 9).len(), 2);
        assert_eq!(book.due(10, 1).len(), 1);
        let slot = book.find(TransferId(2)).unwrap();
        book.end(slot, PendingEnd::Voided);
        assert_eq!(book.get(slot).unwrap().end, Some(PendingEnd::Voided));
        assert_eq!(ids(&book), [3, 1]);
        book.finish_entry();
        assert_eq!(book.find(TransferId(2)), None);
    }

    #[test]
    fn ends_and_insertions_can_be_undone() {
        let mut book = PendingBook::new(PartitionKey::new([1; 16]));
        book.insert(pending(1, 30));
        let slot = book.find(TransferId(1)).unwrap();
        book.end(slot, PendingEnd::Posted);
        book.undo_end(slot);
        book.finish_entry();
        assert_eq!(ids(&book), [1]);
        book.undo_insert(TransferId(1));
        assert_eq!(book.find(TransferId(1)), None);
        assert!(ids(&book).is_empty());
    }
}

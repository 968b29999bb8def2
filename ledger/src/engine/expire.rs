//! What expires at the start of an entry. Expiries stand on the statements of both accounts, at the first positions
//! of the entry.

use super::engine::Engine;
use super::leg::Side;
use crate::limits::ENTRY_EXPIRIES_MAX;
use crate::{AccountId, Expiry, Pending, PendingEnd, Position};

impl Engine {
    /// Releases what is due, in order.
    pub(super) fn expire(&mut self) -> Vec<Expiry> {
        let due = self.pending.due(self.timestamp, ENTRY_EXPIRIES_MAX);
        (0..).zip(due).map(|(index, pending)| self.release_expired(index, pending)).collect()
    }

    /// Releases one, as the entry's expiry with this index.
    pub(super) fn release_expired(&mut self, index: u32, pending: Pending) -> Expiry {
        // Entries are bounded so that every sequence and index has a position.
        let position = Position::new(self.sequence, index).unwrap_or(Position::NONE);
        let previous_debit = self.release_side(pending.debit_account, Side::Debit, (&pending, position));
        let previous_credit = self.release_side(pending.credit_account, Side::Credit, (&pending, position));
        if let Some(slot) = self.pending.find(pending.id) {
            self.pending.end(slot, PendingEnd::Expired);
        }
        Expiry { pending, previous_debit, previous_credit }
    }

    /// Releases what is reserved at one account, and gives its statement entry before.
    fn release_side(&mut self, account: AccountId, side: Side, expiry: (&Pending, Position)) -> Position {
        let found = self.find_mut(account);
        found.map_or(Position::NONE, |(partition, slot)| partition.release((side, slot), expiry))
    }
}

//! What accepted transfers and expiries do. Every check has been made, so nothing here can fail.

use super::allowance::BookedAllowance;
use super::rules::Effect;
use super::state::State;
use crate::allowance::Restore;
use crate::{
    Account, AccountId, AllowanceId, Expiry, KnownTransfer, Outcome, Pending, PendingEnd, Position, Recorded,
    Transfer, TransferFlags, TransferStatus,
};

impl State {
    /// Executes a transfer that was judged to have this effect.
    pub(super) fn apply(
        &mut self,
        transfer: &Transfer,
        effect: Effect,
        position: Position,
        timestamp: u64,
    ) -> Recorded {
        let amount = match effect {
            Effect::Move => self.move_amount(transfer, timestamp),
            Effect::Reserve => self.reserve(transfer, position, timestamp),
            Effect::Post(pending, amount) => self.post(&pending, amount, timestamp),
            Effect::Void(pending) => self.void(&pending, timestamp),
        };
        let [debit, credit] = effect.accounts(transfer);
        let previous_debit = self.put_on_statement(debit, position);
        let previous_credit = self.put_on_statement(credit, position);
        let outcome = Outcome { status: TransferStatus::Accepted, amount, previous_debit, previous_credit };
        let recorded = Recorded { position, outcome };
        self.record(transfer, recorded, timestamp);
        recorded
    }

    /// Uses up the transfer's id.
    pub(super) fn record(&mut self, transfer: &Transfer, recorded: Recorded, timestamp: u64) {
        let known = KnownTransfer { transfer: *transfer, recorded, timestamp, end: None };
        self.transfers.insert(transfer.id, known);
    }

    /// Releases a pending transfer whose time is over.
    pub(super) fn expire(&mut self, pending: Pending, position: Position, timestamp: u64) -> Expiry {
        self.release(&pending, PendingEnd::Expired);
        self.at_each_level(pending.allowance_id, |level| {
            level.give_back(Restore::Expiry, pending.amount, pending.timestamp, timestamp);
        });
        let previous_debit = self.put_on_statement(pending.debit_account, position);
        let previous_credit = self.put_on_statement(pending.credit_account, position);
        Expiry { pending, previous_debit, previous_credit }
    }

    fn move_amount(&mut self, transfer: &Transfer, timestamp: u64) -> u64 {
        let amount = transfer.amount;
        self.change(transfer.debit_account, |account| add(&mut account.debits_posted, amount));
        self.change(transfer.credit_account, |account| add(&mut account.credits_posted, amount));
        let refund = transfer.is(TransferFlags::RESTORE_ALLOWANCE);
        self.at_each_level(transfer.allowance_id, |level| {
            if refund { level.refund(amount, timestamp) } else { level.take(amount, timestamp) }
        });
        amount
    }

    fn reserve(&mut self, transfer: &Transfer, position: Position, timestamp: u64) -> u64 {
        let amount = transfer.amount;
        self.change(transfer.debit_account, |account| add(&mut account.debits_pending, amount));
        self.change(transfer.credit_account, |account| add(&mut account.credits_pending, amount));
        self.at_each_level(transfer.allowance_id, |level| level.take(amount, timestamp));
        let pending = Pending::of(transfer, position, timestamp);
        self.pending.insert(pending.expiry_order(), pending);
        amount
    }

    fn post(&mut self, pending: &Pending, amount: u64, timestamp: u64) -> u64 {
        self.release(pending, PendingEnd::Posted);
        self.change(pending.debit_account, |account| add(&mut account.debits_posted, amount));
        self.change(pending.credit_account, |account| add(&mut account.credits_posted, amount));
        let rest = pending.amount.saturating_sub(amount);
        self.at_each_level(pending.allowance_id, |level| {
            level.give_back(Restore::PartialPost, rest, pending.timestamp, timestamp);
        });
        amount
    }

    fn void(&mut self, pending: &Pending, timestamp: u64) -> u64 {
        self.release(pending, PendingEnd::Voided);
        self.at_each_level(pending.allowance_id, |level| {
            level.give_back(Restore::Void, pending.amount, pending.timestamp, timestamp);
        });
        0
    }

    /// Takes the whole amount out of what is pending, and says for ever how that ended.
    fn release(&mut self, pending: &Pending, end: PendingEnd) {
        self.change(pending.debit_account, |account| subtract(&mut account.debits_pending, pending.amount));
        self.change(pending.credit_account, |account| subtract(&mut account.credits_pending, pending.amount));
        self.pending.remove(&pending.expiry_order());
        if let Some(known) = self.transfers.get_mut(&pending.id) {
            known.end = Some(end);
        }
    }

    /// Makes a transfer or expiry the newest statement entry of an account, and says which one was.
    fn put_on_statement(&mut self, id: AccountId, position: Position) -> Position {
        let mut previous = Position::NONE;
        self.change(id, |account| previous = std::mem::replace(&mut account.last_position, position));
        previous
    }

    fn change(&mut self, id: AccountId, change: impl FnOnce(&mut Account)) {
        self.accounts.entry(id).and_modify(change);
    }

    fn at_each_level(&mut self, lowest: AllowanceId, mut change: impl FnMut(&mut BookedAllowance)) {
        let levels: Vec<AllowanceId> = self.levels(lowest).iter().map(|level| level.terms.id).collect();
        for id in levels {
            self.allowances.entry(id).and_modify(&mut change);
        }
    }
}

/// The checks have made sure that the sum of both totals of a side fits.
fn add(total: &mut u128, amount: u64) {
    *total = total.saturating_add(u128::from(amount));
}

/// What is released was reserved before.
fn subtract(total: &mut u128, amount: u64) {
    *total = total.saturating_sub(u128::from(amount));
}

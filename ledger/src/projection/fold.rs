//! The decision behind the projection: what entries do to the rows. Nothing here reads or writes.
//!
//! Invariant: the same entries lead to the same rows, in however many batches they come.

use std::collections::BTreeMap;

use super::account_balance::AccountBalance;
use super::changes::{Changes, CreatedAccount, Known};
use super::fold_fault::FoldFault;
use super::ledger_event::{LedgerEvent, Place};
use super::open_pending::OpenPending;
use crate::admin::{AdministrativeRequest, ChangeAccount, CreateAccount};
use crate::handle::StatementSide;
use crate::{
    AccountFlags, AccountId, Entry, EntryPart, Position, RecordedExpiry, RecordedTransfer, TransferFlags,
    TransferId,
};

/// Takes in entries, one after the other.
#[derive(Debug, Default)]
pub struct Fold {
    known: Known,
    created: BTreeMap<AccountId, CreatedAccount>,
    reserved: BTreeMap<TransferId, OpenPending>,
    changes: Changes,
}

impl Fold {
    /// Begins with the rows that the entries need.
    #[must_use]
    pub fn new(known: Known) -> Self {
        Self { known, ..Self::default() }
    }

    /// Takes in the next entry.
    ///
    /// # Errors
    /// A [`FoldFault`] if the rows are not those of the entries before it. Then what was begun is of no use.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), FoldFault> {
        self.changes.entries.push((entry.sequence, entry.timestamp));
        let timestamp = entry.timestamp;
        let mut positions = entry.positions();
        let mut next = || {
            let position = positions.next().ok_or(FoldFault::PositionsUsedUp)?;
            Ok(Place { position, timestamp })
        };
        for expiry in &entry.expired {
            self.expire(expiry, next()?)?;
        }
        for part in &entry.parts {
            match part {
                EntryPart::Administrative(request) => self.administer(request, entry)?,
                EntryPart::Transfers(transfers) => {
                    for recorded in transfers {
                        self.transfer(recorded, next()?)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What all the entries changed.
    #[must_use]
    pub fn changes(self) -> Changes {
        let Self { known, created, reserved, changes } = self;
        Changes {
            accounts: created.into_values().collect(),
            flags: known.flags.into_iter().collect(),
            balances: known.balances.into_values().collect(),
            reserved: reserved.into_values().collect(),
            ..changes
        }
    }

    fn expire(&mut self, expiry: &RecordedExpiry, place: Place) -> Result<(), FoldFault> {
        let pending = self.end(expiry.id, expiry.position)?;
        let previous = [expiry.previous_debit, expiry.previous_credit];
        self.event(LedgerEvent::release(&pending, place), previous)
    }

    /// A refused transfer changes nothing here, but has its position.
    fn transfer(&mut self, recorded: &RecordedTransfer, place: Place) -> Result<(), FoldFault> {
        let RecordedTransfer { transfer, outcome, ended } = recorded;
        if !outcome.status.is_accepted() {
            return Ok(());
        }
        let ends = transfer.ends_pending();
        let ended = if ends { Some(self.end(transfer.pending_id, *ended)?) } else { None };
        if transfer.is(TransferFlags::PENDING) {
            self.reserved.insert(transfer.id, OpenPending::of(transfer, outcome, place.position));
        }
        let previous = [outcome.previous_debit, outcome.previous_credit];
        self.event(LedgerEvent::of_transfer(recorded, ended.as_ref(), place), previous)
    }

    /// Takes out what is open under this id. One of this batch was never written and need not be removed.
    fn end(&mut self, id: TransferId, position: Position) -> Result<OpenPending, FoldFault> {
        let of_this_batch = self.reserved.remove(&id);
        if of_this_batch.is_none() {
            self.changes.ended.push(id);
        }
        let pending = of_this_batch.or_else(|| self.known.pending.remove(&id));
        pending.filter(|pending| pending.position == position).ok_or(FoldFault::PendingMissing(id))
    }

    /// `previous` are the statement entries before it, the payer's first.
    fn event(&mut self, event: LedgerEvent, previous: [Position; 2]) -> Result<(), FoldFault> {
        let sides =
            [(StatementSide::Debit, event.debit_account), (StatementSide::Credit, event.credit_account)];
        for ((side, account), previous) in sides.into_iter().zip(previous) {
            let balance = self.known.balances.get_mut(&account).ok_or(FoldFault::AccountMissing(account))?;
            balance.take_in(side, &event, previous)?;
        }
        self.changes.events.push(event);
        Ok(())
    }

    /// Allowances and the state of the ledger have no rows.
    fn administer(&mut self, request: &AdministrativeRequest, entry: &Entry) -> Result<(), FoldFault> {
        match request {
            AdministrativeRequest::CreateAccount(create) => self.create_account(*create, entry),
            AdministrativeRequest::ChangeAccount(change) => self.change_account(*change),
            AdministrativeRequest::CreateAllowance(_)
            | AdministrativeRequest::AlterAllowance(_)
            | AdministrativeRequest::SwitchAllowance(_)
            | AdministrativeRequest::ChangeLedger(_) => Ok(()),
        }
    }

    fn create_account(&mut self, account: CreateAccount, entry: &Entry) -> Result<(), FoldFault> {
        let Entry { sequence, timestamp, .. } = *entry;
        let created = CreatedAccount { account, timestamp, sequence };
        let is_new = self.created.insert(account.id, created).is_none()
            && self.known.balances.insert(account.id, AccountBalance::zero(account.id)).is_none();
        if is_new { Ok(()) } else { Err(FoldFault::AccountExists(account.id)) }
    }

    fn change_account(&mut self, request: ChangeAccount) -> Result<(), FoldFault> {
        let ChangeAccount { account: id, change } = request;
        let flags = match self.created.get_mut(&id) {
            Some(created) => &mut created.account.flags,
            None => self.known.flags.get_mut(&id).ok_or(FoldFault::AccountMissing(id))?,
        };
        // Only the flags matter here: the ledger has seen that nothing is pending on an account that it closes.
        let account = CreateAccount { flags: *flags, ..blank(id) }.account(0);
        *flags = change.flags_after(&account).map_err(|_| FoldFault::AccountUnchanged(id))?;
        Ok(())
    }
}

const fn blank(id: AccountId) -> CreateAccount {
    let (asset, flags) = (crate::Asset::NONE, AccountFlags::NONE);
    CreateAccount { id, reference: [0; 16], asset, code: 0, flags }
}

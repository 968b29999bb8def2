//! What a batch of entries changes in the tables, and what has to be read for it.

use std::collections::{BTreeMap, BTreeSet};

use super::account_balance::AccountBalance;
use super::ledger_event::LedgerEvent;
use super::open_pending::OpenPending;
use crate::admin::{AdministrativeRequest, CreateAccount};
use crate::{AccountFlags, AccountId, Entry, EntryPart, RecordedTransfer, TransferId};

/// An account that a batch creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreatedAccount {
    /// As it was asked for, with the flags it has at the end of the batch.
    pub account: CreateAccount,
    /// The time of the entry that created it.
    pub timestamp: u64,
    /// That entry.
    pub sequence: u64,
}

/// The rows of a batch: those that are new, and those that are other than before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Sequence and time of each entry.
    pub entries: Vec<(u64, u64)>,
    /// New accounts, in the order of their ids.
    pub accounts: Vec<CreatedAccount>,
    /// Flags of accounts that were there before, in the order of their ids.
    pub flags: Vec<(AccountId, AccountFlags)>,
    /// Balances of new accounts and of those that something moved, in the order of their ids.
    pub balances: Vec<AccountBalance>,
    /// New events, in the order of their positions.
    pub events: Vec<LedgerEvent>,
    /// Pending transfers that are new and open, in the order of their ids.
    pub reserved: Vec<OpenPending>,
    /// Pending transfers that were open before and are not any more, in the order in which they ended.
    pub ended: Vec<TransferId>,
}

/// Rows that a batch of entries builds on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Balances of the accounts that something moves.
    pub balances: BTreeMap<AccountId, AccountBalance>,
    /// Flags of the accounts that are frozen, unfrozen, closed or reopened.
    pub flags: BTreeMap<AccountId, AccountFlags>,
    /// Pending transfers that end.
    pub pending: BTreeMap<TransferId, OpenPending>,
}

/// Which rows a batch builds on. What it creates itself may be among them: that is not there, and not missed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// Pending transfers.
    pub pending: BTreeSet<TransferId>,
    /// Accounts by their balances; those of the pending transfers come on top.
    pub balances: BTreeSet<AccountId>,
    /// Accounts by their flags.
    pub flags: BTreeSet<AccountId>,
}

impl Needs {
    /// What these entries need.
    #[must_use]
    pub fn of(entries: &[Entry]) -> Self {
        let mut needs = Self::default();
        for entry in entries {
            needs.pending.extend(entry.expired.iter().map(|expiry| expiry.id));
            for part in &entry.parts {
                needs.add_part(part);
            }
        }
        needs
    }

    fn add_part(&mut self, part: &EntryPart) {
        match part {
            EntryPart::Administrative(AdministrativeRequest::ChangeAccount(change)) => {
                self.flags.insert(change.account);
            }
            EntryPart::Administrative(_) => {}
            EntryPart::Transfers(transfers) => transfers
                .iter()
                .filter(|recorded| recorded.outcome.status.is_accepted())
                .for_each(|recorded| self.add_transfer(recorded)),
        }
    }

    fn add_transfer(&mut self, recorded: &RecordedTransfer) {
        let transfer = &recorded.transfer;
        if transfer.ends_pending() {
            self.pending.insert(transfer.pending_id);
        } else {
            self.balances.extend([transfer.debit_account, transfer.credit_account]);
        }
    }

    /// Adds the accounts of the pending transfers that were found.
    pub fn add_accounts_of<'a>(&mut self, pending: impl IntoIterator<Item = &'a OpenPending>) {
        let accounts =
            pending.into_iter().flat_map(|pending| [pending.debit_account, pending.credit_account]);
        self.balances.extend(accounts);
    }
}

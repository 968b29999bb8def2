//! Everything the model knows, and how a part of it is put back.

use std::collections::BTreeMap;

use super::allowance::BookedAllowance;
use crate::{Account, AccountId, AllowanceId, KnownTransfer, Pending, Position, TransferId};

/// Accounts, transfers, pending transfers, allowances, and whether all of it is frozen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) transfers: BTreeMap<TransferId, KnownTransfer>,
    /// Open pending transfers by when, and in which order, they expire.
    pub(super) pending: BTreeMap<(u64, Position), Pending>,
    pub(super) allowances: BTreeMap<AllowanceId, BookedAllowance>,
    pub(super) frozen: bool,
}

/// What one leg touches, as it was before.
#[derive(Debug)]
pub(super) struct Before {
    accounts: Vec<Account>,
    pending: Option<(Pending, KnownTransfer)>,
    allowances: Vec<BookedAllowance>,
    /// What the leg reserves, if it is a pending transfer.
    created: Pending,
}

impl State {
    /// The allowance and all above it, from the lowest level up.
    pub(super) fn levels(&self, lowest: AllowanceId) -> Vec<&BookedAllowance> {
        let parent = |level: &&BookedAllowance| self.allowances.get(&level.terms.parent);
        std::iter::successors(self.allowances.get(&lowest), parent).collect()
    }

    /// Keeps what the leg that may reserve `created` can change: the accounts, the pending transfer it ends, and the
    /// allowances.
    pub(super) fn before(
        &self,
        created: Pending,
        accounts: [AccountId; 2],
        ended: Option<&Pending>,
        allowance: AllowanceId,
    ) -> Before {
        let known = |pending: &Pending| Some((*pending, *self.transfers.get(&pending.id)?));
        Before {
            accounts: accounts.iter().filter_map(|id| self.accounts.get(id)).copied().collect(),
            pending: ended.and_then(known),
            allowances: self.levels(allowance).into_iter().cloned().collect(),
            created,
        }
    }

    /// Undoes one leg.
    pub(super) fn restore(&mut self, before: Before) {
        self.transfers.remove(&before.created.id);
        self.pending.remove(&before.created.expiry_order());
        if let Some((pending, known)) = before.pending {
            self.transfers.insert(pending.id, known);
            self.pending.insert(pending.expiry_order(), pending);
        }
        self.accounts.extend(before.accounts.into_iter().map(|account| (account.id, account)));
        self.allowances.extend(before.allowances.into_iter().map(|one| (one.terms.id, one)));
    }
}

//! What a shard remembers of one account: 48 bytes, and a side table for the two things that do not fit.

use std::collections::BTreeMap;

use super::change::Change;
use super::hash::Digest;
use super::key::{AccountKey, Place};
use super::subtree::Subtree;
use super::sums::Balance;

/// An account's leaf hash, place and balance. The low byte beside the place holds the asset index and the side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) digest: Digest,
    place_and_kind: u64,
    amount: u64,
}

const OWING: u8 = 1;

impl Row {
    pub(super) fn of(change: &Change) -> Self {
        let Balance { asset_index, owing, amount } = change.balance;
        let kind = (asset_index << 1) | if owing { OWING } else { 0 };
        Self {
            digest: change.digest,
            place_and_kind: change.key.place().0 | u64::from(kind),
            amount: u64::try_from(amount).unwrap_or(u64::MAX),
        }
    }

    pub(super) const fn place(&self) -> Place {
        Place(self.place_and_kind & Place::MASK)
    }

    pub(super) fn balance(&self, exceptions: &Exceptions) -> Balance {
        let [kind, ..] = self.place_and_kind.to_le_bytes();
        let amount = exceptions.large.get(&self.digest).copied().unwrap_or_else(|| u128::from(self.amount));
        Balance { asset_index: kind >> 1, owing: kind & OWING != 0, amount }
    }

    pub(super) fn subtree(&self, exceptions: &Exceptions) -> Subtree {
        Subtree { hash: self.digest, sums: self.balance(exceptions).sums() }
    }
}

/// What does not fit a [`Row`]; both maps are empty in a ledger of ordinary accounts.
#[derive(Clone, Debug, Default)]
pub(super) struct Exceptions {
    /// Amounts of 2^64 and more, by leaf hash. They count instead of the row's amount.
    large: BTreeMap<Digest, u128>,
    /// Ascending keys of the accounts that share a place with another one of the shard.
    pub(super) shared: BTreeMap<Place, Vec<AccountKey>>,
}

impl Exceptions {
    /// What does not fit the rows of a shard, whose accounts come in the order of their keys.
    pub(super) fn of(changes: &[Change]) -> Self {
        let mut exceptions = Self::default();
        for run in changes.chunk_by(|one, next| one.key.place() == next.key.place()) {
            run.iter().for_each(|change| exceptions.note_amount(change));
            if let [first, _, ..] = run {
                let keys = run.iter().map(|change| change.key).collect();
                exceptions.shared.insert(first.key.place(), keys);
            }
        }
        exceptions
    }

    pub(super) fn note_amount(&mut self, change: &Change) {
        if u64::try_from(change.balance.amount).is_err() {
            self.large.insert(change.digest, change.balance.amount);
        }
    }

    pub(super) fn drop_amount(&mut self, row: &Row) {
        self.large.remove(&row.digest);
    }
}

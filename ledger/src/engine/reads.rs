//! Reading the state between entries, and putting it there at the start. Every order is that of ids or of expiry,
//! never that of partitions or tables.

use std::collections::BTreeMap;

use super::convert::number;
use super::engine::Engine;
use super::partition_key::partition_of;
use crate::allowance::{Allowance, WindowUse};
use crate::limits::ALLOWANCE_LEVELS_MAX;
use crate::{Account, AccountId, AllowanceId, Pending, TransferId};

impl Engine {
    /// The account with this id.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<Account> {
        let hash = self.settings.key.hash(id.0);
        let partition = self.partitions.get(partition_of(hash, number(self.partitions.len())))?;
        partition.accounts.account(partition.find(hash, id)?)
    }

    /// All accounts, in the order of their ids. Sorts them first: 32 bytes of memory for each.
    pub fn accounts(&self) -> impl Iterator<Item = Account> {
        let books = self.partitions.iter().map(|partition| &partition.accounts);
        let slots = books.flat_map(|book| book.ids().zip(0..).map(move |(id, slot)| (id, slot, book)));
        let mut sorted: Vec<(AccountId, u32, _)> = slots.collect();
        sorted.sort_unstable_by_key(|(id, ..)| *id);
        sorted.into_iter().filter_map(|(_, slot, book)| book.account(slot))
    }

    /// How many accounts there are.
    #[must_use]
    pub fn account_count(&self) -> usize {
        self.partitions.iter().fold(0, |sum, partition| sum.saturating_add(partition.accounts.len()))
    }

    /// Whether a pending transfer is open.
    #[must_use]
    pub fn is_open(&self, id: TransferId) -> bool {
        self.open(id).is_some()
    }

    /// The open pending transfer with this id.
    #[must_use]
    pub fn open(&self, id: TransferId) -> Option<&Pending> {
        self.pending.open(id)
    }

    /// All open pending transfers, in the order in which they expire.
    pub fn open_pending(&self) -> impl Iterator<Item = &Pending> {
        self.pending.iter()
    }

    /// How many pending transfers are open.
    #[must_use]
    pub fn open_pending_count(&self) -> usize {
        self.pending.len()
    }

    /// When the next pending transfer expires.
    #[must_use]
    pub fn next_expiry(&self) -> Option<u64> {
        self.pending.iter().next().map(|pending| pending.expires_at)
    }

    /// The allowance with this id.
    #[must_use]
    pub fn allowance(&self, id: AllowanceId) -> Option<&Allowance> {
        self.partitions.iter().find_map(|partition| partition.allowances.get(partition.find_allowance(id)?))
    }

    /// All allowances, in the order of their ids.
    pub fn allowances(&self) -> impl Iterator<Item = &Allowance> {
        let mut sorted: Vec<&Allowance> =
            self.partitions.iter().flat_map(|partition| partition.allowances.iter()).collect();
        sorted.sort_unstable_by_key(|allowance| allowance.terms().id);
        sorted.into_iter()
    }

    /// What is used of every window of an allowance at `timestamp`; nothing if there is no such allowance.
    #[must_use]
    pub fn explain(&self, id: AllowanceId, timestamp: u64) -> Vec<WindowUse> {
        self.allowance(id).map_or_else(Vec::new, |allowance| allowance.explain(timestamp).collect())
    }

    /// Whether the ledger is frozen.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// The sequence of the newest entry; zero if there is none.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The timestamp of the newest entry; zero if there is none.
    #[must_use]
    pub const fn timestamp(&self) -> u64 {
        self.timestamp
    }

    /// The memory that accounts and their index take, in bytes.
    #[must_use]
    pub fn account_memory_bytes(&self) -> usize {
        self.partitions.iter().fold(0, |sum, partition| sum.saturating_add(partition.memory_bytes()))
    }

    /// Begins behind this entry: for a ledger that begins with a snapshot.
    pub const fn resume(&mut self, sequence: u64, timestamp: u64, frozen: bool) {
        (self.sequence, self.timestamp, self.frozen) = (sequence, timestamp, frozen);
    }

    /// Puts an account there as it is; one that is there already stays.
    pub fn load_account(&mut self, account: &Account) {
        if self.account(account.id).is_none() {
            self.insert_account(account);
        }
    }

    /// Puts an open pending transfer there; the totals of its accounts hold it already.
    pub fn load_pending(&mut self, pending: Pending) {
        if !self.is_open(pending.id) {
            self.pending.insert(pending);
        }
    }

    /// Puts an allowance there, after the one above it.
    pub fn load_allowance(&mut self, allowance: Allowance) {
        if self.allowance(allowance.terms().id).is_none() {
            self.insert_allowance(allowance);
        }
    }

    /// Puts allowances there, in whatever order they come.
    pub fn load_allowances(&mut self, mut allowances: Vec<Allowance>) {
        let above = |one: &Allowance| (one.terms().id, one.terms().parent);
        let parents: BTreeMap<AllowanceId, AllowanceId> = allowances.iter().map(above).collect();
        let parent = |id: &AllowanceId| parents.get(id).copied();
        let level = |one: &Allowance| {
            let up = std::iter::successors(Some(one.terms().id), parent);
            up.take(ALLOWANCE_LEVELS_MAX).take_while(|id| !id.is_none()).count()
        };
        allowances.sort_by_cached_key(level);
        allowances.into_iter().for_each(|one| self.load_allowance(one));
    }
}

//! One partition: its accounts with their allowances, and the desk on which it works through a run.
//!
//! Only the thread that holds a partition reads or changes it, so nothing here is shared or locked.

use super::account_book::{AccountBefore, AccountBook};
use super::allowance_book::AllowanceBook;
use super::allowance_use::AllowanceUse;
use super::desk::Desk;
use super::finding::Finding;
use super::halves::SideChange;
use super::leg::{Leg, LegDetail, Side};
use super::partition_key::PartitionKey;
use super::run::Run;
use super::slot_index::SlotIndex;
use crate::allowance::{Allowance, Restore};
use crate::{Account, AccountId, AllowanceId, Pending, Position, TransferStatus as Status};

/// A total from which on an account could come near the end of its range. An entry moves less than 2^76 and there
/// are fewer than 2^44 entries, so an account that began below never needs its sums checked.
const VAST: u128 = 1 << 124;

/// The accounts of one range of the keyed hash.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) key: PartitionKey,
    /// Its number and how many there are.
    pub(super) number: usize,
    pub(super) partitions: u32,
    index: SlotIndex,
    pub(super) accounts: AccountBook,
    pub(super) allowances: AllowanceBook,
    /// Whether an account was loaded with totals so high that sums could overflow.
    pub(super) has_vast: bool,
    pub(super) desk: Desk,
}

impl Partition {
    pub(super) fn new(key: PartitionKey, number: usize, partitions: u32) -> Self {
        Self {
            key,
            number,
            partitions,
            index: SlotIndex::default(),
            accounts: AccountBook::default(),
            allowances: AllowanceBook::default(),
            has_vast: false,
            desk: Desk::default(),
        }
    }

    /// Begins an entry.
    pub(super) fn begin(&mut self, timestamp: u64) {
        self.allowances.begin(timestamp);
    }

    #[inline]
    pub(super) fn find(&self, hash: u64, id: AccountId) -> Option<u32> {
        self.index.find(hash, |slot| self.holds(slot, id))
    }

    /// The slot that probably is that of the account with this hash; reads no row.
    #[inline]
    pub(super) fn candidate(&self, hash: u64) -> Option<u32> {
        self.index.candidate(hash)
    }

    /// Whether the account in a slot is this one.
    #[inline]
    pub(super) fn holds(&self, slot: u32, id: AccountId) -> bool {
        self.accounts.get(slot).is_some_and(|row| row.id == id)
    }

    /// Adds an account that is not there.
    pub(super) fn insert(&mut self, hash: u64, account: &Account) {
        self.has_vast |= is_vast(account);
        let slot = self.accounts.push(account);
        self.index.insert(hash, slot);
    }

    /// Adds an allowance of one of its accounts that is not there.
    pub(super) fn insert_allowance(&mut self, allowance: Allowance) {
        let parent = self.find_allowance(allowance.terms().parent);
        let hash = self.key.hash(allowance.terms().id.0);
        self.allowances.insert(hash, allowance, parent);
    }

    pub(super) fn find_allowance(&self, id: AllowanceId) -> Option<u32> {
        if id.is_none() { None } else { self.allowances.find(self.key.hash(id.0), id) }
    }

    /// What one side of a leg does to the allowance it names, and where that is. Nothing if it is none of the account.
    pub(super) fn allowance_use(
        &self,
        leg: &Leg,
        detail: &LegDetail,
        (side, slot): (Side, u32),
    ) -> Option<(u32, AllowanceUse)> {
        let usage = AllowanceUse::of(leg, detail, side)?;
        let lowest = self.find_allowance(detail.allowance)?;
        let account = self.accounts.get(slot)?.id;
        self.allowances.is_of(lowest, account).then_some((lowest, usage))
    }

    /// Releases what an expired pending transfer reserved at one account, and gives back to the payer's allowances.
    /// The expiry stands at `position`; the statement entry before it is the result.
    pub(super) fn release(
        &mut self,
        (side, slot): (Side, u32),
        (pending, position): (&Pending, Position),
    ) -> Position {
        let allowance = self.find_allowance(pending.allowance_id).filter(|_| side == Side::Debit);
        if let Some(lowest) = allowance {
            let (end, amount, taken_at) = (Restore::Expiry, pending.amount, pending.timestamp);
            self.allowances.apply(lowest, AllowanceUse::GiveBack { end, amount, taken_at });
        }
        self.accounts.change(slot, (side, SideChange::release(pending.amount)), position)
    }

    /// Executes one side of a leg with all it does to allowances, and gives the account's statement entry before.
    #[inline]
    pub(super) fn execute(&mut self, run: &Run, number: u32, at: (Side, u32)) -> Position {
        let Some(leg) = run.leg(number) else { return Position::NONE };
        self.execute_leg(leg, run.detail(leg), at, run.position(number))
    }

    /// Executes one side of a leg that stands at `position`.
    #[inline]
    pub(super) fn execute_leg(
        &mut self,
        leg: &Leg,
        detail: Option<&LegDetail>,
        (side, slot): (Side, u32),
        position: Position,
    ) -> Position {
        let usage = detail.and_then(|detail| self.allowance_use(leg, detail, (side, slot)));
        if let Some((lowest, usage)) = usage {
            self.allowances.apply(lowest, usage);
        }
        self.accounts.change(slot, (side, SideChange::of(leg)), position)
    }

    /// What [`Partition::execute`] would change, as it is now.
    pub(super) fn before(&self, run: &Run, number: u32, (side, slot): (Side, u32)) -> Option<Before> {
        let leg = run.leg(number)?;
        let usage = run.detail(leg).and_then(|detail| self.allowance_use(leg, detail, (side, slot)));
        let allowances = usage.map_or_else(Vec::new, |(lowest, _)| self.allowances.before(lowest));
        Some(Before { account: self.accounts.before(slot)?, allowances })
    }

    /// Puts back what was. Several are put back newest first.
    pub(super) fn restore(&mut self, before: Before) {
        self.accounts.put_back(before.account);
        self.allowances.restore(before.allowances);
    }

    /// Codes 76, 77 and 80 to 82 of one side of a leg, in the state as it is now.
    pub(super) fn judge(&self, run: &Run, number: u32, (side, slot): (Side, u32)) -> Option<Finding> {
        let leg = run.leg(number).filter(|leg| leg.kind.is_movement())?;
        let detail = run.detail(leg);
        let window = detail.and_then(|detail| self.judge_windows(number, leg, detail, (side, slot)));
        window.or_else(|| self.accounts.judge_balance(number, leg, (side, slot))).or_else(|| {
            let overflows = self.has_vast && self.accounts.overflows(leg.amount, (side, slot));
            overflows.then_some(Finding::new(number, Status::TotalOverflow))
        })
    }

    fn judge_windows(&self, number: u32, leg: &Leg, detail: &LegDetail, at: (Side, u32)) -> Option<Finding> {
        match self.allowance_use(leg, detail, at)? {
            (lowest, AllowanceUse::Take(amount)) => self.allowances.exceeded(number, lowest, amount),
            _ => None,
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.accounts.memory_bytes().saturating_add(self.index.memory_bytes())
    }
}

/// What one side of a leg of a chain changes, as it was.
#[derive(Debug)]
pub(super) struct Before {
    account: AccountBefore,
    allowances: Vec<(u32, Allowance)>,
}

/// Whether the sum of two totals may come to its end, so that every transfer has to be checked for it.
const fn is_vast(account: &Account) -> bool {
    let posted = account.debits_posted | account.credits_posted;
    posted | account.debits_pending | account.credits_pending >= VAST
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use crate::engine::{Engine, EngineSettings, KnownIds, PartitionKey};
    use crate::{Account, AccountFlags, AccountId, Asset, Position, Request, Transfer, TransferId, id};

    const KEY: [u8; 16] = *b"sixteen bytes...";
    const TIME: u64 = 1_770_000_000_000_000;

    /// Two ids that the index cannot tell apart by what it keeps of their hashes.
    fn alike() -> [u128; 2] {
        let key = PartitionKey::new(KEY);
        let ids =
            (0_u32..400_000).map(|number| id::derived("ledger partition test", &[&number.to_le_bytes()]));
        let mut seen = HashMap::new();
        ids.into_iter()
            .find_map(|id| seen.insert(key.hash(id) & u64::from(u32::MAX), id).map(|other| [other, id]))
            .unwrap()
    }

    #[test]
    fn accounts_whose_hashes_are_alike_are_told_apart() {
        let key = PartitionKey::new(KEY);
        let [one, other] = alike();
        for settings in [
            EngineSettings::sequential(key),
            EngineSettings { partitioned_min: 0, ..EngineSettings::partitioned(1, key) },
        ] {
            let mut engine = Engine::new(settings).unwrap();
            for id in [one, other] {
                engine.load_account(&Account {
                    id: AccountId(id),
                    debits_pending: 0,
                    debits_posted: 0,
                    credits_pending: 0,
                    credits_posted: 5,
                    reference: [0; 16],
                    last_position: Position::NONE,
                    timestamp: 1,
                    asset: Asset::USDB,
                    code: 1,
                    flags: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
                });
            }
            let transfer = Transfer {
                id: TransferId(id::derived("ledger partition test", &[b"transfer"])),
                debit_account: AccountId(other),
                credit_account: AccountId(one),
                amount: 3,
                asset: Asset::USDB,
                code: 1,
                ..Transfer::default()
            };
            let requests = Arc::from([Request::Transfers(vec![transfer])]);
            engine.execute(TIME, &requests, &KnownIds::none()).unwrap();
            assert_eq!(engine.account(AccountId(one)).unwrap().credits_posted, 8);
            assert_eq!(engine.account(AccountId(other)).unwrap().debits_posted, 3);
        }
    }
}

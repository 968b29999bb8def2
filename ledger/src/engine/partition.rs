//! One partition: its accounts with their allowances, and the desk on which it works through a run.
//!
//! Only the thread that holds a partition reads or changes it, so nothing here is shared or locked.

use super::account_row::AccountRow;
use super::allowance_book::AllowanceBook;
use super::allowance_use::AllowanceUse;
use super::desk::Desk;
use super::finding::Finding;
use super::leg::{Leg, LegDetail, Side};
use super::partition_key::PartitionKey;
use super::rows::Rows;
use super::run::Run;
use super::slot_index::SlotIndex;
use crate::allowance::{Allowance, Restore};
use crate::{Account, AccountId, AllowanceId, Bound, Pending, Position, TransferStatus as Status};

/// The accounts of one range of the keyed hash.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) key: PartitionKey,
    /// Its number and how many there are.
    pub(super) number: usize,
    pub(super) partitions: u32,
    index: SlotIndex,
    pub(super) rows: Rows<AccountRow>,
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
            rows: Rows::default(),
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
        self.index.find(hash, |slot| self.rows.get(slot).is_some_and(|row| row.id == id))
    }

    /// The slot that probably is that of the account with this hash; reads no row.
    #[inline]
    pub(super) fn candidate(&self, hash: u64) -> Option<u32> {
        self.index.candidate(hash)
    }

    /// Whether the account in a slot is this one.
    #[inline]
    pub(super) fn holds(&self, slot: u32, id: AccountId) -> bool {
        self.rows.get(slot).is_some_and(|row| row.id == id)
    }

    /// Adds an account that is not there.
    pub(super) fn insert(&mut self, hash: u64, account: &Account) {
        let row = AccountRow::new(account);
        self.has_vast |= row.is_vast();
        let slot = self.rows.push(row);
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
        let account = self.rows.get(slot)?.id;
        self.allowances.is_of(lowest, account).then_some((lowest, usage))
    }

    /// Changes the totals of an account, and gives its statement entry before.
    #[inline]
    fn apply(&mut self, leg: &Leg, side: Side, slot: u32, position: Position) -> Position {
        self.change(slot, position, |row| row.apply(leg, side))
    }

    /// Changes an account by what stands at `position`, and gives its statement entry before.
    #[inline]
    fn change(&mut self, slot: u32, position: Position, change: impl FnOnce(&mut AccountRow)) -> Position {
        let Some(row) = self.rows.get_mut(slot) else { return Position::NONE };
        change(row);
        std::mem::replace(&mut row.last_position, position)
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
        self.change(slot, position, |row| row.release(side, pending.amount))
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
        self.apply(leg, side, slot, position)
    }

    /// What [`Partition::execute`] would change, as it is now.
    pub(super) fn before(&self, run: &Run, number: u32, (side, slot): (Side, u32)) -> Option<Before> {
        let leg = run.leg(number)?;
        let usage = run.detail(leg).and_then(|detail| self.allowance_use(leg, detail, (side, slot)));
        let allowances = usage.map_or_else(Vec::new, |(lowest, _)| self.allowances.before(lowest));
        Some(Before { slot, row: *self.rows.get(slot)?, dirty: self.rows.is_dirty(slot), allowances })
    }

    /// Puts back what was. Several are put back newest first.
    pub(super) fn restore(&mut self, before: Before) {
        self.rows.put_back(before.slot, before.row, before.dirty);
        self.allowances.restore(before.allowances);
    }

    /// Codes 76, 77 and 80 to 82 of one side of a leg, in the state as it is now.
    pub(super) fn judge(&self, run: &Run, number: u32, (side, slot): (Side, u32)) -> Option<Finding> {
        let leg = run.leg(number).filter(|leg| leg.kind.is_movement())?;
        let row = self.rows.get(slot)?;
        let detail = run.detail(leg);
        let window = detail.and_then(|detail| self.judge_windows(number, leg, detail, (side, slot)));
        window.or_else(|| row.judge_balance(number, leg, side)).or_else(|| {
            let overflows = self.has_vast && row.overflows(leg.amount, side);
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
        self.rows.memory_bytes().saturating_add(self.index.memory_bytes())
    }
}

/// What one side of a leg of a chain changes, as it was.
#[derive(Debug)]
pub(super) struct Before {
    slot: u32,
    row: AccountRow,
    dirty: bool,
    allowances: Vec<(u32, Allowance)>,
}

impl AccountRow {
    /// Codes 80 and 81.
    #[inline]
    fn judge_balance(&self, number: u32, leg: &Leg, side: Side) -> Option<Finding> {
        if !self.limits(side) {
            return None;
        }
        let amount = u128::from(leg.amount);
        let (giving, status) = match side {
            Side::Debit => (Side::Credit, Status::DebitsWouldExceedCredits),
            Side::Credit => (Side::Debit, Status::CreditsWouldExceedDebits),
        };
        let ((posted, pending), (given, _)) = (self.totals(side), self.totals(giving));
        let headroom = given.saturating_sub(posted.saturating_add(pending));
        if amount <= headroom {
            return None;
        }
        let shown = |value: u128| i128::try_from(value).unwrap_or(i128::MAX);
        Some(Finding::beyond(number, status, Bound::of_account(shown(amount), shown(headroom))))
    }

    /// Code 82: whether the sum of both totals of a side would not fit.
    fn overflows(&self, amount: u64, side: Side) -> bool {
        let (posted, pending) = self.totals(side);
        pending.checked_add(posted).and_then(|total| total.checked_add(u128::from(amount))).is_none()
    }
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

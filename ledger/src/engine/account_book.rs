//! The accounts of one partition by dense slots: what transfers change in rows of one cache line, and apart from them
//! what never changes and the high halves of totals that have any.
//!
//! Invariant: a slot holds the same as the account that was put there, with every change since. Rows and details have
//! the same slots.

use std::collections::BTreeMap;

use super::account_detail::AccountDetail;
use super::account_row::AccountRow;
use super::captured_part::CapturedAccount;
use super::finding::Finding;
use super::halves::{Halves, SideChange};
use super::leg::{Leg, Side};
use super::pages::Pages;
use super::row_capture::Wanted;
use super::rows::Rows;
use crate::{Account, AccountFlags, AccountId, Bound, Position, TransferStatus as Status};

/// Accounts by slots.
#[derive(Debug, Default)]
pub(super) struct AccountBook {
    rows: Rows<AccountRow>,
    details: Pages<AccountDetail>,
    /// Of wide rows.
    high: BTreeMap<u32, Halves>,
    /// The same as it was when the capture that is on began.
    captured_high: BTreeMap<u32, Halves>,
}

/// An account as it was, to be put back.
#[derive(Debug)]
pub(super) struct AccountBefore {
    slot: u32,
    row: AccountRow,
    high: Option<Halves>,
    dirty: bool,
}

impl AccountBook {
    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&AccountRow> {
        self.rows.get(slot)
    }

    /// The whole account.
    pub(super) fn account(&self, slot: u32) -> Option<Account> {
        Some(whole(self.rows.get(slot)?, *self.details.get(slot)?, self.high.get(&slot)))
    }

    /// The ids of all accounts, in the order of their slots.
    pub(super) fn ids(&self) -> impl Iterator<Item = AccountId> {
        self.rows.iter().map(|row| row.id)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds an account and says where it lies.
    pub(super) fn push(&mut self, account: &Account) -> u32 {
        let (low, high) = Halves::of(account);
        let slot = self.rows.push(AccountRow::new(account, low));
        self.details.push(AccountDetail::of(account));
        self.set_high(slot, high);
        slot
    }

    /// Remembers the cell of an account.
    #[inline]
    pub(super) fn set_mark(&mut self, slot: u32, mark: u32) {
        if let Some(row) = self.rows.get_unnoticed(slot) {
            row.mark = mark;
        }
    }

    /// Changes what an account may do.
    pub(super) fn set_flags(&mut self, slot: u32, flags: AccountFlags) {
        if let Some(row) = self.rows.get_mut(slot) {
            row.set_flags(flags);
        }
    }

    /// Changes one side of an account by what stands at `position`, and gives its statement entry before.
    #[inline]
    pub(super) fn change(
        &mut self,
        slot: u32,
        (side, change): (Side, SideChange),
        position: Position,
    ) -> Position {
        let Some(row) = self.rows.get_mut(slot) else { return Position::NONE };
        let previous = std::mem::replace(&mut row.last_position, position);
        if !row.low.change(side, change) {
            self.change_wide(slot, side, change);
        }
        previous
    }

    #[cold]
    fn change_wide(&mut self, slot: u32, side: Side, change: SideChange) {
        let mut high = self.high.get(&slot).copied().unwrap_or_default();
        if let Some(row) = self.rows.get_mut(slot) {
            row.low.change_wide(&mut high, side, change);
        }
        self.set_high(slot, high);
    }

    fn set_high(&mut self, slot: u32, high: Halves) {
        let wide = high != Halves::default();
        if wide {
            self.high.insert(slot, high);
        } else {
            self.high.remove(&slot);
        }
        if let Some(row) = self.rows.get_unnoticed(slot) {
            row.set_wide(wide);
        }
    }

    /// What is posted and pending on a side.
    #[inline]
    fn totals(&self, slot: u32, row: &AccountRow, side: Side) -> (u128, u128) {
        if row.is_wide() { self.wide_totals(slot, row, side) } else { row.low.narrow_totals(side) }
    }

    #[cold]
    fn wide_totals(&self, slot: u32, row: &AccountRow, side: Side) -> (u128, u128) {
        row.low.totals(&self.high.get(&slot).copied().unwrap_or_default(), side)
    }

    /// What may still be taken by debits or credits, whichever is limited; below zero if more is taken than there
    /// is. Only for accounts that are not vast, whose totals fit with room to spare.
    pub(super) fn headroom(&self, slot: u32) -> i128 {
        let Some(row) = self.rows.get(slot) else { return 0 };
        let signed = |total: u128| i128::try_from(total).unwrap_or(i128::MAX);
        let credits_limited = row.limits(Side::Credit);
        let (taking, giving) =
            if credits_limited { (Side::Credit, Side::Debit) } else { (Side::Debit, Side::Credit) };
        let ((posted, pending), (given, _)) =
            (self.totals(slot, row, taking), self.totals(slot, row, giving));
        signed(given).saturating_sub(signed(posted)).saturating_sub(signed(pending))
    }

    /// Codes 80 and 81 of one side of a leg.
    #[inline]
    pub(super) fn judge_balance(&self, number: u32, leg: &Leg, (side, slot): (Side, u32)) -> Option<Finding> {
        let row = self.rows.get(slot).filter(|row| row.limits(side))?;
        let amount = u128::from(leg.amount);
        let (giving, status) = match side {
            Side::Debit => (Side::Credit, Status::DebitsWouldExceedCredits),
            Side::Credit => (Side::Debit, Status::CreditsWouldExceedDebits),
        };
        let ((posted, pending), (given, _)) = (self.totals(slot, row, side), self.totals(slot, row, giving));
        let headroom = given.saturating_sub(posted.saturating_add(pending));
        if amount <= headroom {
            return None;
        }
        let shown = |value: u128| i128::try_from(value).unwrap_or(i128::MAX);
        Some(Finding::beyond(number, status, Bound::of_account(shown(amount), shown(headroom))))
    }

    /// Code 82: whether the sum of both totals of a side would not fit.
    pub(super) fn overflows(&self, amount: u64, (side, slot): (Side, u32)) -> bool {
        let Some(row) = self.rows.get(slot) else { return false };
        let (posted, pending) = self.totals(slot, row, side);
        pending.checked_add(posted).and_then(|total| total.checked_add(u128::from(amount))).is_none()
    }

    /// An account as it is now.
    pub(super) fn before(&self, slot: u32) -> Option<AccountBefore> {
        let row = *self.rows.get(slot)?;
        let high = if row.is_wide() { self.high.get(&slot).copied() } else { None };
        Some(AccountBefore { slot, row, high, dirty: self.rows.is_dirty(slot) })
    }

    /// Puts an account back as it was.
    pub(super) fn put_back(&mut self, before: AccountBefore) {
        let is_wide = self.rows.get(before.slot).is_some_and(AccountRow::is_wide);
        self.rows.put_back(before.slot, before.row, before.dirty);
        if is_wide || before.high.is_some() {
            self.set_high(before.slot, before.high.unwrap_or_default());
        }
    }

    /// How many accounts are dirty.
    pub(super) fn dirty_len(&self) -> usize {
        self.rows.dirty_len()
    }

    /// Captures accounts as they are now. From here on none is dirty.
    pub(super) fn begin_capture(&mut self, wanted: Wanted) {
        self.rows.begin_capture(wanted);
        self.captured_high.clone_from(&self.high);
    }

    /// Hands out captured ones. Says whether none is left.
    pub(super) fn capture_some(&mut self, budget: &mut usize, accounts: &mut Vec<CapturedAccount>) -> bool {
        let Self { rows, details, captured_high, .. } = self;
        rows.capture_some(budget, |captured| {
            let (dirty, created) = (captured.dirty, captured.created);
            let high = captured_high.get(&captured.slot);
            let account = details.get(captured.slot).map(|detail| whole(&captured.row, *detail, high));
            accounts.extend(account.map(|account| CapturedAccount { account, dirty, created }));
        })
    }

    pub(super) fn end_capture(&mut self) {
        self.rows.end_capture();
        self.captured_high.clear();
    }

    /// Ends a capture as if it had never begun.
    pub(super) fn abandon_capture(&mut self) {
        self.rows.abandon_capture();
        self.captured_high.clear();
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let high = self.high.len().saturating_mul(size_of::<(u32, Halves)>());
        self.rows.memory_bytes().saturating_add(self.details.memory_bytes()).saturating_add(high)
    }
}

/// An account from its parts.
fn whole(row: &AccountRow, detail: AccountDetail, high: Option<&Halves>) -> Account {
    let high = high.copied().unwrap_or_default();
    let (debits_posted, debits_pending) = row.low.totals(&high, Side::Debit);
    let (credits_posted, credits_pending) = row.low.totals(&high, Side::Credit);
    Account {
        id: row.id,
        debits_pending,
        debits_posted,
        credits_pending,
        credits_posted,
        reference: detail.reference,
        last_position: row.last_position,
        timestamp: detail.timestamp,
        asset: row.asset,
        code: detail.code,
        flags: row.flags(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::AccountBook;
    use crate::engine::halves::SideChange;
    use crate::engine::leg::{Leg, LegKind, Side};
    use crate::engine::row_capture::Wanted;
    use crate::{Account, AccountFlags, AccountId, Asset, Position};

    fn account() -> Account {
        Account {
            id: AccountId(9),
            debits_pending: 1,
            debits_posted: 2,
            credits_pending: 3,
            credits_posted: 10,
            reference: [7; 16],
            last_position: Position::new(4, 5).unwrap(),
            timestamp: 6,
            asset: Asset::BTC,
            code: 8,
            flags: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        }
    }

    fn book(account: &Account) -> AccountBook {
        let mut book = AccountBook::default();
        assert_eq!(book.push(account), 0);
        book
    }

    #[test]
    fn an_account_comes_back_with_wide_totals_too() {
        let high = 1 << 64;
        let wide = [
            Account { debits_pending: high, ..account() },
            Account { debits_posted: high + 5, ..account() },
            Account { credits_pending: 3 * high, ..account() },
            Account { credits_posted: u128::MAX, ..account() },
        ];
        for account in wide.into_iter().chain([account()]) {
            assert_eq!(book(&account).account(0), Some(account));
        }
    }

    #[test]
    fn headroom_is_that_of_the_limited_side_and_may_be_below_zero() {
        let mut book = book(&account());
        assert_eq!(book.headroom(0), 7);
        book.set_flags(0, AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS);
        assert_eq!(book.headroom(0), -11);
    }

    #[test]
    fn a_capture_has_the_high_halves_of_its_moment() {
        let half = 1 << 63;
        let mut book = book(&Account { credits_posted: half, ..account() });
        let pays = |book: &mut AccountBook| {
            let leg = Leg { kind: LegKind::Move, amount: u64::MAX >> 1, ..Leg::EMPTY };
            book.change(0, (Side::Credit, SideChange::of(&leg)), Position::new(5, 0).unwrap());
        };
        [(); 3].iter().for_each(|()| pays(&mut book));
        let then = book.account(0).unwrap();
        assert!(then.credits_posted > u128::from(u64::MAX));
        book.begin_capture(Wanted::All);
        [(); 3].iter().for_each(|()| pays(&mut book));
        let mut captured = Vec::new();
        book.capture_some(&mut 9, &mut captured);
        assert_eq!(captured.iter().map(|one| one.account).collect::<Vec<_>>(), [then]);
    }

    proptest! {
        /// Movements and holds around the end of the low halves, some of them undone.
        #[test]
        fn totals_are_those_of_whole_numbers(
            steps in prop::collection::vec((0_u8..4, any::<bool>(), 0_u64..5, any::<bool>()), 1..40),
        ) {
            let start = u128::from(u64::MAX) - 6;
            let mut expected = Account { debits_posted: start, credits_posted: start, debits_pending: start, ..account() };
            let mut book = book(&expected);
            for (kind, debit, amount, undo) in steps {
                let side = if debit { Side::Debit } else { Side::Credit };
                let pending = if debit { &mut expected.debits_pending } else { &mut expected.credits_pending };
                let (kind, reserved) = match kind {
                    0 => (LegKind::Move, 0),
                    1 => (LegKind::Reserve, 0),
                    2 => (LegKind::Post, amount),
                    _ => (LegKind::Void, u64::try_from(*pending).unwrap_or(u64::MAX)),
                };
                if u128::from(reserved) > *pending {
                    continue;
                }
                let before = book.before(0).unwrap();
                let leg = Leg { kind, amount, reserved, ..Leg::EMPTY };
                book.change(0, (side, SideChange::of(&leg)), expected.last_position);
                if undo {
                    book.put_back(before);
                } else {
                    *pending -= u128::from(reserved);
                    *pending += if kind == LegKind::Reserve { amount.into() } else { 0 };
                    let posted = if debit { &mut expected.debits_posted } else { &mut expected.credits_posted };
                    *posted += if matches!(kind, LegKind::Move | LegKind::Post) { amount.into() } else { 0 };
                }
                prop_assert_eq!(book.account(0), Some(expected));
            }
        }
    }
}

//! An account as the engine holds it: 128 bytes on two cache lines.
//!
//! What crediting an unlimited or well-covered account touches lies on the first line. Invariant: a row holds the
//! same as the account it was made from, and `mark` means nothing by itself: see [`super::cell_book::CellBook`].

use super::convert::NONE;
use super::leg::{Leg, LegKind, Side};
use crate::{Account, AccountFlags, AccountId, Asset, Position};

/// A total from which on an account could come near the end of its range. An entry moves less than 2^76 and there
/// are fewer than 2^44 entries, so an account that began below never needs its sums checked.
const VAST: u128 = 1 << 124;

/// Beside the flags of the account: something is pending. Most accounts have nothing pending most of the time, and then
/// nobody has to look at the second line.
const HOLDS: AccountFlags = AccountFlags::from_bits(1 << 15);

/// The totals of an account, and what it may do.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct AccountRow {
    pub(super) id: AccountId,
    pub(super) debits_posted: u128,
    pub(super) credits_posted: u128,
    pub(super) last_position: Position,
    /// Its cell in this run, if that is its own.
    pub(super) mark: u32,
    flags: AccountFlags,
    pub(super) asset: Asset,
    debits_pending: u128,
    credits_pending: u128,
    reference: [u8; 16],
    timestamp: u64,
    code: u16,
}

impl AccountRow {
    pub(super) fn new(account: &Account) -> Self {
        let holds = if account.has_pending() { HOLDS } else { AccountFlags::NONE };
        Self {
            id: account.id,
            debits_posted: account.debits_posted,
            credits_posted: account.credits_posted,
            last_position: account.last_position,
            mark: NONE,
            flags: account.flags.with(holds),
            asset: account.asset,
            debits_pending: account.debits_pending,
            credits_pending: account.credits_pending,
            reference: account.reference,
            timestamp: account.timestamp,
            code: account.code,
        }
    }

    pub(super) fn account(&self) -> Account {
        Account {
            id: self.id,
            debits_pending: self.debits_pending,
            debits_posted: self.debits_posted,
            credits_pending: self.credits_pending,
            credits_posted: self.credits_posted,
            reference: self.reference,
            last_position: self.last_position,
            timestamp: self.timestamp,
            asset: self.asset,
            code: self.code,
            flags: self.flags.without(HOLDS),
        }
    }

    #[inline]
    pub(super) const fn is(&self, flag: AccountFlags) -> bool {
        self.flags.contains(flag)
    }

    /// Whether one of these flags is set.
    #[inline]
    pub(super) const fn is_any(&self, flags: AccountFlags) -> bool {
        self.flags.intersects(flags)
    }

    /// Changes what the account may do.
    pub(super) const fn set_flags(&mut self, flags: AccountFlags) {
        self.flags = self.flags.intersection(HOLDS).with(flags);
    }

    /// What is posted and pending on a side.
    #[inline]
    pub(super) const fn totals(&self, side: Side) -> (u128, u128) {
        let holds = self.flags.contains(HOLDS);
        match side {
            Side::Debit => (self.debits_posted, if holds { self.debits_pending } else { 0 }),
            Side::Credit => (self.credits_posted, if holds { self.credits_pending } else { 0 }),
        }
    }

    /// Whether the sum of two totals may come to its end, so that every transfer has to be checked for it.
    pub(super) const fn is_vast(&self) -> bool {
        let totals = self.debits_posted | self.credits_posted | self.debits_pending | self.credits_pending;
        totals >= VAST
    }

    /// Whether its limit is one on this side.
    #[inline]
    pub(super) const fn limits(&self, side: Side) -> bool {
        match side {
            Side::Debit => self.is(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS),
            Side::Credit => self.is(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS),
        }
    }

    /// Whether it has a limit.
    #[inline]
    pub(super) const fn is_limited(&self) -> bool {
        self.limits(Side::Debit) || self.limits(Side::Credit)
    }

    /// Executes one side of a leg. The checks have made sure that every sum fits, and what is released was reserved.
    #[inline]
    pub(super) fn apply(&mut self, leg: &Leg, side: Side) {
        let (posted, pending) = self.side_mut(side);
        match leg.kind {
            LegKind::Move | LegKind::Refund => return add(posted, leg.amount),
            LegKind::Reserve => add(pending, leg.amount),
            LegKind::Post => {
                subtract(pending, leg.reserved);
                add(posted, leg.amount);
            }
            LegKind::Void => subtract(pending, leg.reserved),
            LegKind::Refused => {}
        }
        self.look_whether_it_holds();
    }

    /// Releases what an expired pending transfer reserved on one side.
    pub(super) fn release(&mut self, side: Side, amount: u64) {
        let (_, pending) = self.side_mut(side);
        subtract(pending, amount);
        self.look_whether_it_holds();
    }

    fn look_whether_it_holds(&mut self) {
        let holds = self.debits_pending != 0 || self.credits_pending != 0;
        self.flags = if holds { self.flags.with(HOLDS) } else { self.flags.without(HOLDS) };
    }

    /// How one side of a leg changes the headroom: a take is below zero.
    #[inline]
    pub(super) fn headroom_change(&self, leg: &Leg, side: Side) -> i64 {
        let signed = |amount: u64| i64::try_from(amount).unwrap_or(i64::MAX);
        let is_limited_side = self.limits(side);
        match leg.kind {
            LegKind::Move | LegKind::Refund | LegKind::Reserve if is_limited_side => {
                signed(leg.amount).saturating_neg()
            }
            LegKind::Post | LegKind::Void if is_limited_side => signed(leg.released()),
            // What is posted on the other side can be taken; what is pending there cannot.
            LegKind::Move | LegKind::Refund | LegKind::Post => signed(leg.amount),
            LegKind::Reserve | LegKind::Void | LegKind::Refused => 0,
        }
    }

    fn side_mut(&mut self, side: Side) -> (&mut u128, &mut u128) {
        match side {
            Side::Debit => (&mut self.debits_posted, &mut self.debits_pending),
            Side::Credit => (&mut self.credits_posted, &mut self.credits_pending),
        }
    }

    /// What may still be taken by debits or credits, whichever is limited; below zero if more is taken than there
    /// is. Only for accounts that are not vast, whose totals fit with room to spare.
    pub(super) fn headroom(&self) -> i128 {
        let signed = |total: u128| i128::try_from(total).unwrap_or(i128::MAX);
        let credits_limited = self.limits(Side::Credit);
        let (taking, giving) =
            if credits_limited { (Side::Credit, Side::Debit) } else { (Side::Debit, Side::Credit) };
        let ((posted, pending), (given, _)) = (self.totals(taking), self.totals(giving));
        signed(given).saturating_sub(signed(posted)).saturating_sub(signed(pending))
    }
}

#[inline]
fn add(total: &mut u128, amount: u64) {
    *total = total.saturating_add(u128::from(amount));
}

#[inline]
fn subtract(total: &mut u128, amount: u64) {
    *total = total.saturating_sub(u128::from(amount));
}

const _: () = assert!(size_of::<AccountRow>() == 128);

#[cfg(test)]
mod tests {
    use super::AccountRow;
    use crate::{Account, AccountFlags, AccountId, Asset, Position};

    fn account(id: u128) -> Account {
        Account {
            id: AccountId(id),
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

    #[test]
    fn a_row_is_its_account() {
        assert_eq!(AccountRow::new(&account(9)).account(), account(9));
    }

    #[test]
    fn headroom_is_that_of_the_limited_side_and_may_be_below_zero() {
        let mut row = AccountRow::new(&account(9));
        assert_eq!(row.headroom(), 7);
        row.set_flags(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS);
        assert_eq!(row.headroom(), -11);
    }
}

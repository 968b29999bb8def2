//! The four totals of an account in halves of 64 bits, and what changes them.
//!
//! A total of 2^64 minor units is 18 trillion dollars, so nearly every account has low halves only.

use super::convert::{halves, joined};
use super::leg::{Leg, LegKind, Side};
use crate::Account;

/// The low halves, or the high ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Halves {
    debits_posted: u64,
    debits_pending: u64,
    credits_posted: u64,
    credits_pending: u64,
}

impl Halves {
    /// The low and the high ones.
    pub(super) fn of(account: &Account) -> (Self, Self) {
        let (debits_posted, high_debits_posted) = halves(account.debits_posted);
        let (debits_pending, high_debits_pending) = halves(account.debits_pending);
        let (credits_posted, high_credits_posted) = halves(account.credits_posted);
        let (credits_pending, high_credits_pending) = halves(account.credits_pending);
        let high = Self {
            debits_posted: high_debits_posted,
            debits_pending: high_debits_pending,
            credits_posted: high_credits_posted,
            credits_pending: high_credits_pending,
        };
        (Self { debits_posted, debits_pending, credits_posted, credits_pending }, high)
    }

    /// Of what is posted and pending on a side.
    #[inline]
    const fn side(&self, side: Side) -> (u64, u64) {
        match side {
            Side::Debit => (self.debits_posted, self.debits_pending),
            Side::Credit => (self.credits_posted, self.credits_pending),
        }
    }

    #[inline]
    const fn side_mut(&mut self, side: Side) -> (&mut u64, &mut u64) {
        match side {
            Side::Debit => (&mut self.debits_posted, &mut self.debits_pending),
            Side::Credit => (&mut self.credits_posted, &mut self.credits_pending),
        }
    }

    /// What is posted and pending on a side, if the high halves are zero.
    #[inline]
    pub(super) fn narrow_totals(&self, side: Side) -> (u128, u128) {
        let (posted, pending) = self.side(side);
        (u128::from(posted), u128::from(pending))
    }

    /// What is posted and pending on a side.
    pub(super) fn totals(&self, high: &Self, side: Side) -> (u128, u128) {
        let ((posted, pending), (high_posted, high_pending)) = (self.side(side), high.side(side));
        (joined(posted, high_posted), joined(pending, high_pending))
    }

    /// Changes one side if the low halves are enough for that, and says whether they were.
    #[inline]
    pub(super) fn change(&mut self, side: Side, change: SideChange) -> bool {
        let (posted, pending) = self.side_mut(side);
        let new_posted = posted.checked_add(change.posted);
        let new_pending =
            pending.checked_add(change.reserved).and_then(|sum| sum.checked_sub(change.released));
        let (Some(new_posted), Some(new_pending)) = (new_posted, new_pending) else { return false };
        (*posted, *pending) = (new_posted, new_pending);
        true
    }

    /// Changes one side with its high halves. The checks have made sure that every sum fits, and what is released was
    /// reserved.
    pub(super) fn change_wide(&mut self, high: &mut Self, side: Side, change: SideChange) {
        let (posted, pending) = self.totals(high, side);
        let new_posted = posted.saturating_add(change.posted.into());
        let new_pending =
            pending.saturating_add(change.reserved.into()).saturating_sub(change.released.into());
        let ((posted, pending), (high_posted, high_pending)) = (self.side_mut(side), high.side_mut(side));
        (*posted, *high_posted) = halves(new_posted);
        (*pending, *high_pending) = halves(new_pending);
    }
}

/// What something does to one side of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SideChange {
    /// Added to what is posted.
    posted: u64,
    /// Added to what is pending, and taken from it.
    reserved: u64,
    released: u64,
}

impl SideChange {
    const NONE: Self = Self { posted: 0, reserved: 0, released: 0 };

    /// What a leg does to each of its sides.
    #[inline]
    pub(super) const fn of(leg: &Leg) -> Self {
        match leg.kind {
            LegKind::Move | LegKind::Refund => Self { posted: leg.amount, ..Self::NONE },
            LegKind::Reserve => Self { reserved: leg.amount, ..Self::NONE },
            LegKind::Post => Self { posted: leg.amount, released: leg.reserved, ..Self::NONE },
            LegKind::Void => Self::release(leg.reserved),
            LegKind::Refused => Self::NONE,
        }
    }

    /// What the expiry of a pending transfer of this amount does.
    pub(super) const fn release(amount: u64) -> Self {
        Self { released: amount, ..Self::NONE }
    }
}

//! What transfers read and change of an account: 64 bytes on one cache line.
//!
//! Invariant: the totals are their low halves, unless the row is *wide*: then the book has the high halves. `mark` means
//! nothing by itself: see [`super::cell_book::CellBook`].

use super::convert::NONE;
use super::halves::Halves;
use super::leg::{Leg, LegKind, Side};
use crate::{Account, AccountFlags, AccountId, Asset, Position};

/// Beside the flags of the account: a total has a high half.
const WIDE: AccountFlags = AccountFlags::from_bits(1 << 15);

/// The totals of an account, and what it may do.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct AccountRow {
    pub(super) id: AccountId,
    pub(super) low: Halves,
    pub(super) last_position: Position,
    /// Its cell in this run, if that is its own.
    pub(super) mark: u32,
    flags: AccountFlags,
    pub(super) asset: Asset,
}

impl AccountRow {
    /// The row of an account with these low halves.
    pub(super) const fn new(account: &Account, low: Halves) -> Self {
        Self {
            id: account.id,
            low,
            last_position: account.last_position,
            mark: NONE,
            flags: account.flags,
            asset: account.asset,
        }
    }

    /// What the account may do.
    pub(super) const fn flags(&self) -> AccountFlags {
        self.flags.without(WIDE)
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
        self.flags = self.flags.intersection(WIDE).with(flags);
    }

    /// Whether a total has a high half.
    #[inline]
    pub(super) const fn is_wide(&self) -> bool {
        self.flags.contains(WIDE)
    }

    pub(super) const fn set_wide(&mut self, wide: bool) {
        self.flags = if wide { self.flags.with(WIDE) } else { self.flags.without(WIDE) };
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
}

const _: () = assert!(size_of::<AccountRow>() == 64);

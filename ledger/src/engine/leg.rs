//! A transfer of the entry whose id is new, with what steps 1 and 2 learned of it.
//!
//! Everything a leg takes or gives is fixed by its request, or by that of the pending transfer it ends, never by the
//! state. Amounts are minor units.

use super::convert::NONE;
use crate::{
    AccountId, AllowanceId, Asset, Pending, Position, Transfer, TransferFlags, TransferId, TransferStatus,
};

/// What the leg does if it is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LegKind {
    /// Moves the amount.
    Move,
    /// Moves the amount and gives it back to the payee's allowance.
    Refund,
    /// Reserves the amount.
    Reserve,
    /// Moves the amount out of what is reserved.
    Post,
    /// Releases what is reserved.
    Void,
    /// Nothing: it ends a transfer that it cannot end, whatever the state is.
    Refused,
}

impl LegKind {
    /// That of a transfer that ends no pending one.
    #[inline]
    pub(super) const fn of_movement(transfer: &Transfer) -> Self {
        if transfer.is(TransferFlags::PENDING) {
            Self::Reserve
        } else if transfer.is(TransferFlags::RESTORE_ALLOWANCE) {
            Self::Refund
        } else {
            Self::Move
        }
    }

    /// Whether it needs new headroom: it moves what was not reserved before.
    #[inline]
    pub(super) const fn is_movement(self) -> bool {
        matches!(self, Self::Move | Self::Refund | Self::Reserve)
    }

    /// Whether it is a payment under the allowance it names.
    #[inline]
    pub(super) const fn pays(self) -> bool {
        matches!(self, Self::Move | Self::Reserve)
    }

    /// Whether it ends a pending transfer.
    #[inline]
    pub(super) const fn ends_pending(self) -> bool {
        matches!(self, Self::Post | Self::Void | Self::Refused)
    }
}

/// One side of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The payer's.
    Debit,
    /// The payee's.
    Credit,
}

/// A transfer that uses up its id. Its place among the legs of the entry is that among the transfers of the entry's body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    /// Hashes of the accounts.
    pub(super) debit_hash: u64,
    pub(super) credit_hash: u64,
    /// What is moved or reserved; zero for a void.
    pub(super) amount: u64,
    /// What is no longer reserved, for a post or void.
    pub(super) reserved: u64,
    /// Where the transfer stands in the requests.
    pub(super) request: u32,
    pub(super) offset: u32,
    /// The first leg of its unit, and how many there are.
    pub(super) first: u32,
    pub(super) unit_legs: u32,
    /// Its place among the details, if it has any.
    pub(super) detail: u32,
    pub(super) asset: Asset,
    pub(super) kind: LegKind,
    /// Why it is refused whatever the state is, if that follows from the pending transfer it names.
    pub(super) constant: Option<TransferStatus>,
}

impl Leg {
    /// A leg that cannot be executed.
    pub(super) const EMPTY: Self = Self {
        debit_hash: 0,
        credit_hash: 0,
        amount: 0,
        reserved: 0,
        request: 0,
        offset: 0,
        first: 0,
        unit_legs: 1,
        detail: NONE,
        asset: Asset::NONE,
        kind: LegKind::Refused,
        constant: None,
    };

    /// The hash of the account at one side.
    #[inline]
    pub(super) const fn hash(&self, side: Side) -> u64 {
        match side {
            Side::Debit => self.debit_hash,
            Side::Credit => self.credit_hash,
        }
    }

    /// Whether it is a leg of a chain.
    #[inline]
    pub(super) const fn is_linked(&self) -> bool {
        self.unit_legs > 1
    }

    /// What a post or void releases without moving it.
    #[inline]
    pub(super) const fn released(&self) -> u64 {
        self.reserved.saturating_sub(self.amount)
    }
}

/// What few legs have: an allowance, or a pending transfer they end.
#[derive(Debug, Clone, Copy)]
pub(super) struct LegDetail {
    /// The accounts: those of the pending transfer.
    pub(super) debit_account: AccountId,
    pub(super) credit_account: AccountId,
    /// The allowance that is debited, or given back to.
    pub(super) allowance: AllowanceId,
    /// When the pending transfer that is ended was accepted.
    pub(super) taken_at: u64,
    /// The pending transfer that is ended, and where it stands.
    pub(super) pending: TransferId,
    pub(super) ended: Position,
    /// The cell of the pending transfer that is made or ended.
    pub(super) cell: u32,
}

impl LegDetail {
    /// Nothing.
    pub(super) const EMPTY: Self = Self {
        debit_account: AccountId::NONE,
        credit_account: AccountId::NONE,
        allowance: AllowanceId::NONE,
        taken_at: 0,
        pending: TransferId::NONE,
        ended: Position::NONE,
        cell: NONE,
    };

    /// That of a leg that ends a pending transfer.
    pub(super) const fn of(pending: &Pending) -> Self {
        Self {
            debit_account: pending.debit_account,
            credit_account: pending.credit_account,
            allowance: pending.allowance_id,
            taken_at: pending.timestamp,
            pending: pending.id,
            ended: pending.position,
            cell: NONE,
        }
    }
}

/// Whether a unit is accepted, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not known yet.
    Open,
    /// Every take fits.
    Accepted,
    /// A take does not fit, or a fact forbids a leg.
    Refused,
}

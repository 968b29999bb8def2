//! What one position of the journal did, as a row: an accepted transfer, or the release of a pending one.
//!
//! Invariant: the events that name an account, in the order of their positions, lead from zero to its balance. They
//! add to the debits of one account what they add to the credits of the other: what is pending rises by what is
//! reserved and falls by what is released, what is posted rises by what moved. Amounts are minor units.

use super::open_pending::OpenPending;
use crate::{AccountId, Asset, Position, RecordedTransfer, Transfer, TransferFlags, TransferId};

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// An amount moved.
    Transfer,
    /// An amount was reserved.
    Pending,
    /// All or a part of what was reserved moved; all of it is released.
    Post,
    /// What was reserved is released on request.
    Void,
    /// What was reserved is released because its time was over.
    Expiry,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Transfer, Self::Pending, Self::Post, Self::Void, Self::Expiry];

    /// The word for it in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Transfer => "transfer",
            Self::Pending => "pending",
            Self::Post => "post",
            Self::Void => "void",
            Self::Expiry => "expiry",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    const fn of(transfer: &Transfer) -> Self {
        if transfer.is(TransferFlags::PENDING) {
            Self::Pending
        } else if transfer.is(TransferFlags::POST) {
            Self::Post
        } else if transfer.is(TransferFlags::VOID) {
            Self::Void
        } else {
            Self::Transfer
        }
    }
}

/// An accepted transfer or an expiry. It stands on two statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerEvent {
    /// Where it stands.
    pub position: Position,
    /// When its entry was made.
    pub timestamp: u64,
    /// What it is.
    pub kind: EventKind,
    /// Who pays.
    pub debit_account: AccountId,
    /// Who is paid.
    pub credit_account: AccountId,
    /// The transfer; `None` for an expiry, which nobody asked for.
    pub transfer_id: Option<TransferId>,
    /// The pending transfer that ended; `None` if none did.
    pub pending_id: Option<TransferId>,
    /// What moved or, of a pending transfer, what was reserved.
    pub amount: u64,
    /// What was reserved and is no longer, moved or not.
    pub released: u64,
    /// In which asset.
    pub asset: Asset,
    /// What it is for: of a post, a void and an expiry, the code of the pending transfer.
    pub code: u16,
    /// What its sender finds it by: of an expiry, the reference of the pending transfer.
    pub reference: [u8; 16],
}

/// Where and when something stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) position: Position,
    pub(super) timestamp: u64,
}

impl LedgerEvent {
    /// An accepted transfer. If it ends a pending one, that is released whole, however little a post moves.
    pub(super) fn of_transfer(
        recorded: &RecordedTransfer,
        ended: Option<&OpenPending>,
        place: Place,
    ) -> Self {
        let RecordedTransfer { transfer, outcome, .. } = recorded;
        let begun = Self {
            position: place.position,
            timestamp: place.timestamp,
            kind: EventKind::of(transfer),
            debit_account: transfer.debit_account,
            credit_account: transfer.credit_account,
            transfer_id: Some(transfer.id),
            pending_id: None,
            amount: outcome.amount,
            released: 0,
            asset: transfer.asset,
            code: transfer.code,
            reference: transfer.reference,
        };
        match ended {
            None => begun,
            Some(pending) => Self {
                kind: begun.kind,
                transfer_id: begun.transfer_id,
                amount: begun.amount,
                reference: begun.reference,
                ..Self::release(pending, place)
            },
        }
    }

    /// The release of a pending transfer whose time is over.
    pub(super) const fn release(pending: &OpenPending, place: Place) -> Self {
        Self {
            position: place.position,
            timestamp: place.timestamp,
            kind: EventKind::Expiry,
            debit_account: pending.debit_account,
            credit_account: pending.credit_account,
            transfer_id: None,
            pending_id: Some(pending.id),
            amount: 0,
            released: pending.amount,
            asset: pending.asset,
            code: pending.code,
            reference: pending.reference,
        }
    }

    /// What it adds to the pending totals.
    #[must_use]
    pub const fn reserved(&self) -> u64 {
        match self.kind {
            EventKind::Pending => self.amount,
            EventKind::Transfer | EventKind::Post | EventKind::Void | EventKind::Expiry => 0,
        }
    }

    /// What it adds to the posted totals.
    #[must_use]
    pub const fn moved(&self) -> u64 {
        match self.kind {
            EventKind::Transfer | EventKind::Post => self.amount,
            EventKind::Pending | EventKind::Void | EventKind::Expiry => 0,
        }
    }
}

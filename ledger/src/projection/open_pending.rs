//! A pending transfer as long as it is open: what its end has to know, which names it and not much more.

use crate::{AccountId, Asset, Outcome, Position, Transfer, TransferId};

/// A pending transfer that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenPending {
    /// The transfer that reserved.
    pub id: TransferId,
    /// Where it stands.
    pub position: Position,
    /// Who pays.
    pub debit_account: AccountId,
    /// Who is paid.
    pub credit_account: AccountId,
    /// What is reserved, minor units.
    pub amount: u64,
    /// In which asset.
    pub asset: Asset,
    /// What it is for.
    pub code: u16,
    /// What its sender finds it by.
    pub reference: [u8; 16],
}

impl OpenPending {
    /// What an accepted pending transfer leaves open.
    pub(super) const fn of(transfer: &Transfer, outcome: &Outcome, position: Position) -> Self {
        Self {
            id: transfer.id,
            position,
            debit_account: transfer.debit_account,
            credit_account: transfer.credit_account,
            amount: outcome.amount,
            asset: transfer.asset,
            code: transfer.code,
            reference: transfer.reference,
        }
    }
}

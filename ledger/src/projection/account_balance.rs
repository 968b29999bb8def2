//! The four totals of an account, and the statement entry that made them so.

use super::fold_fault::FoldFault;
use super::ledger_event::LedgerEvent;
use crate::handle::StatementSide;
use crate::{AccountId, Position};

/// A balance as a row. Totals are minor units of the account's asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountBalance {
    /// Whose.
    pub account: AccountId,
    /// Debits reserved by pending transfers.
    pub debits_pending: u128,
    /// Debits that are final.
    pub debits_posted: u128,
    /// Credits reserved by pending transfers: not spendable.
    pub credits_pending: u128,
    /// Credits that are final.
    pub credits_posted: u128,
    /// The newest statement entry; none if there is none.
    pub last_position: Position,
}

impl AccountBalance {
    /// The balance of a new account.
    pub(super) const fn zero(account: AccountId) -> Self {
        Self {
            account,
            debits_pending: 0,
            debits_posted: 0,
            credits_pending: 0,
            credits_posted: 0,
            last_position: Position::NONE,
        }
    }

    /// Takes in one side of an event. `previous` is the statement entry that the journal names as the one before:
    /// another one here means that something was left out or taken in twice.
    pub(super) fn take_in(
        &mut self,
        side: StatementSide,
        event: &LedgerEvent,
        previous: Position,
    ) -> Result<(), FoldFault> {
        if self.last_position != previous {
            return Err(FoldFault::StatementBroken(self.account));
        }
        let (pending, posted) = match side {
            StatementSide::Debit => (&mut self.debits_pending, &mut self.debits_posted),
            StatementSide::Credit => (&mut self.credits_pending, &mut self.credits_posted),
        };
        let out_of_range = FoldFault::TotalOutOfRange(self.account);
        let reserved = pending.checked_add(u128::from(event.reserved()));
        let released = u128::from(event.released);
        *pending = reserved.and_then(|total| total.checked_sub(released)).ok_or(out_of_range)?;
        *posted = posted.checked_add(u128::from(event.moved())).ok_or(out_of_range)?;
        self.last_position = event.position;
        Ok(())
    }
}

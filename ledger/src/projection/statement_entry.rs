//! Statement entries: an event as one of its two accounts sees it.

use super::ledger_event::LedgerEvent;
use crate::handle::StatementSide;
use crate::{AccountId, Position};

/// One side of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementEntry {
    /// On which side the account stands.
    pub side: StatementSide,
    /// What happened.
    pub event: LedgerEvent,
}

/// A page of an account's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementEntries {
    /// The statement entries, in the direction asked for.
    pub entries: Vec<StatementEntry>,
    /// Where the next page goes on; none after the last.
    pub next: Option<Position>,
    /// The entry this holds for.
    pub sequence: u64,
}

impl StatementEntry {
    /// Whose statement it stands on.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        match self.side {
            StatementSide::Debit => self.event.debit_account,
            StatementSide::Credit => self.event.credit_account,
        }
    }

    /// The account on the other side.
    #[must_use]
    pub const fn counterparty(&self) -> AccountId {
        match self.side {
            StatementSide::Debit => self.event.credit_account,
            StatementSide::Credit => self.event.debit_account,
        }
    }
}

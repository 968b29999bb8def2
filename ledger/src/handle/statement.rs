//! Statements: what moved an account's totals, one line for each statement entry.

use crate::{AccountId, Outcome, Position, Transfer, TransferId};

/// Lines of one page.
pub const STATEMENT_LINES_MAX: u32 = 1_000;

/// From which end a statement is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// The newest statement entry first.
    #[default]
    NewestFirst,
    /// The oldest one in the range first.
    OldestFirst,
}

/// Which statement entries are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementQuery {
    /// Whose.
    pub account: AccountId,
    /// Only entries made at or after this time.
    pub from: u64,
    /// Only entries made before this time.
    pub until: u64,
    /// Which end comes first.
    pub direction: Direction,
    /// Go on behind this line, as [`StatementPage::next`] said; none for the first page.
    pub after: Position,
    /// Lines at most; more than [`STATEMENT_LINES_MAX`] is that.
    pub limit: u32,
}

impl StatementQuery {
    /// The newest lines of an account.
    #[must_use]
    pub const fn newest(account: AccountId, limit: u32) -> Self {
        let (from, until) = (0, u64::MAX);
        Self { account, from, until, direction: Direction::NewestFirst, after: Position::NONE, limit }
    }
}

/// On which side of the transfer an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementSide {
    /// It pays.
    Debit,
    /// It is paid.
    Credit,
}

/// One statement entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementLine {
    /// Where it stands.
    pub position: Position,
    /// When its entry was made.
    pub timestamp: u64,
    /// On which side the account stands.
    pub side: StatementSide,
    /// The account on the other side.
    pub counterparty: AccountId,
    /// What happened.
    pub event: StatementEvent,
}

/// What moved an account's totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementEvent {
    /// A transfer that was executed: plain, pending, post or void.
    Transfer {
        /// The request.
        transfer: Transfer,
        /// What became of it.
        outcome: Outcome,
        /// What was reserved, if it ended a pending transfer.
        reserved: u64,
    },
    /// A pending transfer whose time was over.
    Expiry {
        /// Which one.
        pending_id: TransferId,
        /// What was reserved.
        reserved: u64,
    },
}

/// A page of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementPage {
    /// The lines, in the direction asked for. A page may have none although more follow: looking is bounded, too.
    pub lines: Vec<StatementLine>,
    /// Where the next page goes on; none after the last.
    pub next: Option<Position>,
    /// The entry this holds for.
    pub sequence: u64,
}

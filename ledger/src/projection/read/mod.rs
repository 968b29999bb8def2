//! Reading the projection. Every answer names the entry it holds for, and shows all of the ledger up to that entry and
//! nothing of what came later.
//!
//! What is read here may be behind the ledger: whoever must not miss an entry compares the sequence, or asks the
//! ledger itself.

mod store;

use ::store::Store;

use super::ledger_event::LedgerEvent;
use super::limits::{ACCOUNTS_MAX, PAGE_ROWS_MAX};
use super::projection_error::ProjectionError;
use super::reached::Reached;
use super::statement_entry::{StatementEntries, StatementEntry};
use super::store::reached as reached_in;
use crate::handle::{Direction, StatementQuery};
use crate::{Account, AccountId, Position};
use store::StatementRange;

pub use store::ALL as STATEMENTS;

/// Accounts as they were after an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectedAccounts {
    /// The accounts, in the order they were asked for; `None` for one that is not there.
    pub accounts: Vec<Option<Account>>,
    /// The entry.
    pub sequence: u64,
}

/// Events in the order of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEvents {
    /// The events.
    pub events: Vec<LedgerEvent>,
    /// The entry this holds for.
    pub sequence: u64,
}

/// How far the projection has got.
///
/// # Errors
/// [`ProjectionError::Store`].
pub async fn reached(store: &Store) -> Result<Reached, ProjectionError> {
    let mut snapshot = store.snapshot().await?;
    Ok(reached_in(snapshot.engine()).await?)
}

/// Accounts with their balances.
///
/// # Errors
/// [`ProjectionError::TooMany`] for more than [`ACCOUNTS_MAX`], or [`ProjectionError::Store`].
pub async fn accounts(store: &Store, ids: &[AccountId]) -> Result<ProjectedAccounts, ProjectionError> {
    if ids.len() > ACCOUNTS_MAX {
        return Err(ProjectionError::TooMany { count: ids.len(), most: ACCOUNTS_MAX });
    }
    let mut snapshot = store.snapshot().await?;
    let sequence = reached_in(snapshot.engine()).await?.sequence;
    let found = store::accounts(snapshot.engine(), ids).await?;
    Ok(ProjectedAccounts { accounts: ids.iter().map(|id| found.get(id).copied()).collect(), sequence })
}

/// A page of an account's statement, of at most [`PAGE_ROWS_MAX`] statement entries.
///
/// # Errors
/// [`ProjectionError::Store`].
pub async fn statement(store: &Store, query: &StatementQuery) -> Result<StatementEntries, ProjectionError> {
    let limit = query.limit.min(PAGE_ROWS_MAX);
    let mut snapshot = store.snapshot().await?;
    let sequence = reached_in(snapshot.engine()).await?.sequence;
    // Times never go back in the order of entries, so a range of times is a range of positions.
    let from = store::first_since(snapshot.engine(), query.from).await?;
    let until = store::first_since(snapshot.engine(), query.until).await?;
    let range = [from, until].map(|first| first.map_or(u64::MAX, start_of));
    // One more than asked for says whether more follow.
    let range = behind_cursor(query, range, limit.saturating_add(1));
    let mut entries = store::statement(snapshot.engine(), &range).await?;
    let next = cut(&mut entries, limit);
    Ok(StatementEntries { entries, next, sequence })
}

/// Events behind a position, at most [`PAGE_ROWS_MAX`]. An expiry or a transfer that was accepted is one event;
/// changes of accounts and allowances are none.
///
/// # Errors
/// [`ProjectionError::Store`].
pub async fn events(store: &Store, after: Position, limit: u32) -> Result<LedgerEvents, ProjectionError> {
    let mut snapshot = store.snapshot().await?;
    let sequence = reached_in(snapshot.engine()).await?.sequence;
    let events = store::events(snapshot.engine(), after, limit.min(PAGE_ROWS_MAX)).await?;
    Ok(LedgerEvents { events, sequence })
}

/// The first position of an entry, as a number.
fn start_of(sequence: u64) -> u64 {
    Position::new(sequence, 0).map_or(u64::MAX, Position::bits)
}

/// What is left of a range of positions when the cursor has been there.
fn behind_cursor(query: &StatementQuery, [from, until]: [u64; 2], limit: u32) -> StatementRange {
    let StatementQuery { account, direction, after, .. } = *query;
    let (from, until) = match direction {
        _ if after.is_none() => (from, until),
        Direction::NewestFirst => (from, until.min(after.bits())),
        Direction::OldestFirst => (from.max(after.bits().saturating_add(1)), until),
    };
    StatementRange { account, from, until, direction, limit }
}

/// Cuts a page to its length, and says where the next one goes on.
fn cut(entries: &mut Vec<StatementEntry>, limit: u32) -> Option<Position> {
    let length = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > length;
    entries.truncate(length);
    entries.last().filter(|_| more).map(|entry| entry.event.position)
}

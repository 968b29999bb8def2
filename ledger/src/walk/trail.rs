//! Following an account's back-pointers.
//!
//! Invariant: positions strictly fall and times never rise on the way, so that no journal, whatever its bytes, makes a
//! walk go round in a circle.

use super::statement_entry::{StatementEntry, StatementReader};
use super::walk_error::WalkError;
use crate::{AccountId, Position};

/// The rest of a walk, newest statement entry first.
#[derive(Debug)]
pub(super) struct Trail {
    account: AccountId,
    /// What is read next.
    next: Position,
    /// Where the walk ends: a statement entry of the account that is not read any more, or none.
    end: Position,
    /// The walk ends before entries that were made earlier.
    from: u64,
    /// When the entry read last was made.
    timestamp: u64,
    steps_left: u64,
}

impl Trail {
    /// Begins with `newest`, at most so many steps.
    pub(super) const fn new(account: AccountId, newest: Position, steps: u64) -> Self {
        let end = Position::NONE;
        Self { account, next: newest, end, from: 0, timestamp: u64::MAX, steps_left: steps }
    }

    /// Ends before this statement entry.
    pub(super) const fn ending_at(self, end: Position) -> Self {
        Self { end, ..self }
    }

    /// Ends before entries that were made earlier.
    pub(super) const fn from(self, from: u64) -> Self {
        Self { from, ..self }
    }

    /// What is read next; none at the beginning of the statement.
    pub(super) const fn next(&self) -> Position {
        self.next
    }

    /// Whether the walk has come to its end. If not, and there is no next step, it has made all it may.
    pub(super) fn is_at_end(&self) -> bool {
        self.next == self.end
    }

    /// The next statement entry.
    pub(super) fn step(
        &mut self,
        reader: &mut StatementReader<'_>,
    ) -> Result<Option<StatementEntry>, WalkError> {
        if self.is_at_end() || self.steps_left == 0 {
            return Ok(None);
        }
        let entry = self.read_next(reader)?;
        if entry.line.timestamp < self.from {
            self.next = self.end;
            return Ok(None);
        }
        if entry.previous < self.end {
            // The statement passes by the end, although that is on it.
            return Err(WalkError::leads_astray(self.next));
        }
        (self.next, self.timestamp) = (entry.previous, entry.line.timestamp);
        self.steps_left = self.steps_left.saturating_sub(1);
        Ok(Some(entry))
    }

    /// What is read next, which has to be a statement entry of the account.
    pub(super) fn read_next(&self, reader: &mut StatementReader<'_>) -> Result<StatementEntry, WalkError> {
        let entry = reader.read(self.account, self.next)?;
        let entry = entry.filter(|entry| entry.line.timestamp <= self.timestamp);
        entry.ok_or_else(|| WalkError::other_record(self.next))
    }
}

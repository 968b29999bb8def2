//! Pages of a statement.
//!
//! Back-pointers lead backwards only. Newest first, a page goes on where the one before ended. Oldest first, every page
//! is walked to from the newest entry, and the last lines met are kept.

use std::collections::VecDeque;

use super::statement_entry::StatementEntry;
use super::trail::Trail;
use super::walk::Walk;
use crate::Position;
use crate::disk::to_usize;
use crate::handle::{
    Direction, LedgerError, STATEMENT_LINES_MAX, StatementLine, StatementPage, StatementQuery,
};

impl Walk<'_> {
    /// A page of a statement, as it is after the entry `sequence`. `newest` is the account's last position then.
    ///
    /// Newest first, the lines are those of the page although more entries follow meanwhile; a page may end early, with
    /// or without lines, where the walk has made all its steps, and the next one goes on there.
    ///
    /// # Errors
    /// [`LedgerError::CursorUnknown`] if `after` is not a statement entry of the account, [`LedgerError::TooFarBack`] if
    /// oldest first needs too many steps, [`LedgerError::Unreadable`] if the journal does not hold.
    pub fn statement(
        &mut self,
        query: &StatementQuery,
        newest: Position,
        sequence: u64,
    ) -> Result<StatementPage, LedgerError> {
        let after = self.find_cursor(query, newest)?;
        let (lines, next) = match query.direction {
            Direction::NewestFirst => {
                let begin = after.map_or(newest, |entry| entry.previous);
                self.newest_first(query, begin)?
            }
            Direction::OldestFirst => self.oldest_first(query, newest)?,
        };
        Ok(StatementPage { lines, next, sequence })
    }

    /// The statement entry that the page goes on behind.
    fn find_cursor(
        &mut self,
        query: &StatementQuery,
        newest: Position,
    ) -> Result<Option<StatementEntry>, LedgerError> {
        if query.after.is_none() {
            return Ok(None);
        }
        let exists = query.after.sequence() > 0 && query.after <= newest;
        let found = if exists { self.reader.read(query.account, query.after)? } else { None };
        found.map(Some).ok_or(LedgerError::CursorUnknown(query.account))
    }

    fn newest_first(
        &mut self,
        query: &StatementQuery,
        begin: Position,
    ) -> Result<(Vec<StatementLine>, Option<Position>), LedgerError> {
        let mut trail = Trail::new(query.account, begin, self.steps_max).from(query.from);
        let mut lines = Vec::new();
        let mut last = query.after;
        while let Some(StatementEntry { line, .. }) = trail.step(&mut self.reader)? {
            if line.timestamp < query.until {
                if lines.len() == limit(query) {
                    return Ok((lines, Some(last)));
                }
                lines.push(line);
            }
            last = line.position;
        }
        let next = (!trail.is_at_end()).then_some(last);
        Ok((lines, next))
    }

    fn oldest_first(
        &mut self,
        query: &StatementQuery,
        newest: Position,
    ) -> Result<(Vec<StatementLine>, Option<Position>), LedgerError> {
        let mut trail = Trail::new(query.account, newest, self.steps_max);
        trail = trail.ending_at(query.after).from(query.from);
        let mut lines = VecDeque::new();
        let mut next = None;
        while let Some(StatementEntry { line, .. }) = trail.step(&mut self.reader)? {
            if line.timestamp < query.until {
                lines.push_front(line);
            }
            if lines.len() > limit(query) {
                lines.pop_back();
                next = lines.back().map(|line| line.position);
            }
        }
        if trail.is_at_end() { Ok((lines.into(), next)) } else { Err(self.too_far_back()) }
    }
}

fn limit(query: &StatementQuery) -> usize {
    to_usize(u64::from(query.limit.clamp(1, STATEMENT_LINES_MAX)))
}

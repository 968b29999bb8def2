//! Cells: what has headroom, and the ranges in which it lies while units are open.
//!
//! A unit is accepted if and only if every take fits at its place. For each cell the takes of the run are added up
//! first; if its opening headroom covers them all, every take fits in any order, and nothing more is done. Only a
//! *tight* cell lists its takes and gives in order and is walked.
//!
//! Invariant of a walk: the headroom that the transfers would meet one by one lies in `[low, high]`, since `low`
//! counts every take that is not refused and only gives that are accepted, and `high` counts accepted takes and every
//! give that is not refused. So a vote other than open is the sequential answer.

use std::ops::Range;

use super::convert::{NONE, index, number};
use super::leg::Verdict;
use super::run::Run;
use super::verdicts::{Verdicts, Vote};

/// Whose headroom a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A limited account, by its slot.
    Account(u32),
    /// A window of an allowance, by the slot of that; its windows have cells one after the other.
    Allowance(u32),
    /// An open pending transfer, by its slot; to be open is a headroom of one.
    Pending(u32),
    /// A pending transfer of this run, by the leg that makes it.
    Maker(u32),
}

/// A cell while its takes are added up.
#[derive(Debug, Clone, Copy)]
struct Sum {
    owner: Owner,
    /// Its place among the tight cells, if it is tight.
    tight: u32,
    /// The headroom before the run less all takes of the run.
    remaining: i128,
}

/// A cell whose opening headroom does not cover the sum of its takes.
#[derive(Debug, Clone, Copy)]
struct TightCell {
    /// Before the first transfer of the run.
    opening: i128,
    first_event: u32,
    last_event: u32,
    /// The event that the remainder comes to next, and the headroom there.
    cursor: u32,
    exact: i128,
}

/// What a leg takes from a cell (below zero) or gives to it.
#[derive(Debug, Clone, Copy)]
struct Event {
    leg: u32,
    cell: u32,
    /// The next one of the cell.
    next: u32,
    change: i64,
}

/// Where the headroom lies, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct HeadroomRange {
    low: i128,
    high: i128,
}

/// The cells of one partition in one run.
#[derive(Debug, Default)]
pub(super) struct CellBook {
    sums: Vec<Sum>,
    tight: Vec<TightCell>,
    /// In the order of their legs.
    events: Vec<Event>,
    /// Tight cells that may have open units.
    active: Vec<u32>,
    /// Events of the unit that the remainder judges.
    judged: Vec<u32>,
}

impl CellBook {
    /// Forgets the last run.
    pub(super) fn clear(&mut self) {
        self.sums.clear();
        self.tight.clear();
        self.events.clear();
        self.active.clear();
    }

    /// Whether `mark` is the cell of this owner. Marks of earlier runs are never cleared: they name no cell, or one
    /// of somebody else.
    #[inline]
    pub(super) fn is_of(&self, mark: u32, owner: Owner) -> bool {
        self.sums.get(index(mark)).is_some_and(|sum| sum.owner == owner)
    }

    /// Opens a cell and gives its mark.
    pub(super) fn open(&mut self, owner: Owner, opening: i128) -> u32 {
        let mark = number(self.sums.len());
        self.sums.push(Sum { owner, tight: NONE, remaining: opening });
        mark
    }

    /// Adds a take to the sum of a cell.
    #[inline]
    pub(super) fn expect_take(&mut self, mark: u32, amount: u64) {
        if let Some(sum) = self.sums.get_mut(index(mark)) {
            sum.remaining = sum.remaining.saturating_sub(i128::from(amount));
        }
    }

    /// Finds the tight cells, once all takes are added up. Says whether there is one. A cell is only opened for a
    /// take, so one that was below zero before is tight, too.
    pub(super) fn find_tight(&mut self) -> bool {
        for sum in self.sums.iter_mut().filter(|sum| sum.remaining < 0) {
            sum.tight = number(self.tight.len());
            self.active.push(sum.tight);
            // The takes come back when they are put in order.
            let (first_event, last_event, cursor) = (NONE, NONE, NONE);
            let opening = sum.remaining;
            self.tight.push(TightCell { opening, first_event, last_event, cursor, exact: opening });
        }
        !self.active.is_empty()
    }

    /// Whether the cell is tight.
    pub(super) fn is_tight(&self, mark: u32) -> bool {
        self.sums.get(index(mark)).is_some_and(|sum| sum.tight != NONE)
    }

    /// Puts a take or give behind those of a tight cell. Legs come in order.
    pub(super) fn push(&mut self, mark: u32, leg: u32, change: i64) {
        let event = number(self.events.len());
        let tight = self.sums.get(index(mark)).map_or(NONE, |sum| sum.tight);
        let Some(cell) = self.tight.get_mut(index(tight)) else { return };
        self.events.push(Event { leg, cell: tight, next: NONE, change });
        // What was summed up as taken is part of the opening headroom.
        cell.opening = cell.opening.saturating_sub(i128::from(change.min(0)));
        cell.exact = cell.opening;
        let last = std::mem::replace(&mut cell.last_event, event);
        match self.events.get_mut(index(last)) {
            Some(last) => last.next = event,
            None => (cell.first_event, cell.cursor) = (event, event),
        }
    }

    /// One round over the cells with open units.
    pub(super) fn walk(&mut self, run: &Run, verdicts: &Verdicts, votes: &mut Vec<Vote>) {
        let mut active = std::mem::take(&mut self.active);
        active.retain(|cell| self.walk_cell(*cell, run, verdicts, votes));
        self.active = active;
    }

    /// Walks one cell; says whether one of its units was open.
    fn walk_cell(&self, cell: u32, run: &Run, verdicts: &Verdicts, votes: &mut Vec<Vote>) -> bool {
        let Some(cell) = self.tight.get(index(cell)) else { return false };
        let mut range = HeadroomRange { low: cell.opening, high: cell.opening };
        let mut next = cell.first_event;
        let mut has_open = false;
        while let Some(unit) = self.unit_at(next, run) {
            match verdicts.of(unit.start) {
                Verdict::Refused => next = self.skip(next, &unit),
                Verdict::Accepted => next = self.apply_unit(next, &unit, &mut range),
                Verdict::Open => {
                    has_open = true;
                    let (vote, behind) = self.judge_open(next, &unit, &mut range);
                    votes.extend(vote);
                    next = behind;
                }
            }
        }
        has_open
    }

    /// The legs of the unit that an event belongs to.
    #[inline]
    fn unit_at(&self, event: u32, run: &Run) -> Option<Range<u32>> {
        let leg = run.leg(self.events.get(index(event))?.leg)?;
        Some(leg.first..leg.first.saturating_add(leg.unit_legs))
    }

    /// The event, if it is of this unit.
    #[inline]
    fn event_of(&self, event: u32, unit: &Range<u32>) -> Option<&Event> {
        self.events.get(index(event)).filter(|event| unit.contains(&event.leg))
    }

    fn skip(&self, mut next: u32, unit: &Range<u32>) -> u32 {
        while let Some(event) = self.event_of(next, unit) {
            next = event.next;
        }
        next
    }

    fn apply_unit(&self, mut next: u32, unit: &Range<u32>, range: &mut HeadroomRange) -> u32 {
        while let Some(event) = self.event_of(next, unit) {
            range.shift(event.change);
            next = event.next;
        }
        next
    }

    /// Judges the takes of an open unit as if it goes on. Behind it the range covers both what was before and what
    /// is if it is accepted.
    fn judge_open(&self, mut next: u32, unit: &Range<u32>, range: &mut HeadroomRange) -> (Option<Vote>, u32) {
        let mut accepted = *range;
        let mut vote = None;
        while let Some(event) = self.event_of(next, unit) {
            let taken = i128::from(event.change).saturating_neg();
            if taken > 0 && taken > accepted.high {
                let vote = Vote { first: unit.start, refused: true };
                return (Some(vote), self.skip(next, unit));
            }
            if taken > 0 && taken > accepted.low {
                vote = Some(Vote { first: unit.start, refused: false });
                // It goes on only if the take fits, so there was as much.
                accepted.low = taken;
            }
            accepted.shift(event.change);
            next = event.next;
        }
        range.low = range.low.min(accepted.low);
        range.high = range.high.max(accepted.high);
        (vote, next)
    }

    /// The remainder: whether every take of an open unit fits, all units before it being decided. To be followed by
    /// [`CellBook::settle_judged`].
    pub(super) fn judge_exactly(&mut self, unit: &Range<u32>, run: &Run, verdicts: &Verdicts) -> bool {
        self.judged.clear();
        let begin = self.events.partition_point(|event| event.leg < unit.start);
        let mut next = number(begin);
        while let Some(Event { cell, change, .. }) = self.event_of(next, unit).copied() {
            self.advance(cell, unit.start, run, verdicts);
            let Some(cell) = self.tight.get_mut(index(cell)) else { return false };
            cell.exact = cell.exact.saturating_add(i128::from(change));
            cell.cursor = self.events.get(index(next)).map_or(NONE, |event| event.next);
            self.judged.push(next);
            if change < 0 && cell.exact < 0 {
                return false;
            }
            next = next.saturating_add(1);
        }
        true
    }

    /// Takes back what the unit judged last took and gave, if it is refused.
    pub(super) fn settle_judged(&mut self, accepted: bool) {
        if accepted {
            return;
        }
        for event in &self.judged {
            let Some(Event { cell, change, .. }) = self.events.get(index(*event)).copied() else { continue };
            if let Some(cell) = self.tight.get_mut(index(cell)) {
                cell.exact = cell.exact.saturating_sub(i128::from(change));
            }
        }
    }

    /// Moves the cursor of a cell to the first event at or behind a leg.
    fn advance(&mut self, cell: u32, leg: u32, run: &Run, verdicts: &Verdicts) {
        let Some(cell) = self.tight.get_mut(index(cell)) else { return };
        while let Some(event) = self.events.get(index(cell.cursor)).filter(|event| event.leg < leg) {
            let first = run.leg(event.leg).map_or(NONE, |leg| leg.first);
            if verdicts.of(first) == Verdict::Accepted {
                cell.exact = cell.exact.saturating_add(i128::from(event.change));
            }
            cell.cursor = event.next;
        }
    }
}

impl HeadroomRange {
    #[inline]
    fn shift(&mut self, change: i64) {
        self.low = self.low.saturating_add(i128::from(change));
        self.high = self.high.saturating_add(i128::from(change));
    }
}

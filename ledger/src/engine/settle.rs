//! Step 7: accepted units change totals, refused ones get their codes, and the outcomes are put together.
//!
//! Each partition goes over its sides in order, so its accounts are exact at every place. A refused chain is applied
//! leg by leg to see what its later legs see, and put back; of what its legs find the first failing one counts.

use super::convert::NONE;
use super::desk::SideAt;
use super::engine_error::EngineError;
use super::entry_outcome::EntryOutcome;
use super::finding::Finding;
use super::leg::{Leg, LegKind, Verdict};
use super::partition::{Before, Partition};
use super::partition_key::partition_of;
use super::pending_book::PendingBook;
use super::run::Run;
use super::verdicts::Verdicts;
use crate::{Outcome, Position, TransferStatus as Status};

impl Partition {
    /// Applies the run to its accounts, and says why its sides of refused legs fail.
    pub(super) fn settle(&mut self, run: &Run, verdicts: &Verdicts) {
        let sides = std::mem::take(&mut self.desk.sides);
        let mut trial = Trial { first: NONE, before: Vec::new() };
        for at in &sides {
            let Some(leg) = run.leg(at.leg) else { continue };
            if trial.first != NONE && trial.first != leg.first {
                trial.take_back(self);
            }
            let previous = if verdicts.of(leg.first) == Verdict::Accepted {
                self.execute(run, at.leg, (at.side, at.slot))
            } else {
                self.explain_refusal(run, leg, *at, &mut trial);
                Position::NONE
            };
            self.desk.previous.push(previous);
        }
        trial.take_back(self);
        self.desk.sides = sides;
    }

    fn explain_refusal(&mut self, run: &Run, leg: &Leg, at: SideAt, trial: &mut Trial) {
        let finding = self.judge(run, at.leg, (at.side, at.slot));
        self.desk.findings.extend(finding);
        if leg.is_linked() && finding.is_none() {
            trial.first = leg.first;
            trial.before.extend(self.before(run, at.leg, (at.side, at.slot)));
            self.execute(run, at.leg, (at.side, at.slot));
        }
    }
}

/// What a refused chain has changed so far.
struct Trial {
    first: u32,
    before: Vec<Before>,
}

impl Trial {
    fn take_back(&mut self, partition: &mut Partition) {
        self.before.drain(..).rev().for_each(|before| partition.restore(before));
        self.first = NONE;
    }
}

/// Puts the outcomes of a run together, in order, and changes pending transfers on the way.
#[derive(Debug)]
pub(super) struct Assembly<'a> {
    pub(super) run: &'a Run,
    pub(super) verdicts: &'a Verdicts,
    pub(super) pending: &'a mut PendingBook,
    /// For each partition, what its sides had as statement entries before.
    pub(super) previous: Vec<std::slice::Iter<'a, Position>>,
    /// Of all partitions, by leg and status.
    pub(super) findings: std::iter::Peekable<std::slice::Iter<'a, Finding>>,
    pub(super) outcome: &'a mut EntryOutcome,
}

impl Assembly<'_> {
    /// Appends the outcomes of all legs of the run.
    pub(super) fn assemble(mut self) -> Result<(), EngineError> {
        let mut legs = self.run.run_legs();
        while let Some((number, leg)) = legs.next() {
            if self.verdicts.of(leg.first) == Verdict::Accepted {
                self.push_accepted(number, leg);
                continue;
            }
            self.skip_previous(leg);
            // The other legs of the unit follow.
            let others = leg.unit_legs.saturating_sub(1);
            legs.by_ref().take(super::convert::index(others)).for_each(|(_, leg)| self.skip_previous(leg));
            self.push_refused_unit(number, leg.unit_legs)?;
        }
        Ok(())
    }

    #[inline]
    fn push_accepted(&mut self, number: u32, leg: &Leg) {
        let previous_debit = self.previous_of(leg.debit_hash);
        let previous_credit = self.previous_of(leg.credit_hash);
        if leg.kind != LegKind::Move {
            self.pending.execute(self.run, number);
        }
        self.outcome.push_accepted(self.run, leg, (previous_debit, previous_credit));
    }

    #[inline]
    fn previous_of(&mut self, hash: u64) -> Position {
        let partitions = super::convert::number(self.previous.len());
        let previous = self.previous.get_mut(partition_of(hash, partitions));
        previous.and_then(Iterator::next).copied().unwrap_or(Position::NONE)
    }

    fn skip_previous(&mut self, leg: &Leg) {
        if leg.kind != LegKind::Refused {
            self.previous_of(leg.debit_hash);
            self.previous_of(leg.credit_hash);
        }
    }

    fn push_refused_unit(&mut self, first: u32, legs: u32) -> Result<(), EngineError> {
        let end = first.saturating_add(legs);
        let reason = self.reason(first, end).ok_or(EngineError::RefusedWithoutReason(first))?;
        // What later legs of the chain found was seen in a state that never was.
        while self.findings.next_if(|finding| finding.leg < end).is_some() {}
        self.outcome.push_refused_unit(first..end, &reason);
        Ok(())
    }

    /// What the first failing leg fails for.
    fn reason(&mut self, first: u32, end: u32) -> Option<Finding> {
        let mut done = Vec::new();
        let mut reason = None;
        for number in first..end {
            let found = self.findings.peek().filter(|finding| finding.leg == number).map(|found| **found);
            reason = Finding::lower(found, self.pending.judge(self.run, number));
            if reason.is_some() {
                break;
            }
            if self.pending.execute(self.run, number) {
                done.push(number);
            }
        }
        done.into_iter().rev().for_each(|number| self.pending.undo(self.run, number));
        reason
    }
}

impl EntryOutcome {
    /// Appends the outcome of an accepted leg. `previous` are the statement entries before of payer and payee.
    #[inline]
    pub(super) fn push_accepted(&mut self, run: &Run, leg: &Leg, previous: (Position, Position)) {
        let (previous_debit, previous_credit) = previous;
        let status = Status::Accepted;
        self.outcomes.push(Outcome { status, amount: leg.amount, previous_debit, previous_credit });
        if leg.kind.ends_pending() {
            self.ended.extend(run.detail(leg).map(|detail| detail.ended));
        }
    }

    /// Appends the outcomes of a unit that uses up its ids without being executed.
    pub(super) fn push_refused_unit(&mut self, unit: std::ops::Range<u32>, reason: &Finding) {
        for leg in unit {
            let status = if leg == reason.leg { reason.status } else { Status::LinkedTransferFailed };
            self.outcomes.push(Outcome::refused(status));
        }
        self.bounds.extend(reason.bound.map(|bound| (reason.leg, bound)));
    }
}

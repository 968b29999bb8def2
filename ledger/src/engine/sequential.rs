//! A run executed one leg after the other: for small runs, and the baseline that partitions are measured against.

use super::convert::{NONE, index, number};
use super::engine_error::EngineError;
use super::entry_outcome::EntryOutcome;
use super::facts::Freezes;
use super::finding::Finding;
use super::leg::{Leg, LegKind, Side};
use super::partition::{Before, Partition};
use super::partition_key::partition_of;
use super::pending_book::PendingBook;
use super::route::STRETCH;
use super::run::Run;
use crate::limits::CHAIN_LEGS_MAX;
use crate::{Position, TransferStatus as Status};

/// Where the account of one side lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlotAt {
    partition: usize,
    slot: u32,
}

/// Everything a plain loop reads and writes.
#[derive(Debug)]
pub(super) struct Sequential<'a> {
    pub(super) run: &'a Run,
    pub(super) partitions: &'a mut [Partition],
    pub(super) pending: &'a mut PendingBook,
    /// For each leg of the run, where payer and payee are.
    pub(super) slots: &'a mut Vec<[SlotAt; 2]>,
    pub(super) outcome: &'a mut EntryOutcome,
}

/// What a leg of a chain has changed.
struct Undo {
    leg: u32,
    before: [(usize, Option<Before>); 2],
    pending: bool,
}

impl Sequential<'_> {
    /// Appends the outcomes of all legs of the run.
    pub(super) fn execute(mut self) -> Result<(), EngineError> {
        let mut next = self.run.range().start;
        while let Some(leg) = self.run.legs.get(next) {
            self.find_accounts(next);
            next = next.saturating_add(self.execute_unit(next, leg)?);
        }
        Ok(())
    }

    /// Executes the unit that begins here, and says how many legs it has.
    #[inline]
    fn execute_unit(&mut self, first: usize, leg: &Leg) -> Result<usize, EngineError> {
        let number = number(first);
        if leg.is_linked() {
            self.execute_chain(number, leg.unit_legs)?;
        } else if let Some(reason) = self.judge(number, leg) {
            self.refuse(number..number.saturating_add(1), &reason)?;
        } else {
            self.apply(number, leg);
        }
        Ok(index(leg.unit_legs))
    }

    /// Finds the accounts of the next stretch of legs, if those of this leg's unit are not all found. All ask the
    /// indexes first, then all ask for their rows: nothing waits for anything, so the machine fetches many at the same
    /// time.
    #[inline]
    fn find_accounts(&mut self, next: usize) {
        let found = next.saturating_sub(self.run.start);
        if found.saturating_add(CHAIN_LEGS_MAX) <= self.slots.len()
            || self.slots.len() == self.run.range().len()
        {
            return;
        }
        self.find_stretch();
    }

    fn find_stretch(&mut self) {
        let Self { run, partitions, slots, .. } = self;
        let from = slots.len();
        let count = number(partitions.len());
        let legs = || run.run_legs().skip(from).take(STRETCH);
        slots.extend(legs().map(|(_, leg)| {
            [leg.debit_hash, leg.credit_hash].map(|hash| {
                let partition = partition_of(hash, count);
                let slot = partitions.get(partition).and_then(|one| one.candidate(hash)).unwrap_or(NONE);
                SlotAt { partition, slot }
            })
        }));
        for ((_, leg), [debit, credit]) in legs().zip(slots.iter_mut().skip(from)) {
            confirm(run, partitions, (leg, Side::Debit), debit);
            confirm(run, partitions, (leg, Side::Credit), credit);
        }
    }

    fn slots_of(&self, number: u32) -> [SlotAt; 2] {
        let place = index(number).saturating_sub(self.run.start);
        self.slots.get(place).copied().unwrap_or([SlotAt { partition: 0, slot: NONE }; 2])
    }

    fn execute_chain(&mut self, first: u32, legs: u32) -> Result<(), EngineError> {
        let end = first.saturating_add(legs);
        let ended_before = self.outcome.ended.len();
        let mut done = Vec::new();
        for number in first..end {
            let Some(leg) = self.run.leg(number) else { continue };
            if let Some(reason) = self.judge(number, leg) {
                done.into_iter().rev().for_each(|undo| self.undo(undo));
                self.outcome.outcomes.truncate(index(first));
                self.outcome.ended.truncate(ended_before);
                return self.refuse(first..end, &reason);
            }
            let before = self.before(number);
            let pending = self.apply(number, leg);
            done.push(Undo { leg: number, before, pending });
        }
        Ok(())
    }

    /// Why the leg is refused, in the state as it is now.
    #[inline]
    fn judge(&self, number: u32, leg: &Leg) -> Option<Finding> {
        let slots = self.slots_of(number);
        let mut finding = leg.constant.map(|status| Finding::new(number, status));
        if leg.kind.ends_pending() {
            finding = Finding::lower(finding, self.pending.judge(self.run, number));
        }
        if leg.kind == LegKind::Refused {
            return finding;
        }
        let mut freezes = Freezes::default();
        for (at, side) in slots.into_iter().zip([Side::Debit, Side::Credit]) {
            let Some(partition) = self.partitions.get(at.partition) else { continue };
            let facts = partition.facts(self.run, number, (side, at.slot));
            freezes.add(side, facts.frozen, facts.system);
            finding = Finding::lower(finding, facts.finding);
            finding = Finding::lower(finding, partition.judge(self.run, number, (side, at.slot)));
        }
        let freeze = freezes.forbids(leg.kind, self.run.ledger_frozen);
        Finding::lower(finding, freeze.map(|status| Finding::new(number, status)))
    }

    fn refuse(&mut self, unit: std::ops::Range<u32>, reason: &Finding) -> Result<(), EngineError> {
        let reason = of_other_account(self.run, self.partitions, *reason);
        self.outcome.push_refused_unit(unit, &reason);
        Ok(())
    }

    /// Executes a leg that fits; says whether it changed a pending transfer.
    #[inline]
    fn apply(&mut self, number: u32, leg: &Leg) -> bool {
        let [debit, credit] = self.slots_of(number);
        let previous_debit = self.apply_side(number, debit, Side::Debit);
        let previous_credit = self.apply_side(number, credit, Side::Credit);
        self.outcome.push_accepted(self.run, leg, (previous_debit, previous_credit));
        self.pending.execute(self.run, number)
    }

    #[inline]
    fn apply_side(&mut self, number: u32, at: SlotAt, side: Side) -> Position {
        let partition = self.partitions.get_mut(at.partition);
        partition.map_or(Position::NONE, |one| one.execute(self.run, number, (side, at.slot)))
    }

    fn before(&self, number: u32) -> [(usize, Option<Before>); 2] {
        let [debit, credit] = self.slots_of(number);
        [(debit, Side::Debit), (credit, Side::Credit)].map(|(at, side)| {
            let partition = self.partitions.get(at.partition);
            (at.partition, partition.and_then(|one| one.before(self.run, number, (side, at.slot))))
        })
    }

    fn undo(&mut self, undo: Undo) {
        if undo.pending {
            self.pending.undo(self.run, undo.leg);
        }
        for (partition, before) in undo.before.into_iter().rev() {
            if let Some((partition, before)) = self.partitions.get_mut(partition).zip(before) {
                partition.restore(before);
            }
        }
    }
}

/// The candidate is the account as a rule; if another id has the same hash, it is looked up once more.
#[inline]
fn confirm(run: &Run, partitions: &[Partition], (leg, side): (&Leg, Side), at: &mut SlotAt) {
    if at.slot == NONE || leg.kind == LegKind::Refused {
        return;
    }
    let (Some(partition), Some(id)) = (partitions.get(at.partition), run.account(leg, side)) else { return };
    if !partition.holds(at.slot, id) {
        at.slot = partition.find(leg.hash(side), id).unwrap_or(NONE);
    }
}

/// An allowance that is not found with the account that should have it may be that of another one.
pub(super) fn of_other_account(run: &Run, partitions: &[Partition], finding: Finding) -> Finding {
    if finding.status != Status::AllowanceNotFound {
        return finding;
    }
    let detail = run.leg(finding.leg).and_then(|leg| run.detail(leg));
    let is_somewhere = |id| partitions.iter().any(|partition| partition.find_allowance(id).is_some());
    if detail.is_some_and(|detail| is_somewhere(detail.allowance)) {
        return Finding { status: Status::AllowanceOfOtherAccount, ..finding };
    }
    finding
}

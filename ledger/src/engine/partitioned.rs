//! A run executed in partitions: steps 2 to 7 of the module's table.

use std::sync::Arc;

use super::convert::{NONE, index, number};
use super::crew::Step;
use super::engine::Engine;
use super::engine_error::EngineError;
use super::entry_outcome::EntryOutcome;
use super::facts::Freezes;
use super::finding::Finding;
use super::leg::{LegKind, Verdict};
use super::remainder::decide_remainder;
use super::sequential::of_other_account;
use super::settle::Assembly;
use super::verdicts::Verdicts;

impl Engine {
    pub(super) fn execute_partitioned(&mut self, outcome: &mut EntryOutcome) -> Result<(), EngineError> {
        let legs = number(self.work.run.range().len());
        self.crew.perform(Step::Route(Arc::clone(&self.work.run)), &mut self.partitions)?;
        self.collect_findings();
        self.find_freezes();
        self.refuse_by_fact()?;
        let has_tight = self.list_pending_events() | self.partitions.iter().any(|one| one.desk.has_tight);
        let (rounds, remainder_units) = if has_tight { self.hold_rounds()? } else { (1, 0) };
        self.verdicts_mut()?.accept_open();
        let step = Step::Settle(Arc::clone(&self.work.run), Arc::clone(&self.work.verdicts));
        self.crew.perform(step, &mut self.partitions)?;
        self.collect_findings();
        self.work.findings.sort_unstable_by_key(Finding::order);
        self.assemble(outcome)?;
        let statistics = &mut outcome.statistics;
        statistics.rounds = statistics.rounds.max(rounds);
        statistics.remainder_units = statistics.remainder_units.saturating_add(remainder_units);
        statistics.partitioned_transfers = statistics.partitioned_transfers.saturating_add(legs);
        Ok(())
    }

    fn verdicts_mut(&mut self) -> Result<&mut Verdicts, EngineError> {
        Arc::get_mut(&mut self.work.verdicts).ok_or(EngineError::WorkerLost)
    }

    /// Takes over what the partitions have found.
    fn collect_findings(&mut self) {
        let mut findings = std::mem::take(&mut self.work.findings);
        for partition in &mut self.partitions {
            findings.append(&mut partition.desk.findings);
        }
        for finding in &mut findings {
            *finding = of_other_account(&self.work.run, &self.partitions, *finding);
        }
        self.work.findings = findings;
    }

    /// Codes 67 and 68 need both sides of a leg, so the traits of all partitions are put together, if any matters.
    fn find_freezes(&mut self) {
        let run = &self.work.run;
        let traits = || self.partitions.iter().flat_map(|partition| &partition.desk.traits);
        if !run.ledger_frozen && !traits().any(|one| one.frozen) {
            return;
        }
        let mut freezes = vec![Freezes::default(); run.range().len()];
        for one in traits() {
            let place = index(one.leg).saturating_sub(run.start);
            if let Some(freezes) = freezes.get_mut(place) {
                freezes.add(one.side, one.frozen, one.system);
            }
        }
        for ((number, leg), freezes) in run.run_legs().zip(freezes) {
            if let Some(status) = freezes.forbids(leg.kind, run.ledger_frozen) {
                self.work.findings.push(Finding::new(number, status));
            }
        }
    }

    /// Opens all units but those that a fact forbids.
    fn refuse_by_fact(&mut self) -> Result<(), EngineError> {
        let work = &mut self.work;
        let verdicts = Arc::get_mut(&mut work.verdicts).ok_or(EngineError::WorkerLost)?;
        let range = work.run.range();
        verdicts.begin(range.start, range.len());
        for finding in &work.findings {
            if let Some(leg) = work.run.leg(finding.leg) {
                verdicts.set(leg.first, Verdict::Refused);
            }
        }
        Ok(())
    }

    /// Lists who makes and who ends the pending transfers that more than one unit of the run deals with.
    fn list_pending_events(&mut self) -> bool {
        let work = &mut self.work;
        if !work.pending_cells.find_tight() {
            return false;
        }
        for (number, leg) in work.run.run_legs() {
            let Some(detail) = work.run.detail(leg).filter(|detail| detail.cell != NONE) else { continue };
            let change = if leg.kind == LegKind::Reserve { 1 } else { -1 };
            work.pending_cells.push(detail.cell, number, change);
        }
        true
    }

    /// Rounds of votes, then the remainder. Says how many rounds were held and how many units remained.
    fn hold_rounds(&mut self) -> Result<(u32, u32), EngineError> {
        let run = Arc::clone(&self.work.run);
        self.verdicts_mut()?.list_open(run.run_legs());
        drop(run);
        let mut rounds = 0_u32;
        while rounds < self.settings.rounds_max && !self.work.verdicts.open().is_empty() {
            rounds = rounds.saturating_add(1);
            self.hold_round()?;
        }
        let work = &mut self.work;
        let remaining = number(work.verdicts.open().len());
        let verdicts = Arc::get_mut(&mut work.verdicts).ok_or(EngineError::WorkerLost)?;
        decide_remainder(&work.run, verdicts, &mut work.pending_cells, &mut self.partitions);
        Ok((rounds, remaining))
    }

    fn hold_round(&mut self) -> Result<(), EngineError> {
        let step = Step::Vote(Arc::clone(&self.work.run), Arc::clone(&self.work.verdicts));
        self.crew.perform(step, &mut self.partitions)?;
        let work = &mut self.work;
        work.votes.clear();
        work.pending_cells.walk(&work.run, &work.verdicts, &mut work.votes);
        for partition in &mut self.partitions {
            work.votes.append(&mut partition.desk.votes);
        }
        let verdicts = Arc::get_mut(&mut work.verdicts).ok_or(EngineError::WorkerLost)?;
        verdicts.settle(&work.votes);
        Ok(())
    }

    fn assemble(&mut self, outcome: &mut EntryOutcome) -> Result<(), EngineError> {
        let work = &self.work;
        Assembly {
            run: &work.run,
            verdicts: &work.verdicts,
            pending: &mut self.pending,
            previous: self.partitions.iter().map(|partition| partition.desk.previous.iter()).collect(),
            findings: work.findings.iter().peekable(),
            outcome,
        }
        .assemble()
    }
}

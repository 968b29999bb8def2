//! Steps 2 to 4 in one partition: find the accounts, look at facts, add up takes, and walk tight cells.

use super::allowance_use::AllowanceUse;
use super::cell_book::Owner;
use super::convert::NONE;
use super::desk::{SideAt, SideTraits};
use super::leg::{LegKind, Side};
use super::partition::Partition;
use super::partition_key::partition_of;
use super::run::Run;
use super::verdicts::Verdicts;

/// Sides that are worked on together: first all ask the index, then all ask for their rows, so that the machine
/// fetches many at the same time, and few enough that what was fetched is still near when it is used.
pub(super) const STRETCH: usize = 256;

impl Partition {
    /// Finds the sides of the run that are its own, and what they say before any verdict.
    pub(super) fn route(&mut self, run: &Run) {
        self.desk.begin_run();
        self.collect_sides(run);
        // The sides are looked at while the rest of the partition changes.
        let mut sides = std::mem::take(&mut self.desk.sides);
        for stretch in sides.chunks_mut(STRETCH) {
            stretch.iter_mut().for_each(|at| self.propose_slot(run, at));
            stretch.iter_mut().for_each(|at| self.confirm_slot(run, at));
            stretch.iter().for_each(|at| self.look_at(run, *at));
        }
        self.desk.has_tight = self.desk.cells.find_tight();
        if self.desk.has_tight {
            sides.iter().for_each(|at| self.list_events(run, *at));
        }
        self.desk.sides = sides;
    }

    /// One round of votes.
    pub(super) fn vote(&mut self, run: &Run, verdicts: &Verdicts) {
        self.desk.votes.clear();
        self.desk.cells.walk(run, verdicts, &mut self.desk.votes);
    }

    fn collect_sides(&mut self, run: &Run) {
        let (partitions, own) = (self.partitions, self.number);
        for (number, leg) in run.run_legs() {
            if leg.kind == LegKind::Refused {
                continue;
            }
            for (hash, side) in [(leg.debit_hash, Side::Debit), (leg.credit_hash, Side::Credit)] {
                if partition_of(hash, partitions) == own {
                    self.desk.sides.push(SideAt { leg: number, side, slot: NONE });
                }
            }
        }
    }

    #[inline]
    fn propose_slot(&self, run: &Run, at: &mut SideAt) {
        let hash = run.leg(at.leg).map_or(0, |leg| leg.hash(at.side));
        at.slot = self.candidate(hash).unwrap_or(NONE);
    }

    fn look_at(&mut self, run: &Run, at: SideAt) {
        let facts = self.facts(run, at.leg, (at.side, at.slot));
        self.desk.findings.extend(facts.finding);
        if facts.frozen || facts.system {
            let (frozen, system) = (facts.frozen, facts.system);
            self.desk.traits.push(SideTraits { leg: at.leg, side: at.side, frozen, system });
        }
        if at.slot != NONE {
            self.expect_takes(run, at);
        }
    }

    /// The candidate is the account as a rule; if another id has the same hash, it is looked up once more.
    fn confirm_slot(&self, run: &Run, at: &mut SideAt) {
        let Some(leg) = run.leg(at.leg) else { return };
        let Some(id) = run.account(leg, at.side) else { return };
        if at.slot != NONE && !self.holds(at.slot, id) {
            at.slot = self.find(leg.hash(at.side), id).unwrap_or(NONE);
        }
    }

    fn expect_takes(&mut self, run: &Run, at: SideAt) {
        let (Some(leg), Some(row)) = (run.leg(at.leg), self.accounts.get(at.slot)) else { return };
        if leg.kind.is_movement() && row.limits(at.side) {
            let owner = Owner::Account(at.slot);
            let mut mark = row.mark;
            if !self.desk.cells.is_of(mark, owner) {
                mark = self.desk.cells.open(owner, self.accounts.headroom(at.slot));
                self.accounts.set_mark(at.slot, mark);
            }
            self.desk.cells.expect_take(mark, leg.amount);
        }
        let usage = run.detail(leg).and_then(|detail| self.allowance_use(leg, detail, (at.side, at.slot)));
        if let Some((lowest, AllowanceUse::Take(amount))) = usage {
            self.allowances.expect_take(&mut self.desk.cells, lowest, amount);
        }
    }

    /// Lists what a side takes from tight cells or gives to them.
    fn list_events(&mut self, run: &Run, at: SideAt) {
        let (Some(leg), Some(row)) = (run.leg(at.leg), self.accounts.get(at.slot)) else { return };
        if row.is_limited() && self.desk.cells.is_of(row.mark, Owner::Account(at.slot)) {
            let change = row.headroom_change(leg, at.side);
            if change != 0 {
                self.desk.cells.push(row.mark, at.leg, change);
            }
        }
        let usage = run.detail(leg).and_then(|detail| self.allowance_use(leg, detail, (at.side, at.slot)));
        if let Some((lowest, usage)) = usage {
            self.allowances.push(&mut self.desk.cells, at.leg, lowest, usage);
        }
    }
}

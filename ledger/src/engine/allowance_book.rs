//! The allowances of one partition's accounts. An allowance and all above it belong to one account, so a payment
//! finds them all here.

use super::allowance_use::AllowanceUse;
use super::cell_book::{CellBook, Owner};
use super::convert::NONE;
use super::finding::Finding;
use super::row_capture::Wanted;
use super::rows::Rows;
use super::slot_index::SlotIndex;
use crate::allowance::{Allowance, AllowanceCondition, Measure};
use crate::{AccountId, AllowanceId, Bound, TransferStatus as Status};

#[derive(Debug, Clone)]
struct Kept {
    allowance: Allowance,
    /// The slot of the one above.
    parent: u32,
    /// The cell of its first window in this run, if that is its own.
    mark: u32,
}

/// Allowances by dense slots.
#[derive(Debug, Default)]
pub(super) struct AllowanceBook {
    index: SlotIndex,
    kept: Rows<Kept>,
    /// The time of the entry.
    now: u64,
}

impl AllowanceBook {
    pub(super) fn find(&self, hash: u64, id: AllowanceId) -> Option<u32> {
        self.index.find(hash, |slot| self.get(slot).is_some_and(|one| one.terms().id == id))
    }

    /// Sets the time at which everything is judged, taken and given back from here on.
    pub(super) const fn begin(&mut self, timestamp: u64) {
        self.now = timestamp;
    }

    /// Adds an allowance below the one at `parent`.
    pub(super) fn insert(&mut self, hash: u64, allowance: Allowance, parent: Option<u32>) {
        let slot = self.kept.push(Kept { allowance, parent: parent.unwrap_or(NONE), mark: NONE });
        self.index.insert(hash, slot);
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Allowance> {
        self.kept.get(slot).map(|kept| &kept.allowance)
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Allowance> {
        self.kept.get_mut(slot).map(|kept| &mut kept.allowance)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Allowance> {
        self.kept.iter().map(|kept| &kept.allowance)
    }

    /// The slot and those of all above it, from the lowest level up.
    pub(super) fn slots_up(&self, lowest: u32) -> impl Iterator<Item = u32> {
        let parent = |slot: &u32| self.kept.get(*slot).map(|kept| kept.parent);
        std::iter::successors(Some(lowest), parent).take_while(|slot| *slot != NONE)
    }

    fn levels(&self, lowest: u32) -> impl Iterator<Item = &Allowance> {
        self.slots_up(lowest).filter_map(|slot| self.get(slot))
    }

    /// Whether an allowance can be used by this account.
    pub(super) fn is_of(&self, slot: u32, account: AccountId) -> bool {
        self.get(slot).is_some_and(|one| one.terms().account == account)
    }

    /// Codes 73, 74, 75 and 78 of a payment: what no other payment changes.
    pub(super) fn forbids_payment(&self, leg: u32, lowest: u32, amount: u64) -> Option<Finding> {
        let beyond = |status, bound| Finding::beyond(leg, status, bound);
        if let Some(finding) = self.in_condition(leg, lowest, |one| one.revoked, Status::AllowanceRevoked) {
            return Some(finding);
        }
        if let Some(bound) = self.levels(lowest).find_map(|one| one.terms().outside(self.now)) {
            return Some(beyond(Status::AllowanceNotInForce, bound));
        }
        if let Some(bound) = self.levels(lowest).find_map(|one| one.terms().payment_exceeded(amount)) {
            return Some(beyond(Status::AllowancePaymentExceeded, bound));
        }
        self.in_condition(leg, lowest, |one| one.frozen, Status::AllowanceFrozen)
    }

    /// Codes 73 and 78 of a post.
    pub(super) fn forbids_post(&self, leg: u32, lowest: u32) -> Option<Finding> {
        self.in_condition(leg, lowest, |one| one.revoked, Status::AllowanceRevoked)
            .or_else(|| self.in_condition(leg, lowest, |one| one.frozen, Status::AllowanceFrozen))
    }

    fn in_condition(
        &self,
        leg: u32,
        lowest: u32,
        is_so: impl Fn(AllowanceCondition) -> bool,
        status: Status,
    ) -> Option<Finding> {
        self.levels(lowest).any(|one| is_so(one.condition())).then_some(Finding::new(leg, status))
    }

    /// Codes 76 and 77: the windows of all levels that a payment does not fit now.
    pub(super) fn exceeded(&self, leg: u32, lowest: u32, amount: u64) -> Option<Finding> {
        let exceeded = |measure| self.levels(lowest).find_map(|one| one.exceeded(measure, amount, self.now));
        let finding = |status, bound: Bound| Finding::beyond(leg, status, bound);
        exceeded(Measure::Amount)
            .map(|bound| finding(Status::AllowanceAmountExceeded, bound))
            .or_else(|| exceeded(Measure::Count).map(|bound| finding(Status::AllowanceCountExceeded, bound)))
    }

    /// Takes or gives at all levels.
    pub(super) fn apply(&mut self, lowest: u32, usage: AllowanceUse) {
        let mut slot = lowest;
        while let Some(kept) = self.kept.get_mut(slot) {
            usage.apply(&mut kept.allowance, self.now);
            slot = kept.parent;
        }
    }

    /// Copies of all levels, to be put back if a chain is undone.
    pub(super) fn before(&self, lowest: u32) -> Vec<(u32, Allowance)> {
        self.slots_up(lowest).filter_map(|slot| Some((slot, self.get(slot)?.clone()))).collect()
    }

    /// Puts copies back.
    pub(super) fn restore(&mut self, before: Vec<(u32, Allowance)>) {
        for (slot, allowance) in before {
            if let Some(kept) = self.get_mut(slot) {
                *kept = allowance;
            }
        }
    }

    /// Captures all allowances.
    pub(super) fn begin_capture(&mut self) {
        self.kept.begin_capture(Wanted::All);
    }

    /// Hands out captured ones. Says whether none is left.
    pub(super) fn capture_some(&mut self, budget: &mut usize, allowances: &mut Vec<Allowance>) -> bool {
        self.kept.capture_some(budget, |captured| allowances.push(captured.row.allowance))
    }

    pub(super) fn end_capture(&mut self) {
        self.kept.end_capture();
    }

    /// Adds what a payment takes to the sums of the windows of all levels.
    pub(super) fn expect_take(&mut self, cells: &mut CellBook, lowest: u32, amount: u64) {
        let mut slot = lowest;
        while let Some(kept) = self.kept.get_unnoticed(slot) {
            if !cells.is_of(kept.mark, Owner::Allowance(slot)) {
                kept.mark = open_cells(cells, slot, &kept.allowance, self.now);
            }
            for (window, mark) in kept.allowance.terms().windows.iter().zip(kept.mark..) {
                cells.expect_take(mark, window.measure.of(amount));
            }
            slot = kept.parent;
        }
    }

    /// Puts the takes or gives of a leg into the tight cells of all levels.
    pub(super) fn push(&self, cells: &mut CellBook, leg: u32, lowest: u32, usage: AllowanceUse) {
        for slot in self.slots_up(lowest) {
            let Some(kept) = self.kept.get(slot) else { return };
            if !cells.is_of(kept.mark, Owner::Allowance(slot)) {
                continue;
            }
            let terms = kept.allowance.terms();
            for (window, mark) in terms.windows.iter().zip(kept.mark..) {
                let change = usage.headroom_change(terms, window, self.now);
                if change != 0 && cells.is_tight(mark) {
                    cells.push(mark, leg, change);
                }
            }
        }
    }
}

/// Opens one cell for each window and gives the mark of the first.
fn open_cells(cells: &mut CellBook, slot: u32, allowance: &Allowance, timestamp: u64) -> u32 {
    let headrooms = allowance.explain(timestamp).map(|window| window.left());
    headrooms.map(|headroom| cells.open(Owner::Allowance(slot), headroom)).min().unwrap_or(NONE)
}

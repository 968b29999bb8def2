//! Step 6: the units that are open after the last round, on one thread, in order.
//!
//! When the first of them is reached everything before it is decided, so its cells are exact. Each cell keeps a cursor
//! that only moves forward, so the cost is linear in what these cells take and give.

use super::cell_book::CellBook;
use super::leg::Verdict;
use super::partition::Partition;
use super::run::Run;
use super::verdicts::Verdicts;

/// Decides every open unit.
pub(super) fn decide_remainder(
    run: &Run,
    verdicts: &mut Verdicts,
    pending_cells: &mut CellBook,
    partitions: &mut [Partition],
) {
    for first in verdicts.take_open() {
        let legs = run.leg(first).map_or(1, |leg| leg.unit_legs);
        let unit = first..first.saturating_add(legs);
        let mut fits = pending_cells.judge_exactly(&unit, run, verdicts);
        for partition in &mut *partitions {
            fits &= partition.desk.cells.judge_exactly(&unit, run, verdicts);
        }
        pending_cells.settle_judged(fits);
        partitions.iter_mut().for_each(|partition| partition.desk.cells.settle_judged(fits));
        verdicts.set(first, if fits { Verdict::Accepted } else { Verdict::Refused });
    }
}

//! The verdicts on the units of a run, and what partitions say about them.

use super::convert::{index, number};
use super::leg::{Leg, Verdict};

/// What a cell says about an open unit. Nothing said means that every take fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Vote {
    /// The first leg of the unit.
    pub(super) first: u32,
    /// Whether a take does not fit, whatever becomes of the open units before; else it may fit or not.
    pub(super) refused: bool,
}

/// One verdict for each unit, at the place of its first leg.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    start: u32,
    verdicts: Vec<Verdict>,
    /// The units that are open, in order.
    open: Vec<u32>,
}

impl Verdicts {
    /// Opens all units of a run that begins at leg `start`.
    pub(super) fn begin(&mut self, start: usize, legs: usize) {
        self.start = number(start);
        self.open.clear();
        self.verdicts.clear();
        self.verdicts.resize(legs, Verdict::Open);
    }

    #[inline]
    pub(super) fn of(&self, first: u32) -> Verdict {
        let place = index(first.saturating_sub(self.start));
        self.verdicts.get(place).copied().unwrap_or(Verdict::Open)
    }

    pub(super) fn set(&mut self, first: u32, verdict: Verdict) {
        if let Some(kept) = self.verdicts.get_mut(index(first.saturating_sub(self.start))) {
            *kept = verdict;
        }
    }

    /// Accepts every unit that no fact has refused: all takes fit.
    pub(super) fn accept_open(&mut self) {
        for verdict in self.verdicts.iter_mut().filter(|verdict| **verdict == Verdict::Open) {
            *verdict = Verdict::Accepted;
        }
    }

    /// Lists the open units, before the first round.
    pub(super) fn list_open<'a>(&mut self, legs: impl Iterator<Item = (u32, &'a Leg)>) {
        let firsts = legs.filter(|(leg, one)| *leg == one.first).map(|(leg, _)| leg);
        let Self { start, verdicts, open } = self;
        let is_open = |first: &u32| verdicts.get(index(first.saturating_sub(*start))) == Some(&Verdict::Open);
        open.extend(firsts.filter(is_open));
    }

    /// The units that are open, in order.
    pub(super) fn open(&self) -> &[u32] {
        &self.open
    }

    /// Hands out the open units, to be decided by [`Verdicts::set`].
    pub(super) fn take_open(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.open)
    }

    /// The barrier of a round: a unit with any no is refused, one of which nothing was said is accepted.
    pub(super) fn settle(&mut self, votes: &[Vote]) {
        // All open units are taken as accepted, then each vote takes its own back; no beats open.
        let open = std::mem::take(&mut self.open);
        open.iter().for_each(|first| self.set(*first, Verdict::Accepted));
        for vote in votes {
            if vote.refused {
                self.set(vote.first, Verdict::Refused);
            } else if self.of(vote.first) != Verdict::Refused {
                self.set(vote.first, Verdict::Open);
            }
        }
        self.open = open;
        let Self { start, verdicts, open } = self;
        open.retain(|first| verdicts.get(index(first.saturating_sub(*start))) == Some(&Verdict::Open));
    }
}

//! What a partition works with in one run. The memory is kept from run to run.

use super::cell_book::CellBook;
use super::finding::Finding;
use super::intake::Intake;
use super::leg::Side;
use super::verdicts::Vote;
use crate::Position;

/// One side of a leg, whose account is of this partition.
#[derive(Debug, Clone, Copy)]
pub(super) struct SideAt {
    pub(super) leg: u32,
    pub(super) side: Side,
    /// Where the account lies, if it is there.
    pub(super) slot: u32,
}

/// Facts of one side that forbid nothing by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SideTraits {
    pub(super) leg: u32,
    pub(super) side: Side,
    /// The payer is frozen.
    pub(super) frozen: bool,
    /// It is a system account.
    pub(super) system: bool,
}

/// A partition's share of a run.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// What was learned of a stretch of the transfers, without any account.
    pub(super) intakes: Vec<Intake>,
    /// In the order of legs, the payer's side of a leg first.
    pub(super) sides: Vec<SideAt>,
    /// For each side, the account's statement entry before.
    pub(super) previous: Vec<Position>,
    pub(super) cells: CellBook,
    /// Whether a cell is tight.
    pub(super) has_tight: bool,
    pub(super) votes: Vec<Vote>,
    pub(super) findings: Vec<Finding>,
    pub(super) traits: Vec<SideTraits>,
}

impl Desk {
    /// Clears it for the next run.
    pub(super) fn begin_run(&mut self) {
        self.sides.clear();
        self.previous.clear();
        self.cells.clear();
        self.has_tight = false;
        self.votes.clear();
        self.findings.clear();
        self.traits.clear();
    }
}

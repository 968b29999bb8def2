//! A walk along the statement entries of an account.

use super::statement_entry::StatementReader;
use crate::handle::LedgerError;
use crate::journal::JournalReader;
use crate::limits::WALK_STEPS_MAX;

/// Reads statements and earlier states from the journal. What it was asked last stays open: a walk that goes on soon
/// should go on with the same one.
#[derive(Debug)]
pub struct Walk<'a> {
    pub(super) reader: StatementReader<'a>,
    pub(super) steps_max: u64,
}

impl<'a> Walk<'a> {
    /// A walk of at most [`WALK_STEPS_MAX`] steps a call.
    pub const fn new(reader: &'a mut JournalReader) -> Self {
        Self::bounded(reader, WALK_STEPS_MAX)
    }

    /// A walk of at most so many steps a call. It makes at least one, so that paging always comes to its end.
    pub const fn bounded(reader: &'a mut JournalReader, steps_max: u64) -> Self {
        let steps_max = if steps_max == 0 { 1 } else { steps_max };
        Self { reader: StatementReader::new(reader), steps_max }
    }

    pub(super) const fn too_far_back(&self) -> LedgerError {
        LedgerError::TooFarBack { steps: self.steps_max }
    }
}

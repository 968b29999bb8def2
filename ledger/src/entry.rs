//! A journal entry: requests with what became of them.
//!
//! Its expiries have the positions `(sequence, 0)`, `(sequence, 1)` and so on, and the transfers of all its parts
//! follow in order.

use crate::{EntryPart, Position, RecordedExpiry};

/// What one entry recorded, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its sequence.
    pub sequence: u64,
    /// Its time.
    pub timestamp: u64,
    /// The pending transfers that expired at its start.
    pub expired: Vec<RecordedExpiry>,
    /// What was executed. Only what changed the state or used up an id is here.
    pub parts: Vec<EntryPart>,
}

impl Entry {
    /// The positions of what it recorded: of its expiries first, then of its transfers. Entries are bounded so that
    /// none runs out of them.
    pub fn positions(&self) -> impl Iterator<Item = Position> + use<> {
        let sequence = self.sequence;
        (0..).map_while(move |index| Position::new(sequence, index))
    }
}

//! How far the projection has got, and how far behind the ledger that is.

use crate::handle::LedgerStatus;
use crate::journal::EntryHash;

/// The newest entry that is in the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// Its sequence; zero if there is none.
    pub sequence: u64,
    /// Its time.
    pub timestamp: u64,
    /// Its hash; zeros if there is none.
    pub hash: EntryHash,
}

/// How far the tables are behind the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// Entries that are durable and not in the tables.
    pub entries: u64,
    /// From the newest entry in the tables to the newest durable one, by their times, in microseconds.
    pub micros: u64,
}

impl Reached {
    /// How far this is behind a ledger. Nothing, if the ledger is behind this.
    #[must_use]
    pub const fn lag(&self, newest: &LedgerStatus) -> Lag {
        let entries = newest.sequence.saturating_sub(self.sequence);
        Lag { entries, micros: newest.timestamp.saturating_sub(self.timestamp) }
    }
}

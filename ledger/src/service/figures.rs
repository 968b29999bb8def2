//! What a running ledger counts about itself: how much it did, and which stage took how long.
//!
//! Nothing is decided by it. Times are microseconds of the service's clock while a stage worked, waiting not included;
//! memory is in bytes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::settings::ServiceClock;
use crate::engine::{EntryOutcome, ROUNDS_MAX};

/// One counter for each possible number of rounds, none included.
const ROUND_COUNTERS: usize = 5;

const _: () = assert!(ROUND_COUNTERS == 5 && ROUNDS_MAX == 4);

/// Counters since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Entries executed.
    pub entries: u64,
    /// Transfers that used up their ids.
    pub transfers: u64,
    /// Bytes of entries that were appended, headers and padding included.
    pub entry_bytes: u64,
    /// Flushes of the journal.
    pub flushes: u64,
    /// Entries by the rounds of votes that they needed; those of the first kind were executed one after the other.
    pub rounds: [u64; ROUND_COUNTERS],
    /// Units that were open after the last round.
    pub remainder_units: u64,
    /// The newest snapshot.
    pub snapshot: SnapshotTimes,
    /// The time that each stage worked.
    pub stages: StageMicros,
    /// Bytes of accounts and their index, at the newest state root.
    pub account_bytes: u64,
    /// Recent ids, at the newest state root.
    pub recent_ids: u64,
    /// Bytes of the recent ids, at the newest state root.
    pub recent_id_bytes: u64,
}

/// When the newest snapshot was made, by the service's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SnapshotTimes {
    /// Snapshots that were made durable.
    pub count: u64,
    /// When the last one that began did so.
    pub began_at: u64,
    /// When the last one that is durable became so.
    pub durable_at: u64,
}

/// How long each stage worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StageMicros {
    /// Joining submissions to an entry, and looking up its ids in the sorted runs.
    pub gather: u64,
    /// Looking up the ids of an entry among the recent ones.
    pub look_up: u64,
    /// Executing.
    pub execute: u64,
    /// Remembering the ids of an entry.
    pub remember: u64,
    /// Writing the entry into its buffer.
    pub encode: u64,
    /// Copying state for roots and snapshots.
    pub capture: u64,
    /// Hashing and appending.
    pub append: u64,
    /// Flushing.
    pub flush: u64,
    /// Making replies and handing them out.
    pub answer: u64,
}

/// The counters, for all stages.
#[derive(Debug)]
pub(super) struct FigureBoard {
    clock: ServiceClock,
    figures: Mutex<Figures>,
}

/// Times one step after the other.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    board: &'a FigureBoard,
    since: u64,
}

impl FigureBoard {
    pub(super) fn new(clock: ServiceClock) -> Self {
        Self { clock, figures: Mutex::default() }
    }

    pub(super) fn read(&self) -> Figures {
        *self.locked()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Figures)) {
        change(&mut self.locked());
    }

    /// Begins to time.
    pub(super) fn watch(&self) -> Watch<'_> {
        Watch { board: self, since: self.clock.now() }
    }

    pub(super) fn executed(&self, outcome: &EntryOutcome) {
        self.change(|figures| {
            figures.entries = figures.entries.saturating_add(1);
            let transfers = crate::disk::to_u64(outcome.outcomes.len());
            figures.transfers = figures.transfers.saturating_add(transfers);
            let remainder = u64::from(outcome.statistics.remainder_units);
            figures.remainder_units = figures.remainder_units.saturating_add(remainder);
            let rounds = usize::try_from(outcome.statistics.rounds).unwrap_or(usize::MAX);
            if let Some(count) = figures.rounds.get_mut(rounds) {
                *count = count.saturating_add(1);
            }
        });
    }

    /// One flush, of entries with so many bytes.
    pub(super) fn flushed(&self, bytes: u64) {
        self.change(|figures| {
            figures.flushes = figures.flushes.saturating_add(1);
            figures.entry_bytes = figures.entry_bytes.saturating_add(bytes);
        });
    }

    pub(super) fn snapshot_began(&self) {
        let now = self.clock.now();
        self.change(|figures| figures.snapshot.began_at = now);
    }

    pub(super) fn snapshot_durable(&self) {
        let now = self.clock.now();
        self.change(|figures| {
            figures.snapshot.durable_at = now;
            figures.snapshot.count = figures.snapshot.count.saturating_add(1);
        });
    }

    fn locked(&self) -> MutexGuard<'_, Figures> {
        // Plain figures: whatever a poisoned lock guards is whole.
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch<'_> {
    /// The time since the last lap was that of this stage.
    pub(super) fn lap(&mut self, stage: impl FnOnce(&mut StageMicros) -> &mut u64) {
        let now = self.board.clock.now();
        let took = now.saturating_sub(self.since);
        self.since = now;
        self.board.change(|figures| {
            let time = stage(&mut figures.stages);
            *time = time.saturating_add(took);
        });
    }
}

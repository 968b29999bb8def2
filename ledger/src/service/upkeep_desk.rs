//! What execution and upkeep tell each other, and how often roots and snapshots are made.

use super::arrival::ReplyTo;
use super::executed::{Proved, StateRootAt};
use super::settings::ServiceSettings;
use crate::Account;
use crate::engine::{CaptureScope, CapturedPart};

/// Work for upkeep.
#[derive(Debug)]
pub(super) enum UpkeepTask {
    /// The state after an entry follows, in parts.
    Begin {
        /// Whether everything follows, to be kept as a snapshot, or only the accounts that changed.
        is_snapshot: bool,
        sequence: u64,
        timestamp: u64,
        frozen: bool,
        /// Accounts, as they are after that entry, whose proofs are asked for.
        to_prove: Vec<(Account, ReplyTo)>,
    },
    /// A part of it.
    Part(Box<CapturedPart>),
}

/// What upkeep says.
#[derive(Debug)]
pub(super) enum News {
    /// A state root, with the proofs that were asked for.
    Root { root: StateRootAt, proved: Vec<(Proved, ReplyTo)> },
    /// It can take the next state.
    Idle,
}

/// When the next root and the next snapshot are due.
#[derive(Debug)]
pub(super) struct UpkeepPace {
    checkpoint_micros: u64,
    checkpoint_rest: u64,
    snapshot_bytes: u64,
    busy: bool,
    started_at: u64,
    /// When upkeep has rested enough.
    rested_at: u64,
    heard_at: u64,
    /// The entry of the newest root that an entry carries.
    carried: u64,
    /// Bytes of journal since the last snapshot began.
    written: u64,
}

impl UpkeepPace {
    pub(super) const fn new(settings: &ServiceSettings, now: u64) -> Self {
        Self {
            checkpoint_micros: settings.checkpoint_micros,
            checkpoint_rest: settings.checkpoint_rest,
            snapshot_bytes: settings.snapshot_bytes,
            busy: false,
            started_at: now,
            rested_at: now,
            heard_at: now,
            carried: 0,
            written: 0,
        }
    }

    /// Counts what goes to the journal.
    pub(super) const fn wrote(&mut self, bytes: u64) {
        self.written = self.written.saturating_add(bytes);
    }

    /// What upkeep shall be given now. `changed` is whether an account changed since the last root, `asked` whether
    /// somebody waits for one.
    pub(super) fn begin(&mut self, now: u64, changed: bool, asked: bool) -> Option<CaptureScope> {
        if self.busy {
            return None;
        }
        let wants_snapshot = self.written >= self.snapshot_bytes;
        let is_time = now >= self.started_at.saturating_add(self.checkpoint_micros);
        let wants_root = now >= self.rested_at && (asked || (changed && is_time));
        if !wants_snapshot && !wants_root {
            return None;
        }
        (self.busy, self.started_at) = (true, now);
        if wants_snapshot {
            self.written = 0;
            return Some(CaptureScope::Everything);
        }
        Some(CaptureScope::DirtyAccounts)
    }

    /// A root was heard of.
    pub(super) const fn heard_root(&mut self, now: u64) {
        self.heard_at = now;
    }

    /// Upkeep is idle again.
    pub(super) const fn finished(&mut self, now: u64) {
        let took = now.saturating_sub(self.started_at);
        self.busy = false;
        self.rested_at = now.saturating_add(took.saturating_mul(self.checkpoint_rest));
    }

    /// An entry carries the root after this one.
    pub(super) const fn carried(&mut self, root_sequence: u64) {
        self.carried = root_sequence;
    }

    /// Whether an entry must be made for the root alone: somebody waits for it, or no other entry came.
    pub(super) const fn must_carry(&self, now: u64, root_sequence: u64, waited_for: bool) -> bool {
        let is_late = now >= self.heard_at.saturating_add(self.checkpoint_micros);
        waited_for || (root_sequence > self.carried && is_late)
    }
}

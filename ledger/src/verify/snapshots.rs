//! Snapshots against the state executed again.

use std::collections::VecDeque;
use std::sync::Arc;

use super::difference::{At, DifferenceKind};
use super::verify_error::{VerifyError, of_service};
use crate::disk::Disk;
use crate::engine::{Engine, EngineSettings};
use crate::journal::EntryHeader;
use crate::proof::StateRoot;
use crate::service::load_state;
use crate::snapshot::{SNAPSHOT_FOLDER, Snapshot, snapshot_name};

/// The snapshots that were not compared yet.
#[derive(Debug)]
pub(super) struct Snapshots {
    disk: Arc<dyn Disk>,
    /// The entries they are of, oldest first.
    waiting: VecDeque<u64>,
    settings: EngineSettings,
}

impl Snapshots {
    pub(super) fn new(disk: Arc<dyn Disk>, sequences: &[u64], settings: EngineSettings) -> Self {
        Self { disk, waiting: sequences.iter().copied().collect(), settings }
    }

    /// Whether there is one of the state after this entry.
    pub(super) fn is_due(&self, sequence: u64) -> bool {
        self.waiting.front() == Some(&sequence)
    }

    /// Compares the one of the state after this entry, byte for byte as far as a start reads it.
    pub(super) fn compare(
        &mut self,
        header: &EntryHeader,
        engine: &Engine,
        root: StateRoot,
    ) -> Result<(), VerifyError> {
        let sequence = header.fields.sequence;
        let at = At::entry(sequence, DifferenceKind::Snapshot);
        self.waiting.pop_front();
        let name = snapshot_name(sequence);
        let snapshot = Snapshot::open(self.disk.as_ref(), &format!("{SNAPSHOT_FOLDER}/{name}"));
        let snapshot =
            snapshot.map_err(|fault| at.differs(format_args!("{name} as it was written"), fault))?;
        check_header(at, &snapshot, (header, root))?;
        let mut loaded = Engine::new(self.settings).map_err(VerifyError::Engine)?;
        load_state(&snapshot, &mut loaded).map_err(|error| of_service(at, error))?;
        compare_states(at, engine, &loaded)
    }

    /// No snapshot is left when the journal ends.
    pub(super) fn check_none_left(&self) -> Result<(), VerifyError> {
        let Some(sequence) = self.waiting.front() else { return Ok(()) };
        let at = At::entry(*sequence, DifferenceKind::Snapshot);
        Err(at.differs("a snapshot of an entry of the journal", snapshot_name(*sequence)))
    }
}

fn check_header(
    at: At,
    snapshot: &Snapshot,
    (entry, root): (&EntryHeader, StateRoot),
) -> Result<(), VerifyError> {
    let found = snapshot.header();
    if found.sequence != entry.fields.sequence {
        return Err(at.differs(entry.fields.sequence, format_args!("sequence {}", found.sequence)));
    }
    if found.chain_hash != entry.hash {
        let [expected, found] = [entry.hash, found.chain_hash].map(|hash| StateRoot(hash.0));
        return Err(at.differs(format_args!("the entry's hash {expected}"), found));
    }
    if found.state_root != root.0 {
        return Err(at.differs(format_args!("the state root {root}"), StateRoot(found.state_root)));
    }
    // Requests without a trace may have moved the time on.
    if found.timestamp < entry.fields.timestamp {
        let expected = format!("timestamp {} or later", entry.fields.timestamp);
        return Err(at.differs(expected, found.timestamp));
    }
    Ok(())
}

fn compare_states(at: At, engine: &Engine, loaded: &Engine) -> Result<(), VerifyError> {
    if engine.is_frozen() != loaded.is_frozen() {
        let words = |frozen| if frozen { "a frozen ledger" } else { "a ledger that is not frozen" };
        return Err(at.differs(words(engine.is_frozen()), words(loaded.is_frozen())));
    }
    compare_each(at, engine.accounts(), loaded.accounts())?;
    compare_each(at, engine.open_pending(), loaded.open_pending())?;
    compare_each(at, engine.allowances(), loaded.allowances())
}

/// The first of two sequences in the same order that differ.
pub(super) fn compare_each<T: PartialEq + std::fmt::Debug>(
    at: At,
    mut expected: impl Iterator<Item = T>,
    mut found: impl Iterator<Item = T>,
) -> Result<(), VerifyError> {
    loop {
        match (expected.next(), found.next()) {
            (None, None) => return Ok(()),
            (expected, found) if expected == found => {}
            (Some(expected), Some(found)) => {
                return Err(at.differs(format_args!("{expected:?}"), format_args!("{found:?}")));
            }
            (Some(expected), None) => return Err(at.differs(format_args!("{expected:?}"), "nothing more")),
            (None, Some(found)) => return Err(at.differs("nothing more", format_args!("{found:?}"))),
        }
    }
}

//! Executing the requests of an entry again.

use std::sync::Arc;

use super::compare::compare;
use super::difference::{At, DifferenceKind};
use super::directory::Directory;
use super::second_opinion::SecondOpinion;
use super::used_ids::UsedIds;
use super::verify_error::VerifyError;
use crate::engine::{Engine, EngineError, EngineSettings, PartitionKey};
use crate::id_index::HashKey;
use crate::journal::{EntryKind, JournalReader};
use crate::{Entry, EntryPart, Request};

/// The state and the ids after the entries executed so far.
#[derive(Debug)]
pub(super) struct Execution {
    pub(super) engine: Engine,
    pub(super) used: UsedIds,
    pub(super) second: Option<SecondOpinion>,
    reader: JournalReader,
}

impl Execution {
    /// A ledger without entries, executed one transfer after the other.
    pub(super) fn new(directory: &Directory, with_model: bool) -> Result<Self, VerifyError> {
        Ok(Self {
            engine: Engine::new(engine_settings(directory)).map_err(VerifyError::Engine)?,
            used: UsedIds::new(HashKey::new(directory.secret.journal_id.0)),
            second: with_model.then(SecondOpinion::default),
            reader: directory.journal.reader(),
        })
    }

    /// Executes an entry as it was executed first, and compares everything it records.
    pub(super) fn execute(&mut self, kind: EntryKind, entry: &Entry) -> Result<(), VerifyError> {
        let at = At::entry(entry.sequence, DifferenceKind::Outcome);
        let failed = |error: EngineError| at.differs("an entry that can be executed", error);
        if kind == EntryKind::Closing {
            // It executes nothing: what is due expires in the entry behind it.
            self.second.iter_mut().for_each(|second| second.pass(entry));
            return self.engine.apply_recorded(entry).map_err(failed);
        }
        self.used.check_new(entry)?;
        let known = self.used.known(entry, &self.engine, &mut self.reader)?;
        let requests = requests_of(entry);
        let outcome = self.engine.execute(entry.timestamp, &requests, &known).map_err(failed)?;
        compare(entry, &outcome)?;
        self.used.remember(entry)?;
        match &mut self.second {
            Some(second) => second.execute(entry, &requests, &outcome, &self.engine),
            None => Ok(()),
        }
    }

    /// A reader of the journal.
    pub(super) const fn reader(&mut self) -> &mut JournalReader {
        &mut self.reader
    }
}

/// The settings of an engine that executes one transfer after the other. Nothing but speed depends on the key, which
/// nobody outside knows.
pub(super) fn engine_settings(directory: &Directory) -> EngineSettings {
    EngineSettings::sequential(PartitionKey::new(directory.secret.journal_id.0))
}

/// What was asked for, as far as it had an effect. Where one request ended and the next began is not recorded and
/// makes no difference: chains are whole.
fn requests_of(entry: &Entry) -> Arc<[Request]> {
    let request = |part: &EntryPart| match part {
        EntryPart::Administrative(request) => Request::Administrative(request.clone()),
        EntryPart::Transfers(transfers) => {
            Request::Transfers(transfers.iter().map(|recorded| recorded.transfer).collect())
        }
    };
    entry.parts.iter().map(request).collect()
}

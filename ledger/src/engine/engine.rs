//! The engine: state, and executing an entry.

use std::sync::Arc;

use super::admission::Admission;
use super::cell_book::CellBook;
use super::convert::number;
use super::crew::Crew;
use super::engine_error::EngineError;
use super::entry_outcome::EntryOutcome;
use super::finding::Finding;
use super::intake::{Intake, take_in};
use super::known_ids::KnownIds;
use super::partition::Partition;
use super::partition_key::partition_of;
use super::pending_book::PendingBook;
use super::run::{RequestPlace, Run};
use super::sequential::{Sequential, SlotAt};
use super::settings::{EngineSettings, PARTITIONS_MAX};
use super::slot_index::SlotIndex;
use super::verdicts::{Verdicts, Vote};
use crate::entry_error::next_sequence;
use crate::{AccountId, Request};

/// Accounts, open pending transfers and allowances, and whether the ledger is frozen.
#[derive(Debug)]
pub struct Engine {
    pub(super) settings: EngineSettings,
    pub(super) crew: Crew,
    pub(super) partitions: Vec<Partition>,
    pub(super) pending: PendingBook,
    pub(super) frozen: bool,
    pub(super) sequence: u64,
    pub(super) timestamp: u64,
    /// Whether an entry failed halfway, so that the state is that of no entry.
    pub(super) failed: bool,
    /// Whether a capture is on.
    pub(super) capturing: bool,
    pub(super) work: Work,
}

/// What one entry is worked on with. The memory is kept from entry to entry.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) run: Arc<Run>,
    pub(super) verdicts: Arc<Verdicts>,
    pub(super) ids: SlotIndex,
    pub(super) pending_cells: CellBook,
    pub(super) findings: Vec<Finding>,
    pub(super) votes: Vec<Vote>,
    intakes: Vec<Intake>,
    slots: Vec<[SlotAt; 2]>,
}

impl Engine {
    /// A ledger without accounts.
    ///
    /// # Errors
    /// [`EngineError::Thread`] if a worker cannot be started.
    pub fn new(settings: EngineSettings) -> Result<Self, EngineError> {
        let count = settings.partitions.clamp(1, PARTITIONS_MAX);
        let partition = |one| Partition::new(settings.key, one, number(count));
        let threads = settings.threads.clamp(1, count);
        Ok(Self {
            settings,
            crew: Crew::new(threads.saturating_sub(1))?,
            partitions: (0..count).map(partition).collect(),
            pending: PendingBook::new(settings.key),
            frozen: false,
            sequence: 0,
            timestamp: 0,
            failed: false,
            capturing: false,
            work: Work {
                run: Arc::new(Run::new(settings.key)),
                verdicts: Arc::default(),
                ids: SlotIndex::default(),
                pending_cells: CellBook::default(),
                findings: Vec::new(),
                votes: Vec::new(),
                intakes: Vec::new(),
                slots: Vec::new(),
            },
        })
    }

    /// Executes the next entry. `known` says what earlier entries know of its ids.
    ///
    /// # Errors
    /// [`EngineError::Entry`] if this cannot be the next entry; then nothing has changed. After every other error
    /// the engine executes nothing more.
    pub fn execute(
        &mut self,
        timestamp: u64,
        requests: &Arc<[Request]>,
        known: &KnownIds,
    ) -> Result<EntryOutcome, EngineError> {
        self.guard(|engine| {
            let sequence = next_sequence((engine.sequence, engine.timestamp), timestamp, requests)?;
            engine.begin(sequence, timestamp);
            let mut outcome = EntryOutcome::new(sequence, timestamp);
            outcome.expired = engine.expire();
            engine.run_mut()?.begin(requests, (sequence, timestamp), outcome.expired.len());
            engine.execute_requests(requests, known, &mut outcome)?;
            engine.pending.finish_entry();
            // The caller has its requests alone again.
            engine.run_mut()?.requests = Arc::default();
            Ok(outcome)
        })
    }

    /// Lets nothing happen after a failure that left the state halfway.
    pub(super) fn guard<T>(
        &mut self,
        action: impl FnOnce(&mut Self) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        if self.failed {
            return Err(EngineError::Failed);
        }
        // Should the action not come back, what it left behind is no state either.
        self.failed = true;
        let result = action(self);
        self.failed = result.as_ref().is_err_and(|error| !matches!(error, EngineError::Entry(_)));
        result
    }

    pub(super) fn begin(&mut self, sequence: u64, timestamp: u64) {
        (self.sequence, self.timestamp) = (sequence, timestamp);
        self.partitions.iter_mut().for_each(|partition| partition.begin(timestamp));
    }

    /// Executes runs of transfers, and the administrative requests between them one by one.
    fn execute_requests(
        &mut self,
        requests: &[Request],
        known: &KnownIds,
        outcome: &mut EntryOutcome,
    ) -> Result<(), EngineError> {
        self.work
            .ids
            .reset(requests.iter().fold(0, |sum, request| sum.saturating_add(transfers_of(request))));
        let mut at = RequestPlace::default();
        while let Some(request) = requests.get(at.request) {
            if let Request::Administrative(request) = request {
                outcome.administrative.push(self.administer(request));
                at.request = at.request.saturating_add(1);
            } else {
                at = self.execute_run(at, known, outcome)?;
            }
        }
        Ok(())
    }

    /// Executes the run that begins here, and says where the next one does.
    fn execute_run(
        &mut self,
        from: RequestPlace,
        known: &KnownIds,
        outcome: &mut EntryOutcome,
    ) -> Result<RequestPlace, EngineError> {
        let (frozen, transfers_max) = (self.frozen, self.settings.run_max.max(1));
        let run = self.run_mut()?;
        let behind = run.begin_run(from, transfers_max, frozen);
        let transfers = run.run_transfers;
        // Totals near the end of their range are checked one by one.
        let has_vast = self.partitions.iter().any(|partition| partition.has_vast);
        let partitioned = transfers >= self.settings.partitioned_min && !has_vast;
        self.take_in(partitioned)?;
        self.admit(known, outcome)?;
        if partitioned {
            self.execute_partitioned(outcome)?;
            return Ok(behind);
        }
        let legs = number(self.work.run.range().len());
        outcome.statistics.sequential_transfers =
            outcome.statistics.sequential_transfers.saturating_add(legs);
        self.work.slots.clear();
        Sequential {
            run: &self.work.run,
            partitions: &mut self.partitions,
            pending: &mut self.pending,
            slots: &mut self.work.slots,
            outcome,
        }
        .execute()?;
        Ok(behind)
    }

    fn take_in(&mut self, partitioned: bool) -> Result<(), EngineError> {
        if !partitioned {
            take_in(&self.work.run, 0, 1, &mut self.work.intakes);
            return Ok(());
        }
        let step = super::crew::Step::TakeIn(Arc::clone(&self.work.run));
        self.crew.perform(step, &mut self.partitions)?;
        self.work.intakes.clear();
        for partition in &mut self.partitions {
            self.work.intakes.append(&mut partition.desk.intakes);
        }
        Ok(())
    }

    fn admit(&mut self, known: &KnownIds, outcome: &mut EntryOutcome) -> Result<(), EngineError> {
        let work = &mut self.work;
        work.pending_cells.clear();
        work.findings.clear();
        let run = Arc::get_mut(&mut work.run).ok_or(EngineError::WorkerLost)?;
        let (ids, cells, findings) = (&mut work.ids, &mut work.pending_cells, &mut work.findings);
        Admission { run, ids, known, pending: &mut self.pending, cells, findings, outcome }
            .admit(&work.intakes)
    }

    pub(super) fn run_mut(&mut self) -> Result<&mut Run, EngineError> {
        Arc::get_mut(&mut self.work.run).ok_or(EngineError::WorkerLost)
    }

    /// Where an account is.
    pub(super) fn find_mut(&mut self, id: AccountId) -> Option<(&mut Partition, u32)> {
        let hash = self.settings.key.hash(id.0);
        let home = partition_of(hash, number(self.partitions.len()));
        let partition = self.partitions.get_mut(home)?;
        let slot = partition.find(hash, id)?;
        Some((partition, slot))
    }
}

fn transfers_of(request: &Request) -> usize {
    match request {
        Request::Transfers(transfers) => transfers.len(),
        Request::Administrative(_) => 0,
    }
}

//! The second stage: gives every entry its place and time, and executes it.
//!
//! It owns the state. It never waits for the disk: what it needs from there was fetched before, and what it makes is
//! flushed behind it, at most some entries later. Nothing it says may be shown before that.

use std::collections::VecDeque;
use std::sync::Arc;

use super::arrival::{Read, ReplyTo};
use super::board::Board;
use super::executed::{After, Answered, Executed, Proved, ReadJob, Seen, StateRootAt};
use super::gather::Prepared;
use super::ids::remember_executed;
use super::known::{end_of, id_of, known_at};
use super::service_error::ServiceError;
use super::settings::{ServiceClock, ServiceSettings};
use super::upkeep_desk::{News, UpkeepPace, UpkeepTask};
use crate::body::encode_entry;
use crate::disk::to_u64;
use crate::engine::{CaptureScope, Engine, EntryOutcome, KnownIds};
use crate::handle::{AccountAt, AllowanceAt, Answer, LedgerError};
use crate::id_index::{IdIndex, IdRecord};
use crate::journal::{EntryBuffer, EntryFields, EntryKind, JournalReader};
use crate::walk::WalkError;
use crate::{AccountId, AllowanceId, KnownTransfer, Position, Recorded, RecordedTransfer, Request};

/// Rows that one step copies for a snapshot or a state root: about as long as a tenth of a full entry takes.
const CAPTURE_ROWS: usize = 8_192;

/// Proofs made against one state root.
const PROOFS_MAX: usize = 4_096;

/// When there should be another state root.
const PROOFS_RETRY_MS: u64 = 1_000;

/// Buffers kept for later entries.
const BUFFERS_KEPT: usize = 16;

/// The state, and what has been executed but not flushed.
#[derive(Debug)]
pub(super) struct Execute {
    engine: Engine,
    ids: IdIndex,
    reader: JournalReader,
    clock: ServiceClock,
    board: Arc<Board>,
    /// Entries that may not be durable yet: the journal cannot be asked for them.
    unflushed: VecDeque<Unflushed>,
    buffers: Vec<EntryBuffer>,
    root: StateRootAt,
    /// Proofs that wait for the entry that carries their root.
    proved: Vec<(Proved, ReplyTo)>,
    /// Accounts whose proof was asked for since the last root.
    to_prove: Vec<(AccountId, ReplyTo)>,
    pace: UpkeepPace,
    /// What upkeep has not taken yet.
    outgoing: VecDeque<UpkeepTask>,
    found: Vec<Option<IdRecord>>,
}

#[derive(Debug)]
struct Unflushed {
    sequence: u64,
    requests: Arc<[Request]>,
    outcome: Arc<EntryOutcome>,
}

/// What the stage is made of.
#[derive(Debug)]
pub(super) struct ExecuteParts {
    pub(super) engine: Engine,
    pub(super) ids: IdIndex,
    pub(super) reader: JournalReader,
    pub(super) clock: ServiceClock,
    pub(super) settings: ServiceSettings,
    pub(super) root: StateRootAt,
    /// Bytes of journal since the newest snapshot.
    pub(super) journal_bytes: u64,
}

impl Execute {
    pub(super) fn new(parts: ExecuteParts, board: Arc<Board>) -> Self {
        let ExecuteParts { engine, ids, reader, clock, settings, root, journal_bytes } = parts;
        let mut pace = UpkeepPace::new(&settings, clock.now());
        pace.wrote(journal_bytes);
        Self {
            engine,
            ids,
            reader,
            clock,
            board,
            unflushed: VecDeque::new(),
            buffers: Vec::new(),
            root,
            proved: Vec::new(),
            to_prove: Vec::new(),
            pace,
            outgoing: VecDeque::new(),
            found: Vec::new(),
        }
    }

    /// Executes what was prepared, and whatever is due. Nothing may be due, then nothing is handed on.
    pub(super) fn step(&mut self, mut prepared: Prepared) -> Result<Option<Executed>, ServiceError> {
        let flushed = self.reader.flushed_through();
        while self.unflushed.front().is_some_and(|entry| entry.sequence <= flushed) {
            self.unflushed.pop_front();
        }
        prepared.forget.drain(..).for_each(|batch| self.ids.forget_batch(&batch));
        let now = self.clock.now().max(self.engine.timestamp());
        let executed = self.execute(&mut prepared, now)?;
        let board = Arc::clone(&self.board);
        let mut watch = board.figures().watch();
        self.continue_capture()?;
        self.begin_capture(now)?;
        watch.lap(|stages| &mut stages.capture);
        Ok(executed)
    }

    /// What upkeep has to do, in order; whatever it cannot take is given back with [`Execute::give_back`].
    pub(super) fn next_task(&mut self) -> Option<UpkeepTask> {
        self.outgoing.pop_front()
    }

    pub(super) fn give_back(&mut self, task: UpkeepTask) {
        self.outgoing.push_front(task);
    }

    /// Whether something goes on even if nothing arrives.
    pub(super) fn is_busy(&self) -> bool {
        self.engine.is_capturing() && self.outgoing.is_empty()
    }

    /// What upkeep has to say.
    pub(super) fn hear(&mut self, news: News) {
        match news {
            News::Root { root, proved } => {
                self.pace.heard_root(self.clock.now());
                self.root = root;
                self.proved.extend(proved);
            }
            News::Idle => self.pace.finished(self.clock.now()),
        }
    }

    /// Keeps the memory of a buffer that was written.
    pub(super) fn reuse(&mut self, mut buffer: EntryBuffer) {
        if self.buffers.len() < BUFFERS_KEPT {
            buffer.clear();
            self.buffers.push(buffer);
        }
    }

    fn execute(&mut self, prepared: &mut Prepared, now: u64) -> Result<Option<Executed>, ServiceError> {
        let is_due = self.engine.next_expiry().is_some_and(|expiry| expiry <= now);
        let carries_root = self.pace.must_carry(now, self.root.sequence, !self.proved.is_empty());
        let mut answered = None;
        let mut entry = None;
        if is_due || carries_root || !prepared.submissions.is_empty() {
            let requests = prepared.take_requests();
            let outcome = self.execute_entry(now, &requests, prepared)?;
            if !outcome.is_traceless() || carries_root {
                entry = Some(self.record(&requests, &outcome)?);
            } else {
                // It leaves no trace, so the next entry takes its sequence.
                let sequence = self.engine.sequence().saturating_sub(1);
                self.engine.resume(sequence, now, self.engine.is_frozen());
            }
            let submissions = std::mem::take(&mut prepared.submissions);
            answered = (!submissions.is_empty()).then_some(Answered { requests, outcome, submissions });
        }
        let reads: Vec<_> = prepared.reads.drain(..).collect();
        let reads: Vec<_> = reads.into_iter().filter_map(|(read, reply)| self.see(read, reply)).collect();
        if entry.is_none() && answered.is_none() && reads.is_empty() {
            return Ok(None);
        }
        let proofs = if entry.is_some() { std::mem::take(&mut self.proved) } else { Vec::new() };
        Ok(Some(Executed { entry, after: self.after(), answered, reads, proofs }))
    }

    fn execute_entry(
        &mut self,
        now: u64,
        requests: &Arc<[Request]>,
        prepared: &mut Prepared,
    ) -> Result<Arc<EntryOutcome>, ServiceError> {
        let board = Arc::clone(&self.board);
        let mut watch = board.figures().watch();
        let known = self.known_ids(prepared)?;
        watch.lap(|stages| &mut stages.look_up);
        let outcome = self.engine.execute(now, requests, &known)?;
        watch.lap(|stages| &mut stages.execute);
        board.figures().executed(&outcome);
        Ok(Arc::new(outcome))
    }

    /// What is known of the ids of the work: from memory if recent, else as it was prepared.
    fn known_ids(&mut self, prepared: &mut Prepared) -> Result<KnownIds, ServiceError> {
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        self.ids.recent().get_many(&prepared.ids, &mut found);
        let mut known = std::mem::take(&mut prepared.sealed);
        for record in found.iter().flatten() {
            let place = known.binary_search_by_key(&record.id, id_of);
            if let Some(one) = place.ok().and_then(|place| known.get_mut(place)) {
                // Sealed, and ended since.
                one.end = end_of(record.state);
            }
        }
        let sealed = known.len();
        for record in found.iter().flatten() {
            let is_sealed = known.get(..sealed).unwrap_or_default();
            if is_sealed.binary_search_by_key(&record.id, id_of).is_err() {
                known.push(self.known_recent(record)?);
            }
        }
        known.sort_unstable_by_key(id_of);
        known.dedup_by_key(|one| id_of(one));
        self.found = found;
        Ok(KnownIds::new(known))
    }

    fn known_recent(&mut self, record: &IdRecord) -> Result<KnownTransfer, ServiceError> {
        let sequence = record.position.sequence();
        let Some(entry) = self.unflushed.iter().find(|entry| entry.sequence == sequence) else {
            return known_at(&mut self.reader, record);
        };
        let index = record.position.index().saturating_sub(to_u64(entry.outcome.expired.len()));
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let recorded = entry.outcome.recorded_transfers(&entry.requests).nth(index);
        let RecordedTransfer { transfer, outcome, .. } =
            recorded.ok_or(WalkError::no_record(record.position))?;
        let recorded = Recorded { position: record.position, outcome };
        let (timestamp, end) = (entry.outcome.timestamp, end_of(record.state));
        Ok(KnownTransfer { transfer, recorded, timestamp, end })
    }

    /// Remembers the ids of an entry and writes it into a buffer.
    fn record(
        &mut self,
        requests: &Arc<[Request]>,
        outcome: &Arc<EntryOutcome>,
    ) -> Result<(EntryFields, EntryBuffer), ServiceError> {
        let board = Arc::clone(&self.board);
        let mut watch = board.figures().watch();
        remember_executed(&mut self.ids, outcome, requests)?;
        watch.lap(|stages| &mut stages.remember);
        let mut buffer = self.buffers.pop().unwrap_or_default();
        let counts = encode_entry(outcome, requests, &mut buffer);
        watch.lap(|stages| &mut stages.encode);
        self.pace.wrote(to_u64(buffer.body().len()));
        self.unflushed.push_back(Unflushed {
            sequence: outcome.sequence,
            requests: Arc::clone(requests),
            outcome: Arc::clone(outcome),
        });
        self.pace.carried(self.root.sequence);
        let fields = EntryFields {
            kind: EntryKind::Batch,
            sequence: outcome.sequence,
            timestamp: outcome.timestamp,
            counts,
            state_root: self.root.root,
            state_root_sequence: self.root.sequence,
        };
        Ok((fields, buffer))
    }

    fn after(&self) -> After {
        After {
            sequence: self.engine.sequence(),
            timestamp: self.engine.timestamp(),
            accounts: to_u64(self.engine.account_count()),
            open_pending: to_u64(self.engine.open_pending_count()),
            frozen: self.engine.is_frozen(),
            root: self.root,
        }
    }

    /// What a read sees now. A proof waits for the next root.
    fn see(&mut self, read: Read, reply: ReplyTo) -> Option<(Seen, ReplyTo)> {
        let (sequence, timestamp) = (self.engine.sequence(), self.engine.timestamp());
        let seen = match read {
            Read::Accounts(ids) => {
                let accounts = ids.iter().map(|id| self.engine.account(*id)).collect();
                Seen::Answer(Answer::Accounts { sequence, timestamp, accounts })
            }
            Read::AccountAt { account, sequence: at } => self.see_account_at(account, at),
            Read::Allowance(id) => Seen::Answer(Answer::Allowance(self.allowance_at(id))),
            Read::Transfer(id) => {
                let recent = self.ids.recent().get(id.0);
                Seen::Job(ReadJob::Transfer { id, recent, sequence })
            }
            Read::Statement(query) => {
                let account = self.engine.account(query.account);
                let newest = account.map_or(Position::NONE, |account| account.last_position);
                Seen::Job(ReadJob::Statement { query, newest, sequence })
            }
            Read::Prove(id) => {
                if self.engine.account(id).is_none() {
                    return Some((Seen::Answer(Answer::Proved(None)), reply));
                }
                if self.to_prove.len() < PROOFS_MAX {
                    self.to_prove.push((id, reply));
                } else {
                    // Whoever does not wait any more is told nothing.
                    drop(reply.send(Err(LedgerError::Busy { retry_after_ms: PROOFS_RETRY_MS })));
                }
                return None;
            }
        };
        Some((seen, reply))
    }

    fn see_account_at(&self, id: AccountId, at: u64) -> Seen {
        let (sequence, timestamp) = (self.engine.sequence(), self.engine.timestamp());
        match self.engine.account(id) {
            Some(account) if at < sequence => Seen::Job(ReadJob::AccountAt { account, at }),
            account => {
                let account = account.map(|account| AccountAt { account, sequence, timestamp });
                Seen::Answer(Answer::AccountAt(account))
            }
        }
    }

    fn allowance_at(&self, id: AllowanceId) -> Option<AllowanceAt> {
        let (sequence, timestamp) = (self.engine.sequence(), self.engine.timestamp());
        let allowance = self.engine.allowance(id)?.clone();
        let uses = allowance.explain(timestamp).collect();
        Some(AllowanceAt { allowance, uses, sequence, timestamp })
    }

    /// Copies some more rows, unless upkeep has not even taken the last ones.
    fn continue_capture(&mut self) -> Result<(), ServiceError> {
        if self.engine.is_capturing() && self.outgoing.is_empty() {
            let part = self.engine.capture_some(CAPTURE_ROWS)?;
            self.outgoing.push_back(UpkeepTask::Part(Box::new(part)));
        }
        Ok(())
    }

    fn begin_capture(&mut self, now: u64) -> Result<(), ServiceError> {
        if self.engine.is_capturing() || !self.outgoing.is_empty() {
            return Ok(());
        }
        let changed = self.engine.dirty_accounts() > 0;
        let Some(scope) = self.pace.begin(now, changed, !self.to_prove.is_empty()) else {
            return Ok(());
        };
        let to_prove = std::mem::take(&mut self.to_prove);
        let account = |(id, reply): (AccountId, ReplyTo)| Some((self.engine.account(id)?, reply));
        let to_prove = to_prove.into_iter().filter_map(account).collect();
        self.engine.begin_capture(scope)?;
        self.count_memory();
        if scope == CaptureScope::Everything {
            self.board.figures().snapshot_began();
        }
        self.outgoing.push_back(UpkeepTask::Begin {
            is_snapshot: scope == CaptureScope::Everything,
            sequence: self.engine.sequence(),
            timestamp: self.engine.timestamp(),
            frozen: self.engine.is_frozen(),
            to_prove,
        });
        Ok(())
    }

    /// An account as it is now, durable or not.
    #[cfg(test)]
    pub(super) fn account(&self, id: AccountId) -> Option<crate::Account> {
        self.engine.account(id)
    }

    fn count_memory(&self) {
        let (account_bytes, recent) = (to_u64(self.engine.account_memory_bytes()), self.ids.recent());
        self.board.figures().change(|figures| {
            figures.account_bytes = account_bytes;
            figures.recent_ids = to_u64(recent.len());
            figures.recent_id_bytes = to_u64(recent.memory_bytes());
        });
    }

    /// What the closing entry says.
    pub(super) fn closing(&self) -> (u64, StateRootAt) {
        (self.clock.now().max(self.engine.timestamp()), self.root)
    }
}

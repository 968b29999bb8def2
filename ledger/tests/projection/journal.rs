//! A ledger for tests: executes requests, keeps the entries in memory and serves them, and says what the model makes
//! of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ledger::body::encode_entry;
use ledger::engine::{Engine, EngineSettings, KnownIds, PartitionKey};
use ledger::handle::{Answer, Ask, Asking, Command, Handle, LedgerError, LedgerStatus, RawEntry};
use ledger::journal::{EntryBuffer, EntryFields, EntryHash, EntryHeader, EntryKind};
use ledger::model::Model;
use ledger::projection::{EventKind, LedgerEvent};
use ledger::{
    EntryResult, KnownTransfer, Position, Reply, Request, Transfer, TransferFlags, TransferId, TransferStatus,
};

/// Entries, and the state behind them.
#[derive(Debug)]
pub(crate) struct Journal {
    engine: Engine,
    pub(crate) model: Model,
    pub(crate) entries: Vec<RawEntry>,
    /// Every accepted transfer and every expiry, by the replies of the model alone.
    pub(crate) events: Vec<LedgerEvent>,
    accepted: BTreeMap<TransferId, Transfer>,
}

impl Journal {
    /// Executes entries, each at its time.
    pub(crate) fn of(entries: &[(u64, Vec<Request>)]) -> Self {
        let settings = EngineSettings::sequential(PartitionKey::new([1; 16]));
        let mut journal = Self {
            engine: Engine::new(settings).unwrap(),
            model: Model::new(),
            entries: Vec::new(),
            events: Vec::new(),
            accepted: BTreeMap::new(),
        };
        for (timestamp, requests) in entries {
            journal.execute(*timestamp, requests);
        }
        journal
    }

    /// Executes one more entry.
    pub(crate) fn execute(&mut self, timestamp: u64, requests: &[Request]) {
        let requests: Arc<[Request]> = requests.into();
        let known = self.known_ids(&requests);
        let outcome = self.engine.execute(timestamp, &requests, &known).unwrap();
        let result = self.model.execute(timestamp, &requests).unwrap();
        assert_eq!(outcome.result(&requests), result);
        let mut buffer = EntryBuffer::new();
        let counts = encode_entry(&outcome, &requests, &mut buffer);
        let fields = EntryFields {
            kind: EntryKind::Batch,
            sequence: outcome.sequence,
            timestamp,
            counts,
            state_root: [0; 32],
            state_root_sequence: 0,
        };
        self.push(fields, buffer.body().to_vec());
        self.note(&result, timestamp, &requests);
    }

    /// The entry of a clean stop, which has no body.
    pub(crate) fn close(&mut self, timestamp: u64) {
        self.execute(timestamp, &[]);
        let mut entry = self.entries.pop().unwrap();
        entry.header.fields.kind = EntryKind::Closing;
        entry.header.fields.counts = ledger::journal::EntryCounts::default();
        self.push(entry.header.fields, Vec::new());
    }

    fn push(&mut self, fields: EntryFields, body: Vec<u8>) {
        let previous_hash = self.entries.last().map_or(EntryHash::default(), |entry| entry.header.hash);
        let hashed = [&previous_hash.0[..], &fields.sequence.to_be_bytes(), &body].concat();
        let header = EntryHeader {
            fields,
            body_length: u32::try_from(body.len()).unwrap(),
            flushed_through: 0,
            previous_hash,
            hash: EntryHash(*blake3::hash(&hashed).as_bytes()),
        };
        self.entries.push(RawEntry { header, body });
    }

    /// What the model knows of the ids of a batch, but for what the engine says is open.
    fn known_ids(&self, requests: &[Request]) -> KnownIds {
        let mut wanted = BTreeSet::new();
        for transfer in requests.iter().flat_map(transfers) {
            wanted.insert(transfer.id);
            if !self.engine.is_open(transfer.pending_id) {
                wanted.insert(transfer.pending_id);
            }
        }
        let known = wanted.iter().filter_map(|id| self.model.transfer(*id).copied());
        KnownIds::new(known.collect::<Vec<KnownTransfer>>())
    }

    fn note(&mut self, result: &EntryResult, timestamp: u64, requests: &[Request]) {
        for (index, expiry) in (0..).zip(&result.expired) {
            let position = Position::new(result.sequence, index).unwrap();
            let transfer = self.accepted[&expiry.pending.id];
            let event = event(&transfer, position, timestamp);
            let (transfer_id, pending_id) = (None, Some(transfer.id));
            let (amount, released) = (0, transfer.amount);
            let kind = EventKind::Expiry;
            self.events.push(LedgerEvent { transfer_id, pending_id, amount, released, kind, ..event });
        }
        for (request, reply) in requests.iter().zip(&result.replies) {
            let Reply::Transfers(replies) = reply else { continue };
            for (transfer, reply) in transfers(request).iter().zip(replies) {
                if reply.status == TransferStatus::Accepted {
                    let recorded = reply.recorded.unwrap();
                    self.accept(transfer, recorded.position, recorded.outcome.amount, timestamp);
                }
            }
        }
    }

    fn accept(&mut self, transfer: &Transfer, position: Position, amount: u64, timestamp: u64) {
        self.accepted.insert(transfer.id, *transfer);
        let event = if transfer.ends_pending() {
            let pending = self.accepted[&transfer.pending_id];
            let kind = if transfer.is(TransferFlags::VOID) { EventKind::Void } else { EventKind::Post };
            LedgerEvent {
                kind,
                transfer_id: Some(transfer.id),
                pending_id: Some(pending.id),
                amount,
                released: pending.amount,
                reference: transfer.reference,
                ..event(&pending, position, timestamp)
            }
        } else {
            let pending = transfer.is(TransferFlags::PENDING);
            let kind = if pending { EventKind::Pending } else { EventKind::Transfer };
            LedgerEvent { kind, ..event(transfer, position, timestamp) }
        };
        self.events.push(event);
    }
}

fn event(transfer: &Transfer, position: Position, timestamp: u64) -> LedgerEvent {
    LedgerEvent {
        position,
        timestamp,
        kind: EventKind::Transfer,
        debit_account: transfer.debit_account,
        credit_account: transfer.credit_account,
        transfer_id: Some(transfer.id),
        pending_id: None,
        amount: transfer.amount,
        released: 0,
        asset: transfer.asset,
        code: transfer.code,
        reference: transfer.reference,
    }
}

fn transfers(request: &Request) -> &[Transfer] {
    match request {
        Request::Transfers(transfers) => transfers,
        Request::Administrative(_) => &[],
    }
}

/// How long an entry is waited for that is not there.
const WAIT: Duration = Duration::from_millis(20);

/// Answers with entries, so many at once.
#[derive(Debug)]
pub(crate) struct Served {
    entries: Vec<RawEntry>,
    at_once: usize,
    /// Answers that are refused before the first one is given.
    refusals: AtomicUsize,
}

impl Served {
    /// A handle to these entries.
    pub(crate) fn handle(entries: &[RawEntry], at_once: usize) -> Handle {
        Self::refusing(entries, at_once, 0)
    }

    /// A handle that first refuses so many times.
    pub(crate) fn refusing(entries: &[RawEntry], at_once: usize, refusals: usize) -> Handle {
        let refusals = AtomicUsize::new(refusals);
        Handle::new(Arc::new(Self { entries: entries.to_vec(), at_once, refusals }))
    }

    async fn answer(&self, command: Command) -> Result<Answer, LedgerError> {
        let left = self.refusals.load(Ordering::Relaxed);
        if left > 0 {
            self.refusals.store(left - 1, Ordering::Relaxed);
            return Err(match left % 3 {
                0 => LedgerError::Busy { retry_after_ms: 1 },
                1 => LedgerError::ConnectionLost("as the test wants it".to_owned()),
                _ => LedgerError::Stopped("as the test wants it".to_owned()),
            });
        }
        match command {
            Command::Entries { from } => Ok(Answer::Entries(self.from(from).await)),
            Command::Status => Ok(Answer::Status(self.status())),
            other => panic!("a projection does not ask {other:?}"),
        }
    }

    /// Nobody writes more, so what is not there never comes: as the ledger does, it waits a while and says so.
    async fn from(&self, from: u64) -> Vec<RawEntry> {
        let first = self.entries.iter().position(|entry| entry.header.fields.sequence == from);
        match first {
            Some(first) => self.entries[first..].iter().take(self.at_once).cloned().collect(),
            None => {
                tokio::time::sleep(WAIT).await;
                Vec::new()
            }
        }
    }

    fn status(&self) -> LedgerStatus {
        let Some(newest) = self.entries.last() else { return LedgerStatus::default() };
        let EntryFields { sequence, timestamp, .. } = newest.header.fields;
        LedgerStatus { sequence, timestamp, hash: newest.header.hash, ..LedgerStatus::default() }
    }
}

impl Ask for Served {
    fn ask(&self, command: Command) -> Asking<'_> {
        Box::pin(self.answer(command))
    }
}

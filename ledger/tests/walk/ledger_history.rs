//! A ledger that keeps everything: an engine whose entries go to a journal on a fake disk, and beside it the model
//! with every account after every entry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::body::encode_entry;
use ledger::disk::{Disk, FakeDisk};
use ledger::engine::{Engine, EngineSettings, KnownIds, PartitionKey};
use ledger::journal::{
    EntryBuffer, EntryCounts, EntryFields, EntryKind, Journal, JournalId, JournalOptions, JournalReader,
};
use ledger::model::Model;
use ledger::{Account, AccountId, Entry, Position, Request, TransferId};

use crate::statement_model::StatementModel;

/// Everything that has happened.
pub(crate) struct LedgerHistory {
    model: Model,
    engine: Engine,
    journal: Journal,
    buffer: EntryBuffer,
    pub(crate) disk: FakeDisk,
    /// What the statements have to be.
    pub(crate) statements: StatementModel,
    /// The entries; the first has sequence 1.
    pub(crate) entries: Vec<Entry>,
    /// The accounts after each entry; before the first there are none.
    states: Vec<BTreeMap<AccountId, Account>>,
}

impl LedgerHistory {
    /// Nothing yet; segments of so many pages.
    pub(crate) fn new(segment_pages: u64) -> Self {
        let disk = FakeDisk::new(1);
        Self::on(disk.clone(), Arc::new(disk), segment_pages)
    }

    /// Nothing yet, on a disk behind which `disk` is.
    pub(crate) fn on(disk: FakeDisk, outer: Arc<dyn Disk>, segment_pages: u64) -> Self {
        let options = JournalOptions {
            journal_id: JournalId(*b"journal of walks"),
            segment_bytes: segment_pages * 4_096,
            required_through: 0,
        };
        let key = PartitionKey::new([3; 16]);
        Self {
            model: Model::new(),
            engine: Engine::new(EngineSettings::sequential(key)).unwrap(),
            journal: Journal::open(outer, options).unwrap().0,
            buffer: EntryBuffer::new(),
            disk,
            statements: StatementModel::default(),
            entries: Vec::new(),
            states: vec![BTreeMap::new()],
        }
    }

    /// Executes an entry and makes it durable.
    pub(crate) fn execute(&mut self, timestamp: u64, requests: &[Request]) {
        let requests: Arc<[Request]> = Arc::from(requests);
        let known = self.known_ids(&requests);
        let outcome = self.engine.execute(timestamp, &requests, &known).unwrap();
        let result = self.model.execute(timestamp, &requests).unwrap();
        assert_eq!(outcome.result(&requests), result);
        self.statements.entry(timestamp, &requests, &result);
        let counts = encode_entry(&outcome, &requests, &mut self.buffer);
        let (sequence, kind) = (outcome.sequence, EntryKind::Batch);
        let (state_root, state_root_sequence) = ([0; 32], sequence - 1);
        let fields = EntryFields { kind, sequence, timestamp, counts, state_root, state_root_sequence };
        self.journal.append(fields, &mut self.buffer).unwrap();
        self.journal.flush().unwrap();
        self.entries.push(Entry::of(&outcome, &requests));
        self.states.push(self.model.accounts().map(|account| (account.id, *account)).collect());
    }

    /// Moves every full segment to the archive and takes it for new entries.
    pub(crate) fn seal(&mut self) -> usize {
        let archiver = self.journal.archiver();
        let mut sealed = 0;
        while let Some(ordinal) = archiver.next_sealable(u64::MAX) {
            let archived = archiver.archive(ordinal).unwrap();
            self.journal.recycle(&archived).unwrap();
            sealed += 1;
        }
        sealed
    }

    /// Writes the entry of a clean stop behind the others, and says where its first record would stand.
    pub(crate) fn close(&mut self) -> Position {
        let (sequence, timestamp) = (self.sequence() + 1, self.timestamp(self.sequence()));
        let (kind, counts) = (EntryKind::Closing, EntryCounts::default());
        let (state_root, state_root_sequence) = ([0; 32], sequence - 1);
        let fields = EntryFields { kind, sequence, timestamp, counts, state_root, state_root_sequence };
        self.journal.append(fields, &mut self.buffer).unwrap();
        self.journal.flush().unwrap();
        Position::new(sequence, 0).unwrap()
    }

    /// All files that hold entries.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = ["journal", "archive"].into_iter().flat_map(|folder| {
            let names = self.disk.list(folder).unwrap();
            names.into_iter().map(move |name| format!("{folder}/{name}"))
        });
        files.map(|path| (path.clone(), self.disk.contents(&path).unwrap())).collect()
    }

    /// Overwrites bytes of an entry, counted from its header on, wherever it lies.
    pub(crate) fn overwrite(&self, sequence: u64, offset: usize, bytes: &[u8]) {
        let hash = self.reader().read_header(sequence).unwrap().hash.0;
        let mut places = 0;
        for (path, mut contents) in self.files() {
            // An entry begins with a page, and its hash stands 16 bytes behind.
            let mut pages = contents.chunks_exact(4_096);
            if let Some(page) = pages.position(|page| page[16..48] == hash) {
                contents[page * 4_096 + offset..][..bytes.len()].copy_from_slice(bytes);
                self.disk.replace(&path, contents);
                places += 1;
            }
        }
        assert!(places > 0, "entry {sequence} lies nowhere");
    }

    pub(crate) fn reader(&self) -> JournalReader {
        self.journal.reader()
    }

    /// The newest entry.
    pub(crate) fn sequence(&self) -> u64 {
        u64::try_from(self.entries.len()).unwrap()
    }

    /// When an entry was made.
    pub(crate) fn timestamp(&self, sequence: u64) -> u64 {
        self.entries[usize::try_from(sequence).unwrap() - 1].timestamp
    }

    /// The accounts after an entry.
    pub(crate) fn accounts(&self, sequence: u64) -> &BTreeMap<AccountId, Account> {
        &self.states[usize::try_from(sequence).unwrap()]
    }

    /// The newest statement entry of an account after an entry.
    pub(crate) fn newest(&self, account: AccountId, sequence: u64) -> Position {
        self.accounts(sequence).get(&account).map_or(Position::NONE, |account| account.last_position)
    }

    fn known_ids(&self, requests: &[Request]) -> KnownIds {
        let transfers = requests.iter().flat_map(|request| match request {
            Request::Transfers(transfers) => transfers.as_slice(),
            Request::Administrative(_) => &[],
        });
        let mut wanted: BTreeSet<TransferId> = BTreeSet::new();
        for transfer in transfers {
            wanted.insert(transfer.id);
            if !self.engine.is_open(transfer.pending_id) {
                wanted.insert(transfer.pending_id);
            }
        }
        let known = wanted.iter().filter_map(|id| self.model.transfer(*id).copied());
        KnownIds::new(known.collect::<Vec<_>>())
    }
}

//! The start: the newest snapshot that holds, the entries behind it, and every root on the way compared.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::executed::StateRootAt;
use super::ids::remember_recorded;
use super::secret::Secret;
use super::service_error::ServiceError;
use super::settings::ServiceSettings;
use super::snapshot_state::load_state;
use crate::body::decode_entry;
use crate::disk::{Disk, to_u64};
use crate::engine::{CaptureScope, Engine, EngineSettings, PartitionKey};
use crate::handle::LedgerStatus;
use crate::id_index::{HashKey, IdIndex, IdSealer};
use crate::journal::{EntryHeader, Journal, JournalOptions, Recovered};
use crate::proof::{Change, Leaf, StateTree, TreeKey};
use crate::snapshot::{SnapshotFault, SnapshotFolder, SnapshotHeader};

/// Accounts taken at once when the state tree is brought up to date.
const TREE_ROWS: usize = 65_536;

/// The ledger as it was when it stopped.
#[derive(Debug)]
pub(super) struct RecoveredState {
    pub(super) engine: Engine,
    pub(super) tree: StateTree,
    pub(super) journal: Journal,
    pub(super) ids: IdIndex,
    pub(super) sealer: IdSealer,
    pub(super) root: StateRootAt,
    pub(super) report: RecoveryReport,
}

impl RecoveredState {
    /// How far the ledger is before anything is asked of it.
    pub(super) fn status(&self) -> LedgerStatus {
        LedgerStatus {
            sequence: self.journal.last_sequence(),
            timestamp: self.journal.last_timestamp(),
            hash: self.journal.last_hash(),
            state_root: self.root.root,
            state_root_sequence: self.root.sequence,
            snapshot_sequence: self.report.snapshot_sequence,
            sealed_through: self.sealer.sealed_through(),
            accounts: to_u64(self.engine.account_count()),
            open_pending: to_u64(self.engine.open_pending_count()),
            frozen: self.engine.is_frozen(),
            queued_transfers: 0,
        }
    }
}

/// What a start found and did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveryReport {
    /// The entry of the snapshot that was loaded; zero if there was none.
    pub snapshot_sequence: u64,
    /// Newer snapshots that do not hold, and why.
    pub snapshots_refused: Vec<String>,
    /// Accounts in the snapshot.
    pub snapshot_accounts: u64,
    /// Entries replayed behind the snapshot.
    pub entries_replayed: u64,
    /// Transfers in them.
    pub transfers_replayed: u64,
    /// State roots that were computed again and compared.
    pub roots_compared: u64,
    /// What the journal found.
    pub journal: Recovered,
}

/// Reads everything back. `seed` is random for each start: what divides accounts and ids must not be guessable.
pub(super) fn recover(
    disk: &Arc<dyn Disk>,
    settings: &ServiceSettings,
    secret: &Secret,
    seed: [u8; 32],
) -> Result<RecoveredState, ServiceError> {
    let (partition_key, hash_key) = keys(seed);
    let engine_settings = EngineSettings {
        partitions: settings.partitions,
        threads: settings.threads,
        partitioned_min: settings.partitioned_min,
        ..EngineSettings::partitioned(settings.threads, partition_key)
    };
    let mut state = Replay::new(Engine::new(engine_settings)?, secret.tree_key.clone());
    let header = state.load_snapshot(disk)?;
    let options = JournalOptions {
        journal_id: secret.journal_id,
        segment_bytes: settings.segment_bytes,
        required_through: header.sequence,
    };
    let (journal, recovered) = Journal::open(Arc::clone(disk), options)?;
    let (mut ids, sealer) = IdIndex::open(Arc::clone(disk), hash_key)?;
    state.report.journal = recovered;
    state.replay(&journal, &header, (&mut ids, sealer.sealed_through()))?;
    let Replay { engine, tree, root, report, .. } = state;
    Ok(RecoveredState { engine, tree, journal, ids, sealer, root, report })
}

fn keys(seed: [u8; 32]) -> (PartitionKey, HashKey) {
    let half = |context: &str| {
        let hash = blake3::derive_key(context, &seed);
        let mut key = [0; 16];
        key.copy_from_slice(hash.split_at(16).0);
        key
    };
    (PartitionKey::new(half("ballast ledger partitions")), HashKey::new(half("ballast ledger ids")))
}

/// The state while entries are applied to it.
#[derive(Debug)]
struct Replay {
    engine: Engine,
    tree: StateTree,
    tree_key: TreeKey,
    root: StateRootAt,
    report: RecoveryReport,
}

impl Replay {
    fn new(engine: Engine, tree_key: TreeKey) -> Self {
        let (root, report) = (StateRootAt::default(), RecoveryReport::default());
        Self { engine, tree: StateTree::new(), tree_key, root, report }
    }

    fn load_snapshot(&mut self, disk: &Arc<dyn Disk>) -> Result<SnapshotHeader, ServiceError> {
        let Some(newest) = SnapshotFolder::open(Arc::clone(disk))?.newest()? else {
            return Ok(SnapshotHeader::default());
        };
        let header = *newest.snapshot.header();
        let refused = |(name, fault): &(String, SnapshotFault)| format!("{name}: {fault}");
        self.report.snapshots_refused = newest.refused.iter().map(refused).collect();
        load_state(&newest.snapshot, &mut self.engine)?;
        self.report.snapshot_sequence = header.sequence;
        self.report.snapshot_accounts = to_u64(self.engine.account_count());
        self.compare_root(StateRootAt { root: header.state_root, sequence: header.sequence })?;
        Ok(header)
    }

    /// Applies every entry behind the snapshot and remembers every id that is not sealed.
    fn replay(
        &mut self,
        journal: &Journal,
        snapshot: &SnapshotHeader,
        (ids, sealed_through): (&mut IdIndex, u64),
    ) -> Result<(), ServiceError> {
        let mut reader = journal.reader();
        let last = journal.last_sequence();
        if snapshot.sequence > 0 && reader.read_header(snapshot.sequence)?.hash != snapshot.chain_hash {
            return Err(ServiceError::RootDiffers(snapshot.sequence));
        }
        // A root is carried by a later entry, so what to compare has to be known beforehand.
        let mut roots = BTreeMap::new();
        for sequence in snapshot.sequence.saturating_add(1)..=last {
            let carried = carried_root(&reader.read_header(sequence)?);
            roots.insert(carried.sequence, carried.root);
        }
        let mut cursor = reader.cursor(sealed_through.min(snapshot.sequence).saturating_add(1));
        while let Some(view) = cursor.next_entry()? {
            let sequence = view.header.fields.sequence;
            let entry = decode_entry(&view.header, view.body)
                .map_err(|fault| ServiceError::Body { sequence, fault })?;
            if sequence > sealed_through {
                remember_recorded(ids, &entry)?;
            }
            if sequence <= snapshot.sequence {
                continue;
            }
            self.engine.apply_recorded(&entry)?;
            let transfers = u64::from(view.header.fields.counts.transfers);
            self.report.entries_replayed = self.report.entries_replayed.saturating_add(1);
            self.report.transfers_replayed = self.report.transfers_replayed.saturating_add(transfers);
            if let Some(root) = roots.get(&sequence) {
                self.compare_root(StateRootAt { root: *root, sequence })?;
            }
        }
        Ok(())
    }

    /// Brings the tree up to date and compares its root.
    fn compare_root(&mut self, expected: StateRootAt) -> Result<(), ServiceError> {
        update_tree(&mut self.engine, &mut self.tree, &self.tree_key)?;
        if self.tree.root().state_root().0 != expected.root {
            return Err(ServiceError::RootDiffers(expected.sequence));
        }
        self.root = expected;
        self.report.roots_compared = self.report.roots_compared.saturating_add(1);
        Ok(())
    }
}

/// The root that an entry carries.
pub(crate) fn carried_root(header: &EntryHeader) -> StateRootAt {
    StateRootAt { root: header.fields.state_root, sequence: header.fields.state_root_sequence }
}

/// Writes every account that changed since the last time into the tree.
pub(crate) fn update_tree(
    engine: &mut Engine,
    tree: &mut StateTree,
    tree_key: &TreeKey,
) -> Result<(), ServiceError> {
    engine.begin_capture(CaptureScope::DirtyAccounts)?;
    while engine.is_capturing() {
        let part = engine.capture_some(TREE_ROWS)?;
        let mut changes = Vec::with_capacity(part.accounts.len());
        for captured in &part.accounts {
            let change = if captured.created { Change::created } else { Change::updated };
            changes.push(change(tree_key, &Leaf::from(&captured.account))?);
        }
        tree.update(&mut changes)?;
    }
    Ok(())
}

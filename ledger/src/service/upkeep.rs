//! Beside the pipeline: state roots, snapshots, and sealing what a snapshot covers.
//!
//! It is given the state after an entry in parts, while execution goes on, and updates the state tree with the
//! accounts that changed. If everything was given, it writes a snapshot; then full segments go to the archive, their
//! ids to sorted runs, and their files back to the journal. One thing at a time.

use std::sync::Arc;

use super::arrival::ReplyTo;
use super::executed::{Proved, StateRootAt};
use super::ids::{IdChange, for_each_recorded};
use super::service_error::ServiceError;
use super::snapshot_state::StateWriter;
use super::upkeep_desk::{News, UpkeepTask};
use crate::Account;
use crate::body::decode_entry;
use crate::disk::Disk;
use crate::engine::CapturedPart;
use crate::id_index::{IdSealer, SealedBatch};
use crate::journal::{ArchivedSegment, JournalReader, SegmentArchiver};
use crate::proof::{Change, Leaf, StateTree, TreeKey};
use crate::snapshot::{SnapshotFolder, SnapshotHeader};

/// The owner of the state tree, the snapshots and the sealed ids.
#[derive(Debug)]
pub(super) struct Upkeep {
    parts: UpkeepParts,
    current: Option<Given>,
    /// A snapshot whose last part is written, but whose entry may not be durable yet.
    complete: Option<(StateWriter, SnapshotHeader)>,
    snapshot_sequence: u64,
}

/// What upkeep is made of.
#[derive(Debug)]
pub(super) struct UpkeepParts {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) tree: StateTree,
    pub(super) tree_key: TreeKey,
    pub(super) reader: JournalReader,
    pub(super) archiver: SegmentArchiver,
    pub(super) sealer: IdSealer,
    pub(super) snapshot_sequence: u64,
}

/// A state that is being given.
#[derive(Debug)]
struct Given {
    sequence: u64,
    timestamp: u64,
    changes: Vec<Change>,
    snapshot: Option<StateWriter>,
    to_prove: Vec<(Account, ReplyTo)>,
}

/// A segment that was sealed: its ids may be forgotten, its file may be used again.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) ids: SealedBatch,
    pub(super) segment: ArchivedSegment,
}

impl Upkeep {
    pub(super) const fn new(parts: UpkeepParts) -> Self {
        let snapshot_sequence = parts.snapshot_sequence;
        Self { parts, current: None, complete: None, snapshot_sequence }
    }

    /// Does one task, and says what execution should know.
    pub(super) fn step(&mut self, task: UpkeepTask) -> Result<Vec<News>, ServiceError> {
        match task {
            UpkeepTask::Begin { is_snapshot, sequence, timestamp, frozen, to_prove } => {
                let snapshot = if is_snapshot {
                    let folder = SnapshotFolder::open(Arc::clone(&self.parts.disk))?;
                    Some(StateWriter::begin(&folder, sequence, frozen)?)
                } else {
                    None
                };
                self.current = Some(Given { sequence, timestamp, changes: Vec::new(), snapshot, to_prove });
                Ok(Vec::new())
            }
            UpkeepTask::Part(part) => self.take_part(&part),
        }
    }

    /// The entry that must be durable before the snapshot may be.
    pub(super) fn awaits(&self) -> Option<u64> {
        self.complete.as_ref().map(|(_, header)| header.sequence)
    }

    /// Makes the complete snapshot durable. Its entry must be durable by now.
    pub(super) fn finish_snapshot(&mut self) -> Result<Option<u64>, ServiceError> {
        let Some((writer, mut header)) = self.complete.take() else { return Ok(None) };
        header.chain_hash = self.parts.reader.read_header(header.sequence)?.hash;
        writer.finish(&header, &self.parts.sealer.manifest_bytes())?;
        self.snapshot_sequence = header.sequence;
        Ok(Some(header.sequence))
    }

    /// Seals the oldest segment that the newest snapshot covers, if there is one.
    pub(super) fn seal_next(&mut self) -> Result<Option<Sealed>, ServiceError> {
        let Some(ordinal) = self.parts.archiver.next_sealable(self.snapshot_sequence) else {
            return Ok(None);
        };
        let segment = self.parts.archiver.archive(ordinal)?;
        let ids = self.seal_ids(&segment)?;
        Ok(Some(Sealed { ids, segment }))
    }

    /// Seals the ids of a segment that is in the archive; one that was sealed before a crash is left alone.
    pub(super) fn seal_ids(&mut self, segment: &ArchivedSegment) -> Result<SealedBatch, ServiceError> {
        if segment.last_sequence() <= self.parts.sealer.sealed_through() {
            return Ok(SealedBatch::default());
        }
        let (mut ids, mut ends) = (Vec::new(), Vec::new());
        let mut cursor = self.parts.reader.cursor(segment.first_sequence());
        while cursor.next_sequence() <= segment.last_sequence() {
            let Some(view) = cursor.next_entry()? else { break };
            let sequence = view.header.fields.sequence;
            let entry = decode_entry(&view.header, view.body)
                .map_err(|fault| ServiceError::Body { sequence, fault })?;
            for_each_recorded(&entry, |change| {
                match change {
                    IdChange::Used(record) => ids.push(record),
                    IdChange::Ended(record) => ends.push(record),
                }
                Ok::<(), ServiceError>(())
            })?;
        }
        Ok(self.parts.sealer.seal(segment.last_sequence(), ids, ends)?)
    }

    /// Merges some runs of ids, and says whether there may be more to merge.
    pub(super) fn merge_next(&mut self) -> Result<bool, ServiceError> {
        Ok(self.parts.sealer.merge_next()?)
    }

    fn take_part(&mut self, part: &CapturedPart) -> Result<Vec<News>, ServiceError> {
        let Some(given) = self.current.as_mut() else { return Ok(Vec::new()) };
        for captured in part.accounts.iter().filter(|captured| captured.dirty) {
            let leaf = Leaf::from(&captured.account);
            let change = if captured.created { Change::created } else { Change::updated };
            given.changes.push(change(&self.parts.tree_key, &leaf)?);
        }
        if let Some(snapshot) = &mut given.snapshot {
            snapshot.write(part)?;
        }
        if part.complete { self.finish_given() } else { Ok(Vec::new()) }
    }

    fn finish_given(&mut self) -> Result<Vec<News>, ServiceError> {
        let Some(mut given) = self.current.take() else { return Ok(Vec::new()) };
        let node = self.parts.tree.update(&mut given.changes)?;
        let root = StateRootAt { root: node.state_root().0, sequence: given.sequence };
        let mut proved = Vec::new();
        for (account, reply) in given.to_prove {
            let proof = self.parts.tree.prove(&self.parts.tree_key, &Leaf::from(&account))?;
            proved.push((Proved { account, proof, sequence: given.sequence }, reply));
        }
        let mut news = vec![News::Root { root, proved }];
        match given.snapshot {
            Some(writer) => {
                let header = SnapshotHeader {
                    sequence: given.sequence,
                    timestamp: given.timestamp,
                    chain_hash: crate::journal::EntryHash::default(),
                    state_root: root.root,
                };
                self.complete = Some((writer, header));
            }
            None => news.push(News::Idle),
        }
        Ok(news)
    }
}

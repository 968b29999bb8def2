//! The folder of snapshots: taking one, and finding the newest that holds.

use std::sync::Arc;

use super::snapshot_error::{SnapshotError, SnapshotFault};
use super::snapshot_file::Snapshot;
use super::snapshot_writer::SnapshotWriter;
use crate::disk::limits::SNAPSHOTS_KEPT;
use crate::disk::{Disk, DiskError, remove_temporary_files};

pub(crate) const SNAPSHOT_FOLDER: &str = "snapshot";
const NAME_PREFIX: &str = "snapshot-";

/// The snapshots of one ledger.
#[derive(Debug, Clone)]
pub struct SnapshotFolder {
    disk: Arc<dyn Disk>,
}

/// The newest snapshot that holds, and what is wrong with newer ones.
#[derive(Debug)]
pub struct NewestSnapshot {
    /// The snapshot to start from.
    pub snapshot: Snapshot,
    /// Newer files that do not hold, newest first: to be told to the operator.
    pub refused: Vec<(String, SnapshotFault)>,
}

impl SnapshotFolder {
    /// Opens the folder and removes what a crash left half written.
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, SnapshotError> {
        disk.create_folder(SNAPSHOT_FOLDER)?;
        remove_temporary_files(disk.as_ref(), SNAPSHOT_FOLDER)?;
        Ok(Self { disk })
    }

    /// Begins a snapshot of the state after this entry. One at a time.
    pub fn create(&self, sequence: u64) -> Result<SnapshotWriter, SnapshotError> {
        SnapshotWriter::create(Arc::clone(&self.disk), sequence)
    }

    /// The newest snapshot whose hashes hold; `None` if there is no snapshot at all. That there are some and none
    /// holds is an error, never an empty ledger.
    pub fn newest(&self) -> Result<Option<NewestSnapshot>, SnapshotError> {
        let mut refused = Vec::new();
        for sequence in list_newest_first(self.disk.as_ref())? {
            let name = snapshot_name(sequence);
            match Snapshot::open(self.disk.as_ref(), &format!("{SNAPSHOT_FOLDER}/{name}")) {
                Ok(snapshot) if snapshot.header().sequence == sequence => {
                    return Ok(Some(NewestSnapshot { snapshot, refused }));
                }
                Ok(_) => refused.push((name, SnapshotFault::Malformed)),
                Err(fault) => refused.push((name, fault)),
            }
        }
        let count = refused.len();
        match refused.into_iter().next() {
            Some((_, newest)) => Err(SnapshotError::NoneHolds { count, newest }),
            None => Ok(None),
        }
    }
}

pub(crate) fn snapshot_name(sequence: u64) -> String {
    format!("{NAME_PREFIX}{sequence:020}")
}

pub(crate) fn list_newest_first(disk: &dyn Disk) -> Result<Vec<u64>, DiskError> {
    let sequence_of = |name: &String| {
        let sequence = name.strip_prefix(NAME_PREFIX)?.parse().ok()?;
        (snapshot_name(sequence) == *name).then_some(sequence)
    };
    let mut sequences: Vec<u64> = disk.list(SNAPSHOT_FOLDER)?.iter().filter_map(sequence_of).collect();
    sequences.sort_unstable_by(|one, other| other.cmp(one));
    Ok(sequences)
}

/// Removes all but the newest; what a crash keeps is removed the next time.
pub(super) fn remove_older(disk: &dyn Disk) -> Result<(), DiskError> {
    for sequence in list_newest_first(disk)?.into_iter().skip(SNAPSHOTS_KEPT) {
        disk.remove(&format!("{SNAPSHOT_FOLDER}/{}", snapshot_name(sequence)))?;
    }
    disk.flush_folder(SNAPSHOT_FOLDER)
}

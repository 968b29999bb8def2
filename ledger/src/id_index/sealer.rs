//! Sealing ids and merging runs, beside execution.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::id_hash::HashKey;
use super::id_index_error::IdIndexError;
use super::id_record::{IdRecord, RunFamily};
use super::manifest::{Manifest, ManifestRow};
use super::merge::merge_runs;
use super::merge_policy::{RunSize, choose_spread, choose_timed};
use super::pending_state::PendingState;
use super::run::{ID_FOLDER, Run, run_name, run_number};
use super::run_writer::write_run;
use super::sealed::{LoadedRun, RunSet, SealedIndex};
use crate::disk::limits::SEALED_IDS_MAX;
use crate::disk::{Disk, remove_temporary_files, to_u64};

/// The one owner of the runs on disk. It works on a thread of its own; lookups go on meanwhile.
#[derive(Debug)]
pub struct IdSealer {
    disk: Arc<dyn Disk>,
    key: HashKey,
    manifest: Manifest,
    sealed: SealedIndex,
    failed: bool,
}

/// What was sealed, for [`super::IdIndex::forget`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SealedBatch {
    /// Ids of the segment's entries, ascending, ends of the same segment included.
    pub ids: Vec<IdRecord>,
    /// Ends of ids that were sealed before, ascending.
    pub late_ends: Vec<IdRecord>,
}

impl IdSealer {
    /// Opens the runs that the manifest names and removes what a crash left.
    pub(super) fn open(disk: Arc<dyn Disk>, key: HashKey) -> Result<(Self, SealedIndex), IdIndexError> {
        disk.create_folder(ID_FOLDER)?;
        let names = remove_temporary_files(disk.as_ref(), ID_FOLDER)?;
        let manifest = Manifest::load(disk.as_ref(), &names)?;
        let counts = |number: u64| manifest.rows.iter().any(|row| row.number == number);
        for orphan in names.iter().filter_map(|name| run_number(name)).filter(|number| !counts(*number)) {
            disk.remove(&format!("{ID_FOLDER}/{}", run_name(orphan)))?;
        }
        let mut runs = Vec::with_capacity(manifest.rows.len());
        for row in &manifest.rows {
            runs.push(open_run(disk.as_ref(), row)?);
        }
        let sealed = SealedIndex::new(RunSet::load(runs)?);
        Ok((Self { disk, key, manifest, sealed: sealed.clone(), failed: false }, sealed))
    }

    /// The last entry whose ids are sealed. After a start, feed the ids of every later entry.
    #[must_use]
    pub fn sealed_through(&self) -> u64 {
        self.manifest.sealed_through
    }

    /// The manifest as a snapshot keeps it.
    #[must_use]
    pub fn manifest_bytes(&self) -> Vec<u8> {
        self.manifest.encode()
    }

    /// Seals the ids of a segment that is in the archive and ends with entry `through`: all ids its entries
    /// consumed, and all ends its entries gave to pending transfers, whenever these were made.
    pub fn seal(
        &mut self,
        through: u64,
        ids: Vec<IdRecord>,
        ends: Vec<IdRecord>,
    ) -> Result<SealedBatch, IdIndexError> {
        self.check_usable()?;
        let sealed_through = self.manifest.sealed_through;
        if through <= sealed_through {
            return Err(IdIndexError::AlreadySealed { given: through, sealed_through });
        }
        let count = ids.len().max(ends.len());
        if count > SEALED_IDS_MAX {
            return Err(IdIndexError::TooManyIds { count: to_u64(count), bound: to_u64(SEALED_IDS_MAX) });
        }
        let batch = fold_ends(ids, ends);
        let outcome = self.write_batch(through, &batch);
        self.final_unless_done(outcome)?;
        Ok(batch)
    }

    /// Merges some runs if there are too many, and says whether there may be more to merge.
    pub fn merge_next(&mut self) -> Result<bool, IdIndexError> {
        self.check_usable()?;
        let set = self.sealed.current();
        for family in RunFamily::ALL {
            let runs: Vec<&LoadedRun> = set.of(family).collect();
            if let Some(range) = choose(family, &runs) {
                let outcome = self.merge(family, &runs, range);
                self.final_unless_done(outcome)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn write_batch(&mut self, through: u64, batch: &SealedBatch) -> Result<(), IdIndexError> {
        let of = |family| batch.ids.iter().copied().filter(move |record| RunFamily::of(record.id) == family);
        let (timed, spread) = (of(RunFamily::Timed).collect(), of(RunFamily::Spread).collect());
        let families: [(RunFamily, Vec<IdRecord>); 3] = [
            (RunFamily::Timed, timed),
            (RunFamily::Spread, spread),
            (RunFamily::LateEnd, batch.late_ends.clone()),
        ];
        let mut runs = self.sealed.current().runs.clone();
        let mut next_number = self.manifest.next_number;
        for (family, records) in families.iter().filter(|(_, records)| !records.is_empty()) {
            let (run, filter) = write_run(&self.disk, next_number, *family, self.key, records)?;
            runs.push(LoadedRun { run: Arc::new(run), level: 0, filter: Some(Arc::new(filter)) });
            next_number = next_number.saturating_add(1);
        }
        self.install(through, next_number, runs)
    }

    fn merge(
        &mut self,
        family: RunFamily,
        runs: &[&LoadedRun],
        range: Range<usize>,
    ) -> Result<(), IdIndexError> {
        let merged = runs.get(range).unwrap_or_default();
        let inputs: Vec<Arc<Run>> = merged.iter().map(|loaded| Arc::clone(&loaded.run)).collect();
        let number = self.manifest.next_number;
        let (run, filter) = merge_runs(&self.disk, number, family, self.key, &inputs)?;
        let level = merged.iter().map(|loaded| loaded.level).max().unwrap_or(0).saturating_add(1);
        let mut output = Some(LoadedRun { run: Arc::new(run), level, filter: Some(Arc::new(filter)) });
        let is_input = |number: u64| inputs.iter().any(|input| input.number() == number);
        // The merged run takes the place of the oldest of its inputs.
        let current = self.sealed.current();
        let kept = current.runs.iter().filter_map(|loaded| {
            if is_input(loaded.run.number()) { output.take() } else { Some(loaded.clone()) }
        });
        let kept = kept.collect();
        self.install(self.manifest.sealed_through, number.saturating_add(1), kept)?;
        for input in &inputs {
            self.disk.remove(&format!("{ID_FOLDER}/{}", run_name(input.number())))?;
        }
        Ok(())
    }

    /// Makes these the runs that count: first on disk, then for lookups.
    fn install(
        &mut self,
        sealed_through: u64,
        next_number: u64,
        runs: Vec<LoadedRun>,
    ) -> Result<(), IdIndexError> {
        let row = |loaded: &LoadedRun| {
            let (family, level, number) = (loaded.run.family(), loaded.level, loaded.run.number());
            ManifestRow { family, level, number }
        };
        let manifest = Manifest { sealed_through, next_number, rows: runs.iter().map(row).collect() };
        manifest.store(&self.disk)?;
        self.manifest = manifest;
        self.sealed.replace(RunSet::new(runs));
        Ok(())
    }

    fn check_usable(&self) -> Result<(), IdIndexError> {
        if self.failed { Err(IdIndexError::Unusable) } else { Ok(()) }
    }

    fn final_unless_done<T>(&mut self, outcome: Result<T, IdIndexError>) -> Result<T, IdIndexError> {
        self.failed |= outcome.is_err();
        outcome
    }
}

fn choose(family: RunFamily, runs: &[&LoadedRun]) -> Option<Range<usize>> {
    let size = |loaded: &&LoadedRun| RunSize { level: loaded.level, count: loaded.run.count() };
    let sizes: Vec<RunSize> = runs.iter().map(size).collect();
    match family {
        RunFamily::Timed => choose_timed(&sizes),
        RunFamily::Spread | RunFamily::LateEnd => choose_spread(&sizes),
    }
}

fn open_run(disk: &dyn Disk, row: &ManifestRow) -> Result<LoadedRun, IdIndexError> {
    let run = Run::open(disk, row.number)?;
    if run.family() != row.family {
        return Err(IdIndexError::Malformed { path: format!("{ID_FOLDER}/{}", run_name(row.number)) });
    }
    Ok(LoadedRun { run: Arc::new(run), level: row.level, filter: None })
}

/// Puts an end beside its id where both are of this segment; the others are late.
fn fold_ends(ids: Vec<IdRecord>, ends: Vec<IdRecord>) -> SealedBatch {
    let mut by_id: BTreeMap<u128, PendingState> = ends.iter().map(|ended| (ended.id, ended.state)).collect();
    let fold = |record: IdRecord| {
        let state = by_id.remove(&record.id).unwrap_or(record.state);
        IdRecord { state, ..record }
    };
    let mut ids: Vec<IdRecord> = ids.into_iter().map(fold).collect();
    ids.sort_unstable_by_key(|record| record.id);
    ids.dedup_by_key(|record| record.id);
    let mut late_ends: Vec<IdRecord> =
        ends.into_iter().filter(|ended| by_id.contains_key(&ended.id)).collect();
    late_ends.sort_unstable_by_key(|record| record.id);
    late_ends.dedup_by_key(|record| record.id);
    SealedBatch { ids, late_ends }
}

//! Looking ids up in the runs. The set of runs is replaced as a whole, so a lookup sees one state of it.

use std::sync::{Arc, PoisonError, RwLock};

use super::id_filter::IdFilter;
use super::id_index_error::IdIndexError;
use super::id_record::{IdRecord, RunFamily};
use super::pending_state::PendingState;
use super::run::{Run, RunReader};
use crate::disk::limits::TIMED_FILTER_BYTES_MAX;

/// A run that counts.
#[derive(Debug, Clone)]
pub(super) struct LoadedRun {
    pub(super) run: Arc<Run>,
    pub(super) level: u8,
    /// In memory for spread ids and late ends, and for the newest runs with time.
    pub(super) filter: Option<Arc<IdFilter>>,
}

impl LoadedRun {
    fn may_contain(&self, id: u128) -> bool {
        self.run.spans(id) && self.filter.as_ref().is_none_or(|filter| filter.may_contain(id))
    }
}

/// The runs that count; those of one family oldest first.
#[derive(Debug, Default)]
pub(super) struct RunSet {
    pub(super) runs: Vec<LoadedRun>,
}

impl RunSet {
    /// Keeps the filters of runs with time within their memory, newest first.
    pub(super) fn new(mut runs: Vec<LoadedRun>) -> Self {
        let mut bytes = 0_u64;
        for loaded in runs.iter_mut().rev().filter(|loaded| loaded.run.family() == RunFamily::Timed) {
            bytes = bytes.saturating_add(loaded.run.filter_bytes());
            if bytes > TIMED_FILTER_BYTES_MAX {
                loaded.filter = None;
            }
        }
        Self { runs }
    }

    /// Reads the filters that are kept in memory.
    pub(super) fn load(mut runs: Vec<LoadedRun>) -> Result<Self, IdIndexError> {
        let mut bytes = 0_u64;
        for loaded in runs.iter_mut().rev() {
            if loaded.run.family() == RunFamily::Timed {
                bytes = bytes.saturating_add(loaded.run.filter_bytes());
                if bytes > TIMED_FILTER_BYTES_MAX {
                    continue;
                }
            }
            loaded.filter = Some(Arc::new(loaded.run.load_filter()?));
        }
        Ok(Self { runs })
    }

    pub(super) fn of(&self, family: RunFamily) -> impl DoubleEndedIterator<Item = &LoadedRun> {
        self.runs.iter().filter(move |loaded| loaded.run.family() == family)
    }
}

/// What a lookup in the runs found, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SealedLookup {
    /// For each id its record, in the order of the ids.
    pub records: Vec<Option<IdRecord>>,
    /// Pages read, from the disk or the page cache.
    pub pages_read: u64,
    /// Runs of which at least one page was read.
    pub runs_read: u64,
}

/// The sealed ids, for any thread. Clones are the same index.
#[derive(Debug, Clone)]
pub struct SealedIndex {
    set: Arc<RwLock<Arc<RunSet>>>,
}

impl SealedIndex {
    pub(super) fn new(set: RunSet) -> Self {
        Self { set: Arc::new(RwLock::new(Arc::new(set))) }
    }

    pub(super) fn replace(&self, set: RunSet) {
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
    }

    pub(super) fn current(&self) -> Arc<RunSet> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks up many ids at once, in ascending order on the disk.
    pub fn get_many(&self, ids: &[u128]) -> Result<SealedLookup, IdIndexError> {
        let set = self.current();
        let mut lookup = SealedLookup { records: vec![None; ids.len()], ..SealedLookup::default() };
        if set.runs.is_empty() {
            return Ok(lookup);
        }
        let mut wanted: Vec<(u128, usize)> = ids.iter().copied().zip(0..).collect();
        wanted.sort_unstable();
        let (mut timed, mut spread): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|(id, _)| RunFamily::of(*id) == RunFamily::Timed);
        lookup.search(&set, RunFamily::Timed, &mut timed)?;
        lookup.search(&set, RunFamily::Spread, &mut spread)?;
        let open =
            |record: &Option<IdRecord>| record.is_some_and(|record| record.state == PendingState::Open);
        let mut ended: Vec<(u128, usize)> = ids
            .iter()
            .copied()
            .zip(0..)
            .filter(|(_, at)| lookup.records.get(*at).is_some_and(open))
            .collect();
        ended.sort_unstable();
        lookup.search(&set, RunFamily::LateEnd, &mut ended)?;
        Ok(lookup)
    }

    /// The runs that count; those of one family oldest first.
    pub(crate) fn runs(&self) -> Vec<Arc<Run>> {
        self.current().runs.iter().map(|loaded| Arc::clone(&loaded.run)).collect()
    }

    /// Bytes of all runs on disk.
    #[must_use]
    pub fn disk_bytes(&self) -> u64 {
        self.current().runs.iter().fold(0, |sum, loaded| sum.saturating_add(loaded.run.file_bytes()))
    }

    /// Bytes of filters and page starts in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.current().runs.iter().fold(0, |sum, loaded| {
            let filter = loaded.filter.as_ref().map_or(0, |filter| filter.bytes());
            sum.saturating_add(filter).saturating_add(loaded.run.starts_bytes())
        })
    }

    /// How many runs there are of ids with time, spread ids and late ends.
    #[must_use]
    pub fn run_counts(&self) -> [usize; 3] {
        let set = self.current();
        RunFamily::ALL.map(|family| set.of(family).count())
    }
}

impl SealedLookup {
    /// Looks for the wanted ids, ascending, in the runs of a family, newest first, until all are found.
    fn search(
        &mut self,
        set: &RunSet,
        family: RunFamily,
        wanted: &mut Vec<(u128, usize)>,
    ) -> Result<(), IdIndexError> {
        for loaded in set.of(family).rev() {
            if wanted.is_empty() {
                break;
            }
            let mut reader = RunReader::new(&loaded.run);
            let mut missing = Vec::with_capacity(wanted.len());
            for (id, at) in wanted.drain(..) {
                let found = if loaded.may_contain(id) { reader.find(id)? } else { None };
                match (found, self.records.get_mut(at)) {
                    (Some(record), Some(slot)) => *slot = Some(record),
                    _ => missing.push((id, at)),
                }
            }
            *wanted = missing;
            self.pages_read = self.pages_read.saturating_add(reader.pages_read);
            self.runs_read = self.runs_read.saturating_add(u64::from(reader.pages_read > 0));
        }
        Ok(())
    }
}

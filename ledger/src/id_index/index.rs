//! Recent and sealed ids together.

use std::sync::Arc;

use super::id_hash::HashKey;
use super::id_index_error::IdIndexError;
use super::id_record::IdRecord;
use super::recent_ids::RecentIds;
use super::sealed::SealedIndex;
use super::sealer::{IdSealer, SealedBatch};
use crate::disk::Disk;

/// Every id that was ever used.
#[derive(Debug)]
pub struct IdIndex {
    recent: RecentIds,
    sealed: SealedIndex,
}

/// What a lookup of many ids found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lookup {
    /// For each id its record, in the order of the ids.
    pub records: Vec<Option<IdRecord>>,
    /// Pages of runs that were read.
    pub pages_read: u64,
}

impl IdIndex {
    /// Opens the index and the sealer of its runs. The recent ids are empty: feed them every entry after
    /// [`IdSealer::sealed_through`].
    pub fn open(disk: Arc<dyn Disk>, key: HashKey) -> Result<(Self, IdSealer), IdIndexError> {
        let (sealer, sealed) = IdSealer::open(disk, key)?;
        Ok((Self { recent: RecentIds::new(key), sealed }, sealer))
    }

    /// The ids of live segments.
    #[must_use]
    pub fn recent(&self) -> &RecentIds {
        &self.recent
    }

    /// The ids of live segments, to be changed.
    pub fn recent_mut(&mut self) -> &mut RecentIds {
        &mut self.recent
    }

    /// The sealed ids, for other threads.
    #[must_use]
    pub fn sealed(&self) -> &SealedIndex {
        &self.sealed
    }

    /// Looks up many ids, those that are not recent in one pass over the runs.
    pub fn get_many(&self, ids: &[u128]) -> Result<Lookup, IdIndexError> {
        let mut records = Vec::new();
        self.recent.get_many(ids, &mut records);
        let unknown: Vec<u128> =
            ids.iter().zip(&records).filter(|(_, record)| record.is_none()).map(|(id, _)| *id).collect();
        let mut sealed = self.sealed.get_many(&unknown)?;
        let slots = records.iter_mut().filter(|record| record.is_none());
        slots.zip(sealed.records.drain(..)).for_each(|(slot, record)| *slot = record);
        Ok(Lookup { records, pages_read: sealed.pages_read })
    }

    /// Forgets recent ids that are in runs now. A batch of a whole segment takes some milliseconds; its parts may
    /// be forgotten one after the other, whenever there is time.
    pub fn forget(&mut self, ids: &[IdRecord], late_ends: &[IdRecord]) {
        ids.iter().for_each(|record| self.recent.forget_sealed(record));
        late_ends.iter().for_each(|record| self.recent.forget_late_end(record));
    }

    /// Forgets everything that was sealed at once.
    pub fn forget_batch(&mut self, batch: &SealedBatch) {
        self.forget(&batch.ids, &batch.late_ends);
    }
}

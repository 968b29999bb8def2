//! Where each entry lies: 4 bytes for one in a live segment, a fixed record for a whole sealed segment.
//!
//! Invariant: archived and live segments together hold every entry from the oldest on this machine to the last
//! one appended, without a gap. They overlap while a sealed segment waits to be recycled.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::archive::ArchivedSegment;
use crate::disk::DiskFile;
use crate::disk::limits::PAGE_BYTES;

/// A segment that is not sealed. Segments after the current one are ready and hold no entry of the chain.
#[derive(Debug)]
pub(super) struct LiveSegment {
    pub(super) ordinal: u64,
    pub(super) file: Arc<dyn DiskFile>,
    /// The sequence of the first entry, or what it will be.
    pub(super) first_sequence: u64,
    /// The page each entry begins at.
    pub(super) pages: Vec<u32>,
    /// Where the last entry ends, in bytes.
    pub(super) used: u64,
}

impl LiveSegment {
    pub(super) fn new(ordinal: u64, file: Arc<dyn DiskFile>) -> Self {
        Self { ordinal, file, first_sequence: 0, pages: Vec::new(), used: 0 }
    }

    pub(super) fn push(&mut self, sequence: u64, padded_length: u64) {
        if self.pages.is_empty() {
            self.first_sequence = sequence;
        }
        let page = self.used.checked_div(PAGE_BYTES).unwrap_or(0);
        self.pages.push(u32::try_from(page).unwrap_or(u32::MAX));
        self.used = self.used.saturating_add(padded_length);
    }

    pub(super) fn offset_of(&self, sequence: u64) -> Option<u64> {
        let index = usize::try_from(sequence.checked_sub(self.first_sequence)?).ok()?;
        self.pages.get(index).map(|page| u64::from(*page).saturating_mul(PAGE_BYTES))
    }

    pub(super) fn last_sequence(&self) -> Option<u64> {
        let count = u64::try_from(self.pages.len()).ok()?;
        self.first_sequence.checked_add(count.checked_sub(1)?)
    }
}

/// Where an entry lies.
#[derive(Debug, Clone)]
pub(super) enum Location {
    Live { ordinal: u64, file: Arc<dyn DiskFile>, offset: u64, end: u64 },
    Archived(ArchivedSegment),
}

#[derive(Debug)]
pub(super) struct Catalog {
    pub(super) archived: Vec<ArchivedSegment>,
    pub(super) live: VecDeque<LiveSegment>,
    pub(super) flushed_through: u64,
}

impl Catalog {
    pub(super) fn locate(&self, sequence: u64) -> Option<Location> {
        self.locate_live(sequence).or_else(|| self.locate_archived(sequence))
    }

    fn locate_live(&self, sequence: u64) -> Option<Location> {
        let segments =
            self.live.partition_point(|one| !one.pages.is_empty() && one.first_sequence <= sequence);
        let segment = self.live.get(segments.checked_sub(1)?)?;
        let offset = segment.offset_of(sequence)?;
        let (ordinal, file) = (segment.ordinal, Arc::clone(&segment.file));
        Some(Location::Live { ordinal, file, offset, end: segment.used })
    }

    fn locate_archived(&self, sequence: u64) -> Option<Location> {
        let segments = self.archived.partition_point(|one| one.first_sequence() <= sequence);
        let segment = self.archived.get(segments.checked_sub(1)?)?;
        (sequence <= segment.last_sequence()).then(|| Location::Archived(segment.clone()))
    }

    pub(super) fn oldest_sequence(&self) -> u64 {
        let live = self.live.front().filter(|one| !one.pages.is_empty()).map(|one| one.first_sequence);
        let archived = self.archived.first().map(ArchivedSegment::first_sequence);
        archived.or(live).unwrap_or(1)
    }

    /// The live segments that no entry was appended to yet.
    pub(super) fn ready_count(&self, current_ordinal: u64) -> usize {
        self.live.iter().filter(|one| one.ordinal > current_ordinal).count()
    }
}

/// The catalog shared by the writer, the readers and the archiver. A change is a few words long, so nobody waits.
#[derive(Debug, Clone)]
pub(super) struct SharedCatalog(Arc<RwLock<Catalog>>);

impl SharedCatalog {
    pub(super) fn new(catalog: Catalog) -> Self {
        Self(Arc::new(RwLock::new(catalog)))
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Catalog> {
        // No change below can panic half-way, so what a poisoned lock guards is whole.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Catalog> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The ids of live segments, in memory.

use super::id_hash::HashKey;
use super::id_index_error::IdIndexError;
use super::id_record::IdRecord;
use super::recent_part::RecentPart;
use crate::disk::limits::RECENT_PARTS;
use crate::disk::to_usize;

/// How many questions are asked at the same time.
const LOOKUP_STRETCH: usize = 32;

/// All recent ids, in parts by a keyed hash.
#[derive(Debug)]
pub struct RecentIds {
    key: HashKey,
    parts: Vec<RecentPart>,
}

impl RecentIds {
    pub(crate) fn new(key: HashKey) -> Self {
        Self { key, parts: (0..RECENT_PARTS).map(|_| RecentPart::new(key)).collect() }
    }

    /// The part that an id belongs to.
    #[must_use]
    pub fn part_of(&self, id: u128) -> usize {
        part_of_hash(self.key.hash(id))
    }

    /// All parts, to be filled by several threads; an id belongs into the part that [`RecentIds::part_of`] names.
    pub fn parts_mut(&mut self) -> &mut [RecentPart] {
        &mut self.parts
    }

    /// Remembers an id with its outcome.
    pub fn insert(&mut self, record: IdRecord) -> Result<(), IdIndexError> {
        self.part_mut(record.id)?.insert(record)
    }

    /// Remembers how a pending transfer ended; `position` is that of the pending transfer.
    pub fn mark_end(&mut self, ended: IdRecord) -> Result<(), IdIndexError> {
        self.part_mut(ended.id)?.mark_end(ended)
    }

    /// What is remembered of one id.
    #[must_use]
    pub fn get(&self, id: u128) -> Option<IdRecord> {
        let hash = self.key.hash(id);
        self.parts.get(part_of_hash(hash))?.get_hashed(id, hash)
    }

    /// What is remembered of many ids, in their order, put behind what `found` holds.
    pub fn get_many(&self, ids: &[u128], found: &mut Vec<Option<IdRecord>>) {
        found.reserve(ids.len());
        let mut hashes = [0; LOOKUP_STRETCH];
        for stretch in ids.chunks(LOOKUP_STRETCH) {
            let mut touched = 0;
            for (hash, id) in hashes.iter_mut().zip(stretch) {
                *hash = self.key.hash(*id);
                touched |= self.parts.get(part_of_hash(*hash)).map_or(0, |part| part.touch(*hash));
            }
            // Every tag of a group that is not empty has some bit; all empty means that nothing can be found.
            if touched == 0 {
                found.extend(stretch.iter().map(|_| None));
                continue;
            }
            for (hash, id) in hashes.iter().zip(stretch) {
                found.push(self.parts.get(part_of_hash(*hash)).and_then(|part| part.get_hashed(*id, *hash)));
            }
        }
    }

    /// How many ids are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.len()))
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(RecentPart::is_empty)
    }

    /// The memory of all slots.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.memory_bytes()))
    }

    pub(super) fn forget_sealed(&mut self, sealed: &IdRecord) {
        if let Ok(part) = self.part_mut(sealed.id) {
            part.forget_sealed(sealed);
        }
    }

    pub(super) fn forget_late_end(&mut self, sealed: &IdRecord) {
        if let Ok(part) = self.part_mut(sealed.id) {
            part.forget_late_end(sealed);
        }
    }

    fn part_mut(&mut self, id: u128) -> Result<&mut RecentPart, IdIndexError> {
        let part = self.part_of(id);
        self.parts.get_mut(part).ok_or(IdIndexError::RecentFull)
    }
}

/// The second byte of the hash: the first one makes tags, the high ones choose the group.
fn part_of_hash(hash: u64) -> usize {
    to_usize((hash >> 8) & 0xff)
}

const _: () = assert!(RECENT_PARTS == 256);

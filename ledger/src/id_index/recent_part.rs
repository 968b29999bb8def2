//! One part of the recent ids: an open-addressing table in four arrays, 26 bytes a slot.
//!
//! Slots lie in groups of eight whose tags are the bytes of one word, so that a question about an id that is not
//! there reads one word as a rule. A group without an empty slot may have sent ids on to the next group; for this
//! reason a slot in such a group becomes `REMOVED`, not `EMPTY`.

use super::id_hash::{HashKey, scale};
use super::id_index_error::IdIndexError;
use super::id_record::IdRecord;
use super::pending_state::PendingState;
use crate::Position;
use crate::disk::limits::RECENT_PART_SLOTS_MAX;
use crate::disk::{to_u64, to_usize};

const GROUP_SLOTS: usize = 8;
/// Tags: zero for an empty slot, one for a removed id, else the high bit and seven bits of the hash.
const REMOVED: u8 = 1;
const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
/// The part of the slots that may be in use, per hundred.
const LOAD_PER_CENT: usize = 85;
/// In a state byte: the id itself is sealed, and this is an end that is not.
const LATE: u8 = 8;

/// Part of the recent ids. Parts are independent, so that several threads can fill one each.
#[derive(Debug)]
pub struct RecentPart {
    key: HashKey,
    tags: Vec<u64>,
    ids: Vec<u128>,
    positions: Vec<Position>,
    states: Vec<u8>,
    used: usize,
    removed: usize,
}

impl RecentPart {
    pub(super) fn new(key: HashKey) -> Self {
        let (tags, ids, positions, states) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { key, tags, ids, positions, states, used: 0, removed: 0 }
    }

    /// How many ids it remembers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.used
    }

    /// Whether it remembers none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// The memory of its slots.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let slots = self.states.capacity().saturating_add(self.positions.capacity().saturating_mul(8));
        let ids = self.ids.capacity().saturating_mul(16);
        slots.saturating_add(ids).saturating_add(self.tags.capacity().saturating_mul(8))
    }

    /// Remembers an id with its outcome; the same id again replaces what was remembered.
    pub fn insert(&mut self, record: IdRecord) -> Result<(), IdIndexError> {
        self.put(record, record.state.code())
    }

    /// Remembers how a pending transfer ended. If its id was sealed, the end is remembered as a late one.
    pub fn mark_end(&mut self, ended: IdRecord) -> Result<(), IdIndexError> {
        let slot = self.find(ended.id, self.key.hash(ended.id));
        let Some(state) = slot.and_then(|slot| self.states.get_mut(slot)) else {
            return self.put(ended, ended.state.code() | LATE);
        };
        *state = (*state & LATE) | ended.state.code();
        Ok(())
    }

    /// What is remembered of an id.
    #[must_use]
    pub fn get(&self, id: u128) -> Option<IdRecord> {
        self.get_hashed(id, self.key.hash(id))
    }

    pub(super) fn get_hashed(&self, id: u128, hash: u64) -> Option<IdRecord> {
        let slot = self.find(id, hash)?;
        let position = *self.positions.get(slot)?;
        let state = PendingState::from_code(self.states.get(slot)? & !LATE)?;
        Some(IdRecord { id, position, state })
    }

    /// The word that a question about this hash begins with. Asking for many first lets the machine fetch them at
    /// the same time.
    pub(super) fn touch(&self, hash: u64) -> u64 {
        self.tags.get(self.home(hash)).copied().unwrap_or(0)
    }

    /// Forgets an id that is in a run now. If it ended after what the run says, the end stays as a late one.
    pub(super) fn forget_sealed(&mut self, sealed: &IdRecord) {
        let Some(slot) = self.find(sealed.id, self.key.hash(sealed.id)) else { return };
        let Some(state) = self.states.get_mut(slot) else { return };
        if *state & !LATE == sealed.state.code() {
            self.remove(slot);
        } else {
            *state |= LATE;
        }
    }

    /// Forgets a late end that is in a run now.
    pub(super) fn forget_late_end(&mut self, sealed: &IdRecord) {
        let Some(slot) = self.find(sealed.id, self.key.hash(sealed.id)) else { return };
        if self.states.get(slot) == Some(&(sealed.state.code() | LATE)) {
            self.remove(slot);
        }
    }

    fn home(&self, hash: u64) -> usize {
        to_usize(scale(hash, to_u64(self.tags.len())))
    }

    fn next_group(&self, group: usize) -> usize {
        let next = group.saturating_add(1);
        if next < self.tags.len() { next } else { 0 }
    }

    fn find(&self, id: u128, hash: u64) -> Option<usize> {
        let tag = LOW_BITS.wrapping_mul(u64::from(tag_of(hash)));
        let mut group = self.home(hash);
        for _ in 0..self.tags.len() {
            let word = *self.tags.get(group)?;
            let mut candidates = zero_bytes(word ^ tag);
            while candidates != 0 {
                let slot = slot_of(group, candidates);
                if self.ids.get(slot) == Some(&id) {
                    return Some(slot);
                }
                candidates &= candidates.wrapping_sub(1);
            }
            if zero_bytes(word) != 0 {
                return None;
            }
            group = self.next_group(group);
        }
        None
    }

    fn put(&mut self, record: IdRecord, state: u8) -> Result<(), IdIndexError> {
        let hash = self.key.hash(record.id);
        let slot = match self.find(record.id, hash) {
            Some(slot) => slot,
            None => {
                self.make_room()?;
                self.take_free_slot(hash).ok_or(IdIndexError::RecentFull)?
            }
        };
        self.fill(slot, (record.id, record.position), state);
        Ok(())
    }

    fn fill(&mut self, slot: usize, (id, position): (u128, Position), state: u8) {
        let kept = self.ids.get_mut(slot).zip(self.positions.get_mut(slot));
        if let Some(((kept_id, kept_position), kept_state)) = kept.zip(self.states.get_mut(slot)) {
            (*kept_id, *kept_position, *kept_state) = (id, position, state);
        }
    }

    /// The first slot on the way of this hash without an id, marked as taken.
    fn take_free_slot(&mut self, hash: u64) -> Option<usize> {
        let mut group = self.home(hash);
        for _ in 0..self.tags.len() {
            let free = !*self.tags.get(group)? & HIGH_BITS;
            if free != 0 {
                let slot = slot_of(group, free);
                let was_removed = self.tag(slot)? == REMOVED;
                self.removed = self.removed.saturating_sub(usize::from(was_removed));
                self.used = self.used.saturating_add(1);
                self.set_tag(slot, tag_of(hash));
                return Some(slot);
            }
            group = self.next_group(group);
        }
        None
    }

    fn remove(&mut self, slot: usize) {
        let group = self.tags.get(slot / GROUP_SLOTS).copied().unwrap_or(0);
        let has_empty = zero_bytes(group) != 0;
        self.set_tag(slot, if has_empty { 0 } else { REMOVED });
        self.removed = self.removed.saturating_add(usize::from(!has_empty));
        self.used = self.used.saturating_sub(1);
    }

    fn tag(&self, slot: usize) -> Option<u8> {
        let word = self.tags.get(slot / GROUP_SLOTS)?;
        word.to_le_bytes().get(slot % GROUP_SLOTS).copied()
    }

    fn set_tag(&mut self, slot: usize, tag: u8) {
        let Some(word) = self.tags.get_mut(slot / GROUP_SLOTS) else { return };
        let mut bytes = word.to_le_bytes();
        if let Some(byte) = bytes.get_mut(slot % GROUP_SLOTS) {
            *byte = tag;
        }
        *word = u64::from_le_bytes(bytes);
    }

    /// Makes sure that one more id fits within the load.
    fn make_room(&mut self) -> Result<(), IdIndexError> {
        let slots = self.states.len();
        let bound = slots.saturating_mul(LOAD_PER_CENT) / 100;
        if self.used.saturating_add(self.removed) < bound {
            return Ok(());
        }
        // Many removed slots are reason enough to sort the table anew; else it grows by a quarter, which keeps the
        // memory per id within 26 / (0.85 / 1.25) = 38.2 bytes.
        let grows = self.removed <= self.used / 4;
        let groups = self.tags.len();
        let groups = if grows { groups.saturating_add(groups / 4).saturating_add(1) } else { groups };
        if groups.saturating_mul(GROUP_SLOTS) > RECENT_PART_SLOTS_MAX {
            return Err(IdIndexError::RecentFull);
        }
        self.rebuild(groups);
        Ok(())
    }

    fn rebuild(&mut self, groups: usize) {
        let slots = groups.saturating_mul(GROUP_SLOTS);
        let mut larger = Self {
            key: self.key,
            tags: vec![0; groups],
            ids: vec![0; slots],
            positions: vec![Position::NONE; slots],
            states: vec![0; slots],
            used: 0,
            removed: 0,
        };
        let rest = self.ids.iter().zip(&self.positions).zip(&self.states).enumerate();
        for (slot, ((id, position), state)) in rest {
            if self.tag(slot).is_some_and(|tag| tag > REMOVED)
                && let Some(slot) = larger.take_free_slot(self.key.hash(*id))
            {
                larger.fill(slot, (*id, *position), *state);
            }
        }
        *self = larger;
    }
}

fn tag_of(hash: u64) -> u8 {
    let [low, ..] = hash.to_le_bytes();
    low | 0x80
}

/// The high bit of each byte that is zero; above the lowest such byte a wrong bit is possible, which costs a
/// comparison and nothing else.
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(LOW_BITS) & !word & HIGH_BITS
}

fn slot_of(group: usize, high_bits: u64) -> usize {
    let byte = usize::try_from(high_bits.trailing_zeros() / 8).unwrap_or(0);
    group.saturating_mul(GROUP_SLOTS).saturating_add(byte)
}

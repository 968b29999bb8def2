//! A map from ids to dense slots: open addressing over words of 32 bits of hash and 32 bits of slot.
//!
//! The ids themselves lie where the slots point, so an entry takes 8 bytes. The kept part of the hash names the home
//! of an entry, so growing and removing need no id. At most three quarters of the words are in use.

const WORDS_MIN: usize = 16;

/// Slots by the hash of their id.
#[derive(Debug, Default)]
pub(super) struct SlotIndex {
    /// Zero for an empty word, else the low half of the hash above the slot plus one. A power of two of them.
    words: Vec<u64>,
    used: usize,
}

impl SlotIndex {
    /// The slot of an id that `is_it` recognizes.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.probe(hash, is_it).map(|(_, slot)| slot)
    }

    /// The first slot whose id may be the one with this hash: it is, unless another id has the same half of a hash.
    /// Reads nothing but words, so many may be asked for before any slot is.
    #[inline]
    pub(super) fn candidate(&self, hash: u64) -> Option<u32> {
        self.probe(hash, |_| true).map(|(_, slot)| slot)
    }

    /// Adds a slot whose id is not there yet.
    pub(super) fn insert(&mut self, hash: u64, slot: u32) {
        if self.used.saturating_add(1).saturating_mul(4) > self.words.len().saturating_mul(3) {
            self.grow();
        }
        self.put(word_of(hash, slot));
        self.used = self.used.saturating_add(1);
    }

    /// Removes a slot, and closes the gap so that every word stays reachable from its home.
    pub(super) fn remove(&mut self, hash: u64, slot: u32) {
        let Some((mut gap, _)) = self.probe(hash, |other| other == slot) else { return };
        self.used = self.used.saturating_sub(1);
        let mut next = self.after(gap);
        while let Some(word) = self.words.get(next).copied().filter(|word| *word != 0) {
            // The word may fill the gap unless its home lies behind the gap on the way here.
            let way = self.distance(self.home(word >> 32), next);
            if way >= self.distance(gap, next) {
                self.set(gap, word);
                gap = next;
            }
            next = self.after(next);
        }
        self.set(gap, 0);
    }

    /// Forgets everything and makes room for `count` slots.
    pub(super) fn reset(&mut self, count: usize) {
        let words = count.saturating_mul(2).max(WORDS_MIN).next_power_of_two();
        self.words.clear();
        self.words.resize(words, 0);
        self.used = 0;
    }

    /// The memory of all words.
    pub(super) fn memory_bytes(&self) -> usize {
        self.words.capacity().saturating_mul(size_of::<u64>())
    }

    #[inline]
    fn probe(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<(usize, u32)> {
        let tag = hash & u64::from(u32::MAX);
        let mut place = self.home(tag);
        while let Some(word) = self.words.get(place).copied().filter(|word| *word != 0) {
            if word >> 32 == tag {
                let slot = slot_of(word);
                if is_it(slot) {
                    return Some((place, slot));
                }
            }
            place = self.after(place);
        }
        None
    }

    fn put(&mut self, word: u64) {
        let mut place = self.home(word >> 32);
        while self.words.get(place).is_some_and(|word| *word != 0) {
            place = self.after(place);
        }
        self.set(place, word);
    }

    fn grow(&mut self) {
        let words = self.words.len().saturating_mul(2).max(WORDS_MIN);
        let old = std::mem::replace(&mut self.words, vec![0; words]);
        old.into_iter().filter(|word| *word != 0).for_each(|word| self.put(word));
    }

    fn set(&mut self, place: usize, word: u64) {
        if let Some(kept) = self.words.get_mut(place) {
            *kept = word;
        }
    }

    #[inline]
    fn mask(&self) -> usize {
        self.words.len().wrapping_sub(1)
    }

    #[inline]
    fn home(&self, tag: u64) -> usize {
        usize::try_from(tag).unwrap_or(0) & self.mask()
    }

    #[inline]
    fn after(&self, place: usize) -> usize {
        place.wrapping_add(1) & self.mask()
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.mask()
    }
}

fn word_of(hash: u64, slot: u32) -> u64 {
    hash << 32 | u64::from(slot.saturating_add(1))
}

#[inline]
fn slot_of(word: u64) -> u32 {
    u32::try_from(word & u64::from(u32::MAX)).unwrap_or(0).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::SlotIndex;

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec((0_u64..40, any::<bool>()), 1..200)) {
            // Few hashes of few homes, so that entries meet and gaps are closed around the end.
            let hash = |id: u64| [12, 17, 22, 27, 32, 37, 42][usize::try_from(id % 7).unwrap()];
            let mut index = SlotIndex::default();
            let mut model = BTreeMap::new();
            for (id, insert) in steps {
                let slot = u32::try_from(id).unwrap();
                if insert && !model.contains_key(&id) {
                    index.insert(hash(id), slot);
                    model.insert(id, slot);
                } else if !insert && model.remove(&id).is_some() {
                    index.remove(hash(id), slot);
                }
                for id in 0..40 {
                    let wanted = u32::try_from(id).unwrap();
                    prop_assert_eq!(index.find(hash(id), |slot| slot == wanted), model.get(&id).copied());
                }
            }
        }
    }

    #[test]
    fn an_empty_index_finds_nothing_and_a_reset_one_forgets() {
        let mut index = SlotIndex::default();
        assert_eq!(index.find(7, |_| true), None);
        index.insert(7, 3);
        assert_eq!(index.candidate(7), Some(3));
        index.reset(100);
        assert_eq!(index.candidate(7), None);
    }
}

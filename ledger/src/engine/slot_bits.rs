//! A set of dense slots, one bit for each: cheap enough to note every change of a row.

use super::convert::{index, number};

const WORD_BITS: u32 = u64::BITS;

/// Slots below the number it has room for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SlotBits {
    words: Vec<u64>,
}

impl SlotBits {
    /// No slot, with room for `count`.
    pub(super) fn none_of(count: usize) -> Self {
        Self { words: vec![0; words_for(count)] }
    }

    /// The first `count` slots.
    pub(super) fn first(count: usize) -> Self {
        let mut words = vec![u64::MAX; words_for(count)];
        let rest = number(count) % WORD_BITS;
        if let Some(last) = words.last_mut().filter(|_| rest > 0) {
            *last = u64::MAX.wrapping_shr(WORD_BITS.wrapping_sub(rest));
        }
        Self { words }
    }

    /// Makes room for a slot just behind all others.
    #[inline]
    pub(super) fn make_room(&mut self, slot: u32) {
        if word_of(slot) >= self.words.len() {
            self.words.push(0);
        }
    }

    /// Adds a slot, if there is room for it.
    #[inline]
    pub(super) fn insert(&mut self, slot: u32) {
        if let Some(word) = self.words.get_mut(word_of(slot)) {
            *word |= bit_of(slot);
        }
    }

    /// Takes a slot out, and says whether it was in.
    pub(super) fn remove(&mut self, slot: u32) -> bool {
        let Some(word) = self.words.get_mut(word_of(slot)) else { return false };
        let was_in = *word & bit_of(slot) != 0;
        *word &= !bit_of(slot);
        was_in
    }

    #[inline]
    pub(super) fn contains(&self, slot: u32) -> bool {
        self.words.get(word_of(slot)).is_some_and(|word| word & bit_of(slot) != 0)
    }

    /// Takes out the first slot at or behind a word, which then is the one the slot was in.
    pub(super) fn take_next(&mut self, from: &mut usize) -> Option<u32> {
        while let Some(word) = self.words.get_mut(*from) {
            if *word != 0 {
                let slot = number(*from).wrapping_mul(WORD_BITS).wrapping_add(word.trailing_zeros());
                *word &= word.wrapping_sub(1);
                return Some(slot);
            }
            *from = from.saturating_add(1);
        }
        None
    }

    /// Adds all slots of another set that has no more room.
    pub(super) fn insert_all(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    pub(super) fn len(&self) -> usize {
        self.words.iter().fold(0, |sum, word| sum.saturating_add(index(word.count_ones())))
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.words.capacity().saturating_mul(size_of::<u64>())
    }
}

fn words_for(count: usize) -> usize {
    count.div_ceil(index(WORD_BITS))
}

#[inline]
fn word_of(slot: u32) -> usize {
    index(slot / WORD_BITS)
}

#[inline]
fn bit_of(slot: u32) -> u64 {
    // The shift takes the number of the bit in its word.
    1_u64.wrapping_shl(slot)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::SlotBits;

    #[test]
    fn the_first_slots_are_exactly_these() {
        for count in [0, 1, 63, 64, 65, 128, 200] {
            let bits = SlotBits::first(count);
            assert_eq!(bits.len(), count);
            assert!((0..300).all(|slot| bits.contains(slot) == (usize::try_from(slot).unwrap() < count)));
        }
    }

    proptest! {
        #[test]
        fn it_is_a_set(steps in prop::collection::vec((0_u32..200, any::<bool>()), 0..100)) {
            let mut bits = SlotBits::none_of(200);
            let mut model = BTreeSet::new();
            for (slot, insert) in steps {
                if insert {
                    bits.insert(slot);
                    model.insert(slot);
                } else {
                    prop_assert_eq!(bits.remove(slot), model.remove(&slot));
                }
                prop_assert!((0..200).all(|slot| bits.contains(slot) == model.contains(&slot)));
            }
            prop_assert_eq!(bits.len(), model.len());
            let mut from = 0;
            let taken: Vec<u32> = std::iter::from_fn(|| bits.take_next(&mut from)).collect();
            prop_assert_eq!(taken, model.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(bits, SlotBits::none_of(200));
        }
    }
}

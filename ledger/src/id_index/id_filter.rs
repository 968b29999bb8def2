//! A membership filter: says for certain that an id is not in a run, wrongly "perhaps" for about one in a hundred.
//!
//! A Bloom filter in lines of 512 bits, about 10 bits per id. All six bits of an id are in one line, so a question
//! costs one cache miss.

use super::id_hash::{HashKey, scale};
use crate::disk::{to_u64, to_usize};

const WORDS_PER_LINE: usize = 8;
const BITS_PER_LINE: u64 = 512;
const BITS_PER_ID: u64 = 10;
const BITS_SET: u32 = 6;

/// The filter of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdFilter {
    key: HashKey,
    words: Vec<u64>,
}

impl IdFilter {
    /// An empty filter for up to `count` ids.
    pub(super) fn for_ids(key: HashKey, count: u64) -> Self {
        Self { key, words: vec![0; to_usize(words_for(count))] }
    }

    pub(super) fn from_words(key: HashKey, words: Vec<u64>) -> Self {
        Self { key, words }
    }

    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(super) fn bytes(&self) -> u64 {
        to_u64(self.words.len()).saturating_mul(8)
    }

    pub(super) fn insert(&mut self, id: u128) {
        let hash = self.key.hash(id);
        let start = line_start(hash, self.words.len());
        let line = self.words.get_mut(start..).and_then(|rest| rest.first_chunk_mut::<WORDS_PER_LINE>());
        if let Some(line) = line {
            for (word, mask) in line.iter_mut().zip(masks(hash)) {
                *word |= mask;
            }
        }
    }

    pub(crate) fn may_contain(&self, id: u128) -> bool {
        let hash = self.key.hash(id);
        let start = line_start(hash, self.words.len());
        let line = self.words.get(start..).and_then(|rest| rest.first_chunk::<WORDS_PER_LINE>());
        // Without a line nothing can be excluded.
        line.is_none_or(|line| line.iter().zip(masks(hash)).all(|(word, mask)| word & mask == mask))
    }
}

/// How many words a filter of `count` ids has.
pub(super) fn words_for(count: u64) -> u64 {
    let lines = count.saturating_mul(BITS_PER_ID).div_ceil(BITS_PER_LINE).max(1);
    lines.saturating_mul(to_u64(WORDS_PER_LINE))
}

fn line_start(hash: u64, words: usize) -> usize {
    let lines = to_u64(words / WORDS_PER_LINE);
    to_usize(scale(hash, lines)).saturating_mul(WORDS_PER_LINE)
}

/// The bits of an id in its line: six times nine bits, from the part of the hash that did not choose the line.
fn masks(hash: u64) -> [u64; WORDS_PER_LINE] {
    let mut masks = [0; WORDS_PER_LINE];
    let mut bits = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for _ in 0..BITS_SET {
        let word = to_usize((bits >> 6) & 7);
        if let Some(mask) = masks.get_mut(word) {
            *mask |= 1_u64.wrapping_shl(u32::try_from(bits & 63).unwrap_or(0));
        }
        bits >>= 9;
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(from: u128, to: u128) -> impl Iterator<Item = u128> {
        (from..to).map(|index| index.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645))
    }

    #[test]
    fn every_member_is_found_and_few_others() {
        let key = HashKey::new([7; 16]);
        let mut filter = IdFilter::for_ids(key, 10_000);
        ids(0, 10_000).for_each(|id| filter.insert(id));
        assert!(ids(0, 10_000).all(|id| filter.may_contain(id)));
        let wrong = ids(10_000, 110_000).filter(|id| filter.may_contain(*id)).count();
        assert!(wrong < 2_500, "{wrong} of 100,000 strangers");
        assert_eq!(filter.bytes(), words_for(10_000) * 8);
    }
}

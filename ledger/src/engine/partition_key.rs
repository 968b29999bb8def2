//! The keyed hash that spreads ids over partitions and tables.
//!
//! Nothing but speed depends on it: results are the same for every key. The key is secret so that nobody can choose
//! ids that all meet in one partition or one slot.

use super::convert::halves;

const FIRST_MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
const SECOND_MULTIPLIER: u64 = 0xD6E8_FEB8_6659_FD93;

/// The key of the hash, random for each process and handed in.
#[derive(Clone, Copy)]
pub struct PartitionKey {
    low: u64,
    high: u64,
}

impl std::fmt::Debug for PartitionKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PartitionKey(***)")
    }
}

impl PartitionKey {
    /// A key of 16 bytes.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Self {
        let (low, high) = halves(u128::from_le_bytes(bytes));
        Self { low, high }
    }

    /// The hash of an id: the upper half chooses the partition, the lower half the place in a table.
    #[inline]
    pub(super) fn hash(self, id: u128) -> u64 {
        let (low, high) = halves(id);
        let once = fold(low ^ self.low ^ FIRST_MULTIPLIER, high ^ self.high);
        fold(once ^ self.high, SECOND_MULTIPLIER ^ self.low)
    }
}

/// The partition of a hash: its range among `partitions` equal ones.
#[inline]
pub(super) fn partition_of(hash: u64, partitions: u32) -> usize {
    let scaled = (hash >> 32).wrapping_mul(u64::from(partitions)) >> 32;
    usize::try_from(scaled).unwrap_or(0)
}

/// Both halves of the product, one upon the other.
#[inline]
fn fold(one: u64, other: u64) -> u64 {
    let (low, high) = halves(u128::from(one).wrapping_mul(u128::from(other)));
    low ^ high
}

#[cfg(test)]
mod tests {
    use super::{PartitionKey, partition_of};

    #[test]
    fn near_ids_spread_evenly_over_partitions() {
        let key = PartitionKey::new(*b"sixteen bytes...");
        let mut counts = [0_u32; 8];
        for id in 0..80_000_u128 {
            counts[partition_of(key.hash(id << 40 | 7), 8)] += 1;
        }
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
    }

    #[test]
    fn every_partition_is_in_range_and_one_takes_all() {
        for hash in [0, 1, u64::MAX / 2, u64::MAX] {
            assert!(partition_of(hash, 3) < 3);
            assert_eq!(partition_of(hash, 1), 0);
        }
    }

    #[test]
    fn another_key_gives_another_hash() {
        let hash = |byte| PartitionKey::new([byte; 16]).hash(42);
        assert_ne!(hash(1), hash(2));
    }
}

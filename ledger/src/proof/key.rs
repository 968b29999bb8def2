//! Where an account stands in the tree.
//!
//! The key is the plain BLAKE3 of the account id; bit 0 is the most significant bit of its first byte. The first
//! 12 bits are the virtual shard, the rest is the way down inside it. Keys do not depend on partitions.

/// Bits of the key that name the virtual shard, and so the levels of the fixed upper tree.
pub const SHARD_BITS: u16 = 12;

/// Number of virtual shards.
pub const SHARDS: u16 = 1 << SHARD_BITS;

/// Level below the last bit that a [`Place`] holds.
pub(super) const PLACE_END: u16 = 68;

/// Bits of a key, and so the levels at which two accounts can part.
pub const KEY_BITS: u16 = 256;

/// BLAKE3 of an account id (16 bytes, little-endian).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountKey(pub(super) [u8; 32]);

impl AccountKey {
    /// The key of an account.
    #[must_use]
    pub fn of(id: u128) -> Self {
        Self(*blake3::hash(&id.to_le_bytes()).as_bytes())
    }

    /// Takes a key from a proof; whether it belongs there is for the verifier to decide.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// All 256 bits.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The virtual shard, below [`SHARDS`].
    #[must_use]
    pub const fn shard(&self) -> u16 {
        let [first, second, ..] = self.0;
        u16::from_be_bytes([first, second]) >> 4
    }

    /// Which way the path turns at a level below [`KEY_BITS`]: false is left.
    #[must_use]
    pub fn bit(&self, level: u16) -> bool {
        let mask = 0x80_u8.checked_shr(u32::from(level & 7)).unwrap_or_default();
        self.0.get(usize::from(level >> 3)).is_some_and(|byte| byte & mask != 0)
    }

    /// Whether the first `bits` bits are the same.
    #[must_use]
    pub fn agrees(&self, other: &Self, bits: usize) -> bool {
        (0..KEY_BITS).take(bits).all(|level| self.bit(level) == other.bit(level))
    }

    pub(super) fn place(&self) -> Place {
        let [_, a, b, c, d, e, f, g, h, ..] = self.0;
        Place((u64::from_be_bytes([a, b, c, d, e, f, g, h]) << 4) & Place::MASK)
    }
}

/// The 56 bits of a key that follow its shard, in the upper bits of a word: what the tree remembers of a key.
///
/// Two accounts of a shard with the same place are met by chance once in 2^68 pairs, but can be made in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(pub(super) u64);

impl Place {
    pub(super) const MASK: u64 = !0xff;
    const TOP: u64 = 1 << 63;

    /// The bit of the whole key at `level`, which lies between [`SHARD_BITS`] and [`PLACE_END`].
    pub(super) fn bit(self, level: u16) -> bool {
        let shift = u32::from(level.saturating_sub(SHARD_BITS));
        self.0.checked_shl(shift).is_some_and(|word| word & Self::TOP != 0)
    }
}

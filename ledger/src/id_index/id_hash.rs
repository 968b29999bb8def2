//! A keyed hash of an id: SipHash-1-3 of its 16 bytes, so that nobody who does not know the key can choose ids
//! that collide.

/// The key of the hash. Each process may take another one; it must not be known outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashKey {
    low: u64,
    high: u64,
}

/// The four words of SipHash's state.
struct SipState([u64; 4]);

impl HashKey {
    /// A key of 16 bytes.
    #[must_use]
    pub fn new(bytes: [u8; 16]) -> Self {
        let key = u128::from_le_bytes(bytes);
        let (low, high) = halves(key);
        Self { low, high }
    }

    pub(super) fn to_bytes(self) -> [u8; 16] {
        (u128::from(self.low) | (u128::from(self.high) << 64)).to_le_bytes()
    }

    /// The hash of an id.
    pub(super) fn hash(self, id: u128) -> u64 {
        let (low, high) = halves(id);
        let mut state = SipState([
            self.low ^ 0x736f_6d65_7073_6575,
            self.high ^ 0x646f_7261_6e64_6f6d,
            self.low ^ 0x6c79_6765_6e65_7261,
            self.high ^ 0x7465_6462_7974_6573,
        ]);
        state.absorb(low);
        state.absorb(high);
        // The last word carries the length, 16 bytes, in its top byte.
        state.absorb(16 << 56);
        state.finish()
    }
}

/// The low and the high half.
fn halves(number: u128) -> (u64, u64) {
    let mask = u128::from(u64::MAX);
    let half = |part: u128| u64::try_from(part & mask).unwrap_or(0);
    (half(number), half(number >> 64))
}

/// Spreads a hash over `[0, count)` by its high bits.
pub(super) fn scale(hash: u64, count: u64) -> u64 {
    let (_, high) = halves(u128::from(hash).wrapping_mul(u128::from(count)));
    high
}

impl SipState {
    fn absorb(&mut self, word: u64) {
        let [_, _, _, last] = &mut self.0;
        *last ^= word;
        self.round();
        let [first, ..] = &mut self.0;
        *first ^= word;
    }

    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.0;
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
        self.0 = [a, b, c, d];
    }

    fn finish(mut self) -> u64 {
        let [_, _, third, _] = &mut self.0;
        *third ^= 0xff;
        self.round();
        self.round();
        self.round();
        let [a, b, c, d] = self.0;
        a ^ b ^ c ^ d
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hasher};

    use super::*;

    /// The standard library's hasher is SipHash-1-3 with a key of zeros.
    #[test]
    fn hash_is_siphash_1_3() {
        let mut id = 1_u128;
        for _ in 0..1_000 {
            let mut standard = DefaultHasher::new();
            standard.write(&id.to_le_bytes());
            assert_eq!(HashKey::new([0; 16]).hash(id), standard.finish());
            id = id.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(1);
        }
    }

    #[test]
    fn key_changes_the_hash_and_survives_its_bytes() {
        let bytes = *b"sixteen bytes...";
        let key = HashKey::new(bytes);
        assert_eq!(key.to_bytes(), bytes);
        assert_ne!(key.hash(7), HashKey::new([0; 16]).hash(7));
    }

    #[test]
    fn scale_covers_the_range() {
        assert_eq!(scale(0, 10), 0);
        assert_eq!(scale(u64::MAX, 10), 9);
        assert_eq!(scale(u64::MAX, 0), 0);
    }
}

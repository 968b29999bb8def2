//! A sequence of numbers without a pattern, the same from the same seed on every machine: SplitMix64.

/// The sequence.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next number below `bound`, by multiplication: the bias is below 2^-64 times the bound. Zero below zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next()).saturating_mul(u128::from(bound));
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// Whether something happens that does so in `per_cent` of all cases.
    pub(crate) fn happens(&mut self, per_cent: u64) -> bool {
        self.below(100) < per_cent
    }

    /// 128 bits.
    pub(crate) fn wide(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn the_sequence_is_that_of_its_definition() {
        // The first numbers of SplitMix64 from the seed 1234567, as its author publishes them.
        let mut numbers = Numbers::new(1_234_567);
        assert_eq!(numbers.next(), 6_457_827_717_110_365_317);
        assert_eq!(numbers.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn numbers_below_a_bound_reach_all_of_it_and_nothing_else() {
        let mut numbers = Numbers::new(1);
        let mut seen = [0_u32; 7];
        (0..7_000).for_each(|_| seen[usize::try_from(numbers.below(7)).unwrap()] += 1);
        assert!(seen.iter().all(|count| (800..1_200).contains(count)), "{seen:?}");
        assert_eq!(numbers.below(0), 0);
    }

    #[test]
    fn per_cents_are_kept() {
        let mut numbers = Numbers::new(2);
        for per_cent in [0, 10, 90, 100] {
            let count = (0..10_000).filter(|_| numbers.happens(per_cent)).count();
            let expected = usize::try_from(per_cent).unwrap() * 100;
            assert!(count.abs_diff(expected) < 200, "{per_cent}: {count}");
            assert!(per_cent % 100 != 0 || count == expected, "{per_cent}: {count}");
        }
    }
}

//! Zipf's distribution: rank r is drawn with a probability that goes as r^-0.99, as key-value benchmarks do.
//!
//! In integers throughout, so that every machine draws the same: logarithms and powers of two in fixed point with 32
//! fraction bits, then Walker's alias table, which draws in one look.

use super::numbers::Numbers;

/// The exponent, in hundredths.
const EXPONENT_PER_CENT: u64 = 99;

/// Fraction bits of a logarithm.
const FRACTION: u32 = 32;

/// Weights are at most this.
const WEIGHT_ONE: u64 = 1 << 40;

/// For each slot: below which of 2^32 numbers it is drawn itself, and what is drawn above it.
#[derive(Debug)]
pub(crate) struct Zipf {
    slots: Vec<(u64, usize)>,
}

impl Zipf {
    /// Ranks from zero to below `count`.
    pub(crate) fn new(count: u64) -> Self {
        let weights: Vec<u64> = (1..=count.max(1)).map(weight).collect();
        Self { slots: alias_table(&weights) }
    }

    /// A rank; zero is drawn most often.
    pub(crate) fn rank(&self, numbers: &mut Numbers) -> u64 {
        let slot = numbers.below(to_u64(self.slots.len()));
        let own = (slot, numbers.next() >> 32);
        match self.slots.get(to_usize(slot)) {
            Some((bound, other)) if own.1 >= *bound => to_u64(*other),
            _ => slot,
        }
    }
}

/// The weight of a rank that counts from one.
fn weight(rank: u64) -> u64 {
    let logarithm = u128::from(logarithm(rank)).saturating_mul(u128::from(EXPONENT_PER_CENT)) / 100;
    let logarithm = u64::try_from(logarithm).unwrap_or(u64::MAX);
    inverse_power(logarithm).max(1)
}

/// The logarithm to base two, with [`FRACTION`] bits: squaring a number between one and two doubles its logarithm.
fn logarithm(number: u64) -> u64 {
    let whole = number.max(1).ilog2();
    // Between one and two, with 62 fraction bits.
    let mut rest = u128::from(number.max(1)) << (62_u32.saturating_sub(whole));
    let mut logarithm = u64::from(whole);
    for _ in 0..FRACTION {
        rest = rest.saturating_mul(rest) >> 62;
        let bit = rest >> 63;
        rest >>= bit;
        logarithm = logarithm << 1 | u64::try_from(bit).unwrap_or(0);
    }
    logarithm
}

/// [`WEIGHT_ONE`] divided by two to the power of a fixed-point number: one square root of a half for each bit.
fn inverse_power(exponent: u64) -> u64 {
    let mut power = u128::from(WEIGHT_ONE) << 20;
    let mut root = 1_u128 << 61;
    for bit in (0..FRACTION).rev() {
        root = (root << 62).isqrt();
        if exponent >> bit & 1 == 1 {
            power = power.saturating_mul(root) >> 62;
        }
    }
    let whole = u32::try_from(exponent >> FRACTION).unwrap_or(u32::MAX);
    u64::try_from(power.checked_shr(whole.saturating_add(20)).unwrap_or(0)).unwrap_or(u64::MAX)
}

/// Walker's table: slots with less than their share are filled up by those with more.
fn alias_table(weights: &[u64]) -> Vec<(u64, usize)> {
    const WHOLE: u128 = 1 << 32;
    let sum: u128 = weights.iter().copied().map(u128::from).sum();
    let count = u128::from(to_u64(weights.len()));
    let scaled = |weight: &u64| {
        let product = u128::from(*weight).saturating_mul(count).saturating_mul(WHOLE);
        u64::try_from(product.checked_div(sum).unwrap_or(WHOLE)).unwrap_or(u64::MAX)
    };
    let whole = u64::try_from(WHOLE).unwrap_or(u64::MAX);
    let mut shares: Vec<u64> = weights.iter().map(scaled).collect();
    let mut slots: Vec<(u64, usize)> = (0..weights.len()).map(|slot| (whole, slot)).collect();
    let (mut small, mut large): (Vec<usize>, Vec<usize>) =
        (0..weights.len()).partition(|slot| shares.get(*slot).is_some_and(|share| *share < whole));
    while let (Some(less), Some(more)) = (small.pop(), large.last().copied()) {
        let share = shares.get(less).copied().unwrap_or(0);
        if let Some(slot) = slots.get_mut(less) {
            *slot = (share, more);
        }
        let Some(rest) = shares.get_mut(more) else { break };
        *rest = rest.saturating_sub(whole.saturating_sub(share));
        if *rest < whole {
            large.pop();
            small.push(more);
        }
    }
    slots
}

fn to_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Numbers, WEIGHT_ONE, Zipf, inverse_power, logarithm, weight};

    fn float(number: u64) -> f64 {
        number.to_string().parse().unwrap()
    }

    #[test]
    fn logarithms_and_powers_are_those_of_floats() {
        for number in [1, 2, 3, 10, 1_000, 999_999, 1 << 40] {
            let logarithm = float(logarithm(number)) / float(1 << 32);
            assert!((logarithm - float(number).log2()).abs() < 1e-8, "{number}: {logarithm}");
        }
        for exponent in [0_u64, 1, 1 << 31, 1 << 32, 19 << 32, (7 << 32) + 12_345_678] {
            let expected = float(WEIGHT_ONE) / (float(exponent) / float(1 << 32)).exp2();
            let power = float(inverse_power(exponent));
            assert!((power - expected).abs() <= expected * 1e-6 + 1.0, "{exponent}: {power} not {expected}");
        }
    }

    #[test]
    fn weights_fall_as_the_power_of_the_rank() {
        for rank in [1_u64, 2, 3, 100, 12_345, 1_000_000] {
            let expected = float(WEIGHT_ONE) * float(rank).powf(-0.99);
            assert!((float(weight(rank)) - expected).abs() <= expected * 1e-4, "{rank}");
        }
    }

    #[test]
    fn ranks_are_drawn_as_often_as_their_weights_say() {
        const DRAWS: u64 = 400_000;
        let (zipf, mut numbers) = (Zipf::new(1_000), Numbers::new(3));
        let mut counts = vec![0_u64; 1_000];
        (0..DRAWS).for_each(|_| counts[usize::try_from(zipf.rank(&mut numbers)).unwrap()] += 1);
        let sum: f64 = (1..=1_000).map(|rank| float(rank).powf(-0.99)).sum();
        for rank in [1_u64, 2, 5, 20, 100] {
            let expected = float(DRAWS) * float(rank).powf(-0.99) / sum;
            let count = float(counts[usize::try_from(rank).unwrap() - 1]);
            assert!((count - expected).abs() < expected * 0.1 + 20.0, "{rank}: {count} not {expected}");
        }
    }

    #[test]
    fn one_rank_is_always_drawn() {
        let (zipf, mut numbers) = (Zipf::new(1), Numbers::new(4));
        assert!((0..100).all(|_| zipf.rank(&mut numbers) == 0));
    }
}

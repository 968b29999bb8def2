//! Percentiles of times.

use serde::Serialize;

use super::decimal::Thousandths;

/// How times spread, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Spread {
    pub(crate) p50: Thousandths,
    pub(crate) p90: Thousandths,
    pub(crate) p99: Thousandths,
    pub(crate) p999: Thousandths,
    pub(crate) max: Thousandths,
}

impl Spread {
    /// Of times in microseconds.
    pub(crate) fn of(mut micros: Vec<u64>) -> Self {
        micros.sort_unstable();
        let at = |per_mille| Thousandths::of(percentile(&micros, per_mille));
        Self { p50: at(500), p90: at(900), p99: at(990), p999: at(999), max: at(1_000) }
    }
}

/// The smallest of the sorted values that so many per mille of them are not above; zero if there are none.
pub(crate) fn percentile(sorted: &[u64], per_mille: usize) -> u64 {
    let rank = sorted.len().saturating_mul(per_mille).div_ceil(1_000);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    percentile(&values, 500)
}

#[cfg(test)]
mod tests {
    use super::{Spread, Thousandths, median};

    #[test]
    fn percentiles_are_values_that_were_there() {
        let spread = Spread::of((1..=1_000).rev().collect());
        let found = [spread.p50, spread.p90, spread.p99, spread.p999, spread.max];
        assert_eq!(found, [500, 900, 990, 999, 1_000].map(Thousandths));
        assert_eq!(Spread::of(vec![7]).p50, Thousandths(7));
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(median(vec![9, 1]), 1);
        assert_eq!(median(Vec::new()), 0);
    }
}

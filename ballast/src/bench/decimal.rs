//! Figures with decimals, made of integers: `12345` with three places is `12.345`.

use serde::{Serialize, Serializer};
use std::fmt;

/// A number of thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Thousandths(pub(crate) u64);

impl Thousandths {
    /// One number divided by another one; zero divided by zero.
    pub(crate) fn ratio(number: u64, divisor: u64) -> Self {
        let scaled = u128::from(number).saturating_mul(1_000);
        let divided = scaled.checked_div(u128::from(divisor)).unwrap_or(0);
        Self(u64::try_from(divided).unwrap_or(u64::MAX))
    }

    /// Milliseconds out of microseconds, seconds out of milliseconds.
    pub(crate) const fn of(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for Thousandths {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

impl Serialize for Thousandths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: f64 = self.to_string().parse().map_err(serde::ser::Error::custom)?;
        serializer.serialize_f64(number)
    }
}

/// What happens in a second, if `count` happened in so many microseconds.
pub(crate) fn per_second(count: u64, micros: u64) -> u64 {
    let scaled = u128::from(count).saturating_mul(1_000_000);
    u64::try_from(scaled.checked_div(u128::from(micros)).unwrap_or(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Thousandths, per_second};

    #[test]
    fn figures_are_written_as_numbers() {
        for (number, text) in [(0, "0.000"), (7, "0.007"), (12_345, "12.345")] {
            assert_eq!(Thousandths(number).to_string(), text);
        }
        assert_eq!(serde_json::to_string(&Thousandths(12_340)).unwrap(), "12.34");
        assert_eq!(Thousandths::ratio(3, 2).to_string(), "1.500");
        assert_eq!(Thousandths::ratio(3, 0).to_string(), "0.000");
        assert_eq!(per_second(3, 2_000_000), 1);
        assert_eq!(per_second(3, 0), 0);
    }
}

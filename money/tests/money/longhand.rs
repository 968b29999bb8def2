//! The slow model: numbers as decimal digits, added and multiplied as at school.
//!
//! It shares nothing with the crate, has no largest number and does not divide: a quotient is proven by
//! multiplying it back, and a division by a power of ten drops digits.

use std::cmp::Ordering;

/// A natural number, least significant digit first, without zeros at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Longhand(Vec<u8>);

impl Longhand {
    /// Reads any integer that prints as decimal digits.
    pub(crate) fn of(number: impl ToString) -> Self {
        let digit = |character: char| u8::try_from(character.to_digit(10).unwrap()).unwrap();
        Self(number.to_string().chars().rev().map(digit).collect()).trimmed()
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        let mut sum = vec![0; self.0.len().max(other.0.len()) + 1];
        for (position, digit) in self.0.iter().enumerate() {
            sum[position] += digit;
        }
        for (position, digit) in other.0.iter().enumerate() {
            sum[position] += digit;
        }
        Self::carried(sum.into_iter().map(u32::from).collect())
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut columns = vec![0; self.0.len() + other.0.len()];
        for (row, left) in self.0.iter().enumerate() {
            for (column, right) in other.0.iter().enumerate() {
                columns[row + column] += u32::from(*left) * u32::from(*right);
            }
        }
        Self::carried(columns)
    }

    /// The product of several numbers.
    pub(crate) fn product<T: ToString>(factors: impl IntoIterator<Item = T>) -> Self {
        factors.into_iter().fold(Self::of(1), |product, factor| product.times(&Self::of(factor)))
    }

    /// The number divided by `10^digits`, rounded down.
    pub(crate) fn without_last(&self, digits: usize) -> Self {
        Self(self.0.iter().skip(digits).copied().collect())
    }

    /// The distance between two numbers is at most `tolerance`.
    pub(crate) fn is_within(&self, other: &Self, tolerance: &Self) -> bool {
        *self <= other.plus(tolerance) && *other <= self.plus(tolerance)
    }

    fn carried(columns: Vec<u32>) -> Self {
        let mut digits = Vec::new();
        let mut carry = 0;
        for column in columns {
            let total = column + carry;
            digits.push(u8::try_from(total % 10).unwrap());
            carry = total / 10;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry % 10).unwrap());
            carry /= 10;
        }
        Self(digits).trimmed()
    }

    fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }
}

impl PartialOrd for Longhand {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Longhand {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

/// `quotient` is `numerator / divisor` rounded down: `quotient * divisor <= numerator < (quotient + 1) * divisor`.
pub(crate) fn is_floor(quotient: impl ToString, numerator: &Longhand, divisor: &Longhand) -> bool {
    let quotient = Longhand::of(quotient);
    let next = quotient.plus(&Longhand::of(1));
    quotient.times(divisor) <= *numerator && *numerator < next.times(divisor)
}

/// `quotient` is `numerator / divisor` rounded up: `(quotient - 1) * divisor < numerator <= quotient * divisor`.
pub(crate) fn is_ceil(quotient: impl ToString, numerator: &Longhand, divisor: &Longhand) -> bool {
    let product = Longhand::of(quotient).times(divisor);
    *numerator <= product && product < numerator.plus(divisor)
}

#[test]
fn longhand_agrees_with_machine_integers() {
    for left in [0_u128, 1, 9, 10, 99, 12_345, 999_999_999_999] {
        for right in [0_u128, 1, 7, 10, 101, 54_321, 888_888_888_888] {
            let (a, b) = (Longhand::of(left), Longhand::of(right));
            assert_eq!(a.plus(&b), Longhand::of(left + right));
            assert_eq!(a.times(&b), Longhand::of(left * right));
            assert_eq!(a.cmp(&b), left.cmp(&right));
            assert_eq!(a.is_within(&b, &Longhand::of(5)), left.abs_diff(right) <= 5);
            assert_eq!(a.without_last(3), Longhand::of(left / 1000));
        }
    }
}

#[test]
fn only_the_right_quotient_is_one() {
    for numerator in [0_u128, 1, 9, 10, 99, 12_345, 999_999_999_999] {
        for divisor in [1_u128, 7, 10, 101, 54_321, 888_888_888_888] {
            let (floor, ceil) = (numerator / divisor, numerator.div_ceil(divisor));
            let (n, d) = (Longhand::of(numerator), Longhand::of(divisor));
            for quotient in [floor.saturating_sub(1), floor, ceil, ceil + 1] {
                assert_eq!(is_floor(quotient, &n, &d), quotient == floor, "{numerator} / {divisor}");
                assert_eq!(is_ceil(quotient, &n, &d), quotient == ceil, "{numerator} / {divisor}");
            }
        }
    }
}

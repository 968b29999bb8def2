//! Why a text is no amount.

use thiserror::Error;

use crate::MoneyError;

/// A text that does not follow the one form its type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Nothing there.
    #[error("the number is empty: write at least one digit")]
    Empty,
    /// Something other than digits and one dot.
    #[error("only the digits 0 to 9 and one dot belong in an amount: no sign, exponent, blank or separator")]
    Character,
    /// A dot where only whole numbers are allowed.
    #[error("this number has no fraction: leave out the dot")]
    Dot,
    /// A dot with no digit on one of its sides.
    #[error("a digit is missing beside the dot: write 0.5 or 5.0")]
    MissingDigit,
    /// A zero in front of the number.
    #[error("the number starts with a zero it does not need: leave it out")]
    LeadingZero,
    /// Too many digits before the dot.
    #[error("more than {max} digits before the dot: use a smaller amount")]
    WholeDigits {
        /// How many there may be.
        max: usize,
    },
    /// Too many digits after the dot.
    #[error("more than {max} digits after the dot: nothing smaller exists, round it")]
    FractionDigits {
        /// How many there may be.
        max: usize,
    },
    /// An amount of bitcoin that does not say its unit.
    #[error("the unit is missing: write 0.01btc or 50000sat")]
    BitcoinUnit,
    /// An amount of dollars that does not say its unit.
    #[error("the unit is missing: write 12.50usd")]
    DollarUnit,
    /// A number that is well written and outside its type.
    #[error(transparent)]
    Range(#[from] MoneyError),
}

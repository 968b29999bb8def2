//! What can go wrong when money is computed. Text that does not parse is [`crate::ParseError`].

use thiserror::Error;

/// A computation whose exact result does not exist in its type.
///
/// Nothing here is ever rounded, wrapped or cut to fit: the caller learns which bound was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum MoneyError {
    /// More bitcoin than can exist.
    #[error("more than 2100000000000000 sats, all the bitcoin there can be: check the amount")]
    SatsAboveMax,
    /// A sats subtraction that took more than there was.
    #[error("sats would fall below zero: take out at most what is there")]
    SatsBelowZero,
    /// A dollar amount above 128 bits.
    #[error("micro-dollars do not fit 128 bits: split the amount or check the fee index")]
    UsdAboveMax,
    /// A dollar subtraction that took more than there was.
    #[error("micro-dollars would fall below zero: take out at most what is there")]
    UsdBelowZero,
    /// A dollar amount that the ledger cannot hold.
    #[error("more than 9223372036854775807 micro-dollars, the most one ledger amount holds: split it")]
    LedgerAmountAboveMax,
    /// A price of zero or above ten million dollars per BTC.
    #[error("a price is 1 to 10000000000000 micro-dollars per BTC: check its source and unit")]
    PriceOutOfRange,
    /// A ratio above 32 bits.
    #[error("basis points do not fit 32 bits: check the ratio's unit")]
    BpsAboveMax,
    /// A ratio subtraction that took more than there was.
    #[error("basis points would fall below zero: subtract at most the ratio itself")]
    BpsBelowZero,
    /// A normalized debt above 128 bits.
    #[error("normalized debt does not fit 128 bits: split the debt over more vaults")]
    NormalizedDebtAboveMax,
    /// A normalized debt subtraction that took more than there was.
    #[error("normalized debt would fall below zero: cancel at most what is owed")]
    NormalizedDebtBelowZero,
    /// A fee index below one ray or above its cap.
    #[error("a fee index is 10^27 to 10^45 ray units: check the stored index")]
    FeeIndexOutOfRange,
    /// A per-second factor below one or too large to be one.
    #[error("a per-second factor is 10^27 to 1.00001 * 10^27 ray units: a yearly one does not belong here")]
    FeeFactorOutOfRange,
    /// A fee index was to be stepped to an earlier time.
    #[error("time went backwards since the last index step: keep the index and check the clock")]
    TimeBackwards,
    /// A division by zero.
    #[error("division by zero: a ratio, price, index or scale of zero has no quotient")]
    ZeroDivisor,
    /// A result, or for a power an intermediate product, above 256 bits.
    #[error("the result does not fit 256 bits: check the scales of the operands")]
    Overflow,
    /// A decimal below zero.
    #[error("a decimal below zero is no amount of money: use the opposite operation")]
    DecimalNegative,
    /// A decimal and a number of micro-dollars that are not exactly equal.
    #[error("no exact conversion between this decimal and micro-dollars: use at most six fraction digits")]
    DecimalNotExact,
}

//! Every bound of this crate, each with the reason for it.

use ruint::{aliases::U256, uint};

/// Most sats: 21 million BTC, all there will ever be.
pub const SATS_MAX: u64 = 2_100_000_000_000_000;

/// Highest price in micro-dollars per BTC: ten million dollars, a hundred times the price when this was
/// written. It keeps `collateral * price * basis points` within 128 bits.
pub const PRICE_MICROS_MAX: u64 = 10_000_000_000_000;

/// Largest amount of one ledger transfer or balance: it fits the signed 64-bit integers of both databases.
pub const LEDGER_AMOUNT_MAX: u64 = i64::MAX.unsigned_abs();

/// Where the fee index saturates: 10^18 times what it started at. At the highest class, 25 % a year, that is
/// after about 186 years.
pub const FEE_INDEX_MAX: U256 = uint!(1_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_U256);

/// Largest per-second factor: one thousandth of a percent each second. The highest class is more than
/// a thousand times gentler; anything above this is a yearly or daily factor passed by mistake.
pub const FEE_FACTOR_MAX: u128 = 1_000_010_000_000_000_000_000_000_000;

/// Longest time one index step charges for: 100 years of 365 days, more than any outage, so that a clock which
/// jumps cannot ask for unbounded work or unbounded debt.
pub const STEP_SECONDS_MAX: u64 = 3_153_600_000;

/// Most digits before the dot in a dollar amount: with six after it the result fits a ledger amount.
pub const USD_WHOLE_DIGITS_MAX: usize = 12;

/// Digits after the dot in a dollar amount: one micro-dollar.
pub const USD_FRACTION_DIGITS: usize = 6;

/// Most digits before the dot in an amount written in BTC: 21 million has eight.
pub const BTC_WHOLE_DIGITS_MAX: usize = 8;

/// Digits after the dot in an amount written in BTC: one sat.
pub const BTC_FRACTION_DIGITS: usize = 8;

/// Most digits of an amount written in sats: [`SATS_MAX`] has sixteen.
pub const SATS_DIGITS_MAX: usize = 16;

/// Most digits of a fee index written in ray units: [`FEE_INDEX_MAX`] has forty-six.
pub const FEE_INDEX_DIGITS_MAX: usize = 46;

//! The scales: how many of its units make the number one (MECHANISM section 1).

use ruint::{aliases::U256, uint};

/// Sats in one BTC.
pub const SAT: U256 = uint!(100_000_000_U256);

/// Basis points in one: 10,000 are 100 %.
pub const BPS: U256 = uint!(10_000_U256);

/// Units in one for fees of redemption and for shares of the stability pool.
pub const WAD: U256 = uint!(1_000_000_000_000_000_000_U256);

/// Units in one for fee indexes and per-second factors.
pub const RAY: U256 = uint!(1_000_000_000_000_000_000_000_000_000_U256);

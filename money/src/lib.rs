#![doc = include_str!("../README.md")]
#![deny(clippy::arithmetic_side_effects)]

mod bps;
pub mod collateral;
pub mod debt;
mod decimal;
mod error;
mod fee_factor;
mod fee_index;
mod fixed_point;
pub mod formula;
pub mod human;
pub mod limits;
mod liquidation_price;
mod mul_div;
mod normalized_debt;
mod parse_error;
mod price;
mod rpow;
mod sats;
pub mod scale;
mod usd;

pub use bps::Bps;
pub use error::MoneyError;
pub use fee_factor::FeeFactor;
pub use fee_index::{FeeIndex, IndexStep};
pub use liquidation_price::LiquidationPrice;
pub use mul_div::{cmp_products, mul_div_ceil, mul_div_floor};
pub use normalized_debt::NormalizedDebt;
pub use parse_error::ParseError;
pub use price::Price;
pub use rpow::rpow_half_up;
/// The 256-bit integer that wide products and fee indexes are computed in.
pub use ruint::aliases::U256;
pub use sats::Sats;
pub use usd::Usd;

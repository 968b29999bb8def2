//! The price that separates a safe vault from one that may be liquidated.

use crate::Price;

/// From which price on a vault is safe; see [`crate::collateral::liquidation_price_ceil`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum LiquidationPrice {
    /// At every price: nothing is owed, or no ratio is asked.
    AlwaysSafe,
    /// At this price and above; one micro-dollar lower it is not.
    At(Price),
    /// At no price up to [`Price::MAX`].
    NeverSafe,
}

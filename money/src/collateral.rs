//! What collateral is worth and what it can carry (MECHANISM section 2).
//!
//! Decisions compare products and never divide; what divides is for limits and for showing, and rounds against
//! whoever takes value out. The price is the one that the decision uses (MECHANISM section 6).

use crate::{Bps, LiquidationPrice, MoneyError, Price, Sats, Usd, formula::Scales};

/// What collateral is worth, rounded down.
///
/// # Errors
/// None in practice: all the bitcoin there can be at the highest price fits 128 bits.
pub fn value_floor(collateral: Sats, price: Price) -> Result<Usd, MoneyError> {
    Usd::narrow(Scales::BALLAST.value_floor(collateral.widen(), price.widen())?)
}

/// Whether collateral carries a debt at a ratio. Exactly at the ratio is safe, and so is no debt at all.
#[must_use]
pub fn is_safe(collateral: Sats, price: Price, debt: Usd, ratio: Bps) -> bool {
    Scales::BALLAST.is_safe(collateral.widen(), price.widen(), debt.widen(), ratio.widen())
}

/// The most by which `debt` may rise and still be safe at `ratio`, rounded down.
///
/// Above index one a mint of exactly this much can raise the debt by a few micro-dollars more, because
/// [`normalize_ceil`](crate::debt::normalize_ceil) rounds up; whoever mints tests [`is_safe`] on the debt it
/// really leads to.
///
/// # Errors
/// [`MoneyError::ZeroDivisor`] for a ratio of zero, at which there is no most.
pub fn mintable_floor(collateral: Sats, price: Price, debt: Usd, ratio: Bps) -> Result<Usd, MoneyError> {
    let (collateral, price, debt, ratio) = (collateral.widen(), price.widen(), debt.widen(), ratio.widen());
    Usd::narrow(Scales::BALLAST.mintable_floor(collateral, price, debt, ratio)?)
}

/// The least collateral that carries `debt` at `ratio`, rounded up: one sat less is not safe.
///
/// # Errors
/// [`MoneyError::SatsAboveMax`] if not even all bitcoin would do.
pub fn least_collateral_ceil(price: Price, debt: Usd, ratio: Bps) -> Result<Sats, MoneyError> {
    Sats::narrow(Scales::BALLAST.least_collateral_ceil(price.widen(), debt.widen(), ratio.widen())?)
}

/// The lowest price at which collateral carries `debt` at `ratio`, rounded up.
pub fn liquidation_price_ceil(collateral: Sats, debt: Usd, ratio: Bps) -> LiquidationPrice {
    if debt.is_zero() || ratio.is_zero() {
        return LiquidationPrice::AlwaysSafe;
    }
    let micros = Scales::BALLAST.liquidation_price_ceil(collateral.widen(), debt.widen(), ratio.widen());
    // Whichever error it is, no collateral or a result too large, no price is high enough.
    micros.and_then(Price::narrow).map_or(LiquidationPrice::NeverSafe, LiquidationPrice::At)
}

/// The collateral ratio in basis points, rounded down, or `None` without debt. For people to read.
///
/// It is a bare number, because next to no debt it outgrows [`Bps`], and so that nothing which decides can take
/// it: decisions use [`is_safe`].
///
/// # Errors
/// None in practice: all the bitcoin there can be over one micro-dollar of debt fits 128 bits.
pub fn collateral_ratio_bps_floor(
    collateral: Sats,
    price: Price,
    debt: Usd,
) -> Result<Option<u128>, MoneyError> {
    if debt.is_zero() {
        return Ok(None);
    }
    let ratio = Scales::BALLAST.collateral_ratio_floor(collateral.widen(), price.widen(), debt.widen())?;
    u128::try_from(ratio).map(Some).map_err(|_| MoneyError::Overflow)
}

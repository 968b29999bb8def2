//! The formulas of MECHANISM section 2, each written once, over plain 256-bit integers.
//!
//! A formula does not know its units: the scales it needs are fields of [`Scales`]. The product computes with
//! [`Scales::BALLAST`] through the typed functions of [`crate::debt`] and [`crate::collateral`], and the known
//! answers of other systems are checked against the same code in their own units. Rounding is in the name.

use ruint::aliases::U256;

use crate::{
    MoneyError, cmp_products, mul_div_ceil, mul_div_floor, rpow_half_up,
    scale::{BPS, RAY, SAT},
};

/// How many units make one whole: of collateral, of a ratio, of a fee index.
///
/// Money is counted in the units of the price: if the price is micro-dollars for one whole unit of collateral,
/// so are debts and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scales {
    /// Units of collateral that the price is for.
    pub collateral: U256,
    /// Units of a ratio of one.
    pub ratio: U256,
    /// Units of a fee index or per-second factor of one.
    pub index: U256,
}

impl Scales {
    /// Ours: sats, basis points, ray; money is micro-dollars.
    pub const BALLAST: Self = Self { collateral: SAT, ratio: BPS, index: RAY };

    /// `floor(C * P / SAT)`: what collateral is worth. Row value of collateral.
    ///
    /// # Errors
    /// Those of [`mul_div_floor`].
    pub fn value_floor(&self, collateral: U256, price: U256) -> Result<U256, MoneyError> {
        mul_div_floor([collateral, price], [self.collateral])
    }

    /// `floor(rpow(f, seconds) * I / RAY)`: the fee index some seconds later. Row fee index step; `drip` in
    /// makerdao/dss `jug.sol`.
    ///
    /// # Errors
    /// Those of [`rpow_half_up`] and [`mul_div_floor`].
    pub fn index_step_floor(&self, index: U256, factor: U256, seconds: u64) -> Result<U256, MoneyError> {
        let growth = rpow_half_up(factor, seconds, self.index)?;
        mul_div_floor([growth, index], [self.index])
    }

    /// `ceil(N * I / RAY)`: what is owed. Rows debt and debt of a class.
    ///
    /// # Errors
    /// Those of [`mul_div_ceil`].
    pub fn debt_ceil(&self, normalized_debt: U256, index: U256) -> Result<U256, MoneyError> {
        mul_div_ceil([normalized_debt, index], [self.index])
    }

    /// `ceil(x * RAY / I)`: normalized debt that an amount newly owed adds. Row mint.
    ///
    /// # Errors
    /// Those of [`mul_div_ceil`].
    pub fn normalize_ceil(&self, amount: U256, index: U256) -> Result<U256, MoneyError> {
        mul_div_ceil([amount, self.index], [index])
    }

    /// `floor(y * RAY / I)`: normalized debt that an amount paid cancels. Row repay, below the debt.
    ///
    /// # Errors
    /// Those of [`mul_div_floor`].
    pub fn normalize_floor(&self, amount: U256, index: U256) -> Result<U256, MoneyError> {
        mul_div_floor([amount, self.index], [index])
    }

    /// `C * P * BPS >= D * L * SAT`: whether a vault is at or above a ratio. Row safe at ratio L; `frob` in
    /// makerdao/dss `vat.sol`. Exact; without debt always true.
    #[must_use]
    pub fn is_safe(&self, collateral: U256, price: U256, debt: U256, ratio: U256) -> bool {
        cmp_products([collateral, price, self.ratio], [debt, ratio, self.collateral]).is_ge()
    }

    /// `max(0, floor(C * P * BPS / (L * SAT)) - D)`: the most by which debt may rise and stay safe. Row most
    /// that can be minted.
    ///
    /// # Errors
    /// Those of [`mul_div_floor`]; a ratio of zero allows any debt, so there is no most.
    pub fn mintable_floor(
        &self,
        collateral: U256,
        price: U256,
        debt: U256,
        ratio: U256,
    ) -> Result<U256, MoneyError> {
        let debt_max = mul_div_floor([collateral, price, self.ratio], [ratio, self.collateral])?;
        Ok(debt_max.saturating_sub(debt))
    }

    /// `ceil(D * L * SAT / (P * BPS))`: the least that keeps a debt safe. Row least collateral.
    ///
    /// # Errors
    /// Those of [`mul_div_ceil`].
    pub fn least_collateral_ceil(&self, price: U256, debt: U256, ratio: U256) -> Result<U256, MoneyError> {
        mul_div_ceil([debt, ratio, self.collateral], [price, self.ratio])
    }

    /// `ceil(D * L * SAT / (C * BPS))`: the lowest price at which a vault is safe. Row liquidation price.
    ///
    /// # Errors
    /// Those of [`mul_div_ceil`].
    pub fn liquidation_price_ceil(
        &self,
        collateral: U256,
        debt: U256,
        ratio: U256,
    ) -> Result<U256, MoneyError> {
        mul_div_ceil([debt, ratio, self.collateral], [collateral, self.ratio])
    }

    /// `floor(C * P * BPS / (D * SAT))`: the ratio of a vault, to be shown only. Row collateral ratio shown;
    /// `_computeCR` in liquity/dev `LiquityMath.sol`.
    ///
    /// # Errors
    /// Those of [`mul_div_floor`]; without debt there is no ratio.
    pub fn collateral_ratio_floor(
        &self,
        collateral: U256,
        price: U256,
        debt: U256,
    ) -> Result<U256, MoneyError> {
        mul_div_floor([collateral, price, self.ratio], [debt, self.collateral])
    }
}

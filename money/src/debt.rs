//! What is owed: from normalized debt to micro-dollars and back (MECHANISM section 2).
//!
//! A fee index must have been stepped to the time of the decision before it is used here. Every rounding leaves
//! the remainder in the protocol: debt and what a mint adds round up, what a repayment cancels rounds down.

use crate::{FeeIndex, MoneyError, NormalizedDebt, Usd, formula::Scales};

/// What is owed at this index, rounded up: of a vault, or of a class for the sum of its vaults.
///
/// # Errors
/// [`MoneyError::UsdAboveMax`] above 128 bits.
pub fn debt_ceil(normalized_debt: NormalizedDebt, index: FeeIndex) -> Result<Usd, MoneyError> {
    Usd::narrow(Scales::BALLAST.debt_ceil(normalized_debt.widen(), index.get())?)
}

/// Normalized debt to add when `amount` is newly owed: by a mint, or by the whole debt of a vault that enters
/// another class. Rounded up.
///
/// Debt then rises by at least `amount`, and by less than `index`, rounded up, more.
///
/// # Errors
/// None in practice: at an index of at least one the result is at most `amount`.
pub fn normalize_ceil(amount: Usd, index: FeeIndex) -> Result<NormalizedDebt, MoneyError> {
    NormalizedDebt::narrow(Scales::BALLAST.normalize_ceil(amount.widen(), index.get())?)
}

/// What a repayment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Repayment {
    /// Normalized debt that is left.
    pub normalized_debt: NormalizedDebt,
    /// What is taken from the payer.
    pub taken: Usd,
    /// What was offered above the debt and stays with the payer.
    pub returned: Usd,
}

/// Repays up to the whole debt with `offered`.
///
/// At or above the debt exactly the debt is taken and nothing is owed any more. Below it everything is taken and
/// the normalized debt cancelled is rounded down, so that at index 1.05 one micro-dollar cancels nothing.
///
/// # Errors
/// [`MoneyError::UsdAboveMax`] if the debt itself exceeds 128 bits.
pub fn repay_floor(
    normalized_debt: NormalizedDebt,
    offered: Usd,
    index: FeeIndex,
) -> Result<Repayment, MoneyError> {
    let debt = debt_ceil(normalized_debt, index)?;
    if offered >= debt {
        let returned = offered.checked_sub(debt)?;
        return Ok(Repayment { normalized_debt: NormalizedDebt::ZERO, taken: debt, returned });
    }
    let cancelled = NormalizedDebt::narrow(Scales::BALLAST.normalize_floor(offered.widen(), index.get())?)?;
    let normalized_debt = normalized_debt.checked_sub(cancelled)?;
    Ok(Repayment { normalized_debt, taken: offered, returned: Usd::ZERO })
}

//! Debt divided by the fee index. Unit: micro-dollars at fee index one.
//!
//! A vault stores this and nothing else about its debt, so that one index step charges every vault of a class.
//! It is no amount of money: only [`crate::debt`] turns one into the other, and always with a rounding.

use ruint::aliases::U256;

use crate::MoneyError;

/// Micro-dollars at fee index one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NormalizedDebt(u128);

impl NormalizedDebt {
    /// No debt.
    pub const ZERO: Self = Self(0);

    /// Takes a number of micro-dollars at fee index one.
    #[must_use]
    pub const fn from_micros(micros: u128) -> Self {
        Self(micros)
    }

    /// The number of micro-dollars at fee index one.
    #[must_use]
    pub const fn micros(self) -> u128 {
        self.0
    }

    /// Whether nothing is owed.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum: what a class owes is the sum of what its vaults owe.
    ///
    /// # Errors
    /// [`MoneyError::NormalizedDebtAboveMax`] above 128 bits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::NormalizedDebtAboveMax)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::NormalizedDebtBelowZero`] if `other` is larger.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_sub(other.0).map(Self).ok_or(MoneyError::NormalizedDebtBelowZero)
    }

    /// The same number in 256 bits, to compute with.
    #[must_use]
    pub fn widen(self) -> U256 {
        U256::from(self.0)
    }

    /// The exact reverse of [`NormalizedDebt::widen`].
    ///
    /// # Errors
    /// [`MoneyError::NormalizedDebtAboveMax`] above 128 bits.
    pub fn narrow(micros: U256) -> Result<Self, MoneyError> {
        u128::try_from(micros).map(Self).map_err(|_| MoneyError::NormalizedDebtAboveMax)
    }
}

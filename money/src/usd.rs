//! Dollar amounts. Unit: micro-dollars, 10^6 to one dollar.
//!
//! 128 bits, because a debt at an extreme fee index outgrows 64. The ledger holds less, so the way there and
//! back is checked.

use ruint::aliases::U256;

use crate::{MoneyError, limits::LEDGER_AMOUNT_MAX};

/// A number of micro-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(u128);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The smallest amount there is, one micro-dollar.
    pub const ONE_MICRO: Self = Self(1);
    /// One dollar.
    pub const ONE: Self = Self(1_000_000);
    /// The largest amount the type holds; far above what the ledger does.
    pub const MAX: Self = Self(u128::MAX);

    /// Takes a number of micro-dollars.
    #[must_use]
    pub const fn from_micros(micros: u128) -> Self {
        Self(micros)
    }

    /// The number of micro-dollars.
    #[must_use]
    pub const fn micros(self) -> u128 {
        self.0
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::UsdAboveMax`] above 128 bits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::UsdAboveMax)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::UsdBelowZero`] if `other` is larger.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_sub(other.0).map(Self).ok_or(MoneyError::UsdBelowZero)
    }

    /// `max(0, self - other)`, for formulas that say so.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Takes an amount from the ledger.
    ///
    /// # Errors
    /// [`MoneyError::LedgerAmountAboveMax`] above [`LEDGER_AMOUNT_MAX`]: no ledger amount is that large.
    pub fn from_ledger_amount(amount: u64) -> Result<Self, MoneyError> {
        if amount > LEDGER_AMOUNT_MAX {
            return Err(MoneyError::LedgerAmountAboveMax);
        }
        Ok(Self(u128::from(amount)))
    }

    /// The amount as the ledger counts it.
    ///
    /// # Errors
    /// [`MoneyError::LedgerAmountAboveMax`] above [`LEDGER_AMOUNT_MAX`].
    pub fn to_ledger_amount(self) -> Result<u64, MoneyError> {
        match u64::try_from(self.0) {
            Ok(amount) if amount <= LEDGER_AMOUNT_MAX => Ok(amount),
            _ => Err(MoneyError::LedgerAmountAboveMax),
        }
    }

    /// The same number in 256 bits, to compute with.
    #[must_use]
    pub fn widen(self) -> U256 {
        U256::from(self.0)
    }

    /// The exact reverse of [`Usd::widen`].
    ///
    /// # Errors
    /// [`MoneyError::UsdAboveMax`] above 128 bits.
    pub fn narrow(micros: U256) -> Result<Self, MoneyError> {
        u128::try_from(micros).map(Self).map_err(|_| MoneyError::UsdAboveMax)
    }
}

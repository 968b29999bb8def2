//! The price of bitcoin. Unit: micro-dollars for one BTC. Invariant: 1 to [`PRICE_MICROS_MAX`], never zero.
//!
//! A price that is missing is not a price of zero: who has none says so with `Option` or with a status.

use ruint::aliases::U256;

use crate::{MoneyError, Usd, limits::PRICE_MICROS_MAX};

/// Micro-dollars for one BTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(u64);

impl Price {
    /// The lowest price, one micro-dollar for one BTC.
    pub const MIN: Self = Self(1);
    /// The highest price, ten million dollars for one BTC.
    pub const MAX: Self = Self(PRICE_MICROS_MAX);

    /// Takes a number of micro-dollars for one BTC.
    ///
    /// # Errors
    /// [`MoneyError::PriceOutOfRange`] for zero and above [`PRICE_MICROS_MAX`].
    pub const fn from_micros(micros: u64) -> Result<Self, MoneyError> {
        if micros == 0 || micros > PRICE_MICROS_MAX {
            return Err(MoneyError::PriceOutOfRange);
        }
        Ok(Self(micros))
    }

    /// The number of micro-dollars for one BTC.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// What one BTC costs, as an amount.
    #[must_use]
    pub fn to_usd(self) -> Usd {
        Usd::from_micros(u128::from(self.0))
    }

    /// The price at which one BTC costs this amount.
    ///
    /// # Errors
    /// [`MoneyError::PriceOutOfRange`] for zero and above [`PRICE_MICROS_MAX`].
    pub fn from_usd(amount: Usd) -> Result<Self, MoneyError> {
        Self::from_micros(u64::try_from(amount.micros()).map_err(|_| MoneyError::PriceOutOfRange)?)
    }

    /// The same number in 256 bits, to compute with.
    #[must_use]
    pub fn widen(self) -> U256 {
        U256::from(self.0)
    }

    /// The exact reverse of [`Price::widen`].
    ///
    /// # Errors
    /// [`MoneyError::PriceOutOfRange`] for zero and above [`PRICE_MICROS_MAX`].
    pub fn narrow(micros: U256) -> Result<Self, MoneyError> {
        Self::from_micros(u64::try_from(micros).map_err(|_| MoneyError::PriceOutOfRange)?)
    }
}

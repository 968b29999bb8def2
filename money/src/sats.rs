//! Bitcoin amounts. Unit: sats, 10^8 to one BTC. Invariant: at most [`SATS_MAX`].

use ruint::aliases::U256;

use crate::{MoneyError, limits::SATS_MAX};

/// A number of sats that can exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sats(u64);

impl Sats {
    /// No sats.
    pub const ZERO: Self = Self(0);
    /// All the bitcoin there can be.
    pub const MAX: Self = Self(SATS_MAX);
    /// One bitcoin.
    pub const ONE_BTC: Self = Self(100_000_000);

    /// Takes a number of sats.
    ///
    /// # Errors
    /// [`MoneyError::SatsAboveMax`] above [`SATS_MAX`].
    pub const fn new(sats: u64) -> Result<Self, MoneyError> {
        if sats > SATS_MAX { Err(MoneyError::SatsAboveMax) } else { Ok(Self(sats)) }
    }

    /// The number of sats.
    #[must_use]
    pub const fn get(self) -> u64 {
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
    /// [`MoneyError::SatsAboveMax`] above [`SATS_MAX`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        Self::new(self.0.checked_add(other.0).ok_or(MoneyError::SatsAboveMax)?)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::SatsBelowZero`] if `other` is larger.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_sub(other.0).map(Self).ok_or(MoneyError::SatsBelowZero)
    }

    /// The same number in 256 bits, to compute with.
    #[must_use]
    pub fn widen(self) -> U256 {
        U256::from(self.0)
    }

    /// The exact reverse of [`Sats::widen`].
    ///
    /// # Errors
    /// [`MoneyError::SatsAboveMax`] above [`SATS_MAX`].
    pub fn narrow(sats: U256) -> Result<Self, MoneyError> {
        Self::new(u64::try_from(sats).map_err(|_| MoneyError::SatsAboveMax)?)
    }
}

//! What a rate class multiplies its fee index by each second. Unit: ray, 10^27 to one.
//! Invariant: at least one, so that debt never shrinks by waiting, and at most [`FEE_FACTOR_MAX`].

use ruint::aliases::U256;

use crate::{MoneyError, limits::FEE_FACTOR_MAX};

/// Per-second factor of a stability fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeeFactor(u128);

impl FeeFactor {
    /// No fee.
    pub const ONE: Self = Self(1_000_000_000_000_000_000_000_000_000);
    /// The largest factor accepted.
    pub const MAX: Self = Self(FEE_FACTOR_MAX);

    /// Takes a factor in ray units.
    ///
    /// # Errors
    /// [`MoneyError::FeeFactorOutOfRange`] below one ray or above [`FEE_FACTOR_MAX`].
    pub const fn new(ray: u128) -> Result<Self, MoneyError> {
        if ray < Self::ONE.0 || ray > FEE_FACTOR_MAX {
            return Err(MoneyError::FeeFactorOutOfRange);
        }
        Ok(Self(ray))
    }

    /// The factor in ray units.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }

    /// The same number in 256 bits, to compute with.
    #[must_use]
    pub fn widen(self) -> U256 {
        U256::from(self.0)
    }
}

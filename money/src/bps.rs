//! Ratios that are decided about. Unit: basis points, 10^4 to 100 %.
//!
//! A ratio measured on a vault can be any size and is only shown; it is no [`Bps`], see
//! [`crate::collateral::collateral_ratio_bps_floor`].

use std::fmt;

use ruint::aliases::U256;

use crate::MoneyError;

/// A number of basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bps(u32);

impl Bps {
    /// 0 %.
    pub const ZERO: Self = Self(0);
    /// 100 %.
    pub const ONE: Self = Self(10_000);

    /// Takes a number of basis points.
    #[must_use]
    pub const fn new(bps: u32) -> Self {
        Self(bps)
    }

    /// The number of basis points.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether this is 0 %.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::BpsAboveMax`] above 32 bits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::BpsAboveMax)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::BpsBelowZero`] if `other` is larger.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_sub(other.0).map(Self).ok_or(MoneyError::BpsBelowZero)
    }

    /// The same number in 256 bits, to compute with.
    #[must_use]
    pub fn widen(self) -> U256 {
        U256::from(self.0)
    }
}

impl fmt::Display for Bps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

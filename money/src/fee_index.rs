//! Cumulative stability fee of a rate class. Unit: ray, 10^27 to one.
//! Invariant: between one and [`FEE_INDEX_MAX`]; a step never lowers it.

use ruint::aliases::U256;

use crate::{
    FeeFactor, MoneyError,
    formula::Scales,
    limits::{FEE_INDEX_MAX, STEP_SECONDS_MAX},
    scale::RAY,
};

/// What one dollar owed since the class began has grown to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeeIndex(U256);

/// What a step of a fee index gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct IndexStep {
    /// The index after the step.
    pub index: FeeIndex,
    /// Whether the exact index lies above [`FeeIndex::MAX`] and was cut to it: fees are no longer charged in
    /// full, so the caller must raise an alert.
    pub saturated: bool,
}

impl FeeIndex {
    /// Where every class starts.
    pub const ONE: Self = Self(RAY);
    /// Where every class ends.
    pub const MAX: Self = Self(FEE_INDEX_MAX);

    /// Takes an index in ray units.
    ///
    /// # Errors
    /// [`MoneyError::FeeIndexOutOfRange`] below one ray or above [`FEE_INDEX_MAX`].
    pub fn new(ray: U256) -> Result<Self, MoneyError> {
        if ray < RAY || ray > FEE_INDEX_MAX { Err(MoneyError::FeeIndexOutOfRange) } else { Ok(Self(ray)) }
    }

    /// The index in ray units.
    #[must_use]
    pub const fn get(self) -> U256 {
        self.0
    }

    /// The index after `elapsed_seconds` more at `factor` (MECHANISM section 2, row fee index step).
    ///
    /// Time beyond [`STEP_SECONDS_MAX`] is not charged for.
    ///
    /// # Errors
    /// [`MoneyError::TimeBackwards`] if `elapsed_seconds` is negative.
    pub fn step_floor(self, factor: FeeFactor, elapsed_seconds: i64) -> Result<IndexStep, MoneyError> {
        let elapsed_seconds = u64::try_from(elapsed_seconds).map_err(|_| MoneyError::TimeBackwards)?;
        let charged_seconds = elapsed_seconds.min(STEP_SECONDS_MAX);
        match Scales::BALLAST.index_step_floor(self.0, factor.widen(), charged_seconds) {
            Ok(ray) if ray <= FEE_INDEX_MAX => Ok(IndexStep { index: Self(ray), saturated: false }),
            // With a factor of at least one, a product above 256 bits stands for more than 10^50 ray units, and
            // no later multiplication brings that down again: it is as far above the cap as any other excess.
            Ok(_) | Err(MoneyError::Overflow) => Ok(IndexStep { index: Self::MAX, saturated: true }),
            Err(error) => Err(error),
        }
    }
}

//! Why a leg is refused.

use crate::{Bound, TransferStatus};

/// One reason why a leg is refused. Every partition reports its own; of those of a leg the lowest status counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) leg: u32,
    pub(super) status: TransferStatus,
    /// The value seen and its bound, for allowances and balances.
    pub(super) bound: Option<Bound>,
}

impl Finding {
    /// A reason without a bound.
    pub(super) const fn new(leg: u32, status: TransferStatus) -> Self {
        Self { leg, status, bound: None }
    }

    /// A reason with the bound that is not kept.
    pub(super) const fn beyond(leg: u32, status: TransferStatus, bound: Bound) -> Self {
        Self { leg, status, bound: Some(bound) }
    }

    /// The one of the lower status.
    pub(super) fn lower(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.status < one.status { other } else { one }),
            (one, other) => one.or(other),
        }
    }

    /// The order in which the first one of a unit is the one that counts.
    pub(super) const fn order(&self) -> (u32, TransferStatus) {
        (self.leg, self.status)
    }
}

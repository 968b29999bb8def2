//! Altering, revoking, freezing and unfreezing an allowance.

use crate::allowance::{AllowanceCondition, AllowanceTerms};
use crate::id::AllowanceId;
use crate::limits::{ALLOWANCE_WINDOWS_MAX, AMOUNT_MAX};
use crate::record::{field, put};
use crate::status_table::status_table;

const HEAD_BYTES: usize = 36;
const ONLY_LOWER: u16 = 1;

status_table! {
    /// What became of a request to change an allowance. The lowest number is given.
    AllowanceChangeStatus {
        /// Changed.
        Accepted = 0 "accepted",
        /// More caps than an allowance can have windows.
        TooManyWindows = 14 "too_many_windows",
        /// A cap is above the largest amount.
        CapOutOfRange = 15 "cap_out_of_range",
        /// The largest payment is above the largest amount.
        PaymentMaxOutOfRange = 21 "payment_max_out_of_range",
        /// The allowance was so already.
        Unchanged = 30 "unchanged",
        /// There is no such allowance.
        AllowanceNotFound = 71 "allowance_not_found",
        /// The allowance is revoked, for ever.
        AllowanceRevoked = 73 "allowance_revoked",
        /// There is not one cap for each window.
        WindowCountDiffers = 74 "window_count_differs",
        /// The request may only lower, and would raise a bound.
        WouldRaise = 75 "would_raise",
    }
}

/// A request to change the bounds of an allowance. What is used stays, and so does what pending transfers have
/// reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterAllowance {
    /// Which one.
    pub allowance: AllowanceId,
    /// Refuses the request if it would raise a bound: for senders that are not permitted to.
    pub only_lower: bool,
    /// The first moment it is no longer in force.
    pub ends_at: u64,
    /// The largest single payment.
    pub payment_max: u64,
    /// The cap of each window, in their order.
    pub caps: Vec<u64>,
}

/// What is done to the allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowanceSwitch {
    /// No payment any more, for ever.
    Revoke,
    /// No payment until it is unfrozen.
    Freeze,
    /// Payments again.
    Unfreeze,
}

/// A request to revoke, freeze or unfreeze an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwitchAllowance {
    /// Which one.
    pub allowance: AllowanceId,
    /// What is done to it.
    pub switch: AllowanceSwitch,
}

impl AlterAllowance {
    /// What is wrong with the request by its bytes alone; `None` if nothing is.
    #[must_use]
    pub fn check_static(&self) -> Option<AllowanceChangeStatus> {
        use AllowanceChangeStatus as Status;
        if self.caps.len() > ALLOWANCE_WINDOWS_MAX {
            return Some(Status::TooManyWindows);
        }
        if self.caps.iter().any(|cap| *cap > AMOUNT_MAX) {
            return Some(Status::CapOutOfRange);
        }
        (self.payment_max > AMOUNT_MAX).then_some(Status::PaymentMaxOutOfRange)
    }

    /// Why an allowance is not altered; `None` if it is.
    #[must_use]
    pub fn check_state(
        &self,
        terms: &AllowanceTerms,
        condition: AllowanceCondition,
    ) -> Option<AllowanceChangeStatus> {
        use AllowanceChangeStatus as Status;
        let caps = terms.windows.iter().map(|window| window.cap);
        let same_ends = (self.ends_at, self.payment_max) == (terms.ends_at, terms.payment_max);
        if same_ends && caps.clone().eq(self.caps.iter().copied()) {
            return Some(Status::Unchanged);
        }
        if condition.revoked {
            return Some(Status::AllowanceRevoked);
        }
        if caps.len() != self.caps.len() {
            return Some(Status::WindowCountDiffers);
        }
        let raises_cap = caps.zip(&self.caps).any(|(before, after)| *after > before);
        let raises = self.ends_at > terms.ends_at || self.payment_max > terms.payment_max || raises_cap;
        (self.only_lower && raises).then_some(Status::WouldRaise)
    }

    /// Reads a record from the front of `bytes`, and says what is behind it.
    pub(super) fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (head, mut rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
        let flags = u16::from_le_bytes(field::<32, 2, _>(head));
        let cap_count = usize::from(u16::from_le_bytes(field::<34, 2, _>(head)));
        if flags & !ONLY_LOWER != 0 || cap_count > ALLOWANCE_WINDOWS_MAX {
            return None;
        }
        let mut caps = Vec::with_capacity(cap_count);
        for _ in 0..cap_count {
            let (cap, behind) = rest.split_first_chunk()?;
            caps.push(u64::from_le_bytes(*cap));
            rest = behind;
        }
        let request = Self {
            allowance: AllowanceId(u128::from_le_bytes(field::<0, 16, _>(head))),
            only_lower: flags == ONLY_LOWER,
            ends_at: u64::from_le_bytes(field::<16, 8, _>(head)),
            payment_max: u64::from_le_bytes(field::<24, 8, _>(head)),
            caps,
        };
        Some((request, rest))
    }

    /// Writes the record behind `bytes`; caps that would have been refused as too many are not written.
    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        let caps = self.caps.iter().take(ALLOWANCE_WINDOWS_MAX);
        let cap_count = u16::try_from(caps.len()).unwrap_or(u16::MAX);
        let flags = if self.only_lower { ONLY_LOWER } else { 0 };
        let mut head = [0; HEAD_BYTES];
        put::<0, 16, _>(&mut head, self.allowance.0.to_le_bytes());
        put::<16, 8, _>(&mut head, self.ends_at.to_le_bytes());
        put::<24, 8, _>(&mut head, self.payment_max.to_le_bytes());
        put::<32, 2, _>(&mut head, flags.to_le_bytes());
        put::<34, 2, _>(&mut head, cap_count.to_le_bytes());
        bytes.extend_from_slice(&head);
        caps.for_each(|cap| bytes.extend_from_slice(&cap.to_le_bytes()));
    }
}

impl AllowanceSwitch {
    /// The condition of an allowance after the switch; `None` if it is so already.
    #[must_use]
    pub fn after(self, condition: AllowanceCondition) -> Option<AllowanceCondition> {
        let after = match self {
            Self::Revoke => AllowanceCondition { revoked: true, ..condition },
            Self::Freeze => AllowanceCondition { frozen: true, ..condition },
            Self::Unfreeze => AllowanceCondition { frozen: false, ..condition },
        };
        (after != condition).then_some(after)
    }
}

//! What an allowance says, apart from what has been used of it.
//!
//! ```text
//!   0  id                    16
//!  16  account               16
//!  32  parent                16   zero for a root
//!  48  starts_at              8
//!  56  ends_at                8
//!  64  payment_max            8
//!  72  utc_offset_seconds     4   signed
//!  76  asset                  2
//!  78  window_count           2
//!  80  windows               32 each
//! ```

use super::window::{WINDOW_BYTES, Window};
use crate::asset::Asset;
use crate::bound::Bound;
use crate::id::{AccountId, AllowanceId};
use crate::limits::ALLOWANCE_WINDOWS_MAX;
use crate::record::{field, put};

/// The length of the record in front of the windows.
const HEAD_BYTES: usize = 80;

/// An allowance as its mandate states it. Times are microseconds UTC, in force from `starts_at` until before
/// `ends_at`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AllowanceTerms {
    /// Its id.
    pub id: AllowanceId,
    /// Whose debits it allows.
    pub account: AccountId,
    /// The allowance above it: a payment has to fit that one, too. [`AllowanceId::NONE`] for a root.
    pub parent: AllowanceId,
    /// What its amounts count: the account's asset.
    pub asset: Asset,
    /// The first moment it is in force.
    pub starts_at: u64,
    /// The first moment it is no longer in force.
    pub ends_at: u64,
    /// The largest single payment.
    pub payment_max: u64,
    /// Where the mandate's midnight is.
    pub utc_offset_seconds: i32,
    /// What a payment has to fit.
    pub windows: Vec<Window>,
}

impl AllowanceTerms {
    /// Whether it is in force at `timestamp`.
    #[inline]
    #[must_use]
    pub const fn is_in_force(&self, timestamp: u64) -> bool {
        self.starts_at <= timestamp && timestamp < self.ends_at
    }

    /// The end that `timestamp` lies beyond; `None` if it is in force.
    #[must_use]
    pub fn outside(&self, timestamp: u64) -> Option<Bound> {
        let end = if timestamp < self.starts_at { self.starts_at } else { self.ends_at };
        (!self.is_in_force(timestamp)).then(|| self.bound(timestamp, end))
    }

    /// The largest single payment, if `amount` is above it.
    #[must_use]
    pub fn payment_exceeded(&self, amount: u64) -> Option<Bound> {
        (amount > self.payment_max).then(|| self.bound(amount, self.payment_max))
    }

    fn bound(&self, observed: u64, limit: u64) -> Bound {
        Bound { allowance_id: self.id, window: None, observed: observed.into(), limit: limit.into() }
    }

    /// The bucket of a window at `timestamp`.
    #[inline]
    #[must_use]
    pub fn bucket(&self, window: &Window, timestamp: u64) -> i64 {
        window.bucket(timestamp, self.utc_offset_seconds)
    }

    /// Changes bounds. A cap without a window is ignored.
    pub fn alter(&mut self, ends_at: u64, payment_max: u64, caps: &[u64]) {
        self.ends_at = ends_at;
        self.payment_max = payment_max;
        for (window, cap) in self.windows.iter_mut().zip(caps) {
            window.cap = *cap;
        }
    }

    /// Reads a record from the front of `bytes`, and says what is behind it; `None` if it is cut or malformed.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (head, mut rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
        let window_count = usize::from(u16::from_le_bytes(field::<78, 2, _>(head)));
        if window_count > ALLOWANCE_WINDOWS_MAX {
            return None;
        }
        let mut windows = Vec::with_capacity(window_count);
        for _ in 0..window_count {
            let (window, behind) = rest.split_first_chunk::<WINDOW_BYTES>()?;
            windows.push(Window::decode(window)?);
            rest = behind;
        }
        let terms = Self {
            id: AllowanceId(u128::from_le_bytes(field::<0, 16, _>(head))),
            account: AccountId(u128::from_le_bytes(field::<16, 16, _>(head))),
            parent: AllowanceId(u128::from_le_bytes(field::<32, 16, _>(head))),
            asset: Asset::from_number(u16::from_le_bytes(field::<76, 2, _>(head))),
            starts_at: u64::from_le_bytes(field::<48, 8, _>(head)),
            ends_at: u64::from_le_bytes(field::<56, 8, _>(head)),
            payment_max: u64::from_le_bytes(field::<64, 8, _>(head)),
            utc_offset_seconds: i32::from_le_bytes(field::<72, 4, _>(head)),
            windows,
        };
        Some((terms, rest))
    }

    /// Writes the record behind `bytes`. There are at most [`ALLOWANCE_WINDOWS_MAX`] windows; further ones would
    /// have been refused and are not written.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        let windows = self.windows.iter().take(ALLOWANCE_WINDOWS_MAX);
        let window_count = u16::try_from(windows.len()).unwrap_or(u16::MAX);
        let mut head = [0; HEAD_BYTES];
        put::<0, 16, _>(&mut head, self.id.0.to_le_bytes());
        put::<16, 16, _>(&mut head, self.account.0.to_le_bytes());
        put::<32, 16, _>(&mut head, self.parent.0.to_le_bytes());
        put::<48, 8, _>(&mut head, self.starts_at.to_le_bytes());
        put::<56, 8, _>(&mut head, self.ends_at.to_le_bytes());
        put::<64, 8, _>(&mut head, self.payment_max.to_le_bytes());
        put::<72, 4, _>(&mut head, self.utc_offset_seconds.to_le_bytes());
        put::<76, 2, _>(&mut head, self.asset.number().to_le_bytes());
        put::<78, 2, _>(&mut head, window_count.to_le_bytes());
        bytes.extend_from_slice(&head);
        windows.for_each(|window| bytes.extend_from_slice(&window.encode()));
    }
}

//! What has been taken from one window.
//!
//! Invariant: `used` is the sum of the buckets that count. It is signed and nothing saturates: what a transfer
//! takes or gives back depends on its request alone, never on what is there, so a window can be below zero after
//! refunds. With at most 2^64 taken at once, 2^63 transfers fit a signed 128-bit sum.

use crate::limits::ROLLING_SLICES_KEPT;

/// The use of a window, exact up to the newest bucket it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub(super) newest: i64,
    pub(super) used: i128,
    /// The slices of a rolling window; slice `n` lies at `n` modulo their number.
    pub(super) slices: Option<Box<[i128; ROLLING_SLICES_KEPT]>>,
}

impl Usage {
    /// Nothing taken from a window that counts one bucket.
    #[must_use]
    pub const fn of_one_bucket(newest: i64) -> Self {
        Self { newest, used: 0, slices: None }
    }

    /// Nothing taken from a rolling window.
    #[must_use]
    pub fn of_slices(newest: i64) -> Self {
        Self { newest, used: 0, slices: Some(Box::new([0; ROLLING_SLICES_KEPT])) }
    }

    /// What is used, as of the newest bucket seen.
    #[inline]
    #[must_use]
    pub const fn used(&self) -> i128 {
        self.used
    }

    /// The newest bucket seen.
    #[must_use]
    pub const fn newest(&self) -> i64 {
        self.newest
    }

    /// What is used as of `bucket`, without going on to it.
    #[must_use]
    pub fn used_at(&self, bucket: i64) -> i128 {
        let Some(slices) = &self.slices else {
            return if bucket > self.newest { 0 } else { self.used };
        };
        let oldest = bucket.max(self.newest).saturating_sub(counted()).saturating_add(1);
        (oldest..=self.newest).filter_map(|slice| slices.get(place(slice))).sum()
    }

    /// Goes on to `bucket` and drops what no longer counts. A bucket in the past changes nothing.
    pub fn advance(&mut self, bucket: i64) {
        if bucket <= self.newest {
            return;
        }
        let Some(slices) = &mut self.slices else {
            self.newest = bucket;
            self.used = 0;
            return;
        };
        let passed = bucket.saturating_sub(self.newest).min(counted());
        for step in 1..=passed {
            if let Some(slice) = slices.get_mut(place(self.newest.saturating_add(step))) {
                self.used = self.used.saturating_sub(*slice);
                *slice = 0;
            }
        }
        self.newest = bucket;
    }

    /// Takes `measured` in `bucket`, the newest.
    #[inline]
    pub fn take(&mut self, bucket: i64, measured: u64) {
        self.advance(bucket);
        self.add(bucket, i128::from(measured));
    }

    /// Gives `measured` back to bucket `to` at a time in `bucket`. If `to` no longer counts, nothing is given back.
    #[inline]
    pub fn give_back(&mut self, to: i64, bucket: i64, measured: u64) {
        self.advance(bucket);
        self.add(to, i128::from(measured).saturating_neg());
    }

    fn add(&mut self, to: i64, change: i128) {
        let age = self.newest.saturating_sub(to);
        match &mut self.slices {
            None if age == 0 => self.used = self.used.saturating_add(change),
            Some(slices) if age >= 0 && age < counted() => {
                if let Some(slice) = slices.get_mut(place(to)) {
                    *slice = slice.saturating_add(change);
                    self.used = self.used.saturating_add(change);
                }
            }
            _ => {}
        }
    }
}

/// How many slices count.
fn counted() -> i64 {
    i64::try_from(ROLLING_SLICES_KEPT).unwrap_or(i64::MAX)
}

/// Where a slice lies.
fn place(slice: i64) -> usize {
    let place = slice.checked_rem_euclid(counted()).unwrap_or(0);
    usize::try_from(place).unwrap_or(0)
}

//! An allowance: how much an account lets somebody spend, as ledger state beside the account.
//!
//! A payment names one allowance and must fit every window of it and of all allowances above it. What it takes is
//! debited in the same step as the balance. Whether a payment fits is judged before anything is taken; taking and
//! giving back never fail.
//!
//! Laws: over any fixed window, and over any stretch of a rolling window's length that ends with a payment, money
//! out minus money back is at most the cap in force at that payment. Amounts are minor units of the account's
//! asset, times microseconds UTC.

mod calendar;
mod condition;
mod record;
mod terms;
mod usage;
mod window;
mod window_flags;

use crate::bound::Bound;
pub use calendar::Period;
pub use condition::AllowanceCondition;
pub use terms::AllowanceTerms;
pub use usage::Usage;
pub use window::{Measure, Restore, Stretch, WINDOW_BYTES, Window};
pub use window_flags::WindowFlags;

/// The use of one window, for a person to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowUse {
    /// The window as the mandate states it.
    pub window: Window,
    /// What is used of it; negative after refunds of what was paid before.
    pub used: i128,
}

impl WindowUse {
    /// How much is left. It can be more than the cap after refunds, and below zero after the cap was lowered.
    #[must_use]
    pub fn left(&self) -> i128 {
        i128::from(self.window.cap).saturating_sub(self.used)
    }
}

/// An allowance with what has been used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    terms: AllowanceTerms,
    condition: AllowanceCondition,
    /// The hash of the terms it was created with: altering it does not make a repeated creation another one.
    created_as: [u8; 32],
    /// One for each window of the terms.
    usages: Vec<Usage>,
}

impl Allowance {
    /// A new allowance of which nothing is used.
    #[must_use]
    pub fn new(terms: AllowanceTerms, timestamp: u64) -> Self {
        let usages = terms.windows.iter().map(|window| unused(&terms, window, timestamp)).collect();
        Self { created_as: fingerprint(&terms), terms, condition: AllowanceCondition::default(), usages }
    }

    /// What it says now.
    #[must_use]
    pub const fn terms(&self) -> &AllowanceTerms {
        &self.terms
    }

    /// Whether it is revoked or frozen.
    #[must_use]
    pub const fn condition(&self) -> AllowanceCondition {
        self.condition
    }

    /// Whether it was created with these terms.
    #[must_use]
    pub fn was_created_as(&self, terms: &AllowanceTerms) -> bool {
        self.created_as == fingerprint(terms)
    }

    /// Revokes, freezes or unfreezes it.
    pub const fn set_condition(&mut self, condition: AllowanceCondition) {
        self.condition = condition;
    }

    /// Changes bounds; the windows and what is used of them stay.
    pub fn alter(&mut self, ends_at: u64, payment_max: u64, caps: &[u64]) {
        self.terms.alter(ends_at, payment_max, caps);
    }

    /// The first window of this measure that a payment of `amount` at `timestamp` does not fit.
    #[must_use]
    pub fn exceeded(&self, measure: Measure, amount: u64, timestamp: u64) -> Option<Bound> {
        let uses = self.explain(timestamp).enumerate();
        let mut measured = uses.filter(|(_, one)| one.window.measure == measure);
        measured.find_map(|(index, one)| {
            let observed = one.used.saturating_add(i128::from(measure.of(amount)));
            let limit = i128::from(one.window.cap);
            let bound = Bound { allowance_id: self.terms.id, window: Some(index), observed, limit };
            (observed > limit).then_some(bound)
        })
    }

    /// What is used of every window at `timestamp`.
    pub fn explain(&self, timestamp: u64) -> impl Iterator<Item = WindowUse> {
        self.terms.windows.iter().zip(&self.usages).map(move |(window, usage)| WindowUse {
            window: *window,
            used: usage.used_at(self.terms.bucket(window, timestamp)),
        })
    }

    /// Debits a payment of `amount` at `timestamp`.
    pub fn take(&mut self, amount: u64, timestamp: u64) {
        for (window, usage) in self.terms.windows.iter().zip(&mut self.usages) {
            usage.take(self.terms.bucket(window, timestamp), window.measure.of(amount));
        }
    }

    /// Gives back at `timestamp` the `amount` that a pending transfer took at `taken_at` and did not move. It goes
    /// into the window, or slice, it was taken from; if that one has passed, nothing is given back.
    pub fn give_back(&mut self, end: Restore, amount: u64, taken_at: u64, timestamp: u64) {
        for (window, usage) in self.terms.windows.iter().zip(&mut self.usages) {
            let bucket_of = |time| self.terms.bucket(window, time);
            usage.give_back(bucket_of(taken_at), bucket_of(timestamp), window.restored(end, amount));
        }
    }

    /// Gives back a refund of `amount` that arrives at `timestamp`.
    pub fn refund(&mut self, amount: u64, timestamp: u64) {
        for (window, usage) in self.terms.windows.iter().zip(&mut self.usages) {
            let bucket = self.terms.bucket(window, timestamp);
            usage.give_back(window.refund_bucket(bucket), bucket, window.refunded(amount));
        }
    }
}

fn unused(terms: &AllowanceTerms, window: &Window, timestamp: u64) -> Usage {
    let bucket = terms.bucket(window, timestamp);
    match window.stretch {
        Stretch::Total | Stretch::Fixed(_) => Usage::of_one_bucket(bucket),
        Stretch::Rolling { .. } => Usage::of_slices(bucket),
    }
}

fn fingerprint(terms: &AllowanceTerms) -> [u8; 32] {
    let mut record = Vec::new();
    terms.encode(&mut record);
    *blake3::hash(&record).as_bytes()
}

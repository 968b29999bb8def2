//! An allowance in the model: for each window a book of what was taken in which bucket.
//!
//! What is used is the sum of the buckets that count. Giving back to a bucket that has passed then has no effect by
//! itself, and is not written down.

use std::collections::BTreeMap;

use crate::Bound;
use crate::allowance::{AllowanceCondition, AllowanceTerms, Measure, Restore, Window, WindowUse};

/// An allowance with its books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BookedAllowance {
    pub(super) terms: AllowanceTerms,
    pub(super) condition: AllowanceCondition,
    pub(super) created_as: AllowanceTerms,
    books: Vec<Book>,
}

/// What was taken from one window, by bucket.
type Book = BTreeMap<i64, i128>;

impl BookedAllowance {
    pub(super) fn new(terms: AllowanceTerms) -> Self {
        let books = vec![Book::new(); terms.windows.len()];
        Self { condition: AllowanceCondition::default(), created_as: terms.clone(), terms, books }
    }

    /// What is used of every window at `timestamp`.
    pub(super) fn explain(&self, timestamp: u64) -> Vec<WindowUse> {
        let windows = self.terms.windows.iter().zip(&self.books);
        let used =
            |window, book: &Book| book.range(self.oldest(window, timestamp)..).map(|(_, sum)| sum).sum();
        windows.map(|(window, book)| WindowUse { window: *window, used: used(window, book) }).collect()
    }

    /// The first window of this measure that a payment of `amount` at `timestamp` does not fit.
    pub(super) fn exceeded(&self, measure: Measure, amount: u64, timestamp: u64) -> Option<Bound> {
        for (index, one) in self.explain(timestamp).iter().enumerate() {
            let observed = one.used.saturating_add(i128::from(measure.of(amount)));
            let limit = i128::from(one.window.cap);
            if one.window.measure == measure && observed > limit {
                return Some(Bound { allowance_id: self.terms.id, window: Some(index), observed, limit });
            }
        }
        None
    }

    /// Debits a payment at `timestamp`.
    pub(super) fn take(&mut self, amount: u64, timestamp: u64) {
        self.write(timestamp, |terms, window| {
            (terms.bucket(window, timestamp), i128::from(window.measure.of(amount)))
        });
    }

    /// Gives back at `timestamp` what was taken at `taken_at` and not moved.
    pub(super) fn give_back(&mut self, end: Restore, amount: u64, taken_at: u64, timestamp: u64) {
        self.write(timestamp, |terms, window| {
            (terms.bucket(window, taken_at), i128::from(window.restored(end, amount)).saturating_neg())
        });
    }

    /// Gives back a refund that arrives at `timestamp`.
    pub(super) fn refund(&mut self, amount: u64, timestamp: u64) {
        self.write(timestamp, |terms, window| {
            let bucket = window.refund_bucket(terms.bucket(window, timestamp));
            (bucket, i128::from(window.refunded(amount)).saturating_neg())
        });
    }

    /// Writes into every book what `line` says, and drops what does not count any more.
    fn write(&mut self, timestamp: u64, line: impl Fn(&AllowanceTerms, &Window) -> (i64, i128)) {
        let terms = &self.terms;
        for (window, book) in terms.windows.iter().zip(&mut self.books) {
            let (bucket, change) = line(terms, window);
            let sum = book.entry(bucket).or_default();
            *sum = sum.saturating_add(change);
            *book = book.split_off(&oldest(terms, window, timestamp));
        }
    }

    fn oldest(&self, window: &Window, timestamp: u64) -> i64 {
        oldest(&self.terms, window, timestamp)
    }
}

/// The oldest bucket that counts at `timestamp`.
fn oldest(terms: &AllowanceTerms, window: &Window, timestamp: u64) -> i64 {
    let counted = i64::try_from(window.buckets_counted()).unwrap_or(i64::MAX);
    terms.bucket(window, timestamp).saturating_sub(counted).saturating_add(1)
}

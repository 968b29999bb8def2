//! What a leg or an expiry does to an allowance and all above it.

use super::leg::{Leg, LegDetail, LegKind, Side};
use crate::allowance::{Allowance, AllowanceTerms, Restore, Window};

/// A take from every window of an allowance, or a give to those whose rules say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AllowanceUse {
    /// A payment of this amount.
    Take(u64),
    /// The amount that a pending transfer took at `taken_at` and that is not moved.
    GiveBack { end: Restore, amount: u64, taken_at: u64 },
    /// A refund of this amount.
    Refund(u64),
}

impl AllowanceUse {
    /// What one side of a leg does: the payer's takes and gives back, the payee's gets refunds.
    pub(super) fn of(leg: &Leg, detail: &LegDetail, side: Side) -> Option<Self> {
        if detail.allowance.is_none() {
            return None;
        }
        let give_back = |end| Self::GiveBack { end, amount: leg.released(), taken_at: detail.taken_at };
        match (leg.kind, side) {
            (LegKind::Move | LegKind::Reserve, Side::Debit) => Some(Self::Take(leg.amount)),
            (LegKind::Post, Side::Debit) => Some(give_back(Restore::PartialPost)),
            (LegKind::Void, Side::Debit) => Some(give_back(Restore::Void)),
            (LegKind::Refund, Side::Credit) => Some(Self::Refund(leg.amount)),
            _ => None,
        }
    }

    /// Does it to one allowance.
    pub(super) fn apply(self, allowance: &mut Allowance, timestamp: u64) {
        match self {
            Self::Take(amount) => allowance.take(amount, timestamp),
            Self::GiveBack { end, amount, taken_at } => allowance.give_back(end, amount, taken_at, timestamp),
            Self::Refund(amount) => allowance.refund(amount, timestamp),
        }
    }

    /// How it changes the headroom of one window, which follows from the request and the times alone.
    pub(super) fn headroom_change(self, terms: &AllowanceTerms, window: &Window, timestamp: u64) -> i64 {
        let signed = |measured: u64| i64::try_from(measured).unwrap_or(i64::MAX);
        let bucket = terms.bucket(window, timestamp);
        let given = |to: i64, measured: u64| if counts(window, to, bucket) { signed(measured) } else { 0 };
        match self {
            Self::Take(amount) => signed(window.measure.of(amount)).saturating_neg(),
            Self::GiveBack { end, amount, taken_at } => {
                given(terms.bucket(window, taken_at), window.restored(end, amount))
            }
            Self::Refund(amount) => given(window.refund_bucket(bucket), window.refunded(amount)),
        }
    }
}

/// Whether a bucket still counts when `newest` is that of now.
fn counts(window: &Window, bucket: i64, newest: i64) -> bool {
    let age = usize::try_from(newest.saturating_sub(bucket));
    age.is_ok_and(|age| age < window.buckets_counted())
}

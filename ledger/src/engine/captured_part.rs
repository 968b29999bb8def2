//! A part of a captured state.

use crate::allowance::Allowance;
use crate::{Account, Pending};

/// An account as it was when the capture began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapturedAccount {
    /// The account.
    pub account: Account,
    /// Whether it was created or changed since the capture before began.
    pub dirty: bool,
    /// Whether it was created since then.
    pub created: bool,
}

/// Some of what is captured, in no order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CapturedPart {
    /// Accounts.
    pub accounts: Vec<CapturedAccount>,
    /// Pending transfers that were open.
    pub pending: Vec<Pending>,
    /// Allowances.
    pub allowances: Vec<Allowance>,
    /// Whether nothing is left.
    pub complete: bool,
}

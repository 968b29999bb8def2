//! States as of an entry.

use crate::Account;
use crate::allowance::{Allowance, WindowUse};

/// An account as it was after an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountAt {
    /// The account. Its flags are those of now: only totals and the last position are of then.
    pub account: Account,
    /// The entry.
    pub sequence: u64,
    /// The entry's time.
    pub timestamp: u64,
}

/// An allowance after an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowanceAt {
    /// Its terms and state.
    pub allowance: Allowance,
    /// What is used of each window, at the time of the entry.
    pub uses: Vec<WindowUse>,
    /// The entry.
    pub sequence: u64,
    /// The entry's time.
    pub timestamp: u64,
}

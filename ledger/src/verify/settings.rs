//! How much is verified.

use crate::disk::limits::SEGMENT_BYTES;
use crate::limits::WALK_STEPS_MAX;

/// Accounts whose statements are walked, unless the caller says otherwise.
const STATEMENTS_MAX: usize = 64;

/// The settings of one verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifySettings {
    /// The length of a journal segment in bytes: that of the ledger which wrote it.
    pub segment_bytes: u64,
    /// Whether the sequential model executes everything, too. It keeps every transfer in memory, about 300 bytes
    /// each, and takes several times as long: for smaller directories.
    pub with_model: bool,
    /// Accounts whose statements are walked at most. Of more accounts these are every n-th in the order of their ids,
    /// the first included, with the smallest n that keeps to it; zero walks none.
    pub statements_max: usize,
    /// Statement entries of one account that are read at most; a longer statement is left out and counted.
    pub statement_entries_max: u64,
}

impl Default for VerifySettings {
    fn default() -> Self {
        Self {
            segment_bytes: SEGMENT_BYTES,
            with_model: false,
            statements_max: STATEMENTS_MAX,
            statement_entries_max: WALK_STEPS_MAX,
        }
    }
}

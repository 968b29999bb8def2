//! Freezing and unfreezing the whole ledger.

use crate::status_table::status_table;

status_table! {
    /// What became of a request to freeze or unfreeze the ledger.
    LedgerChangeStatus {
        /// Changed.
        Accepted = 0 "accepted",
        /// The ledger was so already.
        Unchanged = 30 "unchanged",
    }
}

/// What is done to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerChange {
    /// No payment and no post any more, except from and to system accounts.
    Freeze,
    /// Payments again.
    Unfreeze,
}

impl LedgerChange {
    /// Whether the ledger is frozen after the change.
    #[must_use]
    pub fn frozen_after(self) -> bool {
        self == Self::Freeze
    }
}

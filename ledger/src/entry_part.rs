//! A stretch of a journal entry.

use crate::RecordedTransfer;
use crate::admin::AdministrativeRequest;

/// What was executed without anything of the other kind between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryPart {
    /// An accepted administrative request.
    Administrative(AdministrativeRequest),
    /// Transfers with their outcomes. Chains are whole.
    Transfers(Vec<RecordedTransfer>),
}

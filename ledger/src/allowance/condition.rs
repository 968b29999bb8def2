//! What stops payments under an allowance without undoing what they reserved.

/// Whether an allowance is revoked or frozen. What was reserved under it before can then be voided and expires,
/// but is not posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AllowanceCondition {
    /// No payment any more, for ever.
    pub revoked: bool,
    /// No payment until it is unfrozen.
    pub frozen: bool,
}

//! What a reply says beside a refusal by an allowance or a balance: the value that was seen and its bound. Not
//! journaled, since it follows from the state.

use crate::id::AllowanceId;

/// The bound that a transfer did not keep. Minor units for amounts, microseconds UTC for times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bound {
    /// The allowance whose bound it is; [`AllowanceId::NONE`] for that of an account.
    pub allowance_id: AllowanceId,
    /// The window of the allowance, as its mandate counts them from zero, if it is that of a window.
    pub window: Option<usize>,
    /// The value there would be, or the time it is.
    pub observed: i128,
    /// The value there may be, or the time it may be.
    pub limit: i128,
}

impl Bound {
    /// What an account has left, and what was asked of it.
    #[must_use]
    pub const fn of_account(observed: i128, limit: i128) -> Self {
        Self { allowance_id: AllowanceId::NONE, window: None, observed, limit }
    }
}

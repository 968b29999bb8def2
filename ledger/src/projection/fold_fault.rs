//! Why an entry cannot be folded into the rows.

use crate::{AccountId, TransferId};

/// What does not fit. The ledger has executed the entry, so the rows are not those of the entries before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FoldFault {
    /// An account that the entry names has no rows.
    #[error("account {0:?} is missing")]
    AccountMissing(AccountId),
    /// An account that the entry creates is there already.
    #[error("account {0:?} is there before it is created")]
    AccountExists(AccountId),
    /// An account is as an accepted request would make it.
    #[error("account {0:?} is already as a request makes it")]
    AccountUnchanged(AccountId),
    /// A pending transfer that the entry ends is not open, or is another one.
    #[error("pending transfer {0:?} is not open where it should be")]
    PendingMissing(TransferId),
    /// The account's newest statement entry is not the one before this entry's.
    #[error("the statement of account {0:?} does not end where it should")]
    StatementBroken(AccountId),
    /// A total would go below zero or beyond 128 bits.
    #[error("a total of account {0:?} does not hold what is taken out of it")]
    TotalOutOfRange(AccountId),
    /// The entry has more records than positions.
    #[error("there are more records than positions")]
    PositionsUsedUp,
}

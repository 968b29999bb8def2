//! What can be asked of a running ledger.

use super::statement::StatementQuery;
use crate::{AccountId, AllowanceId, Request, TransferId};

/// One question. What it is answered with stands beside each in [`super::Answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Execute these requests, in this order, in one entry.
    Submit(Vec<Request>),
    /// These accounts, as they are now, all at the same place in the order; at most [`Command::ACCOUNTS_MAX`].
    Accounts(Vec<AccountId>),
    /// An account as it was after an earlier entry.
    AccountAt {
        /// Whose.
        account: AccountId,
        /// The entry.
        sequence: u64,
    },
    /// An allowance and what is used of it.
    Allowance(AllowanceId),
    /// A transfer by its id, of any age.
    Transfer(TransferId),
    /// Statement entries of an account.
    Statement(StatementQuery),
    /// An account with the proof that a state root holds it.
    Prove(AccountId),
    /// Durable entries from this one on, as many as fit [`Command::ENTRIES_BYTES`] and at least one; waits for it up
    /// to [`Command::ENTRIES_WAIT_SECONDS`] and answers with none if it did not come.
    Entries {
        /// The first one.
        from: u64,
    },
    /// How far the ledger is.
    Status,
}

impl Command {
    /// Accounts that one command may ask for.
    pub const ACCOUNTS_MAX: usize = 8_190;

    /// Requests of one submission, each with however many transfers.
    pub const REQUESTS_MAX: usize = 8_190;

    /// Bytes of the entries of one answer, unless the first one alone is longer.
    pub const ENTRIES_BYTES: usize = 4 * 1024 * 1024;

    /// How long a command waits for an entry that is not there yet.
    pub const ENTRIES_WAIT_SECONDS: u64 = 15;
}

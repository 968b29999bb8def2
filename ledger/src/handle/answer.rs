//! What a running ledger answers.

use super::account_at::{AccountAt, AllowanceAt};
use super::ledger_status::LedgerStatus;
use super::proved_account::ProvedAccount;
use super::raw_entry::RawEntry;
use super::statement::StatementPage;
use super::transfer_record::TransferRecord;
use crate::{Account, Reply};

/// The answer to a [`super::Command`] of the same name. `sequence` is the entry that an answer holds for: it shows
/// everything up to it and nothing after it.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// What became of the requests, in their order.
    Submitted {
        /// The entry that executed them, or the newest one if they left no trace.
        sequence: u64,
        /// Its time.
        timestamp: u64,
        /// One for each request.
        replies: Vec<Reply>,
    },
    /// The accounts, in the order they were asked for; `None` for one that is not there.
    Accounts {
        /// The entry this holds for.
        sequence: u64,
        /// Its time.
        timestamp: u64,
        /// The accounts.
        accounts: Vec<Option<Account>>,
    },
    /// The account as it was, or nothing if it was not there then.
    AccountAt(Option<AccountAt>),
    /// The allowance, or nothing if it is not there.
    Allowance(Option<AllowanceAt>),
    /// The transfer, or nothing if its id was never used up.
    Transfer {
        /// The entry this holds for.
        sequence: u64,
        /// The transfer.
        record: Option<TransferRecord>,
    },
    /// A page of a statement.
    Statement(StatementPage),
    /// The account with its proof, or nothing if it is not there.
    Proved(Option<Box<ProvedAccount>>),
    /// Entries in their order; none if the first one did not come in time.
    Entries(Vec<RawEntry>),
    /// How far the ledger is.
    Status(LedgerStatus),
}

impl Answer {
    /// The name of its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Submitted { .. } => "submitted",
            Self::Accounts { .. } => "accounts",
            Self::AccountAt(_) => "account at",
            Self::Allowance(_) => "allowance",
            Self::Transfer { .. } => "transfer",
            Self::Statement(_) => "statement",
            Self::Proved(_) => "proved",
            Self::Entries(_) => "entries",
            Self::Status(_) => "status",
        }
    }
}

//! Every bound of the projection, each with its reason.

use std::time::Duration;

/// Rows that the entries of one transaction lead to at most, unless the first entry alone leads to more: about those
/// of a full entry of transfers. SQLite has one writer, which nobody else is for as long as the transaction lasts.
pub const TRANSACTION_ROWS_MAX: u64 = 24_576;

/// The pause before a transaction is run again for the first time. It doubles with each time that follows.
pub const RETRY_PAUSE_MIN: Duration = Duration::from_millis(50);

/// The longest pause: a database that comes back is used again within this time.
pub const RETRY_PAUSE_MAX: Duration = Duration::from_secs(10);

/// Accounts that one read may ask for: as many as a command to the ledger may.
pub const ACCOUNTS_MAX: usize = crate::handle::Command::ACCOUNTS_MAX;

/// Rows of one page of a statement or of events.
pub const PAGE_ROWS_MAX: u32 = crate::handle::STATEMENT_LINES_MAX;

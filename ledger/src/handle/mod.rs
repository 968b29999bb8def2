//! The one way to a running ledger: commands in, answers out.
//!
//! A [`Handle`] is cheap to clone and the same whether the ledger runs in this process or in another one; which it is
//! was decided where it was made. Every answer is given after what it says is durable: a reply, a balance or a
//! statement never shows what a crash could take back. Reads take their place in the order, so whoever reads after
//! an answer sees at least what that answer said.
//!
//! Amounts are minor units, times microseconds UTC.

mod account_at;
mod answer;
mod command;
mod entry_stream;
#[expect(clippy::module_inception, reason = "the handle is what this module is about")]
mod handle;
mod ledger_error;
mod ledger_status;
mod proved_account;
mod raw_entry;
mod statement;
mod transfer_record;

pub use account_at::{AccountAt, AllowanceAt};
pub use answer::Answer;
pub use command::Command;
pub use entry_stream::EntryStream;
pub use handle::{Ask, Asking, Handle};
pub use ledger_error::LedgerError;
pub use ledger_status::LedgerStatus;
pub use proved_account::ProvedAccount;
pub use raw_entry::RawEntry;
pub use statement::{
    Direction, STATEMENT_LINES_MAX, StatementEvent, StatementLine, StatementPage, StatementQuery,
    StatementSide,
};
pub use transfer_record::TransferRecord;

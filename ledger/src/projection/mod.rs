//! The projection: what the ledger did, as rows of SQL.
//!
//! A consumer follows the durable entries of the journal and writes accounts, balances and events in bulk. It is no
//! part of the ledger: no payment waits for it, it may be switched off, and every row can be deleted and written
//! again from the journal.
//!
//! # What always holds
//!
//! - Each entry is projected exactly once: the entry that was reached is stored in the same transaction as the rows,
//!   and only moves on from the entry it was at. Whatever ends a transaction, nothing of it or all of it is there.
//! - The rows are a function of the entries alone, not of batches, time or restarts. A rebuild ends in the same rows.
//! - No entry is skipped. What cannot be written is tried again or ends the run with a name.
//! - The journal is the one the rows came from: each batch has to follow the hash of the entry that was reached.
//!
//! # Tables
//!
//! | table | one row for |
//! |---|---|
//! | `projection` | how far it has got: sequence, time and hash of an entry |
//! | `ledger_entry` | an entry with its time |
//! | `ledger_account`, `account_balance` | an account; its four totals and its newest statement entry |
//! | `open_pending` | a pending transfer that has not ended |
//! | `ledger_event` | an accepted transfer or an expiry |
//! | `statement_entry` | a view: each event twice, once as each of its accounts sees it |
//!
//! `ledger_event` is the source for webhooks and event streams: its positions are the one order of the ledger, a
//! position never comes back, and what a consumer has seen is one number. What became of a single transfer, and every
//! refusal, is answered by the ledger.
//!
//! Amounts are minor units, times microseconds UTC. Ids and totals are columns of 16 bytes, big-endian.

mod account_balance;
mod batch;
mod changes;
mod fold;
mod fold_fault;
mod ledger_event;
pub mod limits;
mod open_pending;
mod projection_error;
mod reached;
pub mod read;
mod run;
mod statement_entry;
mod store;

pub use account_balance::AccountBalance;
pub use batch::Batch;
pub use changes::{Changes, CreatedAccount, Known, Needs};
pub use fold::Fold;
pub use fold_fault::FoldFault;
pub use ledger_event::{EventKind, LedgerEvent};
pub use open_pending::OpenPending;
pub use projection_error::ProjectionError;
pub use reached::{Lag, Reached};
pub use run::Projection;
pub use statement_entry::{StatementEntries, StatementEntry};
pub use store::ALL as STATEMENTS;

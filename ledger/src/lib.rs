#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod account;
mod account_flags;
pub mod admin;
pub mod allowance;
mod asset;
mod bound;
mod chain;
pub mod disk;
pub mod engine;
mod entry_error;
mod flag_set;
pub mod id;
pub mod id_index;
pub mod journal;
pub mod limits;
pub mod model;
mod outcome;
mod pending;
mod position;
pub mod proof;
mod record;
mod reply;
mod request;
pub mod snapshot;
mod static_check;
mod status;
mod status_table;
mod transfer;
mod transfer_flags;

pub use account::{ACCOUNT_BYTES, Account};
pub use account_flags::AccountFlags;
pub use asset::Asset;
pub use bound::Bound;
pub use chain::{Units, check_chain, units};
pub use entry_error::EntryError;
pub use id::{AccountId, AllowanceId, TransferId};
pub use outcome::{OUTCOME_BYTES, Outcome};
pub use pending::{PENDING_BYTES, Pending, PendingEnd};
pub use position::Position;
pub use reply::{EntryResult, Recorded, Reply, TransferReply};
pub use request::Request;
pub use static_check::{check_age, check_static, compare_known};
pub use status::{StatusClass, TransferStatus};
pub use transfer::{TRANSFER_BYTES, Transfer};
pub use transfer_flags::TransferFlags;

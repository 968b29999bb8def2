//! Reading single records of the journal by their positions, and walking an account's statement entries backwards.
//!
//! Every accepted transfer and every expiry holds the position of the statement entry before it of both accounts; the
//! account holds the newest. A [`Walk`] follows them and needs no index. What a single record says is compared with
//! what led to it, because only short entries are read whole and under their hash.
//!
//! What a walk reads is durable, and so is everything it shows. Amounts are minor units, times microseconds UTC.

mod account_at;
mod open_entry;
mod record_at;
mod statement;
mod statement_entry;
mod trail;
#[expect(clippy::module_inception, reason = "the walk is what this module is about")]
mod walk;
mod walk_error;

pub use record_at::{RecordAt, RecordedItem};
pub use walk::Walk;
pub use walk_error::WalkError;

//! Reading single records of the journal by their positions, and walking an account's statement entries backwards.
//!
//! Every accepted transfer and every expiry holds the position of the statement entry before it of both accounts; the
//! account holds the newest. A walk follows them and needs no index. What a single record says is compared with what
//! led to it, because only whole entries are under a hash.

mod record_at;
mod walk_error;

pub use record_at::{RecordAt, RecordedItem};
pub use walk_error::WalkError;

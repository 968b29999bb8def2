//! The body of a journal entry as bytes: what the entry did, in an order that lets any single record be read without
//! the others.
//!
//! ```text
//! expiries    40 each   id 16, position of the pending transfer 8, previous_debit 8, previous_credit 8
//! transfers  128 each   those that used up their ids, in order
//! outcomes    32 each   of these transfers
//! ends count 4, 12 each index among the transfers 4, position of the pending transfer it ended 8
//! requests    4 and more: how many transfers stand before it, then the administrative record
//! ```
//!
//! The counts of expiries, transfers and requests stand in the entry's header. A body is exactly as long as its
//! records; nothing stands behind them. Numbers are little-endian.

mod body_fault;
mod decode;
mod encode;
mod layout;

pub use body_fault::BodyFault;
pub use decode::{decode_entry, decode_requests, split_ends};
pub use encode::encode_entry;
pub use layout::{BodyLayout, END_BYTES, EXPIRY_BYTES, decode_end, decode_expiry};

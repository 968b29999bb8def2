//! The protocol between a gateway and a ledger's process: one hello from each side, then frames, a command from the
//! gateway and its answer from the ledger, one after the other.
//!
//! All of it is fixed and little-endian, and every value has one form. Records are those of the journal, statuses
//! their numbers. Reading is for hostile input: no bytes make it panic, a length is held against its bound before
//! anything is allocated, and what a frame can make its reader hold is bounded by [`super::limits`].
//!
//! A value is the fields of its type in their order. A list is a count of 4 bytes and the values, text its length in
//! 4 bytes and UTF-8, something that may be missing a byte 0 or 1 and the value.

mod answer;
mod codec;
mod command;
mod entry;
mod error;
mod frame;
mod hello;
mod records;
mod statement;
mod wire_fault;

pub use frame::{FRAME_HEAD_BYTES, FrameHead, decode_answer, decode_command, encode_answer, encode_command};
pub use hello::{ClientHello, HELLO_BYTES, HelloFault, LedgerId, PROTOCOL_VERSION, Refusal, ServerHello};
pub use wire_fault::WireFault;

//! Frames: what goes over a connection once both sides have said hello.
//!
//! ```text
//!   0  length   4   of the body
//!   4  kind     2   1 to 9 a command, 101 to 109 the answer to it, 199 an error
//!   6  number   8   the answer has that of its command
//!  14  body
//! ```

use super::codec::{Wire, WireReader, wire_struct};
use super::{WireFault, answer, command, error};
use crate::disk::{to_u32, to_u64, to_usize};
use crate::handle::{Answer, Command, LedgerError};
use crate::remote::limits::{ANSWER_BYTES_MAX, COMMAND_BYTES_MAX};

/// The length of what stands in front of every body.
pub const FRAME_HEAD_BYTES: usize = 14;

/// What stands in front of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHead {
    /// Bytes of the body.
    pub length: u32,
    /// What the body is.
    pub kind: u16,
    /// Which command it is, or is the answer to.
    pub number: u64,
}

wire_struct!(FrameHead { length: u32, kind: u16, number: u64 });

impl FrameHead {
    /// Reads the head; every 14 bytes are one.
    #[must_use]
    pub fn decode(bytes: &[u8; FRAME_HEAD_BYTES]) -> Self {
        // Three numbers of 14 bytes together are always there, so the default is never taken.
        let nothing = Self { length: 0, kind: 0, number: 0 };
        WireReader::whole(bytes, Self::take).unwrap_or(nothing)
    }

    /// Writes the head.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FRAME_HEAD_BYTES);
        self.put(&mut bytes);
        bytes
    }

    /// The length of the body, if a command may be so long.
    ///
    /// # Errors
    /// [`WireFault::TooLong`].
    pub fn command_length(&self) -> Result<usize, WireFault> {
        within(self.length, COMMAND_BYTES_MAX)
    }

    /// The length of the body, if an answer may be so long.
    ///
    /// # Errors
    /// [`WireFault::TooLong`].
    pub fn answer_length(&self) -> Result<usize, WireFault> {
        within(self.length, ANSWER_BYTES_MAX)
    }
}

fn within(length: u32, most: usize) -> Result<usize, WireFault> {
    let length = u64::from(length);
    if length > to_u64(most) { Err(WireFault::TooLong { length, most }) } else { Ok(to_usize(length)) }
}

/// The frame of a command.
///
/// # Errors
/// [`LedgerError::TooMany`] if it is larger than the ledger would take.
pub fn encode_command(number: u64, asked: &Command) -> Result<Vec<u8>, LedgerError> {
    command::check(asked)?;
    let mut frame = begin(0);
    command::put(asked, &mut frame);
    Ok(finish(frame, command::kind(asked), number))
}

/// The command in a body of this kind.
///
/// # Errors
/// A [`WireFault`] if there is none.
pub fn decode_command(kind: u16, body: &[u8]) -> Result<Command, WireFault> {
    if body.len() > COMMAND_BYTES_MAX {
        return Err(WireFault::TooLong { length: to_u64(body.len()), most: COMMAND_BYTES_MAX });
    }
    command::take(kind, body).ok_or(WireFault::Malformed(kind))?.ok_or(WireFault::KindUnknown(kind))
}

/// The frame of what a command was answered.
#[must_use]
pub fn encode_answer(number: u64, answered: &Result<Answer, LedgerError>) -> Vec<u8> {
    match answered {
        Ok(answered) => {
            let mut frame = begin(answer::usual_length(answered));
            answer::put(answered, &mut frame);
            finish(frame, answer::kind(answered), number)
        }
        Err(refused) => {
            let mut frame = begin(0);
            refused.put(&mut frame);
            finish(frame, error::KIND, number)
        }
    }
}

/// What a command was answered, from a body of this kind.
///
/// # Errors
/// A [`WireFault`] if it says nothing.
pub fn decode_answer(kind: u16, body: &[u8]) -> Result<Result<Answer, LedgerError>, WireFault> {
    if body.len() > ANSWER_BYTES_MAX {
        return Err(WireFault::TooLong { length: to_u64(body.len()), most: ANSWER_BYTES_MAX });
    }
    let malformed = WireFault::Malformed(kind);
    if kind == error::KIND {
        return WireReader::whole(body, LedgerError::take).map(Err).ok_or(malformed);
    }
    answer::take(kind, body).ok_or(malformed)?.map(Ok).ok_or(WireFault::KindUnknown(kind))
}

/// A frame whose head is filled in by [`finish`].
fn begin(body_bytes: usize) -> Vec<u8> {
    let mut frame = Vec::with_capacity(FRAME_HEAD_BYTES.saturating_add(body_bytes));
    frame.resize(FRAME_HEAD_BYTES, 0);
    frame
}

fn finish(mut frame: Vec<u8>, kind: u16, number: u64) -> Vec<u8> {
    let length = to_u32(frame.len().saturating_sub(FRAME_HEAD_BYTES));
    let head = FrameHead { length, kind, number }.encode();
    if let Some(place) = frame.get_mut(..FRAME_HEAD_BYTES) {
        place.copy_from_slice(&head);
    }
    frame
}

//! Errors on the wire: a number, what it is about, and a line of text if it has one.

use super::codec::{Wire, WireReader};
use crate::AccountId;
use crate::disk::{to_u32, to_usize};
use crate::handle::LedgerError;
use crate::remote::limits::TEXT_BYTES_MAX;

/// The number of an error's kind in its frame.
pub(super) const KIND: u16 = 199;

impl Wire for LedgerError {
    const LEAST: usize = 2;

    fn put(&self, bytes: &mut Vec<u8>) {
        code(self).put(bytes);
        match self {
            Self::Busy { retry_after_ms } => retry_after_ms.put(bytes),
            Self::TooMany { count, most } => {
                count.put(bytes);
                most.put(bytes);
            }
            Self::SequenceAhead { asked, newest } => {
                asked.put(bytes);
                newest.put(bytes);
            }
            Self::CursorUnknown(account) => account.put(bytes),
            Self::TooFarBack { steps } => steps.put(bytes),
            Self::Stopped(text)
            | Self::ConnectionLost(text)
            | Self::Unreadable(text)
            | Self::Protocol(text) => put_text(text, bytes),
        }
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        Some(match u16::take(reader)? {
            1 => Self::Busy { retry_after_ms: u64::take(reader)? },
            2 => Self::TooMany { count: usize::take(reader)?, most: usize::take(reader)? },
            3 => Self::SequenceAhead { asked: u64::take(reader)?, newest: u64::take(reader)? },
            4 => Self::CursorUnknown(AccountId::take(reader)?),
            5 => Self::TooFarBack { steps: u64::take(reader)? },
            6 => Self::Stopped(take_text(reader)?),
            7 => Self::ConnectionLost(take_text(reader)?),
            8 => Self::Unreadable(take_text(reader)?),
            9 => Self::Protocol(take_text(reader)?),
            _ => return None,
        })
    }
}

/// The number of an error, for ever.
const fn code(error: &LedgerError) -> u16 {
    match error {
        LedgerError::Busy { .. } => 1,
        LedgerError::TooMany { .. } => 2,
        LedgerError::SequenceAhead { .. } => 3,
        LedgerError::CursorUnknown(_) => 4,
        LedgerError::TooFarBack { .. } => 5,
        LedgerError::Stopped(_) => 6,
        LedgerError::ConnectionLost(_) => 7,
        LedgerError::Unreadable(_) => 8,
        LedgerError::Protocol(_) => 9,
    }
}

fn put_text(text: &str, bytes: &mut Vec<u8>) {
    let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or(text);
    to_u32(text.len()).put(bytes);
    bytes.extend_from_slice(text.as_bytes());
}

fn take_text(reader: &mut WireReader<'_>) -> Option<String> {
    let length = to_usize(u64::from(u32::take(reader)?));
    let text = (length <= TEXT_BYTES_MAX).then_some(length).and_then(|length| reader.bytes(length))?;
    std::str::from_utf8(text).ok().map(str::to_owned)
}

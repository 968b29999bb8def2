//! Why an entry cannot be executed at all. The sequencer makes no such entry; one that comes from elsewhere is
//! refused as a whole and changes nothing.

use crate::disk::limits::SEQUENCE_MAX;
use crate::limits::{ENTRY_ADMINISTRATIVE_MAX, ENTRY_TRANSFERS_MAX, TIMESTAMP_MAX};
use crate::request::Request;

/// An entry that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Its time lies before that of the entry before.
    #[error("the entry's timestamp {timestamp} is before {previous}; give it a later one")]
    TimestampWentBack {
        /// Of this entry.
        timestamp: u64,
        /// Of the entry before.
        previous: u64,
    },
    /// Its time is none that an id can have.
    #[error("the entry's timestamp {0} is out of range; check the clock")]
    TimestampOutOfRange(u64),
    /// There is no number left for it.
    #[error("every sequence has been used; start a new ledger")]
    SequenceExhausted,
    /// It has too many transfers.
    #[error("the entry has {0} transfers, more than {ENTRY_TRANSFERS_MAX}; split it")]
    TooManyTransfers(usize),
    /// It has too many administrative requests.
    #[error("the entry has {0} administrative requests, more than {ENTRY_ADMINISTRATIVE_MAX}; split it")]
    TooManyAdministrative(usize),
}

/// What an entry is executed as, after one with sequence `previous.0` and timestamp `previous.1`.
pub(crate) fn next_sequence(
    previous: (u64, u64),
    timestamp: u64,
    requests: &[Request],
) -> Result<u64, EntryError> {
    let (sequence, previous) = previous;
    if timestamp < previous {
        return Err(EntryError::TimestampWentBack { timestamp, previous });
    }
    if timestamp > TIMESTAMP_MAX {
        return Err(EntryError::TimestampOutOfRange(timestamp));
    }
    let length = |request: &Request| match request {
        Request::Transfers(transfers) => transfers.len(),
        Request::Administrative(_) => 0,
    };
    let transfers: usize = requests.iter().map(length).sum();
    if transfers > ENTRY_TRANSFERS_MAX {
        return Err(EntryError::TooManyTransfers(transfers));
    }
    let administrative = requests.iter().filter(|one| matches!(one, Request::Administrative(_))).count();
    if administrative > ENTRY_ADMINISTRATIVE_MAX {
        return Err(EntryError::TooManyAdministrative(administrative));
    }
    sequence.checked_add(1).filter(|next| *next <= SEQUENCE_MAX).ok_or(EntryError::SequenceExhausted)
}

//! Why a command was not answered.

use crate::AccountId;

/// What a handle reports instead of an answer. A command that was refused changed nothing; after `ConnectionLost` or
/// `Stopped` a submission may have been executed: submit the same transfers again, their ids say what became of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The queue is full.
    #[error("the ledger's queue is full; try again in {retry_after_ms} ms")]
    Busy {
        /// When there should be room, in milliseconds.
        retry_after_ms: u64,
    },
    /// The submission has more transfers or administrative requests than an entry may have.
    #[error("{count} requests are more than the {most} that one submission may have; split it")]
    TooMany {
        /// How many there were.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// The entry asked for is not there yet.
    #[error("entry {asked} is not there yet; the newest one is {newest}")]
    SequenceAhead {
        /// The entry asked for.
        asked: u64,
        /// The newest durable one.
        newest: u64,
    },
    /// A cursor that names no statement entry of the account.
    #[error("the cursor is not a statement entry of account {0:?}; begin again without one")]
    CursorUnknown(AccountId),
    /// A walk that would read more of the journal than one command may.
    #[error(
        "this needs more than {steps} statement entries to be read; narrow the range or read newest first"
    )]
    TooFarBack {
        /// The bound.
        steps: u64,
    },
    /// The ledger is stopping, or has stopped.
    #[error("the ledger has stopped ({0}); ask again once it runs")]
    Stopped(String),
    /// The connection to the ledger's process was lost.
    #[error("the connection to the ledger was lost ({0}); ask again")]
    ConnectionLost(String),
    /// What was read from the disk does not hold.
    #[error("the ledger cannot read what it wrote ({0}); run `ballast verify`")]
    Unreadable(String),
    /// The other side did not keep to the protocol.
    #[error("the other side does not speak this ledger's protocol ({0}); run the same version on both sides")]
    Protocol(String),
}

//! Why a batch is not executed. Nothing of it was.

use crate::limits;
use api_types::{BatchHeaderError, ErrorCode};

/// The first check that failed, in the order in which they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchRefusal {
    /// The body is not made of a header and whole records.
    #[error("{bytes} bytes are not a header of 128 bytes and whole records of 128 bytes")]
    Length {
        /// How many bytes there are.
        bytes: usize,
    },
    /// The header is not one.
    #[error("the header: {0}")]
    Header(#[from] BatchHeaderError),
    /// The header belongs to a batch of the other kind.
    #[error("the header says that the body is of another kind than this operation takes")]
    OtherKind,
    /// The count is not that of the body, or not within its bounds.
    #[error("the header says {said}; the body holds {held}, and 1 to {most} are taken")]
    Count {
        /// What the header says.
        said: u32,
        /// What the body holds.
        held: usize,
        /// How many a batch may have.
        most: usize,
    },
    /// It was made too long ago.
    #[error("it was made {seconds} s ago; the most is {} s", limits::BATCH_AGE.as_secs())]
    TooOld {
        /// How long ago.
        seconds: u64,
    },
    /// It was made in the future.
    #[error("it was made {seconds} s ahead of this service's time; the most is {} s", limits::BATCH_AHEAD.as_secs())]
    InFuture {
        /// How far ahead.
        seconds: u64,
    },
    /// The account has no such key.
    #[error("the account in the header has no key with that id")]
    UnknownKey,
    /// The key is revoked.
    #[error("the key that signed is revoked")]
    KeyRevoked,
    /// The signature is not the key's over this batch.
    #[error("the signature is not that key's over this header and body for this network and instance")]
    Signature,
    /// A transfer that would move the money of another account.
    #[error("transfer {index}, counted from zero, does not debit the account of the key")]
    OtherAccount {
        /// Which one, counted from zero.
        index: usize,
    },
}

impl BatchRefusal {
    /// The code that callers see.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Length { .. } => ErrorCode::InvalidBatchLength,
            Self::Header(_) | Self::OtherKind => ErrorCode::InvalidBatchHeader,
            Self::Count { .. } => ErrorCode::InvalidBatchCount,
            Self::TooOld { .. } => ErrorCode::BatchTooOld,
            Self::InFuture { .. } => ErrorCode::BatchInFuture,
            Self::UnknownKey => ErrorCode::UnknownKey,
            Self::KeyRevoked => ErrorCode::KeyRevoked,
            Self::Signature => ErrorCode::InvalidBatchSignature,
            Self::OtherAccount { .. } => ErrorCode::BatchAccountDiffers,
        }
    }
}

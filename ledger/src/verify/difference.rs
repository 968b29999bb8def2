//! The first thing that is not as it should be.

use std::fmt;

use super::verify_error::VerifyError;
use crate::Position;

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Bytes of the journal: an entry, a segment file, the table or trailer of an archive file.
    Journal,
    /// The body of an entry.
    Body,
    /// An id: used before, or none that could be used at that time.
    Id,
    /// The outcome of a transfer.
    Outcome,
    /// The pending transfer that a post or void says it ended.
    End,
    /// The expiries of an entry.
    Expiry,
    /// An administrative request.
    Request,
    /// A state root.
    StateRoot,
    /// The sums of the state tree or of all accounts.
    Sums,
    /// The limit of an account, or its pending totals.
    Account,
    /// A snapshot.
    Snapshot,
    /// The id index.
    IdIndex,
    /// A statement.
    Statement,
    /// The sequential model.
    Model,
}

impl DifferenceKind {
    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Body => "body",
            Self::Id => "id",
            Self::Outcome => "outcome",
            Self::End => "end of a pending transfer",
            Self::Expiry => "expiry",
            Self::Request => "administrative request",
            Self::StateRoot => "state root",
            Self::Sums => "sums",
            Self::Account => "account",
            Self::Snapshot => "snapshot",
            Self::IdIndex => "id index",
            Self::Statement => "statement",
            Self::Model => "sequential model",
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Journal => "restore this file from a backup or a replica, then verify again",
            Self::Snapshot => {
                "move this snapshot away, so that the ledger starts from the older one and takes another, then \
                 verify again"
            }
            Self::IdIndex => {
                "restore the folder ids from the backup that the journal is from, then verify again"
            }
            Self::Body
            | Self::Id
            | Self::Outcome
            | Self::End
            | Self::Expiry
            | Self::Request
            | Self::StateRoot
            | Self::Sums
            | Self::Account
            | Self::Statement
            | Self::Model => {
                "its hashes hold, so it was written so: keep this directory as it is, do not start the ledger, and \
                 compare with a replica, an anchor or a backup that verifies"
            }
        }
    }
}

/// Where the directory first differs from what executing it again gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The entry; zero if it is of no single entry.
    pub sequence: u64,
    /// The index in the entry, as positions count: expiries first, then transfers.
    pub index: Option<u64>,
    /// What differs.
    pub kind: DifferenceKind,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
}

impl Difference {
    /// What to do next.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        self.kind.advice()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.sequence, self.index) {
            (0, _) => formatter.write_str("the directory: ")?,
            (sequence, None) => write!(formatter, "entry {sequence}: ")?,
            (sequence, Some(index)) => write!(formatter, "entry {sequence}, index {index}: ")?,
        }
        let Self { kind, expected, found, .. } = self;
        write!(formatter, "{}: expected {expected}, found {found}; {}", kind.words(), kind.advice())
    }
}

/// What differs, to be put together where it is found.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    sequence: u64,
    index: Option<u64>,
    kind: DifferenceKind,
}

impl At {
    /// Of the directory as a whole.
    pub(super) const fn directory(kind: DifferenceKind) -> Self {
        Self { sequence: 0, index: None, kind }
    }

    /// Of an entry.
    pub(super) const fn entry(sequence: u64, kind: DifferenceKind) -> Self {
        Self { sequence, index: None, kind }
    }

    /// Of what stands at this index of an entry.
    pub(super) const fn index(sequence: u64, index: u64, kind: DifferenceKind) -> Self {
        Self { sequence, index: Some(index), kind }
    }

    /// Of what stands at a position.
    pub(super) const fn position(position: Position, kind: DifferenceKind) -> Self {
        Self::index(position.sequence(), position.index(), kind)
    }

    /// The difference.
    pub(super) fn differs(self, expected: impl fmt::Display, found: impl fmt::Display) -> VerifyError {
        let Self { sequence, index, kind } = self;
        let (expected, found) = (expected.to_string(), found.to_string());
        Difference { sequence, index, kind, expected, found }.into()
    }
}

/// A position as it is written for a person.
pub(super) fn place(position: Position) -> String {
    if position.is_none() {
        return "nothing".to_owned();
    }
    format!("{}/{}", position.sequence(), position.index())
}

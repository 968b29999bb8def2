//! What execution hands to the journal, and what may be answered once that is durable.

use std::sync::Arc;

use super::arrival::ReplyTo;
use crate::engine::EntryOutcome;
use crate::handle::{Answer, StatementQuery};
use crate::id_index::IdRecord;
use crate::journal::{EntryBuffer, EntryFields};
use crate::proof::AccountProof;
use crate::{Account, Position, Request, TransferId};

/// One step of execution.
#[derive(Debug)]
pub(super) struct Executed {
    /// The entry to append; nothing if the step left no trace.
    pub(super) entry: Option<(EntryFields, EntryBuffer)>,
    /// The state after the step.
    pub(super) after: After,
    /// The replies to the submissions; nothing if there were none.
    pub(super) answered: Option<Answered>,
    /// Reads that saw the state after the step.
    pub(super) reads: Vec<(Seen, ReplyTo)>,
    /// Proofs against the root that this entry carries.
    pub(super) proofs: Vec<(Proved, ReplyTo)>,
}

/// The state after a step, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct After {
    pub(super) sequence: u64,
    pub(super) timestamp: u64,
    pub(super) accounts: u64,
    pub(super) open_pending: u64,
    pub(super) frozen: bool,
    pub(super) root: StateRootAt,
}

/// A state root, and the entry after which it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct StateRootAt {
    pub(super) root: [u8; 32],
    pub(super) sequence: u64,
}

/// Submissions with what became of them.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) requests: Arc<[Request]>,
    pub(super) outcome: Arc<EntryOutcome>,
    pub(super) submissions: Vec<(usize, ReplyTo)>,
}

/// An account with its proof, to be completed by the entry that carries the root.
#[derive(Debug)]
pub(super) struct Proved {
    pub(super) account: Account,
    pub(super) proof: AccountProof,
    pub(super) sequence: u64,
}

/// What a read saw.
#[derive(Debug)]
pub(super) enum Seen {
    /// All there is to answer.
    Answer(Answer),
    /// Where the journal has to be read, once it is durable.
    Job(ReadJob),
}

/// What has to be read from the journal. `sequence` is the entry the answer holds for.
#[derive(Debug, Clone)]
pub(super) enum ReadJob {
    AccountAt { account: Account, at: u64 },
    Transfer { id: TransferId, recent: Option<IdRecord>, sequence: u64 },
    Statement { query: StatementQuery, newest: Position, sequence: u64 },
    Entries { from: u64 },
}

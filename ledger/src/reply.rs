//! What a request is answered, once its entry is durable.

use crate::admin::AdministrativeStatus;
use crate::bound::Bound;
use crate::expiry::Expiry;
use crate::outcome::Outcome;
use crate::position::Position;
use crate::status::TransferStatus;

/// The outcome of a transfer, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Where in the journal.
    pub position: Position,
    /// What became of it.
    pub outcome: Outcome,
}

/// The answer to one transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferReply {
    /// What became of it now.
    pub status: TransferStatus,
    /// The outcome of its id: the one made now, or, with `exists`, the first. Nothing if the id is not used up, or
    /// is known with other fields.
    pub recorded: Option<Recorded>,
    /// The value seen and its bound, if an allowance or a balance refused it now.
    pub bound: Option<Bound>,
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// To transfers: one for each, in their order.
    Transfers(Vec<TransferReply>),
    /// To an administrative request.
    Administrative(AdministrativeStatus),
}

/// What executing an entry did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryResult {
    /// The sequence of the entry.
    pub sequence: u64,
    /// The pending transfers that expired at its start, in that order.
    pub expired: Vec<Expiry>,
    /// One for each request, in their order.
    pub replies: Vec<Reply>,
}

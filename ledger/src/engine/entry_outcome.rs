//! What executing an entry did, in a compact form: 32 bytes for each transfer that is journaled.

use crate::admin::AdministrativeStatus;
use crate::{
    Bound, EntryResult, Expiry, Outcome, Position, Recorded, RecordedTransfer, Reply, Request, TransferReply,
    TransferStatus as Status,
};

/// The answer to one transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It used up its id: the outcome at this index.
    New(u32),
    /// It repeats the one with the outcome at this index.
    Repeats(u32),
    /// It repeats one of an earlier entry: the recorded outcome at this index.
    Exists(u32),
    /// It leaves no trace.
    Traceless(Status),
}

/// How the units of an entry were decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RoundStatistics {
    /// Rounds of votes, of the run that needed most; zero if every run was executed sequentially.
    pub rounds: u32,
    /// Units that were still open after the last round.
    pub remainder_units: u32,
    /// Transfers that were executed one after the other.
    pub sequential_transfers: u32,
    /// Transfers that were executed in partitions.
    pub partitioned_transfers: u32,
}

/// What became of an entry's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryOutcome {
    /// The sequence of the entry.
    pub sequence: u64,
    /// Its time.
    pub timestamp: u64,
    /// The pending transfers that expired at its start, in that order.
    pub expired: Vec<Expiry>,
    /// The outcomes of the transfers that used up their ids, in order: those of the journal.
    pub outcomes: Vec<Outcome>,
    /// For each accepted post or void, in the order of the outcomes, where the pending transfer stands that it ended.
    pub ended: Vec<Position>,
    /// Of the administrative requests, in order.
    pub administrative: Vec<AdministrativeStatus>,
    /// How the units were decided: the only thing here that depends on the partitions.
    pub statistics: RoundStatistics,
    /// One for each transfer of the requests.
    pub(super) answers: Vec<Answer>,
    /// First outcomes of transfers of earlier entries.
    pub(super) earlier: Vec<Recorded>,
    /// What was not kept, by the index of the outcome, in order.
    pub(super) bounds: Vec<(u32, Bound)>,
}

impl EntryOutcome {
    pub(super) fn new(sequence: u64, timestamp: u64) -> Self {
        Self {
            sequence,
            timestamp,
            expired: Vec::new(),
            outcomes: Vec::new(),
            ended: Vec::new(),
            administrative: Vec::new(),
            statistics: RoundStatistics::default(),
            answers: Vec::new(),
            earlier: Vec::new(),
            bounds: Vec::new(),
        }
    }

    /// The replies to the transfers, in the order of the requests.
    pub fn transfer_replies(&self) -> impl Iterator<Item = TransferReply> {
        self.answers.iter().map(|answer| self.reply(*answer))
    }

    /// For each transfer, in the order of the requests, whether it used up its id.
    pub fn uses_ids(&self) -> impl Iterator<Item = bool> {
        self.answers.iter().map(|answer| matches!(answer, Answer::New(_)))
    }

    /// Whether nothing of it has to be journaled.
    #[must_use]
    pub fn is_traceless(&self) -> bool {
        let administrative = self.administrative.iter().any(|status| status.is_accepted());
        self.expired.is_empty() && self.outcomes.is_empty() && !administrative
    }

    /// The transfers that used up their ids with what became of them, in order. `requests` are those of the entry.
    pub fn recorded_transfers(&self, requests: &[Request]) -> impl Iterator<Item = RecordedTransfer> {
        let transfers = requests.iter().flat_map(|request| match request {
            Request::Transfers(transfers) => transfers.as_slice(),
            Request::Administrative(_) => &[],
        });
        let is_new = |(transfer, answer)| matches!(answer, &Answer::New(_)).then_some(transfer);
        let mut ended = self.ended.iter().copied();
        transfers.zip(&self.answers).filter_map(is_new).zip(&self.outcomes).map(move |(transfer, outcome)| {
            let ends = transfer.ends_pending() && outcome.status.is_accepted();
            let ended = if ends { ended.next() } else { None }.unwrap_or(Position::NONE);
            RecordedTransfer { transfer: *transfer, outcome: *outcome, ended }
        })
    }

    /// Everything, request by request. `requests` are those of the entry.
    #[must_use]
    pub fn result(&self, requests: &[Request]) -> EntryResult {
        let mut administrative = self.administrative.iter().copied();
        let mut transfers = self.transfer_replies();
        let reply = |request: &Request| match request {
            Request::Transfers(list) => Some(Reply::Transfers(transfers.by_ref().take(list.len()).collect())),
            Request::Administrative(_) => administrative.next().map(Reply::Administrative),
        };
        let replies = requests.iter().filter_map(reply).collect();
        EntryResult { sequence: self.sequence, expired: self.expired.clone(), replies }
    }

    fn reply(&self, answer: Answer) -> TransferReply {
        let (status, recorded, bound) = match answer {
            Answer::New(index) => {
                let recorded = self.recorded_at(index);
                let status = recorded.map_or(Status::Accepted, |recorded| recorded.outcome.status);
                (status, recorded, self.bound_of(index))
            }
            Answer::Repeats(index) => (Status::Exists, self.recorded_at(index), None),
            Answer::Exists(earlier) => {
                let recorded = self.earlier.get(super::convert::index(earlier)).copied();
                (Status::Exists, recorded, None)
            }
            Answer::Traceless(status) => (status, None, None),
        };
        TransferReply { status, recorded, bound }
    }

    fn recorded_at(&self, index: u32) -> Option<Recorded> {
        // The expiries come first.
        let expired = super::convert::number(self.expired.len());
        let position = Position::new(self.sequence, expired.saturating_add(index))?;
        let outcome = *self.outcomes.get(super::convert::index(index))?;
        Some(Recorded { position, outcome })
    }

    fn bound_of(&self, index: u32) -> Option<Bound> {
        let place = self.bounds.binary_search_by_key(&index, |(leg, _)| *leg).ok()?;
        self.bounds.get(place).map(|(_, bound)| *bound)
    }
}

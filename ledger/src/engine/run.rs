//! A run: transfers between two administrative requests, and the entry they belong to.
//!
//! It is made by one thread and then read by all, so it carries everything that workers need and no state.

use std::ops::Range;
use std::sync::Arc;

use super::convert::{index, number};
use super::leg::{Leg, LegDetail, Side};
use super::partition_key::PartitionKey;
use crate::{AccountId, Position, Request, Transfer, TransferFlags};

/// A stretch of one request: whole units.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) request: usize,
    pub(super) transfers: Range<usize>,
}

/// A place among the requests of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct RequestPlace {
    pub(super) request: usize,
    /// Among the transfers of the request.
    pub(super) offset: usize,
}

/// What workers read. Legs are those of the whole entry so far; the run is the last stretch of them.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) requests: Arc<[Request]>,
    pub(super) legs: Vec<Leg>,
    pub(super) details: Vec<LegDetail>,
    /// The first leg of the run.
    pub(super) start: usize,
    /// Where the transfers of the run are, in order, and how many.
    pub(super) pieces: Vec<Piece>,
    pub(super) run_transfers: usize,
    pub(super) key: PartitionKey,
    pub(super) sequence: u64,
    pub(super) timestamp: u64,
    /// How many pending transfers expired at the start of the entry: theirs are the first positions.
    expired: u32,
    pub(super) ledger_frozen: bool,
}

impl Run {
    /// No entry.
    pub(super) fn new(key: PartitionKey) -> Self {
        Self {
            key,
            pieces: Vec::new(),
            run_transfers: 0,
            requests: Arc::from([]),
            legs: Vec::new(),
            details: Vec::new(),
            start: 0,
            sequence: 0,
            timestamp: 0,
            expired: 0,
            ledger_frozen: false,
        }
    }

    /// Begins the transfers of an entry, at the start of which `expired` pending transfers were released.
    pub(super) fn begin(
        &mut self,
        requests: &Arc<[Request]>,
        (sequence, timestamp): (u64, u64),
        expired: usize,
    ) {
        self.requests = Arc::clone(requests);
        (self.sequence, self.timestamp, self.start) = (sequence, timestamp, 0);
        self.expired = number(expired);
        self.legs.clear();
        self.details.clear();
    }

    /// Begins the next run at `from`: the transfers up to the next administrative request or, if that is far, up to the
    /// end of a unit near `transfers_max`. Says where the one behind it begins.
    pub(super) fn begin_run(
        &mut self,
        from: RequestPlace,
        transfers_max: usize,
        ledger_frozen: bool,
    ) -> RequestPlace {
        self.start = self.legs.len();
        self.ledger_frozen = ledger_frozen;
        self.pieces.clear();
        self.run_transfers = 0;
        let mut at = from;
        while let Some(Request::Transfers(transfers)) = self.requests.get(at.request) {
            let room = transfers_max.saturating_sub(self.run_transfers);
            if room == 0 {
                break;
            }
            let end = unit_end(transfers, at.offset.saturating_add(room));
            self.run_transfers = self.run_transfers.saturating_add(end.saturating_sub(at.offset));
            self.pieces.push(Piece { request: at.request, transfers: at.offset..end });
            at = if end < transfers.len() {
                RequestPlace { request: at.request, offset: end }
            } else {
                RequestPlace { request: at.request.saturating_add(1), offset: 0 }
            };
        }
        at
    }

    /// The transfers of one piece.
    fn piece(&self, piece: &Piece) -> &[Transfer] {
        match self.requests.get(piece.request) {
            Some(Request::Transfers(transfers)) => transfers.get(piece.transfers.clone()).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The transfers of the run, piece by piece.
    pub(super) fn transfer_lists(&self) -> impl Iterator<Item = &[Transfer]> {
        self.pieces.iter().map(|piece| self.piece(piece))
    }

    /// The indexes of the legs of the run.
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.legs.len()
    }

    /// The legs of the run with their indexes, in order.
    #[inline]
    pub(super) fn run_legs(&self) -> impl Iterator<Item = (u32, &Leg)> {
        let legs = self.legs.get(self.start..).unwrap_or_default();
        legs.iter().enumerate().map(|(offset, leg)| (number(self.start.saturating_add(offset)), leg))
    }

    #[inline]
    pub(super) fn leg(&self, leg: u32) -> Option<&Leg> {
        self.legs.get(index(leg))
    }

    #[inline]
    pub(super) fn detail(&self, leg: &Leg) -> Option<&LegDetail> {
        self.details.get(index(leg.detail))
    }

    /// The request of a leg.
    #[inline]
    pub(super) fn transfer(&self, leg: &Leg) -> Option<&Transfer> {
        match self.requests.get(index(leg.request))? {
            Request::Transfers(transfers) => transfers.get(index(leg.offset)),
            Request::Administrative(_) => None,
        }
    }

    /// The account at one side of a leg.
    #[inline]
    pub(super) fn account(&self, leg: &Leg, side: Side) -> Option<AccountId> {
        if leg.kind.ends_pending() {
            let detail = self.detail(leg)?;
            return Some(match side {
                Side::Debit => detail.debit_account,
                Side::Credit => detail.credit_account,
            });
        }
        let transfer = self.transfer(leg)?;
        Some(match side {
            Side::Debit => transfer.debit_account,
            Side::Credit => transfer.credit_account,
        })
    }

    /// Where a leg stands. Entries are bounded so that every sequence and index has a position.
    #[inline]
    pub(super) fn position(&self, leg: u32) -> Position {
        Position::new(self.sequence, self.expired.saturating_add(leg)).unwrap_or(Position::NONE)
    }
}

/// The first end of a unit at or behind `at`.
fn unit_end(transfers: &[Transfer], at: usize) -> usize {
    let rest = transfers.get(at.saturating_sub(1)..).unwrap_or_default();
    let linked = rest.iter().take_while(|transfer| transfer.is(TransferFlags::LINKED)).count();
    at.saturating_add(linked).min(transfers.len())
}

//! Statements kept the slow way: every line of every account, from requests and replies alone.

use std::collections::BTreeMap;

use ledger::handle::{
    Direction, STATEMENT_LINES_MAX, StatementEvent, StatementLine, StatementPage, StatementQuery,
    StatementSide,
};
use ledger::{
    AccountId, EntryResult, Position, Recorded, Reply, Request, Transfer, TransferFlags, TransferId,
    TransferStatus,
};

/// All lines, oldest first.
#[derive(Debug, Default)]
pub(crate) struct StatementModel {
    lines: BTreeMap<AccountId, Vec<StatementLine>>,
    /// Payer, payee and amount of everything ever reserved.
    reserved: BTreeMap<TransferId, ([AccountId; 2], u64)>,
    /// Where refused transfers stand.
    pub(crate) refused: Vec<Position>,
}

impl StatementModel {
    /// Takes in an entry.
    pub(crate) fn entry(&mut self, timestamp: u64, requests: &[Request], result: &EntryResult) {
        for (index, expiry) in (0..).zip(&result.expired) {
            let pending = expiry.pending;
            let event = StatementEvent::Expiry { pending_id: pending.id, reserved: pending.amount };
            let place = (Position::new(result.sequence, index).unwrap(), timestamp);
            self.put([pending.debit_account, pending.credit_account], place, event);
        }
        for (request, reply) in requests.iter().zip(&result.replies) {
            let (Request::Transfers(transfers), Reply::Transfers(replies)) = (request, reply) else {
                continue;
            };
            for (transfer, reply) in transfers.iter().zip(replies) {
                let recorded = reply.recorded.filter(|_| reply.status != TransferStatus::Exists);
                if let Some(recorded) = recorded {
                    self.transfer(timestamp, transfer, recorded);
                }
            }
        }
    }

    fn transfer(&mut self, timestamp: u64, transfer: &Transfer, recorded: Recorded) {
        let Recorded { position, outcome } = recorded;
        if outcome.status != TransferStatus::Accepted {
            self.refused.push(position);
            return;
        }
        let own = [transfer.debit_account, transfer.credit_account];
        if transfer.is(TransferFlags::PENDING) {
            self.reserved.insert(transfer.id, (own, transfer.amount));
        }
        let (accounts, reserved) =
            if transfer.ends_pending() { self.reserved[&transfer.pending_id] } else { (own, 0) };
        let event = StatementEvent::Transfer { transfer: *transfer, outcome, reserved };
        self.put(accounts, (position, timestamp), event);
    }

    fn put(
        &mut self,
        [debit, credit]: [AccountId; 2],
        (position, timestamp): (Position, u64),
        event: StatementEvent,
    ) {
        for (account, side, counterparty) in
            [(debit, StatementSide::Debit, credit), (credit, StatementSide::Credit, debit)]
        {
            let line = StatementLine { position, timestamp, side, counterparty, event };
            self.lines.entry(account).or_default().push(line);
        }
    }

    /// The lines of an account after an entry, oldest first.
    pub(crate) fn lines(&self, account: AccountId, sequence: u64) -> &[StatementLine] {
        let lines = self.lines.get(&account).map_or(&[][..], Vec::as_slice);
        &lines[..lines.partition_point(|line| line.position.sequence() <= sequence)]
    }

    /// What the page has to be, if nothing bounds the steps.
    pub(crate) fn page(&self, query: &StatementQuery, sequence: u64) -> StatementPage {
        let mut lines = self.all(query, sequence);
        match query.direction {
            _ if query.after.is_none() => {}
            Direction::NewestFirst => lines.retain(|line| line.position < query.after),
            Direction::OldestFirst => lines.retain(|line| line.position > query.after),
        }
        let limit = usize::try_from(query.limit.clamp(1, STATEMENT_LINES_MAX)).unwrap();
        let more = lines.len() > limit;
        lines.truncate(limit);
        let next = more.then(|| lines.last().unwrap().position);
        StatementPage { lines, next, sequence }
    }

    /// All lines that pages of the query have to give.
    pub(crate) fn all(&self, query: &StatementQuery, sequence: u64) -> Vec<StatementLine> {
        let in_range = |line: &&StatementLine| query.from <= line.timestamp && line.timestamp < query.until;
        let mut lines: Vec<_> =
            self.lines(query.account, sequence).iter().filter(in_range).copied().collect();
        if query.direction == Direction::NewestFirst {
            lines.reverse();
        }
        lines
    }
}

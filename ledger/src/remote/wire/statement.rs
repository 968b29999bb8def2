//! Statements on the wire.

use super::codec::{Wire, WireReader, put_list, wire_struct, wire_through};
use crate::disk::to_usize;
use crate::handle::{
    Direction, STATEMENT_LINES_MAX, StatementEvent, StatementLine, StatementPage, StatementQuery,
    StatementSide,
};
use crate::{AccountId, Outcome, Position, Transfer, TransferId};

wire_through!(Direction, u8, |direction| direction_code(*direction), direction);
wire_through!(StatementSide, u8, |side| side_code(*side), side);

wire_struct!(StatementQuery {
    account: AccountId,
    from: u64,
    until: u64,
    direction: Direction,
    after: Position,
    limit: u32,
});

wire_struct!(StatementLine {
    position: Position,
    timestamp: u64,
    side: StatementSide,
    counterparty: AccountId,
    event: StatementEvent,
});

const fn direction_code(direction: Direction) -> u8 {
    match direction {
        Direction::NewestFirst => 1,
        Direction::OldestFirst => 2,
    }
}

const fn direction(code: u8) -> Option<Direction> {
    match code {
        1 => Some(Direction::NewestFirst),
        2 => Some(Direction::OldestFirst),
        _ => None,
    }
}

const fn side_code(side: StatementSide) -> u8 {
    match side {
        StatementSide::Debit => 1,
        StatementSide::Credit => 2,
    }
}

const fn side(code: u8) -> Option<StatementSide> {
    match code {
        1 => Some(StatementSide::Debit),
        2 => Some(StatementSide::Credit),
        _ => None,
    }
}

/// 1 and a transfer, or 2 and an expiry.
impl Wire for StatementEvent {
    const LEAST: usize = 1;

    fn put(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Transfer { transfer, outcome, reserved } => {
                1_u8.put(bytes);
                transfer.put(bytes);
                outcome.put(bytes);
                reserved.put(bytes);
            }
            Self::Expiry { pending_id, reserved } => {
                2_u8.put(bytes);
                pending_id.put(bytes);
                reserved.put(bytes);
            }
        }
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        match u8::take(reader)? {
            1 => {
                let (transfer, outcome) = (Transfer::take(reader)?, Outcome::take(reader)?);
                Some(Self::Transfer { transfer, outcome, reserved: u64::take(reader)? })
            }
            2 => {
                let pending_id = TransferId::take(reader)?;
                Some(Self::Expiry { pending_id, reserved: u64::take(reader)? })
            }
            _ => None,
        }
    }
}

impl Wire for StatementPage {
    const LEAST: usize = 13;

    fn put(&self, bytes: &mut Vec<u8>) {
        put_list(bytes, &self.lines);
        self.next.put(bytes);
        self.sequence.put(bytes);
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        let lines = reader.list(to_usize(u64::from(STATEMENT_LINES_MAX)))?;
        Some(Self { lines, next: Wire::take(reader)?, sequence: u64::take(reader)? })
    }
}

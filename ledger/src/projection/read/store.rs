//! The SQL that reads the projection.

use std::collections::BTreeMap;

use store::{Connection, Result, fixed_bytes, query, sqlx};

use crate::handle::{Direction, StatementSide};
use crate::projection::ledger_event::{EventKind, LedgerEvent};
use crate::projection::statement_entry::StatementEntry;
use crate::projection::store::{IDS, bytes, find_rows, foreign, in_every_place, number, small, unsigned};
use crate::{Account, AccountFlags, AccountId, Asset, Position, TransferId};

store::statements! {
    FIRST_SINCE = "\
        SELECT sequence FROM ledger_entry WHERE timestamp >= $1 ORDER BY timestamp, sequence LIMIT 1";

    STATEMENT_OLDEST_FIRST = "\
        SELECT position, timestamp, kind, account, counterparty, transfer_id, pending_id, amount, \
        released, asset, code, reference, side FROM statement_entry WHERE account = $1 AND position >= $2 \
        AND position < $3 ORDER BY position LIMIT $4";

    STATEMENT_NEWEST_FIRST = "\
        SELECT position, timestamp, kind, account, counterparty, transfer_id, pending_id, amount, \
        released, asset, code, reference, side FROM statement_entry WHERE account = $1 AND position >= $2 \
        AND position < $3 ORDER BY position DESC LIMIT $4";

    EVENTS = "\
        SELECT position, timestamp, kind, debit_account, credit_account, transfer_id, pending_id, amount, \
        released, asset, code, reference, 'debit' AS side \
        FROM ledger_event WHERE position > $1 ORDER BY position LIMIT $2";

    ACCOUNTS_32 = "\
        SELECT id, asset, code, flags, reference, created_at, debits_pending, debits_posted, \
        credits_pending, credits_posted, last_position FROM ledger_account JOIN account_balance ON account \
        = id WHERE id IN \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
        $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";
}

type AccountRow = (Vec<u8>, i32, i32, i32, Vec<u8>, i64, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, i64);

/// Position, time, kind; the two accounts, of an event payer and payee; the transfer and the pending one; amount and
/// what was released; asset, code, reference; the side of the first account.
type EventRow = (
    i64,
    i64,
    String,
    Vec<u8>,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    i64,
    i64,
    i32,
    i32,
    Vec<u8>,
    String,
);

/// The first entry at or after this time.
pub(super) async fn first_since(mut connection: Connection<'_>, time: u64) -> Result<Option<u64>> {
    // No entry has a later time than a column can hold.
    let time = i64::try_from(time).unwrap_or(i64::MAX);
    let sequence: Option<i64> = query!(connection, connection => {
        sqlx::query_scalar(FIRST_SINCE).bind(time).fetch_optional(connection).await?
    });
    sequence.map(unsigned).transpose()
}

/// Which statement entries are read.
pub(super) struct StatementRange {
    pub(super) account: AccountId,
    /// Not those before.
    pub(super) from: u64,
    /// Not this one, and none behind it.
    pub(super) until: u64,
    pub(super) direction: Direction,
    pub(super) limit: u32,
}

/// Statement entries of an account.
pub(super) async fn statement(
    mut connection: Connection<'_>,
    range: &StatementRange,
) -> Result<Vec<StatementEntry>> {
    let text = match range.direction {
        Direction::NewestFirst => STATEMENT_NEWEST_FIRST,
        Direction::OldestFirst => STATEMENT_OLDEST_FIRST,
    };
    // No position is above what a column can hold.
    let [from, until] = [range.from, range.until].map(|bits| i64::try_from(bits).unwrap_or(i64::MAX));
    let rows: Vec<EventRow> = query!(connection, connection => {
        sqlx::query_as(text)
            .bind(bytes(range.account.0).as_slice())
            .bind(from)
            .bind(until)
            .bind(i64::from(range.limit))
            .fetch_all(connection)
            .await?
    });
    rows.into_iter().map(statement_entry).collect()
}

/// Events behind a position.
pub(super) async fn events(
    mut connection: Connection<'_>,
    after: Position,
    limit: u32,
) -> Result<Vec<LedgerEvent>> {
    let after = i64::try_from(after.bits()).unwrap_or(i64::MAX);
    let rows: Vec<EventRow> = query!(connection, connection => {
        sqlx::query_as(EVENTS).bind(after).bind(i64::from(limit)).fetch_all(connection).await?
    });
    rows.into_iter().map(|row| Ok(statement_entry(row)?.event)).collect()
}

/// The accounts with these ids that are there.
pub(super) async fn accounts(
    mut connection: Connection<'_>,
    ids: &[AccountId],
) -> Result<BTreeMap<AccountId, Account>> {
    let ids = ids.iter().map(|id| bytes(id.0)).collect();
    let rows: Vec<AccountRow> = find_rows!(connection, ACCOUNTS_32, ids);
    rows.into_iter().map(account).collect()
}

fn account(row: AccountRow) -> Result<(AccountId, Account)> {
    let (id, asset, code, flags, reference, timestamp, debits_pending, debits_posted, ..) = row;
    let (.., credits_pending, credits_posted, last_position) = row;
    let account = Account {
        id: AccountId(number(id)?),
        debits_pending: number(debits_pending)?,
        debits_posted: number(debits_posted)?,
        credits_pending: number(credits_pending)?,
        credits_posted: number(credits_posted)?,
        reference: fixed_bytes(reference)?,
        last_position: Position::from_bits(unsigned(last_position)?),
        timestamp: unsigned(timestamp)?,
        asset: Asset::from_number(small(asset)?),
        code: small(code)?,
        flags: AccountFlags::from_bits(small(flags)?),
    };
    Ok((account.id, account))
}

fn statement_entry(row: EventRow) -> Result<StatementEntry> {
    let (position, timestamp, kind, account, counterparty, transfer_id, pending_id, ..) = row;
    let (.., amount, released, asset, code, reference, side) = row;
    let accounts = (AccountId(number(account)?), AccountId(number(counterparty)?));
    let (side, (debit_account, credit_account)) = match side.as_str() {
        "debit" => (StatementSide::Debit, accounts),
        "credit" => (StatementSide::Credit, (accounts.1, accounts.0)),
        _ => return Err(foreign(side)),
    };
    let event = LedgerEvent {
        position: Position::from_bits(unsigned(position)?),
        timestamp: unsigned(timestamp)?,
        kind: EventKind::from_word(&kind).ok_or_else(|| foreign(kind))?,
        debit_account,
        credit_account,
        transfer_id: transfer_id.map(number).transpose()?.map(TransferId),
        pending_id: pending_id.map(number).transpose()?.map(TransferId),
        amount: unsigned(amount)?,
        released: unsigned(released)?,
        asset: Asset::from_number(small(asset)?),
        code: small(code)?,
        reference: fixed_bytes(reference)?,
    };
    Ok(StatementEntry { side, event })
}

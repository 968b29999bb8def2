//! The SQL that writes the projection. What reads it is in [`super::read`].
//!
//! Many rows go with one statement, whose text has places for a fixed number of them. SQLite looks each place up by
//! its name, so the time for that grows with the square of their number: about a hundred places cost it little, and
//! save PostgreSQL most of the round trips.

use std::collections::BTreeMap;

use store::{Connection, Error, Result, Store, Transaction, fixed_bytes, query, sqlx};

use super::account_balance::AccountBalance;
use super::changes::{Changes, CreatedAccount, Known, Needs};
use super::ledger_event::LedgerEvent;
use super::open_pending::OpenPending;
use super::reached::Reached;
use crate::journal::EntryHash;
use crate::{AccountFlags, AccountId, Asset, Position, TransferId};

store::statements! {
    REACHED = "SELECT sequence, timestamp, entry_hash FROM projection WHERE name = $1";

    BEGIN_PROJECTION = "\
        INSERT INTO projection (name, sequence, timestamp, entry_hash) VALUES ($1, 0, 0, $2) ON CONFLICT \
        (name) DO NOTHING";

    /// First in its transaction: on PostgreSQL it locks the row, so that two that project the same entries come one
    /// after the other, and the later one finds another sequence.
    ADVANCE = "\
        UPDATE projection SET sequence = $2, timestamp = $3, entry_hash = $4 WHERE name = $1 AND sequence \
        = $5 AND entry_hash = $6";

    PENDING_32 = "\
        SELECT id, position, debit_account, credit_account, amount, asset, code, reference FROM \
        open_pending WHERE id IN \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
        $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";

    BALANCES_32 = "\
        SELECT account, debits_pending, debits_posted, credits_pending, credits_posted, last_position FROM \
        account_balance WHERE account IN \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
        $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";

    FLAGS_32 = "\
        SELECT id, flags FROM ledger_account WHERE id IN \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
        $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";

    INSERT_ENTRY = "\
        INSERT INTO ledger_entry (sequence, timestamp) VALUES \
        ($1, $2)";

    INSERT_ENTRY_8 = "\
        INSERT INTO ledger_entry (sequence, timestamp) VALUES \
        ($1, $2), ($3, $4), ($5, $6), ($7, $8), ($9, $10), ($11, $12), ($13, $14), ($15, $16)";

    INSERT_ACCOUNT = "\
        INSERT INTO ledger_account (id, asset, code, flags, reference, created_at, created_sequence) \
        VALUES \
        ($1, $2, $3, $4, $5, $6, $7)";

    INSERT_ACCOUNT_8 = "\
        INSERT INTO ledger_account (id, asset, code, flags, reference, created_at, created_sequence) \
        VALUES \
        ($1, $2, $3, $4, $5, $6, $7), ($8, $9, $10, $11, $12, $13, $14), \
        ($15, $16, $17, $18, $19, $20, $21), ($22, $23, $24, $25, $26, $27, $28), \
        ($29, $30, $31, $32, $33, $34, $35), ($36, $37, $38, $39, $40, $41, $42), \
        ($43, $44, $45, $46, $47, $48, $49), ($50, $51, $52, $53, $54, $55, $56)";

    UPDATE_FLAGS = "UPDATE ledger_account SET flags = $2 WHERE id = $1";

    WRITE_BALANCE = "\
        INSERT INTO account_balance (account, debits_pending, debits_posted, credits_pending, \
        credits_posted, last_position) VALUES \
        ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (account) DO UPDATE SET debits_pending = excluded.debits_pending, debits_posted = \
        excluded.debits_posted, credits_pending = excluded.credits_pending, credits_posted = \
        excluded.credits_posted, last_position = excluded.last_position";

    WRITE_BALANCE_16 = "\
        INSERT INTO account_balance (account, debits_pending, debits_posted, credits_pending, \
        credits_posted, last_position) VALUES \
        ($1, $2, $3, $4, $5, $6), ($7, $8, $9, $10, $11, $12), ($13, $14, $15, $16, $17, $18), \
        ($19, $20, $21, $22, $23, $24), ($25, $26, $27, $28, $29, $30), ($31, $32, $33, $34, $35, $36), \
        ($37, $38, $39, $40, $41, $42), ($43, $44, $45, $46, $47, $48), ($49, $50, $51, $52, $53, $54), \
        ($55, $56, $57, $58, $59, $60), ($61, $62, $63, $64, $65, $66), ($67, $68, $69, $70, $71, $72), \
        ($73, $74, $75, $76, $77, $78), ($79, $80, $81, $82, $83, $84), ($85, $86, $87, $88, $89, $90), \
        ($91, $92, $93, $94, $95, $96) \
        ON CONFLICT (account) DO UPDATE SET debits_pending = excluded.debits_pending, debits_posted = \
        excluded.debits_posted, credits_pending = excluded.credits_pending, credits_posted = \
        excluded.credits_posted, last_position = excluded.last_position";

    INSERT_PENDING = "\
        INSERT INTO open_pending (id, position, debit_account, credit_account, amount, asset, code, \
        reference) VALUES \
        ($1, $2, $3, $4, $5, $6, $7, $8)";

    INSERT_PENDING_8 = "\
        INSERT INTO open_pending (id, position, debit_account, credit_account, amount, asset, code, \
        reference) VALUES \
        ($1, $2, $3, $4, $5, $6, $7, $8), ($9, $10, $11, $12, $13, $14, $15, $16), \
        ($17, $18, $19, $20, $21, $22, $23, $24), ($25, $26, $27, $28, $29, $30, $31, $32), \
        ($33, $34, $35, $36, $37, $38, $39, $40), ($41, $42, $43, $44, $45, $46, $47, $48), \
        ($49, $50, $51, $52, $53, $54, $55, $56), ($57, $58, $59, $60, $61, $62, $63, $64)";

    DELETE_PENDING_32 = "\
        DELETE FROM open_pending WHERE id IN \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
        $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";

    INSERT_EVENT = "\
        INSERT INTO ledger_event (position, timestamp, kind, debit_account, credit_account, transfer_id, \
        pending_id, amount, released, asset, code, reference) VALUES \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

    INSERT_EVENT_8 = "\
        INSERT INTO ledger_event (position, timestamp, kind, debit_account, credit_account, transfer_id, \
        pending_id, amount, released, asset, code, reference) VALUES \
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12), \
        ($13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24), \
        ($25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36), \
        ($37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48), \
        ($49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60), \
        ($61, $62, $63, $64, $65, $66, $67, $68, $69, $70, $71, $72), \
        ($73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84), \
        ($85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96)";

    RESET = "UPDATE projection SET sequence = 0, timestamp = 0, entry_hash = $2 WHERE name = $1";

    DELETE_ALL_ENTRIES = "DELETE FROM ledger_entry";

    DELETE_ALL_ACCOUNTS = "DELETE FROM ledger_account";

    DELETE_ALL_BALANCES = "DELETE FROM account_balance";

    DELETE_ALL_PENDING = "DELETE FROM open_pending";

    DELETE_ALL_EVENTS = "DELETE FROM ledger_event";
}

/// The name of this projection among those that a database may hold.
const NAME: &str = "ledger";

/// Ids that a statement looks up at once.
pub(super) const IDS: usize = 32;

/// Writes rows: with `$many` as long as there are `$count` of them, the others with `$one`.
macro_rules! write_rows {
    ($transaction:expr, $rows:expr, ($many:ident, $count:literal, $one:ident), $row:pat => [$($value:expr),+]) => {
        query!($transaction, connection => {
            let (many, rest) = $rows.as_chunks::<$count>();
            let statements = many.iter().map(|rows| ($many, rows.as_slice()));
            for (text, rows) in statements.chain(rest.chunks(1).map(|row| ($one, row))) {
                let mut statement = sqlx::query(text);
                for $row in rows {
                    statement = statement$(.bind($value))+;
                }
                statement.execute(&mut *connection).await?;
            }
        })
    };
}

/// The rows that a statement finds for these ids.
macro_rules! find_rows {
    ($connection:expr, $text:ident, $ids:expr) => {{
        let ids: Vec<[u8; 16]> = $ids;
        let mut rows = Vec::new();
        query!($connection, connection => {
            for group in ids.chunks(IDS) {
                let mut statement = sqlx::query_as($text);
                for id in in_every_place(group) {
                    statement = statement.bind(id.as_slice());
                }
                rows.append(&mut statement.fetch_all(&mut *connection).await?);
            }
        });
        rows
    }};
}

pub(super) use find_rows;

type PendingRow = (Vec<u8>, i64, Vec<u8>, Vec<u8>, i64, i32, i32, Vec<u8>);
type BalanceRow = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, i64);

/// How far the projection has got: to the beginning, if it has never run.
pub(super) async fn reached(mut connection: Connection<'_>) -> Result<Reached> {
    let row: Option<(i64, i64, Vec<u8>)> = query!(connection, connection => {
        sqlx::query_as(REACHED).bind(NAME).fetch_optional(connection).await?
    });
    row.map_or_else(
        || Ok(Reached::default()),
        |(sequence, timestamp, hash)| {
            let (sequence, timestamp) = (unsigned(sequence)?, unsigned(timestamp)?);
            Ok(Reached { sequence, timestamp, hash: EntryHash(fixed_bytes(hash)?) })
        },
    )
}

/// Makes the row that says how far the projection has got, if it is not there.
pub(super) async fn begin(store: &Store) -> Result<()> {
    store.write(async |transaction| begin_in(transaction).await).await
}

async fn begin_in(transaction: &mut Transaction) -> Result<()> {
    let hash = Reached::default().hash;
    query!(transaction, connection => {
        sqlx::query(BEGIN_PROJECTION).bind(NAME).bind(hash.0.as_slice()).execute(connection).await?;
    });
    Ok(())
}

/// Moves on from one entry to another. False: the projection is not at the first one any more.
pub(super) async fn advance(transaction: &mut Transaction, from: &Reached, to: &Reached) -> Result<bool> {
    let advanced = query!(transaction, connection => {
        sqlx::query(ADVANCE)
            .bind(NAME)
            .bind(signed(to.sequence)?)
            .bind(signed(to.timestamp)?)
            .bind(to.hash.0.as_slice())
            .bind(signed(from.sequence)?)
            .bind(from.hash.0.as_slice())
            .execute(connection)
            .await?
            .rows_affected()
    });
    Ok(advanced == 1)
}

/// The rows that a batch of entries builds on.
pub(super) async fn known(mut connection: Connection<'_>, mut needs: Needs) -> Result<Known> {
    let ids = needs.pending.iter().map(|id| bytes(id.0)).collect();
    let rows: Vec<PendingRow> = find_rows!(connection, PENDING_32, ids);
    let pending = rows.into_iter().map(open_pending).collect::<Result<BTreeMap<_, _>>>()?;
    needs.add_accounts_of(pending.values());

    let ids = needs.balances.iter().map(|id| bytes(id.0)).collect();
    let rows: Vec<BalanceRow> = find_rows!(connection, BALANCES_32, ids);
    let balances = rows.into_iter().map(balance).collect::<Result<BTreeMap<_, _>>>()?;

    let ids = needs.flags.iter().map(|id| bytes(id.0)).collect();
    let rows: Vec<(Vec<u8>, i32)> = find_rows!(connection, FLAGS_32, ids);
    let flag = |(id, flags)| Ok((AccountId(number(id)?), AccountFlags::from_bits(small(flags)?)));
    let flags = rows.into_iter().map(flag).collect::<Result<BTreeMap<_, _>>>()?;
    Ok(Known { balances, flags, pending })
}

/// Writes what a batch changes. Rows of one table come in the order of their keys.
pub(super) async fn write(transaction: &mut Transaction, changes: &Changes) -> Result<()> {
    write_rows!(transaction, changes.entries, (INSERT_ENTRY_8, 8, INSERT_ENTRY), (sequence, timestamp) => [
        signed(*sequence)?, signed(*timestamp)?
    ]);
    write_accounts(transaction, &changes.accounts, &changes.flags).await?;
    write_rows!(transaction, changes.balances, (WRITE_BALANCE_16, 16, WRITE_BALANCE), row => [
        bytes(row.account.0).as_slice(), bytes(row.debits_pending).as_slice(),
        bytes(row.debits_posted).as_slice(), bytes(row.credits_pending).as_slice(),
        bytes(row.credits_posted).as_slice(), signed(row.last_position.bits())?
    ]);
    write_pending(transaction, &changes.reserved, &changes.ended).await?;
    write_events(transaction, &changes.events).await
}

async fn write_accounts(
    transaction: &mut Transaction,
    created: &[CreatedAccount],
    flags: &[(AccountId, AccountFlags)],
) -> Result<()> {
    write_rows!(transaction, created, (INSERT_ACCOUNT_8, 8, INSERT_ACCOUNT), row => [
        bytes(row.account.id.0).as_slice(), i32::from(row.account.asset.number()),
        i32::from(row.account.code), i32::from(row.account.flags.bits()),
        row.account.reference.as_slice(), signed(row.timestamp)?, signed(row.sequence)?
    ]);
    query!(transaction, connection => {
        for (id, flags) in flags {
            let statement = sqlx::query(UPDATE_FLAGS).bind(bytes(id.0).to_vec());
            statement.bind(i32::from(flags.bits())).execute(&mut *connection).await?;
        }
    });
    Ok(())
}

async fn write_pending(
    transaction: &mut Transaction,
    reserved: &[OpenPending],
    ended: &[TransferId],
) -> Result<()> {
    write_rows!(transaction, reserved, (INSERT_PENDING_8, 8, INSERT_PENDING), row => [
        bytes(row.id.0).as_slice(), signed(row.position.bits())?, bytes(row.debit_account.0).as_slice(),
        bytes(row.credit_account.0).as_slice(), signed(row.amount)?, i32::from(row.asset.number()),
        i32::from(row.code), row.reference.as_slice()
    ]);
    let ids: Vec<[u8; 16]> = ended.iter().map(|id| bytes(id.0)).collect();
    query!(transaction, connection => {
        for group in ids.chunks(IDS) {
            let mut statement = sqlx::query(DELETE_PENDING_32);
            for id in in_every_place(group) {
                statement = statement.bind(id.as_slice());
            }
            statement.execute(&mut *connection).await?;
        }
    });
    Ok(())
}

async fn write_events(transaction: &mut Transaction, events: &[LedgerEvent]) -> Result<()> {
    write_rows!(transaction, events, (INSERT_EVENT_8, 8, INSERT_EVENT), row => [
        signed(row.position.bits())?, signed(row.timestamp)?, row.kind.word(),
        bytes(row.debit_account.0).as_slice(), bytes(row.credit_account.0).as_slice(),
        row.transfer_id.map(|id| bytes(id.0).to_vec()), row.pending_id.map(|id| bytes(id.0).to_vec()),
        signed(row.amount)?, signed(row.released)?, i32::from(row.asset.number()), i32::from(row.code),
        row.reference.as_slice()
    ]);
    Ok(())
}

/// Deletes every row and goes back to the beginning, all at once.
pub(super) async fn clear(store: &Store) -> Result<()> {
    store
        .write(async |transaction| {
            begin_in(transaction).await?;
            let hash = Reached::default().hash;
            query!(transaction, connection => {
                // First, as in every transaction that writes here: it keeps others out until the end.
                sqlx::query(RESET).bind(NAME).bind(hash.0.as_slice()).execute(&mut *connection).await?;
                for text in [
                    DELETE_ALL_EVENTS,
                    DELETE_ALL_PENDING,
                    DELETE_ALL_BALANCES,
                    DELETE_ALL_ACCOUNTS,
                    DELETE_ALL_ENTRIES,
                ] {
                    sqlx::query(text).execute(&mut *connection).await?;
                }
            });
            Ok(())
        })
        .await
}

/// What is bound for each place of a statement: the ids, and the last one again where there are not so many.
pub(super) fn in_every_place(ids: &[[u8; 16]]) -> impl Iterator<Item = &[u8; 16]> {
    ids.iter().chain(std::iter::repeat_with(|| ids.last()).map_while(|last| last)).take(IDS)
}

fn open_pending(row: PendingRow) -> Result<(TransferId, OpenPending)> {
    let (id, position, debit_account, credit_account, amount, asset, code, reference) = row;
    let pending = OpenPending {
        id: TransferId(number(id)?),
        position: Position::from_bits(unsigned(position)?),
        debit_account: AccountId(number(debit_account)?),
        credit_account: AccountId(number(credit_account)?),
        amount: unsigned(amount)?,
        asset: Asset::from_number(small(asset)?),
        code: small(code)?,
        reference: fixed_bytes(reference)?,
    };
    Ok((pending.id, pending))
}

fn balance(row: BalanceRow) -> Result<(AccountId, AccountBalance)> {
    let (account, debits_pending, debits_posted, credits_pending, credits_posted, last_position) = row;
    let balance = AccountBalance {
        account: AccountId(number(account)?),
        debits_pending: number(debits_pending)?,
        debits_posted: number(debits_posted)?,
        credits_pending: number(credits_pending)?,
        credits_posted: number(credits_posted)?,
        last_position: Position::from_bits(unsigned(last_position)?),
    };
    Ok((balance.account, balance))
}

/// An id or a total as a column holds it.
pub(super) const fn bytes(number: u128) -> [u8; 16] {
    number.to_be_bytes()
}

/// An id or a total from a column.
pub(super) fn number(bytes: Vec<u8>) -> Result<u128> {
    fixed_bytes(bytes).map(u128::from_be_bytes)
}

/// What a column of 64 bits with a sign can hold: the ledger's amounts, times and positions are below that.
fn signed(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| {
        let text = format!("{number} does not fit a column; the ledger should never have taken it");
        sqlx::Error::Encode(text.into()).into()
    })
}

/// A number without a sign from a column.
pub(super) fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| foreign(number))
}

/// A number of 16 bits from a column.
pub(super) fn small(number: i32) -> Result<u16> {
    u16::try_from(number).map_err(|_| foreign(number))
}

/// What the projection never writes.
pub(super) fn foreign(value: impl std::fmt::Display) -> Error {
    let text = format!("a column holds {value}, which the projection never writes; rebuild it");
    sqlx::Error::Decode(text.into()).into()
}

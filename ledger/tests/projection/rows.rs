//! Every row of the projection, to be compared.

use ledger::projection::read;
use ledger::{Account, AccountId, Position};
use store::sqlx;
use store::{Store, query};

use crate::journal::Journal;

/// All tables, each in the order of its key.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Rows {
    pub(crate) projection: Vec<(i64, i64, Vec<u8>)>,
    pub(crate) entries: Vec<(i64, i64)>,
    pub(crate) accounts: Vec<AccountRow>,
    pub(crate) balances: Vec<BalanceRow>,
    pub(crate) pending: Vec<PendingRow>,
    pub(crate) events: Vec<EventRow>,
}

type AccountRow = (Vec<u8>, i32, i32, i32, Vec<u8>, i64, i64);
type BalanceRow = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, i64);
type PendingRow = (Vec<u8>, i64, Vec<u8>, Vec<u8>, i64, i32, i32, Vec<u8>);
type EventRow =
    (i64, i64, String, Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, i64, i64, i32, i32, Vec<u8>);

impl Rows {
    /// What a database holds.
    pub(crate) async fn of(store: &Store) -> Self {
        macro_rules! all {
            ($text:literal) => {
                query!(store, pool => sqlx::query_as($text).fetch_all(pool).await.unwrap())
            };
        }
        Self {
            projection: all!("SELECT sequence, timestamp, entry_hash FROM projection"),
            entries: all!("SELECT * FROM ledger_entry ORDER BY sequence"),
            accounts: all!("SELECT * FROM ledger_account ORDER BY id"),
            balances: all!("SELECT * FROM account_balance ORDER BY account"),
            pending: all!("SELECT * FROM open_pending ORDER BY id"),
            events: all!("SELECT * FROM ledger_event ORDER BY position"),
        }
    }
}

/// A database holds exactly what the model makes of these entries.
pub(crate) async fn assert_same_as_model(store: &Store, journal: &Journal) {
    let newest = journal.entries.last().unwrap().header;
    let reached = read::reached(store).await.unwrap();
    assert_eq!((reached.sequence, reached.hash), (newest.fields.sequence, newest.hash));
    assert_eq!(reached.timestamp, newest.fields.timestamp);

    let accounts: Vec<Account> = journal.model.accounts().copied().collect();
    let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
    let found = read::accounts(store, &ids).await.unwrap();
    assert_eq!(found.accounts.into_iter().flatten().collect::<Vec<_>>(), accounts);

    let (mut events, mut after) = (Vec::new(), Position::NONE);
    loop {
        let page = read::events(store, after, 7).await.unwrap().events;
        let Some(last) = page.last() else { break };
        after = last.position;
        events.extend(page);
    }
    assert_eq!(events, journal.events);

    let rows = Rows::of(store).await;
    assert_eq!(rows.accounts.len(), ids.len());
    assert_eq!(rows.entries.len(), journal.entries.len());
    let mut open: Vec<_> = journal.model.open_pending().collect();
    open.sort_by_key(|pending| pending.id);
    let open =
        open.into_iter().map(|one| (one.id.0.to_be_bytes().to_vec(), i64::try_from(one.amount).unwrap()));
    let pending = rows.pending.into_iter().map(|row| (row.0, row.4));
    assert!(pending.eq(open));
}

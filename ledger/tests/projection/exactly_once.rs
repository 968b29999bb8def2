//! Whatever ends a run, and wherever: the next one ends in the same rows.

use std::pin::pin;
use std::task::Poll;

use ledger::projection::{Projection, ProjectionError};
use store::ErrorKind;

use crate::databases::{Database, fresh};
use crate::journal::{Journal, Served};
use crate::rows::{Rows, assert_same_as_model};
use crate::running::{journal, run_to};

/// Polls a future so many times and drops it. True: it was ready before.
async fn poll_times(future: impl Future, times: usize) -> bool {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}

/// A short one in which everything is written, updated and deleted.
fn eventful() -> Journal {
    let found = (0..40).map(|number| journal(number, 5)).find(|journal| {
        let kinds: std::collections::BTreeSet<_> =
            journal.events.iter().map(|event| event.kind.word()).collect();
        kinds.len() == 5 && journal.model.open_pending().count() > 0
    });
    found.expect("one of forty workloads has every kind of event")
}

#[tokio::test]
async fn a_run_dropped_at_any_step_leaves_all_of_a_batch_or_nothing() {
    let journal = eventful();
    let newest = u64::try_from(journal.entries.len()).unwrap();
    for database in &fresh().await {
        let store = &database.store;
        let handle = Served::handle(&journal.entries, 2);
        run_to(store, handle.clone(), newest).await.unwrap();
        assert_same_as_model(store, &journal).await;
        let whole = Rows::of(store).await;
        let mut steps = 0;
        loop {
            Projection::new(store.clone(), handle.clone()).rebuild().await.unwrap();
            let process = database.opened_again().await;
            let ready = poll_times(run_to(&process, handle.clone(), newest), steps).await;
            process.close().await;
            let left = Rows::of(store).await;
            let reached = usize::try_from(left.projection[0].0).unwrap();
            let positions = left.events.iter().map(|event| event.0 >> 20);
            assert!(left.entries == whole.entries[..reached], "after {steps} steps");
            assert!(positions.max().unwrap_or_default() <= left.projection[0].0);
            run_to(store, handle.clone(), newest).await.unwrap();
            assert_eq!(Rows::of(store).await, whole, "after {steps} steps");
            if ready {
                break;
            }
            steps += 1;
        }
        assert!(steps > 20, "only {steps} steps");
    }
}

#[tokio::test]
async fn a_rebuild_dropped_at_any_step_leaves_everything_or_nothing() {
    let journal = journal(3, 4);
    let newest = u64::try_from(journal.entries.len()).unwrap();
    for database in &fresh().await {
        let store = &database.store;
        let handle = Served::handle(&journal.entries, 9);
        run_to(store, handle.clone(), newest).await.unwrap();
        let whole = Rows::of(store).await;
        let cleared = Rows { projection: vec![(0, 0, vec![0; 32])], ..Rows::default() };
        let mut steps = 0;
        loop {
            let process = database.opened_again().await;
            let projection = Projection::new(process.clone(), handle.clone());
            let ready = poll_times(projection.rebuild(), steps).await;
            process.close().await;
            let left = Rows::of(store).await;
            assert!(left == cleared || (left == whole && !ready), "after {steps} steps");
            run_to(store, handle.clone(), newest).await.unwrap();
            assert_eq!(Rows::of(store).await, whole);
            if ready {
                break;
            }
            steps += 1;
        }
        assert!(steps > 3, "only {steps} steps");
    }
}

/// Every statement of a batch that writes, by its table.
const WRITES: [(&str, &str); 8] = [
    ("projection", "UPDATE"),
    ("ledger_entry", "INSERT"),
    ("ledger_account", "INSERT"),
    ("ledger_account", "UPDATE"),
    ("account_balance", "INSERT"),
    ("open_pending", "INSERT"),
    ("open_pending", "DELETE"),
    ("ledger_event", "INSERT"),
];

/// What fails from now on: this kind of statement on this table, with `action` on PostgreSQL.
async fn fail(database: &Database, (table, verb): (&str, &str), action: &str) {
    if database.is_postgres() {
        let function = format!(
            "CREATE OR REPLACE FUNCTION fail() RETURNS trigger AS $$ BEGIN {action} \
             IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$ LANGUAGE plpgsql;"
        );
        database.run(&function).await;
        let trigger =
            format!("CREATE TRIGGER fail BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION fail()");
        database.run(&trigger).await;
    } else {
        let trigger = format!(
            "CREATE TRIGGER fail BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'as the test wants it'); END"
        );
        database.run(&trigger).await;
    }
}

async fn mend(database: &Database, table: &str) {
    let on = if database.is_postgres() { format!(" ON {table}") } else { String::new() };
    database.run(&format!("DROP TRIGGER fail{on}")).await;
}

#[tokio::test]
async fn a_transaction_that_fails_at_any_statement_leaves_nothing() {
    let mut journal = eventful();
    freeze_all(&mut journal);
    let newest = u64::try_from(journal.entries.len()).unwrap();
    for database in &fresh().await {
        let store = &database.store;
        let handle = Served::handle(&journal.entries, 2);
        run_to(store, handle.clone(), newest).await.unwrap();
        let whole = Rows::of(store).await;
        for write in WRITES {
            Projection::new(store.clone(), handle.clone()).rebuild().await.unwrap();
            fail(database, write, "RAISE EXCEPTION 'as the test wants it';").await;
            let error = run_to(store, handle.clone(), newest).await.unwrap_err();
            let ProjectionError::Store(error) = error else { panic!("{write:?}: {error}") };
            assert!(error.to_string().contains("as the test wants it"), "{write:?}: {error}");
            let left = Rows::of(store).await;
            let reached = usize::try_from(left.projection[0].0).unwrap();
            assert!(reached < journal.entries.len(), "{write:?}");
            assert_eq!(left.entries, whole.entries[..reached], "{write:?}");
            mend(database, write.0).await;
            run_to(store, handle.clone(), newest).await.unwrap();
            assert_eq!(Rows::of(store).await, whole, "{write:?}");
        }
    }
}

/// An entry that changes the flags of accounts that were there before.
fn freeze_all(journal: &mut Journal) {
    use ledger::Request;
    use ledger::admin::{AccountChange, AdministrativeRequest, ChangeAccount};

    let accounts: Vec<_> = journal.model.accounts().map(|account| account.id).collect();
    let changes = accounts.into_iter().flat_map(|account| {
        [AccountChange::Unfreeze, AccountChange::Freeze].map(|change| {
            Request::Administrative(AdministrativeRequest::ChangeAccount(ChangeAccount { account, change }))
        })
    });
    journal.execute(journal.model.timestamp(), &changes.collect::<Vec<_>>());
}

/// A serialization failure and a lost connection, a few times each: on PostgreSQL, where both happen.
#[tokio::test]
async fn a_transaction_that_may_yet_succeed_is_run_again() {
    let journal = journal(6, 4);
    let newest = u64::try_from(journal.entries.len()).unwrap();
    let handle = Served::handle(&journal.entries, 2);
    let failures = [
        "RAISE EXCEPTION 'as the test wants it' USING ERRCODE = '40001';",
        "PERFORM pg_terminate_backend(pg_backend_pid());",
    ];
    for database in fresh().await.iter().filter(|database| database.is_postgres()) {
        for failure in failures {
            // A sequence counts on also when the transaction is rolled back.
            database.run("DROP SEQUENCE IF EXISTS failures; CREATE SEQUENCE failures").await;
            let action = format!("IF nextval('failures') <= 3 THEN {failure} END IF;");
            fail(database, ("ledger_event", "INSERT"), &action).await;
            run_to(&database.store, handle.clone(), newest).await.unwrap();
            assert_same_as_model(&database.store, &journal).await;
            mend(database, "ledger_event").await;
            Projection::new(database.store.clone(), handle.clone()).rebuild().await.unwrap();
        }
    }
}

/// The kinds of failure of the database that end a run are named by the run.
#[tokio::test]
async fn a_database_without_the_tables_ends_the_run() {
    let journal = journal(0, 2);
    for database in &fresh().await {
        database.run("DROP VIEW statement_entry; DROP TABLE ledger_event").await;
        let error = run_to(&database.store, Served::handle(&journal.entries, 9), 1).await.unwrap_err();
        let other = matches!(&error, ProjectionError::Store(error) if error.kind() == ErrorKind::Other);
        assert!(other, "{error}");
    }
}

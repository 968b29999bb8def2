//! What a transaction promises, on both engines.

use std::path::Path;
use std::time::Duration;

use store::sqlx::ConnectOptions;
use store::sqlx::sqlite::SqliteConnectOptions;
use store::{Error, ErrorKind, Store, query, sqlx};

use crate::fixtures::{Fixture, migrated};

async fn with_table() -> Vec<Fixture> {
    let fixtures = migrated().await;
    for Fixture { store, .. } in &fixtures {
        store
            .write(async |transaction| {
                for text in [
                    "CREATE TABLE parent (id BIGINT NOT NULL PRIMARY KEY)",
                    "CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, amount BIGINT NOT NULL CHECK (amount >= 0), \
                     parent BIGINT REFERENCES parent (id))",
                ] {
                    query!(transaction, connection => { sqlx::query(text).execute(connection).await?; });
                }
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
    fixtures
}

async fn execute(store: &Store, text: &'static str) -> Result<u64, Error> {
    store
        .write(async |transaction| {
            Ok(query!(transaction, connection => sqlx::query(text).execute(connection).await?.rows_affected()))
        })
        .await
}

async fn count(store: &Store) -> i64 {
    query!(store, pool => sqlx::query_scalar("SELECT COUNT(*) FROM item").fetch_one(pool).await.unwrap())
}

#[tokio::test]
async fn a_write_commits_on_ok_and_rolls_back_on_an_error_of_the_caller() {
    #[derive(Debug, PartialEq)]
    enum Refusal {
        Domain,
        Store,
    }
    impl From<Error> for Refusal {
        fn from(_: Error) -> Self {
            Refusal::Store
        }
    }
    for Fixture { store, .. } in with_table().await {
        assert_eq!(execute(&store, "INSERT INTO item (id, amount) VALUES (1, 5), (2, 5)").await.unwrap(), 2);
        let refused: Result<(), Refusal> = store
            .write(async |transaction| {
                query!(transaction, connection => {
                    sqlx::query("DELETE FROM item").execute(connection).await.map_err(Error::from)?;
                });
                Err(Refusal::Domain)
            })
            .await;
        assert_eq!(refused, Err(Refusal::Domain));
        assert_eq!(count(&store).await, 2);
    }
}

#[tokio::test]
async fn a_failing_statement_undoes_those_before_it() {
    for Fixture { store, .. } in with_table().await {
        let outcome: Result<(), Error> = store
            .write(async |transaction| {
                for text in [
                    "INSERT INTO item (id, amount) VALUES (1, 5)",
                    "INSERT INTO item (id, amount) VALUES (1, 6)",
                ] {
                    query!(transaction, connection => { sqlx::query(text).execute(connection).await?; });
                }
                Ok(())
            })
            .await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unique);
        assert_eq!(count(&store).await, 0);
        assert_eq!(execute(&store, "INSERT INTO item (id, amount) VALUES (1, 7)").await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing_and_blocks_nobody() {
    for Fixture { store, .. } in with_table().await {
        let mut transaction = store.begin().await.unwrap();
        query!(transaction, connection => {
            sqlx::query("INSERT INTO item (id, amount) VALUES (1, 5)").execute(connection).await.unwrap();
        });
        drop(transaction);
        assert_eq!(execute(&store, "INSERT INTO item (id, amount) VALUES (1, 6)").await.unwrap(), 1);
        assert_eq!(count(&store).await, 1);
    }
}

#[tokio::test]
async fn constraints_have_the_same_kind_on_both() {
    for Fixture { store, .. } in with_table().await {
        execute(&store, "INSERT INTO parent (id) VALUES (1)").await.unwrap();
        execute(&store, "INSERT INTO item (id, amount, parent) VALUES (1, 5, 1)").await.unwrap();
        for (text, kind) in [
            ("INSERT INTO item (id, amount) VALUES (1, 5)", ErrorKind::Unique),
            ("INSERT INTO item (id, amount) VALUES (2, -1)", ErrorKind::Check),
            ("INSERT INTO item (id, amount, parent) VALUES (2, 1, 9)", ErrorKind::ForeignKey),
            ("DELETE FROM parent WHERE id = 1", ErrorKind::ForeignKey),
            ("INSERT INTO item (id) VALUES (2)", ErrorKind::NotNull),
            ("INSERT INTO nowhere (id) VALUES (2)", ErrorKind::Other),
        ] {
            assert_eq!(execute(&store, text).await.unwrap_err().kind(), kind, "{text} on {store:?}");
        }
    }
}

#[tokio::test]
async fn a_read_outside_of_a_transaction_does_not_see_what_is_not_committed() {
    for Fixture { store, .. } in with_table().await {
        let mut transaction = store.begin().await.unwrap();
        query!(transaction, connection => {
            sqlx::query("INSERT INTO item (id, amount) VALUES (1, 5)").execute(connection).await.unwrap();
        });
        assert_eq!(count(&store).await, 0);
        transaction.commit().await.unwrap();
        assert_eq!(count(&store).await, 1);
    }
}

#[tokio::test]
async fn a_snapshot_sees_one_moment_and_cannot_write() {
    for Fixture { store, .. } in with_table().await {
        let mut snapshot = store.snapshot().await.unwrap();
        for _ in 0..2 {
            let seen: i64 = query!(snapshot, connection => {
                sqlx::query_scalar("SELECT COUNT(*) FROM item").fetch_one(connection).await.unwrap()
            });
            assert_eq!(seen, 0);
            execute(&store, "INSERT INTO item (id, amount) SELECT COUNT(*), 5 FROM item").await.unwrap();
        }
        let refused = query!(snapshot, connection => {
            sqlx::query("DELETE FROM item").execute(connection).await.map(|_| ()).map_err(Error::from)
        });
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ReadOnly);
    }
}

#[tokio::test]
async fn the_read_pool_of_sqlite_cannot_write() {
    let fixtures = with_table().await;
    let store = &fixtures[0].store;
    let refused = query!(store, pool => {
        sqlx::query("DELETE FROM item").execute(pool).await.map(|_| ()).map_err(Error::from)
    });
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ReadOnly);
}

#[tokio::test]
async fn every_connection_of_sqlite_has_its_settings() {
    let fixtures = with_table().await;
    let store = &fixtures[0].store;
    let expected = [("journal_mode", "wal"), ("foreign_keys", "1"), ("busy_timeout", "10000")];
    let mut writing = store.begin().await.unwrap();
    let mut reading = store.snapshot().await.unwrap();
    for (name, value) in expected.into_iter().chain([("synchronous", "2")]) {
        assert_eq!(pragma(writing.engine(), name).await, value, "{name} of the writer");
    }
    for (name, value) in expected {
        assert_eq!(pragma(reading.engine(), name).await, value, "{name} of a reader");
    }
}

async fn pragma(connection: store::Connection<'_>, name: &str) -> String {
    let store::Engine::Sqlite(connection) = connection else { panic!("SQLite only") };
    let text = sqlx::AssertSqlSafe(format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"));
    let column = sqlx::AssertSqlSafe(format!("SELECT CAST(timeout AS TEXT) FROM pragma_{name}"));
    let text = if name == "busy_timeout" { column } else { text };
    sqlx::query_scalar(text).fetch_one(connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_conditional_updates_never_overdraw() {
    for Fixture { store, .. } in with_table().await {
        execute(&store, "INSERT INTO item (id, amount) VALUES (1, 30)").await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut taken = 0;
                    for _ in 0..10 {
                        let text = "UPDATE item SET amount = amount - 1 WHERE id = 1 AND amount - 1 >= 0";
                        taken += execute(&store, text).await.unwrap();
                    }
                    taken
                })
            })
            .collect();
        let mut taken = 0;
        for task in tasks {
            taken += task.await.unwrap();
        }
        assert_eq!(taken, 30);
    }
}

/// One that begins by reading would otherwise be refused when it comes to write.
#[tokio::test]
async fn a_transaction_of_sqlite_has_the_write_lock_from_its_start() {
    let fixture = with_table().await.swap_remove(0);
    let mut rival = SqliteConnectOptions::new()
        .filename(Path::new(&fixture.text).join(store::DATABASE_FILE))
        .busy_timeout(Duration::ZERO)
        .connect()
        .await
        .unwrap();
    let transaction = fixture.store.begin().await.unwrap();
    let refused = sqlx::query("DELETE FROM item").execute(&mut rival).await.map_err(Error::from);
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Busy);
    transaction.rollback().await.unwrap();
    sqlx::query("DELETE FROM item").execute(&mut rival).await.unwrap();
}

/// Two transactions that lock two rows crosswise. SQLite has one writer, so it cannot happen there.
#[tokio::test]
async fn a_deadlock_on_postgresql_is_a_conflict() {
    let fixtures = with_table().await;
    let Some(Fixture { store, .. }) = fixtures.get(1) else { return };
    execute(store, "INSERT INTO item (id, amount) VALUES (1, 0), (2, 0)").await.unwrap();
    let mut first = store.begin().await.unwrap();
    let mut second = store.begin().await.unwrap();
    add(&mut first, 1).await.unwrap();
    add(&mut second, 2).await.unwrap();
    let (one, two) = tokio::join!(add(&mut first, 2), add(&mut second, 1));
    let kinds: Vec<_> = [one, two].into_iter().filter_map(Result::err).map(|error| error.kind()).collect();
    assert_eq!(kinds, [ErrorKind::Conflict]);
}

async fn add(transaction: &mut store::Transaction, id: i64) -> Result<(), Error> {
    query!(transaction, connection => {
        sqlx::query("UPDATE item SET amount = amount + 1 WHERE id = $1").bind(id).execute(connection).await?;
    });
    Ok(())
}

#[tokio::test]
async fn a_serialization_failure_on_postgresql_is_a_conflict() {
    let fixtures = with_table().await;
    let Some(Fixture { store, .. }) = fixtures.get(1) else { return };
    execute(store, "INSERT INTO item (id, amount) VALUES (1, 0)").await.unwrap();
    let mut late = store.begin().await.unwrap();
    query!(late, connection => {
        sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(&mut *connection).await.unwrap();
        sqlx::query("SELECT amount FROM item").execute(connection).await.unwrap();
    });
    execute(store, "UPDATE item SET amount = 5").await.unwrap();
    assert_eq!(add(&mut late, 1).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    for Fixture { store, .. } in with_table().await {
        store.close().await;
        assert_eq!(execute(&store, "DELETE FROM item").await.unwrap_err().kind(), ErrorKind::Unreachable);
    }
}

//! The readiness probe really writes, and says within its time when it cannot.

use store::dev_postgres::DevPostgres;
use store::{Error, ErrorKind, Location, Mode, Store, query, sqlx};

use crate::fixtures::{self, Fixture, empty, migrated};

async fn execute(store: &Store, text: &'static str) {
    store
        .write(async |transaction| {
            query!(transaction, connection => { sqlx::query(text).execute(connection).await?; });
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn every_probe_is_a_commit_that_another_connection_sees() {
    for fixture in migrated().await {
        for expected in 1..=3_i64 {
            fixture.store.writable().await.unwrap();
            let other = fixture.reopen().await.unwrap();
            let writes: i64 = query!(other, pool => {
                sqlx::query_scalar("SELECT writes FROM probe").fetch_one(pool).await.unwrap()
            });
            assert_eq!(writes, expected);
        }
    }
}

#[tokio::test]
async fn a_database_without_its_schema_is_not_ready() {
    for Fixture { store, .. } in empty().await {
        assert_eq!(store.writable().await.unwrap_err().kind(), ErrorKind::Other);
    }
}

#[tokio::test]
async fn a_probe_gives_up_on_a_locked_database_and_recovers() {
    for fixture in migrated().await {
        fixture.store.writable().await.unwrap();
        let other = fixture.reopen().await.unwrap();
        let mut holding = other.begin().await.unwrap();
        query!(holding, connection => {
            sqlx::query("UPDATE probe SET writes = writes + 1").execute(connection).await.unwrap();
        });
        assert_eq!(fixture.store.writable().await.unwrap_err().kind(), ErrorKind::TimedOut);
        holding.rollback().await.unwrap();
        fixture.store.writable().await.unwrap();
    }
}

#[tokio::test]
async fn a_read_only_server_is_not_ready() {
    let fixtures = migrated().await;
    let Some(fixture) = fixtures.get(1) else { return };
    execute(
        &fixture.store,
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET default_transaction_read_only = on'; END $$",
    )
    .await;
    let reopened = fixture.reopen().await.unwrap();
    assert_eq!(reopened.writable().await.unwrap_err().kind(), ErrorKind::ReadOnly);
}

#[tokio::test]
async fn a_server_that_went_away_is_not_ready() {
    if fixtures::server().is_none() {
        return;
    }
    let server = DevPostgres::start().unwrap();
    server.create_database("books", None).unwrap();
    let location = Location::parse(&server.url("books"), None).unwrap();
    let store = Store::open(&location, Mode::Existing).await.unwrap();
    store.migrate().await.unwrap();
    store.writable().await.unwrap();
    drop(server);
    let kind = store.writable().await.unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::Unreachable | ErrorKind::TimedOut), "{kind:?}");
}

//! Migrations: all or nothing, once, and never over a schema this program does not know.

use std::time::Duration;

use store::{Engine, Error, Instance, OpenError, Store, Transaction, query, sqlx};

use crate::fixtures::{Fixture, empty, migrated};

async fn execute(store: &Store, text: &'static str) {
    store
        .write(async |transaction| {
            query!(transaction, connection => { sqlx::query(text).execute(connection).await?; });
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
}

async fn exists(store: &Store, select: &'static str) -> bool {
    query!(store, pool => sqlx::query(select).fetch_all(pool).await.is_ok())
}

#[tokio::test]
async fn pending_migrations_are_applied_once() {
    for Fixture { store, .. } in empty().await {
        let pending = store.pending_migrations().await.unwrap();
        assert_eq!(pending[0].version, 1);
        assert_eq!(pending[0].name, "instance and lease");
        assert_eq!(store.migrate().await.unwrap(), pending);
        assert_eq!(store.pending_migrations().await.unwrap(), []);
        assert_eq!(store.migrate().await.unwrap(), []);
    }
}

#[tokio::test]
async fn opening_changes_nothing() {
    for fixture in empty().await {
        fixture.reopen().await.unwrap();
        assert!(!exists(&fixture.store, "SELECT version FROM _sqlx_migrations").await);
    }
}

/// Both began while nothing was migrated, and one of them goes on after the other has migrated.
#[tokio::test(flavor = "multi_thread")]
async fn processes_that_migrate_at_once_wait_for_each_other() {
    for fixture in empty().await {
        let all = fixture.store.pending_migrations().await.unwrap().len();
        let mut holding = fixture.store.begin().await.unwrap();
        if let Engine::Postgres(connection) = holding.engine() {
            // The lock that a migration takes.
            sqlx::query("SELECT pg_advisory_xact_lock(4702111234474983745)")
                .execute(connection)
                .await
                .unwrap();
        }
        let mut tasks = Vec::new();
        for _ in 0..3 {
            let store = fixture.reopen().await.unwrap();
            assert_eq!(store.pending_migrations().await.unwrap().len(), all);
            // Time for the connection to come back to the pool, so that it knows of no table.
            tokio::time::sleep(Duration::from_millis(50)).await;
            tasks.push(tokio::spawn(async move { store.migrate().await.unwrap().len() }));
        }
        wait_for_locks(&mut holding, 3).await;
        holding.rollback().await.unwrap();
        let mut applied = Vec::new();
        for task in tasks {
            applied.push(task.await.unwrap());
        }
        applied.sort_unstable();
        assert_eq!(applied, [0, 0, all]);
    }
}

/// SQLite does not tell who waits; there the transactions begin one after the other in any case.
async fn wait_for_locks(holding: &mut Transaction, waiting: i64) {
    let Engine::Postgres(connection) = holding.engine() else { return };
    let text = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = \
                (SELECT oid FROM pg_database WHERE datname = current_database())";
    for _ in 0..500 {
        let found: i64 = sqlx::query_scalar(text).fetch_one(&mut *connection).await.unwrap();
        if found == waiting {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits");
}

#[tokio::test]
async fn a_failed_migration_changes_nothing_and_can_be_repeated() {
    for Fixture { store, .. } in empty().await {
        // The first migration creates `instance` and then fails at `lease`.
        execute(&store, "CREATE TABLE lease (role TEXT)").await;
        let error = store.migrate().await.unwrap_err();
        assert!(matches!(error, OpenError::MigrationFailed { .. }), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
        assert!(!exists(&store, "SELECT id FROM instance").await);
        assert!(!exists(&store, "SELECT version FROM _sqlx_migrations").await);
        execute(&store, "DROP TABLE lease").await;
        assert!(!store.migrate().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    for fixture in migrated().await {
        execute(
            &fixture.store,
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
        for error in [fixture.reopen().await.unwrap_err(), fixture.store.migrate().await.unwrap_err()] {
            assert!(matches!(error, OpenError::NewerDatabase { version: 9999, .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn a_migration_that_was_edited_after_the_fact_is_refused() {
    for fixture in migrated().await {
        fixture
            .store
            .write(async |transaction| {
                query!(transaction, connection => {
                    let text = "UPDATE _sqlx_migrations SET checksum = $1 WHERE version = 1";
                    sqlx::query(text).bind(b"other".as_slice()).execute(connection).await?;
                });
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
        for error in [fixture.reopen().await.unwrap_err(), fixture.store.migrate().await.unwrap_err()] {
            assert!(matches!(&error, OpenError::ChangedMigration { version: 1, .. }), "{error}");
            assert!(error.to_string().contains("migration 1 (instance and lease)"), "{error}");
        }
    }
}

fn instance(network: &str) -> Instance {
    Instance { id: *b"0123456789abcdef", network: network.to_owned(), created_at: 1_700_000_000_000_000 }
}

#[tokio::test]
async fn a_database_belongs_to_the_first_who_claims_it() {
    for fixture in migrated().await {
        let store = &fixture.store;
        assert_eq!(store.instance().await.unwrap(), None);
        assert_eq!(store.claim_instance(&instance("regtest")).await.unwrap(), instance("regtest"));
        let later = Instance { id: [7; 16], created_at: 5, ..instance("regtest") };
        let reopened = fixture.reopen().await.unwrap();
        assert_eq!(reopened.claim_instance(&later).await.unwrap(), instance("regtest"));
        assert_eq!(reopened.instance().await.unwrap(), Some(instance("regtest")));
    }
}

#[tokio::test]
async fn a_database_of_another_network_is_refused_by_name() {
    for Fixture { store, .. } in migrated().await {
        store.claim_instance(&instance("regtest")).await.unwrap();
        let error = store.claim_instance(&instance("mainnet")).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the database belongs to regtest, this program runs on mainnet; use another database"
        );
    }
}

#[tokio::test]
async fn an_unknown_network_is_refused() {
    for Fixture { store, .. } in migrated().await {
        let error = store.claim_instance(&instance("moonnet")).await.unwrap_err();
        assert!(
            matches!(&error, OpenError::Statement(error) if error.kind() == store::ErrorKind::Check),
            "{error}"
        );
        assert_eq!(store.instance().await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_at_the_same_time_agree() {
    for fixture in migrated().await {
        let mut tasks = Vec::new();
        for number in 0..8 {
            let store = fixture.store.clone();
            let wanted = Instance { id: [number; 16], ..instance("signet") };
            tasks.push(tokio::spawn(async move { store.claim_instance(&wanted).await.unwrap() }));
        }
        let first = fixture.store.claim_instance(&instance("signet")).await.unwrap();
        for task in tasks {
            assert_eq!(task.await.unwrap(), first);
        }
    }
}

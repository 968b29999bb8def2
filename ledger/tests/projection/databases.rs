//! A fresh, migrated database of each engine.

use std::io::{self, Write};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use store::dev_postgres::{DevPostgres, DevPostgresError};
use store::sqlx::{self, AssertSqlSafe};
use store::{Engine, Error, Location, Mode, Store, query};
use tempfile::TempDir;

/// An open database.
pub(crate) struct Database {
    pub(crate) store: Store,
    location: Location,
    /// Keeps the SQLite file until the end of the test.
    _directory: Option<TempDir>,
}

impl Database {
    /// Whether it is PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.store.engine(), Engine::Postgres(_))
    }

    /// What another process has: connections of its own, which end with it.
    pub(crate) async fn opened_again(&self) -> Store {
        Store::open(&self.location, Mode::Existing).await.unwrap()
    }

    /// Runs statements that a test wants.
    pub(crate) async fn run(&self, text: &str) {
        let text = text.to_owned();
        let write = self.store.write(async |transaction| {
            query!(transaction, connection => {
                sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await?;
            });
            Ok::<_, Error>(())
        });
        write.await.unwrap();
    }
}

/// The one server of this test binary. It ends with the process.
static SERVER: LazyLock<Result<DevPostgres, DevPostgresError>> = LazyLock::new(DevPostgres::start);

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The server, or `None` after printing why a test that needs it is skipped.
fn server() -> Option<&'static DevPostgres> {
    let required = std::env::var("BALLAST_REQUIRE").unwrap_or_default();
    match &*SERVER {
        Ok(server) => Some(server),
        Err(error @ DevPostgresError::Unavailable { .. })
            if !required.split(',').any(|name| name.trim() == "postgres") =>
        {
            // Not `println!`, which a passing test swallows.
            io::stderr().write_all(format!("SKIP postgres: {error}\n").as_bytes()).unwrap();
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// One database for each engine there is.
pub(crate) async fn fresh() -> Vec<Database> {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::directory(directory.path());
    let store = Store::open(&location, Mode::Create).await.unwrap();
    let mut databases = vec![Database { store, location, _directory: Some(directory) }];
    if let Some(server) = server() {
        let name = format!("projection_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let location = server.create_database(&name, None).unwrap();
        let store = Store::open(&location, Mode::Existing).await.unwrap();
        databases.push(Database { store, location, _directory: None });
    }
    for database in &databases {
        database.store.migrate().await.unwrap();
    }
    databases
}

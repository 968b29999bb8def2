//! A fresh, migrated database of each engine.

use std::io::{self, Write};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use store::dev_postgres::{DevPostgres, DevPostgresError};
use store::{Location, Mode, OpenError, Store};
use tempfile::TempDir;

/// An open database.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    /// What [`Location::parse`] makes its location from.
    pub(crate) text: String,
    /// Keeps the SQLite file until the end of the test.
    _directory: Option<TempDir>,
}

impl Fixture {
    /// Opens the same database once more.
    pub(crate) async fn reopen(&self) -> Result<Store, OpenError> {
        Store::open(&Location::parse(&self.text, None).unwrap(), Mode::Existing).await
    }
}

/// The one server of this test binary. It ends with the process.
static SERVER: LazyLock<Result<DevPostgres, DevPostgresError>> = LazyLock::new(DevPostgres::start);

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The server, or `None` after printing why a test that needs it is skipped.
pub(crate) fn server() -> Option<&'static DevPostgres> {
    let required = std::env::var("BALLAST_REQUIRE").unwrap_or_default();
    match &*SERVER {
        Ok(server) => Some(server),
        Err(error @ DevPostgresError::Unavailable { .. })
            if !required.split(',').any(|name| name.trim() == "postgres") =>
        {
            // Not `println!`, which a passing test swallows; in one piece, so that no other line gets between.
            io::stderr().write_all(format!("SKIP postgres: {error}\n").as_bytes()).unwrap();
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The URL of an empty PostgreSQL database.
pub(crate) fn empty_postgres() -> Option<String> {
    let server = server()?;
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    server.create_database(&name, None).unwrap();
    Some(server.url(&name))
}

/// One migrated database for each engine there is.
pub(crate) async fn migrated() -> Vec<Fixture> {
    let mut fixtures = empty().await;
    for fixture in &mut fixtures {
        fixture.store.migrate().await.unwrap();
    }
    fixtures
}

/// One open database without any table for each engine there is.
pub(crate) async fn empty() -> Vec<Fixture> {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().to_str().unwrap().to_owned();
    let mut fixtures = vec![open(text, Some(directory)).await];
    if let Some(url) = empty_postgres() {
        fixtures.push(open(url, None).await);
    }
    fixtures
}

async fn open(text: String, directory: Option<TempDir>) -> Fixture {
    let location = Location::parse(&text, None).unwrap();
    let store = Store::open(&location, Mode::Create).await.unwrap();
    Fixture { store, text, _directory: directory }
}

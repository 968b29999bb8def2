//! A fresh, migrated database of each engine.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use store::dev_postgres::{DevPostgres, DevPostgresError};
use store::{Location, Mode, Store};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// One engine with an empty, migrated database.
pub(crate) struct Fixture {
    pub(crate) engine: &'static str,
    pub(crate) store: Store,
    /// Keeps the SQLite file until the end of the test.
    _directory: Option<TempDir>,
}

/// The one server of this test binary. It ends with the process.
static SERVER: LazyLock<Result<DevPostgres, DevPostgresError>> = LazyLock::new(DevPostgres::start);

/// The migrated database that every other one is a copy of.
const TEMPLATE: &str = "migrated";
static TEMPLATE_MADE: OnceCell<()> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// One fixture for each engine there is.
pub(crate) async fn fresh() -> Vec<Fixture> {
    let mut fixtures = vec![sqlite().await];
    fixtures.extend(postgres().await);
    fixtures
}

async fn sqlite() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Location::directory(directory.path()), Mode::Create).await.unwrap();
    store.migrate().await.unwrap();
    Fixture { engine: "SQLite", store, _directory: Some(directory) }
}

async fn postgres() -> Option<Fixture> {
    let server = server()?;
    TEMPLATE_MADE
        .get_or_init(|| async {
            let location = server.create_database(TEMPLATE, None).unwrap();
            let store = Store::open(&location, Mode::Existing).await.unwrap();
            store.migrate().await.unwrap();
            store.close().await;
        })
        .await;
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let location = server.create_database(&name, Some(TEMPLATE)).unwrap();
    let store = Store::open(&location, Mode::Existing).await.unwrap();
    Some(Fixture { engine: "PostgreSQL", store, _directory: None })
}

/// The server, or `None` after saying why PostgreSQL is left out.
fn server() -> Option<&'static DevPostgres> {
    match &*SERVER {
        Ok(server) => Some(server),
        Err(missing @ DevPostgresError::Unavailable { .. }) => {
            tests::skip("postgres", missing);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

//! The control-plane database as the configuration names it, and the claim on the data directory beside it.

use crate::config::{Config, Network, StoreKind, database_url};
use crate::data_directory::DataDirectory;
use crate::{Failure, clock};
use secrecy::ExposeSecret;
use std::fmt;
use std::sync::Arc;
use store::dev_postgres::{DevPostgres, DevPostgresError};
use store::{Engine, Instance, Location, Mode, OpenError, Store};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The migration that makes the table in which a database says whom it belongs to.
const INSTANCE_MIGRATION: i64 = 1;

/// The open database with everything that has to live as long as it does.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    store: Store,
    location: Location,
    _server: Option<Arc<DevPostgres>>,
    directory: Arc<DataDirectory>,
}

/// Where the database is that the configuration names. Reads the password, touches nothing else.
pub(crate) fn location(config: &Config) -> Result<Location, Failure> {
    let Some(url) = &config.database.url else { return Ok(Location::directory(&config.data_dir)) };
    let password = config.database.password.as_ref().map(|reference| reference.resolve()).transpose();
    let password = password.map_err(|error| Failure::setup(format!("database.password: {error}")))?;
    database_url(url, password.as_ref().map(|password| password.expose_secret()))
}

/// Claims the data directory, opens the database, applies the migrations that are missing and claims it for the
/// network. Says how many migrations were applied. When any of that fails, or `stop` is cancelled first, the
/// data directory is left as it was found.
pub(crate) async fn open_and_migrate(
    config: &Config,
    stop: &CancellationToken,
) -> Result<(Database, usize), Failure> {
    let database = open(config, stop).await?;
    match unless_stopped(stop, database.migrate(config.network)).await {
        Ok(applied) => Ok((database, applied)),
        Err(failure) => {
            database.abandon().await;
            Err(failure)
        }
    }
}

/// Opens a database that is in use, beside the process that serves: nothing is claimed, made or migrated.
pub(crate) async fn open_beside(config: &Config) -> Result<Store, Failure> {
    if config.database.store == StoreKind::PostgresDev {
        return Err(Failure::setup(
            "database.store = \"postgres-dev\" ends with the program; choose another store",
        ));
    }
    let store = open_store(&location(config)?, Mode::Existing).await?;
    match check_beside(&store, config.network).await {
        Ok(()) => Ok(store),
        Err(failure) => {
            store.close().await;
            Err(failure)
        }
    }
}

/// Whether the database is what a program of this version and network would work with.
async fn check_beside(store: &Store, network: Network) -> Result<(), Failure> {
    if !store.pending_migrations().await.map_err(refuse)?.is_empty() {
        return Err(Failure::setup("database: it lacks migrations; run `ballast migrate` first"));
    }
    let found = store.instance().await.map_err(Failure::setup)?.map(|instance| instance.network);
    if found.as_deref() == Some(network.as_str()) {
        return Ok(());
    }
    let found = found.unwrap_or_else(|| "no network".to_owned());
    Err(Failure::setup(format!("database: it belongs to {found}, not to {}; set network", network.as_str())))
}

async fn open(config: &Config, stop: &CancellationToken) -> Result<Database, Failure> {
    let location = location(config)?;
    // A server elsewhere is asked first, so that a wrong URL does not leave a directory behind.
    let elsewhere = match config.database.store {
        StoreKind::Postgres => Some(unless_stopped(stop, open_store(&location, Mode::Existing)).await?),
        StoreKind::Embedded | StoreKind::PostgresDev => None,
    };
    let directory = Arc::new(DataDirectory::claim(&config.data_dir)?);
    let opened = match elsewhere {
        Some(store) => Ok((store, location, None)),
        None if config.database.store == StoreKind::PostgresDev => open_private_postgres(stop).await,
        // Not given up half-way: it is short, and what it makes has to be known to be removed.
        None => open_store(&location, Mode::Create).await.map(|store| (store, location, None)),
    };
    match opened {
        Ok((store, location, server)) => Ok(Database { store, location, _server: server, directory }),
        Err(failure) => {
            directory.abandon();
            Err(failure)
        }
    }
}

async fn open_private_postgres(
    stop: &CancellationToken,
) -> Result<(Store, Location, Option<Arc<DevPostgres>>), Failure> {
    let (server, location) = unless_stopped(stop, start_private_postgres()).await?.map_err(Failure::setup)?;
    let store = unless_stopped(stop, open_store(&location, Mode::Existing)).await?;
    Ok((store, location, Some(Arc::new(server))))
}

async fn unless_stopped<T>(
    stop: &CancellationToken,
    doing: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    stop.run_until_cancelled(doing).await.unwrap_or(Err(Failure::Interrupted))
}

async fn open_store(location: &Location, mode: Mode) -> Result<Store, Failure> {
    Store::open(location, mode).await.map_err(refuse)
}

/// A private PostgreSQL with one empty database. The inner error says why there can be none here.
pub(crate) async fn start_private_postgres()
-> Result<Result<(DevPostgres, Location), DevPostgresError>, Failure> {
    // It waits for processes, which must not hold up a thread that serves requests.
    let starting = tokio::task::spawn_blocking(|| {
        let server = DevPostgres::start()?;
        let location = server.create_database("ballast", None)?;
        Ok((server, location))
    });
    starting.await.map_err(|error| Failure::setup(format!("private PostgreSQL: {error}")))
}

fn refuse(error: OpenError) -> Failure {
    Failure::setup(format!("database: {error}"))
}

impl Database {
    async fn migrate(&self, network: Network) -> Result<usize, Failure> {
        let created_at = clock::unix_micros();
        let wanted = Instance { id: fresh_id(created_at), network: network.as_str().to_owned(), created_at };
        // A database that somebody owns is compared before anything in it is changed.
        let pending = self.store.pending_migrations().await.map_err(refuse)?;
        if pending.iter().all(|migration| migration.version != INSTANCE_MIGRATION) {
            self.store.claim_instance(&wanted).await.map_err(refuse)?;
        }
        let applied = self.store.migrate().await.map_err(refuse)?;
        self.store.claim_instance(&wanted).await.map_err(refuse)?;
        Ok(applied.len())
    }

    /// What the readiness check says: the engine, or why nothing can be written. Public, so no address and no
    /// path is in it.
    pub(crate) async fn probe(&self) -> Result<String, String> {
        match self.store.writable().await {
            Ok(()) => Ok(format!("{}, writable", self.engine_name())),
            Err(error) => {
                tracing::warn!(%error, "the database takes no writes");
                Err(error.kind().to_string())
            }
        }
    }

    /// What the readiness check says of migrations.
    pub(crate) async fn probe_migrations(&self) -> Result<String, String> {
        match self.store.pending_migrations().await {
            Ok(pending) if pending.is_empty() => Ok("all applied".to_owned()),
            // They were all applied at the start.
            Ok(pending) => Err(format!("{} undone by another program; restart this one", pending.len())),
            Err(error @ (OpenError::NewerDatabase { .. } | OpenError::ChangedMigration { .. })) => {
                Err(error.to_string())
            }
            Err(error) => {
                tracing::warn!(%error, "migrations cannot be checked");
                Err("they cannot be read; the cause is in the log".to_owned())
            }
        }
    }

    /// Which deployment it is.
    pub(crate) async fn instance(&self) -> Result<Uuid, Failure> {
        let instance = self.store.instance().await.map_err(Failure::setup)?;
        let missing = || Failure::setup("database: it belongs to nobody; run `ballast migrate`");
        instance.map(|instance| Uuid::from_bytes(instance.id)).ok_or_else(missing)
    }

    /// What other crates read and write with.
    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// Closes it and takes back what this start has made.
    pub(crate) async fn abandon(&self) {
        self.close().await;
        self.directory.abandon();
    }

    /// Ends every connection, after the statements under way.
    pub(crate) async fn close(&self) {
        self.store.close().await;
    }

    fn engine_name(&self) -> &'static str {
        match self.store.engine() {
            Engine::Sqlite(_) => "SQLite",
            Engine::Postgres(_) => "PostgreSQL",
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.location.fmt(formatter)
    }
}

/// A UUID of version 7, made at this time.
pub(crate) fn fresh_id(unix_micros: i64) -> [u8; 16] {
    let micros = u64::try_from(unix_micros).unwrap_or(0);
    let nanoseconds = u32::try_from(micros % 1_000_000).unwrap_or(0).saturating_mul(1000);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, micros / 1_000_000, nanoseconds)).into_bytes()
}

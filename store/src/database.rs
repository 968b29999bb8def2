//! The store: an open database of either engine.

use sqlx::{PgPool, SqlitePool};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::location::{Location, Place};
use crate::open_error::OpenError;
use crate::sqlite::SqlitePools;
use crate::transaction::{Snapshot, Transaction};
use crate::{limits, postgres, store};

/// Whether opening may create an SQLite database. A PostgreSQL database always has to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only open what is there: neither a directory nor a file is created.
    Existing,
    /// Create the data directory (not its parents) and the file where they are missing.
    Create,
}

/// An open database. Cloning gives another handle to the same one.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Engine<SqlitePools, PgPool>,
}

impl Store {
    /// Opens the database at `location` and refuses one that a newer program has migrated.
    ///
    /// Migrations that are still to be applied are no error here: see [`Store::pending_migrations`].
    pub async fn open(location: &Location, mode: Mode) -> std::result::Result<Self, OpenError> {
        let pools = match &location.0 {
            Place::Directory(directory) => Engine::Sqlite(SqlitePools::open(directory, mode).await?),
            Place::Server(server) => Engine::Postgres(postgres::open(server).await?),
        };
        let store = Store { pools };
        if let Err(error) = store.pending_migrations().await {
            store.close().await;
            return Err(error);
        }
        Ok(store)
    }

    /// What executes a statement outside of a transaction; for [`query!`](crate::query!). Only to read: on
    /// SQLite these connections cannot write.
    pub fn engine(&self) -> Engine<&SqlitePool, &PgPool> {
        match &self.pools {
            Engine::Sqlite(pools) => Engine::Sqlite(&pools.readers),
            Engine::Postgres(pool) => Engine::Postgres(pool),
        }
    }

    /// Runs `work` in one transaction: commits when it returns `Ok`, rolls back when it returns `Err`.
    pub async fn write<T, E, F>(&self, work: F) -> std::result::Result<T, E>
    where
        E: From<Error>,
        F: AsyncFnOnce(&mut Transaction) -> std::result::Result<T, E>,
    {
        let mut transaction = self.begin().await?;
        let outcome = work(&mut transaction).await;
        transaction.end(outcome).await
    }

    /// Begins a transaction that may write. Prefer [`Store::write`], which cannot forget to commit.
    pub async fn begin(&self) -> Result<Transaction> {
        Ok(Transaction(match &self.pools {
            Engine::Sqlite(pools) => {
                Engine::Sqlite(pools.writer.begin_with(store::BEGIN_WRITE_SQLITE).await?)
            }
            Engine::Postgres(pool) => Engine::Postgres(pool.begin().await?),
        }))
    }

    /// Begins a transaction that only reads, and sees the database as it is at its first statement.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        Ok(Snapshot(match &self.pools {
            Engine::Sqlite(pools) => Engine::Sqlite(pools.readers.begin().await?),
            Engine::Postgres(pool) => {
                Engine::Postgres(pool.begin_with(store::BEGIN_SNAPSHOT_POSTGRES).await?)
            }
        }))
    }

    /// Whether the database takes a durable write now: really writes one row, within
    /// [`limits::PROBE_TIMEOUT`]. Waits for the disk, so ask once and share the answer.
    pub async fn writable(&self) -> Result<()> {
        let probe = tokio::time::timeout(limits::PROBE_TIMEOUT, store::touch_probe(self));
        probe.await.unwrap_or_else(|_| Err(Error::timed_out())).map(|_writes| ())
    }

    /// Waits for the statements in progress and closes every connection.
    pub async fn close(&self) {
        match &self.pools {
            Engine::Sqlite(pools) => pools.close().await,
            Engine::Postgres(pool) => pool.close().await,
        }
    }
}

//! Transactions: one that may write, and one that sees the whole database at one moment.
//!
//! Invariant: what has not been committed is rolled back, whatever ends the transaction: an error, a
//! dropped future, a crash.

use sqlx::{Postgres, Sqlite};

use crate::engine::{Connection, Engine};
use crate::error::{Error, Result};

type Native = Engine<sqlx::Transaction<'static, Sqlite>, sqlx::Transaction<'static, Postgres>>;

/// A transaction that may write. See [`crate::Store::write`].
///
/// On SQLite it holds the database's one write lock from its start, so it should be short and wait for
/// nothing but the database. On PostgreSQL it runs at READ COMMITTED: a decision belongs into the condition
/// of an `UPDATE`, not into a `SELECT` before it.
#[derive(Debug)]
pub struct Transaction(pub(crate) Native);

impl Transaction {
    /// What executes statements in this transaction; for [`query!`](crate::query!).
    pub fn engine(&mut self) -> Connection<'_> {
        match &mut self.0 {
            Engine::Sqlite(transaction) => Engine::Sqlite(transaction),
            Engine::Postgres(transaction) => Engine::Postgres(transaction),
        }
    }

    /// Makes every change of this transaction durable. Commit before acting on any of them.
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            Engine::Sqlite(transaction) => Ok(transaction.commit().await?),
            Engine::Postgres(transaction) => Ok(transaction.commit().await?),
        }
    }

    /// Undoes every change of this transaction. Dropping it does the same, a little later.
    pub async fn rollback(self) -> Result<()> {
        match self.0 {
            Engine::Sqlite(transaction) => Ok(transaction.rollback().await?),
            Engine::Postgres(transaction) => Ok(transaction.rollback().await?),
        }
    }

    /// Commits on `Ok` and rolls back on `Err`. An error on the way back does not hide the first one: the
    /// database rolls back what is not committed in any case.
    pub(crate) async fn end<T, E: From<Error>>(
        self,
        outcome: std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        match outcome {
            Ok(value) => {
                self.commit().await?;
                Ok(value)
            }
            Err(error) => {
                if let Err(second) = self.rollback().await {
                    tracing::warn!(error = %second, "rolling back failed; the database does it by itself");
                }
                Err(error)
            }
        }
    }
}

/// A transaction that only reads and sees the database as it was at one moment, whatever commits meanwhile.
/// See [`crate::Store::snapshot`].
#[derive(Debug)]
pub struct Snapshot(pub(crate) Native);

impl Snapshot {
    /// What executes statements in this snapshot; for [`query!`](crate::query!).
    pub fn engine(&mut self) -> Connection<'_> {
        match &mut self.0 {
            Engine::Sqlite(transaction) => Engine::Sqlite(transaction),
            Engine::Postgres(transaction) => Engine::Postgres(transaction),
        }
    }
}

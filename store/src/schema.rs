//! The schema: which migrations a database has, and applying the ones it lacks.
//!
//! Invariant: a run applies all that is missing or nothing, two runs never mix, and a database whose
//! migrations differ from this program's is refused.

use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};

use crate::database::Store;
use crate::error::Error;
use crate::open_error::OpenError;
use crate::query;
use crate::store::{self, AppliedMigration};

/// The migrations folder, as it was when this crate was compiled.
static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// Where sqlx notes what has been applied; [`store::applied_migrations`] reads it.
const MIGRATION_TABLE: &str = "_sqlx_migrations";

/// A migration that this program has and a database lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingMigration {
    /// Its number: migrations are applied in this order.
    pub version: i64,
    /// What its file is called after the number.
    pub name: String,
}

impl Store {
    /// The migrations that [`Store::migrate`] would apply, in order. Empty: the schema is this program's.
    pub async fn pending_migrations(&self) -> Result<Vec<PendingMigration>, OpenError> {
        let mut snapshot = self.snapshot().await?;
        let pending = pending(&store::applied_migrations(snapshot.engine()).await?)?;
        Ok(pending.into_iter().map(described).collect())
    }

    /// Applies the pending migrations in one transaction and returns them. Another process that migrates
    /// at the same time is waited for.
    pub async fn migrate(&self) -> Result<Vec<PendingMigration>, OpenError> {
        self.write(async |transaction| {
            store::lock_migrations(transaction).await?;
            let pending = pending(&store::applied_migrations(transaction.engine()).await?)?;
            query!(transaction, connection => apply(connection, &pending).await.map_err(failed)?);
            Ok(pending.into_iter().map(described).collect())
        })
        .await
    }
}

/// What is missing, if what is there is what this program expects.
fn pending(applied: &[AppliedMigration]) -> Result<Vec<&'static Migration>, OpenError> {
    for AppliedMigration { version, checksum } in applied {
        match MIGRATIONS.iter().find(|migration| migration.version == *version) {
            None => {
                let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
                return Err(OpenError::NewerDatabase { version: *version, newest });
            }
            Some(migration) if migration.checksum.as_ref() != checksum.as_slice() => {
                let name = migration.description.to_string();
                return Err(OpenError::ChangedMigration { version: *version, name });
            }
            Some(_) => {}
        }
    }
    let is_applied = |version| applied.iter().any(|migration| migration.version == version);
    Ok(MIGRATIONS.iter().filter(|migration| !is_applied(migration.version)).collect())
}

/// Within a transaction, so that sqlx's own become parts of it.
async fn apply(connection: &mut impl Migrate, pending: &[&Migration]) -> Result<(), MigrateError> {
    if !pending.is_empty() {
        connection.ensure_migrations_table(MIGRATION_TABLE).await?;
    }
    for migration in pending {
        connection.apply(MIGRATION_TABLE, migration).await?;
    }
    Ok(())
}

fn described(migration: &Migration) -> PendingMigration {
    PendingMigration { version: migration.version, name: migration.description.to_string() }
}

fn failed(error: MigrateError) -> OpenError {
    match error {
        MigrateError::Execute(cause) => OpenError::Statement(Error::from(cause)),
        other => OpenError::MigrationFailed { cause: other.to_string() },
    }
}

//! The SQL of this crate: the identity of the database, leases, the readiness probe, the schema's state.

use crate::database::Store;
use crate::engine::{Connection, Engine};
use crate::error::{Result, fixed_bytes};
use crate::instance::Instance;
use crate::lease::{Lease, Role};
use crate::open_error::OpenError;
use crate::query;
use crate::transaction::Transaction;

crate::statements! {
    INSTANCE = "SELECT id, network, created_at FROM instance";

    CLAIM_INSTANCE = "\
        INSERT INTO instance (only_row, id, network, created_at) VALUES (1, $1, $2, $3) \
        ON CONFLICT (only_row) DO NOTHING";

    LEASE = "SELECT holder, expires_at FROM lease WHERE role = $1";

    ACQUIRE_LEASE = "\
        INSERT INTO lease (role, holder, expires_at) VALUES ($1, $2, $3) \
        ON CONFLICT (role) DO UPDATE SET holder = $2, expires_at = $3 \
        WHERE lease.expires_at <= $4 OR lease.holder = $2 \
        RETURNING role";

    RENEW_LEASE = "\
        UPDATE lease SET expires_at = $3 \
        WHERE role = $1 AND holder = $2 AND expires_at > $4 AND expires_at <= $3 \
        RETURNING role";

    /// Locks the row on PostgreSQL, so that nobody takes the lease before the transaction ends.
    FENCE_LEASE = "UPDATE lease SET holder = $2 WHERE role = $1 AND holder = $2 RETURNING role";

    RELEASE_LEASE = "DELETE FROM lease WHERE role = $1 AND holder = $2 RETURNING role";

    /// The value has to change: SQLite does not write a page whose bytes stay the same.
    TOUCH_PROBE = "\
        INSERT INTO probe (only_row, writes) VALUES (1, 1) \
        ON CONFLICT (only_row) DO UPDATE SET writes = probe.writes + 1 \
        RETURNING writes";

    APPLIED_MIGRATIONS = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version";
}

/// SQLite takes its write lock at the start: a transaction that has read cannot always begin to write.
pub(crate) const BEGIN_WRITE_SQLITE: &str = "BEGIN IMMEDIATE";

/// What a transaction of SQLite sees anyway.
pub(crate) const BEGIN_SNAPSHOT_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const COUNT_MIGRATION_TABLE_SQLITE: &str =
    "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'";

/// Not `to_regclass`, which may answer from before another process created the table: it looks into the
/// connection's cache, which no waiting for a lock refreshes.
const COUNT_MIGRATION_TABLE_POSTGRES: &str = "SELECT COUNT(*) FROM pg_tables \
     WHERE schemaname = ANY (current_schemas(false)) AND tablename = '_sqlx_migrations'";

/// The number has no meaning, it only has to be the same in every version of this program.
const LOCK_MIGRATIONS_POSTGRES: &str = "SELECT pg_advisory_xact_lock(4702111234474983745)";

impl Store {
    /// Whom the database belongs to, if it has been claimed.
    pub async fn instance(&self) -> Result<Option<Instance>> {
        let row: Option<(Vec<u8>, String, i64)> =
            query!(self, pool => sqlx::query_as(INSTANCE).fetch_optional(pool).await?);
        row.map(|(id, network, created_at)| Ok(Instance { id: fixed_bytes(id)?, network, created_at }))
            .transpose()
    }

    /// Makes the database belong to `wanted`, unless it belongs to somebody already. Returns whom it
    /// belongs to; refuses by name if that is another network.
    pub async fn claim_instance(&self, wanted: &Instance) -> std::result::Result<Instance, OpenError> {
        let found = match self.instance().await? {
            Some(found) => found,
            None => {
                self.insert_instance(wanted).await?;
                self.instance().await?.unwrap_or_else(|| wanted.clone())
            }
        };
        if found.network == wanted.network {
            return Ok(found);
        }
        Err(OpenError::OtherNetwork { database: found.network, program: wanted.network.clone() })
    }

    async fn insert_instance(&self, wanted: &Instance) -> Result<()> {
        self.write(async |transaction| {
            query!(transaction, connection => {
                sqlx::query(CLAIM_INSTANCE)
                    .bind(wanted.id.as_slice())
                    .bind(&wanted.network)
                    .bind(wanted.created_at)
                    .execute(connection)
                    .await?;
            });
            Ok(())
        })
        .await
    }

    /// Who has `role`, even if the lease has expired meanwhile.
    pub async fn lease(&self, role: Role) -> Result<Option<Lease>> {
        let row: Option<(Vec<u8>, i64)> = query!(self, pool => {
            sqlx::query_as(LEASE).bind(role.as_str()).fetch_optional(pool).await?
        });
        row.map(|(holder, expires_at)| Ok(Lease { role, holder: fixed_bytes(holder)?, expires_at }))
            .transpose()
    }

    /// Takes the role of `wanted` if at `now` nobody else has it; whoever has it may take it again. False:
    /// somebody else has it.
    pub async fn acquire_lease(&self, wanted: &Lease, now: i64) -> Result<bool> {
        self.write(async |transaction| change_lease(transaction, ACQUIRE_LEASE, wanted, now).await).await
    }

    /// Extends a lease that at `now` has not expired; never shortens it. False: it is lost, and whoever had
    /// it must stop acting in its role until it has acquired the lease and read the state again.
    pub async fn renew_lease(&self, renewed: &Lease, now: i64) -> Result<bool> {
        self.write(async |transaction| change_lease(transaction, RENEW_LEASE, renewed, now).await).await
    }

    /// Gives the role back. False: `holder` did not have it.
    pub async fn release_lease(&self, role: Role, holder: [u8; 16]) -> Result<bool> {
        self.write(async |transaction| keyed_lease(transaction, RELEASE_LEASE, role, holder).await).await
    }
}

impl Transaction {
    /// Whether `holder` still has `role`, and will until this transaction ends. False: roll back.
    ///
    /// A process that has slept over the end of its lease cannot see that from its own clock. Asking here,
    /// first in every transaction that only the active process may make, keeps its late writes out.
    pub async fn fence_lease(&mut self, role: Role, holder: [u8; 16]) -> Result<bool> {
        keyed_lease(self, FENCE_LEASE, role, holder).await
    }
}

async fn change_lease(
    transaction: &mut Transaction,
    statement: &'static str,
    lease: &Lease,
    now: i64,
) -> Result<bool> {
    let row: Option<(String,)> = query!(transaction, connection => {
        sqlx::query_as(statement)
            .bind(lease.role.as_str())
            .bind(lease.holder.as_slice())
            .bind(lease.expires_at)
            .bind(now)
            .fetch_optional(connection)
            .await?
    });
    Ok(row.is_some())
}

async fn keyed_lease(
    transaction: &mut Transaction,
    statement: &'static str,
    role: Role,
    holder: [u8; 16],
) -> Result<bool> {
    let row: Option<(String,)> = query!(transaction, connection => {
        sqlx::query_as(statement)
            .bind(role.as_str())
            .bind(holder.as_slice())
            .fetch_optional(connection)
            .await?
    });
    Ok(row.is_some())
}

/// Writes one row and returns how often that has been done.
pub(crate) async fn touch_probe(store: &Store) -> Result<i64> {
    store
        .write(async |transaction| {
            Ok(query!(transaction, connection => {
                sqlx::query_scalar(TOUCH_PROBE).fetch_one(connection).await?
            }))
        })
        .await
}

/// A migration that a database has: its number and the hash of its text.
pub(crate) struct AppliedMigration {
    pub(crate) version: i64,
    pub(crate) checksum: Vec<u8>,
}

/// The migrations of a database, none if it is new.
pub(crate) async fn applied_migrations(mut connection: Connection<'_>) -> Result<Vec<AppliedMigration>> {
    let tables: i64 = match connection.engine() {
        Engine::Sqlite(connection) => {
            sqlx::query_scalar(COUNT_MIGRATION_TABLE_SQLITE).fetch_one(connection).await?
        }
        Engine::Postgres(connection) => {
            sqlx::query_scalar(COUNT_MIGRATION_TABLE_POSTGRES).fetch_one(connection).await?
        }
    };
    if tables == 0 {
        return Ok(Vec::new());
    }
    let rows: Vec<(i64, Vec<u8>)> = query!(connection, connection => {
        sqlx::query_as(APPLIED_MIGRATIONS).fetch_all(connection).await?
    });
    Ok(rows.into_iter().map(|(version, checksum)| AppliedMigration { version, checksum }).collect())
}

/// Waits for another process that migrates. On SQLite the transaction itself holds the one write lock.
pub(crate) async fn lock_migrations(transaction: &mut Transaction) -> Result<()> {
    if let Engine::Postgres(connection) = transaction.engine() {
        sqlx::query(LOCK_MIGRATIONS_POSTGRES).execute(connection).await?;
    }
    Ok(())
}

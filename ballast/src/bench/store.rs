//! The SQL of the PostgreSQL baseline: one statement for each batch.
//!
//! It does less than the ledger: balances are limited at the end of a batch, not at each transfer, there are no
//! statements, pending transfers, allowances or chains, and accounts have 8-byte keys. So the comparison is in its
//! favour.

use std::path::Path;
use store::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use store::sqlx::{self, PgPool};

/// Free space in each page lets an update of a balance stay within it.
const CREATE: &str = "\
    CREATE TABLE account (\
        id BIGINT PRIMARY KEY, debits_posted BIGINT NOT NULL, credits_posted BIGINT NOT NULL, \
        CHECK (debits_posted <= credits_posted)\
    ) WITH (fillfactor = 50); \
    CREATE TABLE transfer (\
        id UUID PRIMARY KEY, debit_account BIGINT NOT NULL, credit_account BIGINT NOT NULL, \
        amount BIGINT NOT NULL, made_at TIMESTAMPTZ NOT NULL\
    )";

const FUND: &str = "\
    INSERT INTO account (id, debits_posted, credits_posted) \
    SELECT number, 0, $2 FROM generate_series(0, $1 - 1) AS number";

const ANALYZE: &str = "VACUUM (ANALYZE, FREEZE) account";

/// Transfers whose id is there already are left out, as a repeated request is.
const EXECUTE: &str = "\
    WITH inserted AS (\
        INSERT INTO transfer (id, debit_account, credit_account, amount, made_at) \
        SELECT id, debit, credit, amount, now() \
        FROM unnest($1::text::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) AS batch (id, debit, credit, amount) \
        ON CONFLICT (id) DO NOTHING \
        RETURNING debit_account, credit_account, amount\
    ), change AS (\
        SELECT id, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit FROM (\
            SELECT debit_account AS id, amount AS debit, 0::bigint AS credit FROM inserted \
            UNION ALL SELECT credit_account, 0::bigint, amount FROM inserted\
        ) AS side GROUP BY id\
    ), updated AS (\
        UPDATE account SET debits_posted = debits_posted + change.debit, \
            credits_posted = credits_posted + change.credit \
        FROM change WHERE account.id = change.id\
    ) \
    SELECT count(*) FROM inserted";

const DURABILITY: &str = "SELECT current_setting('fsync') || ' ' || current_setting('synchronous_commit') || ' ' || \
     current_setting('server_version')";

/// One batch, column by column. The ids are one text, in braces.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    pub(crate) ids: String,
    pub(crate) payers: Vec<i64>,
    pub(crate) payees: Vec<i64>,
    pub(crate) amounts: Vec<i64>,
}

/// A database with accounts.
#[derive(Debug)]
pub(crate) struct PostgresLedger {
    pool: PgPool,
}

impl PostgresLedger {
    /// Creates the tables in an empty database of the private server with this directory, and gives every account its
    /// money.
    pub(crate) async fn create(
        (directory, database): (&Path, &str),
        accounts: i64,
        funds: i64,
    ) -> sqlx::Result<Self> {
        let options = PgConnectOptions::new_without_pgpass();
        let options = options.socket(directory).username("app").database(database);
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::raw_sql(CREATE).execute(&pool).await?;
        sqlx::query(FUND).bind(accounts).bind(funds).execute(&pool).await?;
        sqlx::query(ANALYZE).execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Executes a batch in one durable transaction, and says how many transfers it made.
    pub(crate) async fn execute(&self, batch: &Columns) -> sqlx::Result<i64> {
        let query = sqlx::query_scalar(EXECUTE).bind(&batch.ids).bind(&batch.payers);
        query.bind(&batch.payees).bind(&batch.amounts).fetch_one(&self.pool).await
    }

    /// Whether it flushes, whether it waits for that, and its version.
    pub(crate) async fn durability(&self) -> sqlx::Result<String> {
        sqlx::query_scalar(DURABILITY).fetch_one(&self.pool).await
    }
}

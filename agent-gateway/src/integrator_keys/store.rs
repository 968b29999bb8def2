//! The SQL of registered keys.

use super::integrator_key::IntegratorKey;
use super::public_key::PublicKey;
use store::{Error, Store, fixed_bytes, query, sqlx};
use uuid::Uuid;

store::statements! {
    ADD_KEY = "\
        INSERT INTO integrator_key (id, account, public_key, created_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT DO NOTHING RETURNING id";

    FIND_KEY = "\
        SELECT id, account, public_key, created_at, revoked_at FROM integrator_key WHERE id = $1 AND account = $2";

    LIST_KEYS = "\
        SELECT id, account, public_key, created_at, revoked_at FROM integrator_key WHERE account = $1 \
        ORDER BY created_at, id";

    /// A key stays revoked since the first time.
    REVOKE_KEY = "\
        UPDATE integrator_key SET revoked_at = COALESCE(revoked_at, $3) WHERE account = $1 AND public_key = $2 \
        RETURNING id, account, public_key, created_at, revoked_at";
}

type Row = (Vec<u8>, Vec<u8>, Vec<u8>, i64, Option<i64>);

/// Why keys could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// The database refused or failed.
    #[error(transparent)]
    Store(#[from] Error),
    /// A row holds what no program of ours writes.
    #[error("the key {0} in the database is no Ed25519 public key; remove the row")]
    Malformed(Uuid),
}

/// Registers a key. False: this account has, or had, this key already, or the id is taken.
///
/// # Errors
/// [`KeyStoreError`] when the database failed.
pub async fn add_key(store: &Store, key: &IntegratorKey) -> Result<bool, KeyStoreError> {
    let row: Option<(Vec<u8>,)> = store
        .write(async |transaction| {
            Ok::<_, Error>(query!(transaction, connection => {
                sqlx::query_as(ADD_KEY)
                    .bind(key.id.as_bytes().as_slice())
                    .bind(key.account.as_bytes().as_slice())
                    .bind(key.public_key.as_bytes().as_slice())
                    .bind(key.created_at)
                    .fetch_optional(connection)
                    .await?
            }))
        })
        .await?;
    Ok(row.is_some())
}

/// The key that is registered for the account under this id, revoked or not.
///
/// # Errors
/// [`KeyStoreError`] when the database failed, or holds nonsense.
pub async fn find_key(
    store: &Store,
    account: Uuid,
    id: Uuid,
) -> Result<Option<IntegratorKey>, KeyStoreError> {
    let row = async {
        let row: Option<Row> = query!(store, pool => {
            sqlx::query_as(FIND_KEY)
                .bind(id.as_bytes().as_slice())
                .bind(account.as_bytes().as_slice())
                .fetch_optional(pool)
                .await?
        });
        Ok::<_, Error>(row)
    };
    row.await?.map(key_of).transpose()
}

/// Every key of the account, revoked ones included, oldest first.
///
/// # Errors
/// [`KeyStoreError`] when the database failed, or holds nonsense.
pub async fn list_keys(store: &Store, account: Uuid) -> Result<Vec<IntegratorKey>, KeyStoreError> {
    let rows = async {
        let rows: Vec<Row> = query!(store, pool => {
            sqlx::query_as(LIST_KEYS).bind(account.as_bytes().as_slice()).fetch_all(pool).await?
        });
        Ok::<_, Error>(rows)
    };
    rows.await?.into_iter().map(key_of).collect()
}

/// Revokes a key for ever, and returns it. Nothing: the account has no such key.
///
/// # Errors
/// [`KeyStoreError`] when the database failed, or holds nonsense.
pub async fn revoke_key(
    store: &Store,
    account: Uuid,
    public_key: &PublicKey,
    now: i64,
) -> Result<Option<IntegratorKey>, KeyStoreError> {
    let row: Option<Row> = store
        .write(async |transaction| {
            Ok::<_, Error>(query!(transaction, connection => {
                sqlx::query_as(REVOKE_KEY)
                    .bind(account.as_bytes().as_slice())
                    .bind(public_key.as_bytes().as_slice())
                    .bind(now)
                    .fetch_optional(connection)
                    .await?
            }))
        })
        .await?;
    row.map(key_of).transpose()
}

fn key_of((id, account, public_key, created_at, revoked_at): Row) -> Result<IntegratorKey, KeyStoreError> {
    let id = Uuid::from_bytes(fixed_bytes(id)?);
    let public_key =
        PublicKey::from_bytes(&fixed_bytes(public_key)?).map_err(|_| KeyStoreError::Malformed(id))?;
    let account = Uuid::from_bytes(fixed_bytes(account)?);
    Ok(IntegratorKey { id, account, public_key, created_at, revoked_at })
}

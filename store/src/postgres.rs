//! The PostgreSQL pool.
//!
//! Invariant: every wait has a bound: for a connection, for a lock, and the server's for a client that has
//! gone silent within a transaction.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};

use crate::error::{Error, ErrorKind};
use crate::limits;
use crate::location::Server;
use crate::open_error::OpenError;

/// Connects once, so that a failure has its own reason, then hands over to a pool. Nothing is created.
pub(crate) async fn open(server: &Server) -> Result<PgPool, OpenError> {
    let options = server.options.clone().options([
        ("lock_timeout", milliseconds(limits::LOCK_TIMEOUT)),
        ("idle_in_transaction_session_timeout", milliseconds(limits::IDLE_TRANSACTION_TIMEOUT)),
    ]);
    connect_once(&options).await.map_err(|error| refusal(&server.name, error))?;
    Ok(PgPoolOptions::new()
        .max_connections(limits::POSTGRES_CONNECTIONS)
        .acquire_timeout(limits::CONNECT_TIMEOUT)
        .connect_lazy_with(options))
}

async fn connect_once(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let attempt = async { options.connect().await?.close().await };
    let outcome = tokio::time::timeout(limits::CONNECT_TIMEOUT, attempt).await;
    outcome.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

fn milliseconds(duration: Duration) -> String {
    duration.as_millis().to_string()
}

/// Gives a failed connection its name.
fn refusal(server: &str, error: sqlx::Error) -> OpenError {
    let server = server.to_owned();
    match &error {
        sqlx::Error::Tls(cause) => OpenError::TlsFailed { server, cause: cause.to_string() },
        sqlx::Error::PoolTimedOut => {
            let cause = format!("no answer within {} seconds", limits::CONNECT_TIMEOUT.as_secs());
            OpenError::Unreachable { server, cause }
        }
        sqlx::Error::Io(cause) => OpenError::Unreachable { server, cause: cause.to_string() },
        sqlx::Error::Database(cause) => match cause.code().as_deref() {
            Some("28000" | "28P01") => OpenError::LoginRefused { server, cause: cause.message().to_owned() },
            Some("3D000") => OpenError::PostgresDatabaseMissing { server, cause: cause.message().to_owned() },
            _ => refusal_by_kind(server, error),
        },
        _ => refusal_by_kind(server, error),
    }
}

fn refusal_by_kind(server: String, error: sqlx::Error) -> OpenError {
    let cause = error.to_string();
    let error = Error::from(error);
    match error.kind() {
        ErrorKind::Unreachable => OpenError::Unreachable { server, cause },
        _ => OpenError::Statement(error),
    }
}

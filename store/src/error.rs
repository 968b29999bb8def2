//! Why a statement failed, in the same words for both databases.

use std::fmt;
use std::io;

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;

/// The result of a statement or of a transaction.
pub type Result<T> = std::result::Result<T, Error>;

/// The kinds of failure a caller can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A row with this key exists already.
    Unique,
    /// A row breaks a CHECK of its table.
    Check,
    /// A row refers to one that does not exist, or is still referred to.
    ForeignKey,
    /// A column that must have a value got none.
    NotNull,
    /// Another transaction got in between (serialization failure, deadlock). Running it again is right.
    Conflict,
    /// Another transaction held a lock for longer than [`crate::limits::LOCK_TIMEOUT`].
    Busy,
    /// No connection or no answer came within its time.
    TimedOut,
    /// The database is gone: connection refused, closed or broken.
    Unreachable,
    /// The database accepts no writes.
    ReadOnly,
    /// No space is left where the database lies.
    Full,
    /// The database cannot read or write its own files, or finds them damaged.
    Damaged,
    /// Anything else: a mistake in a statement or in the type of a column.
    Other,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            ErrorKind::Unique => "a row with this key exists already",
            ErrorKind::Check => "the row breaks a rule of its table",
            ErrorKind::ForeignKey => "the row refers to one that does not exist, or is still referred to",
            ErrorKind::NotNull => "the row lacks a value",
            ErrorKind::Conflict => "another transaction got in between; run this one again",
            ErrorKind::Busy => "another transaction holds the database; try again",
            ErrorKind::TimedOut => "the database did not answer in time; look at its load",
            ErrorKind::Unreachable => "the database cannot be reached; check that it runs",
            ErrorKind::ReadOnly => "the database accepts no writes; check its permissions and its state",
            ErrorKind::Full => "no space is left for the database; free some",
            ErrorKind::Damaged => "the database cannot use its files; check the disk, restore a backup",
            ErrorKind::Other => "the statement failed",
        })
    }
}

/// A statement or a transaction that failed.
#[derive(Debug, thiserror::Error)]
#[error("{kind} ({cause})")]
pub struct Error {
    kind: ErrorKind,
    cause: sqlx::Error,
}

impl Error {
    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The failure of an operation that had a bounded time and did not end in it.
    pub(crate) fn timed_out() -> Self {
        sqlx::Error::from(io::Error::from(io::ErrorKind::TimedOut)).into()
    }
}

/// A column of fixed width. Another width is an [`Error`], not a panic: the CHECK of the table was dropped.
pub fn fixed_bytes<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N]> {
    let found = bytes.len();
    bytes.try_into().map_err(|_| {
        let cause = format!("a column has {found} bytes where {N} belong");
        sqlx::Error::Decode(cause.into()).into()
    })
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Error { kind: kind_of(&cause), cause }
    }
}

fn kind_of(error: &sqlx::Error) -> ErrorKind {
    match error {
        sqlx::Error::Database(error) => kind_of_database_error(error.as_ref()),
        sqlx::Error::PoolTimedOut => ErrorKind::TimedOut,
        sqlx::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => ErrorKind::TimedOut,
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => ErrorKind::Unreachable,
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => ErrorKind::Unreachable,
        _ => ErrorKind::Other,
    }
}

fn kind_of_database_error(error: &dyn DatabaseError) -> ErrorKind {
    use sqlx::error::ErrorKind as Constraint;
    match error.kind() {
        Constraint::UniqueViolation => ErrorKind::Unique,
        Constraint::CheckViolation => ErrorKind::Check,
        Constraint::ForeignKeyViolation => ErrorKind::ForeignKey,
        Constraint::NotNullViolation => ErrorKind::NotNull,
        _ => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => kind_of_sqlstate(error.code()),
            None => kind_of_sqlite_code(&error.code().unwrap_or_default()),
        },
    }
}

/// <https://www.postgresql.org/docs/15/errcodes-appendix.html>
fn kind_of_sqlstate(code: &str) -> ErrorKind {
    match code {
        "40001" | "40P01" => ErrorKind::Conflict,
        "55P03" => ErrorKind::Busy,
        "57014" => ErrorKind::TimedOut,
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "53300" => ErrorKind::Unreachable,
        "25006" => ErrorKind::ReadOnly,
        "53100" => ErrorKind::Full,
        "58030" | "XX001" | "XX002" => ErrorKind::Damaged,
        _ if code.starts_with("08") => ErrorKind::Unreachable,
        _ => ErrorKind::Other,
    }
}

/// A reader that wants to write after another connection has written (`SQLITE_BUSY_SNAPSHOT`).
const SQLITE_BUSY_SNAPSHOT: u32 = 517;

/// <https://www.sqlite.org/rescode.html>: the low byte of an extended code is its primary code.
fn kind_of_sqlite_code(code: &str) -> ErrorKind {
    let code = code.parse::<u32>().unwrap_or_default();
    if code == SQLITE_BUSY_SNAPSHOT {
        return ErrorKind::Conflict;
    }
    match code & 0xff {
        5 | 6 => ErrorKind::Busy,
        8 => ErrorKind::ReadOnly,
        13 => ErrorKind::Full,
        10 | 11 | 26 => ErrorKind::Damaged,
        14 => ErrorKind::Unreachable,
        _ => ErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorKind, kind_of_sqlite_code, kind_of_sqlstate};

    #[test]
    fn sqlstates_have_a_kind() {
        for (code, kind) in [
            ("40001", ErrorKind::Conflict),
            ("40P01", ErrorKind::Conflict),
            ("55P03", ErrorKind::Busy),
            ("57014", ErrorKind::TimedOut),
            ("57P01", ErrorKind::Unreachable),
            ("08006", ErrorKind::Unreachable),
            ("25006", ErrorKind::ReadOnly),
            ("53100", ErrorKind::Full),
            ("XX001", ErrorKind::Damaged),
            ("42601", ErrorKind::Other),
        ] {
            assert_eq!(kind_of_sqlstate(code), kind, "{code}");
        }
    }

    #[test]
    fn extended_codes_of_sqlite_have_the_kind_of_their_primary_code() {
        for (code, kind) in [
            ("5", ErrorKind::Busy),
            ("261", ErrorKind::Busy),
            ("517", ErrorKind::Conflict),
            ("6", ErrorKind::Busy),
            ("8", ErrorKind::ReadOnly),
            ("1032", ErrorKind::ReadOnly),
            ("13", ErrorKind::Full),
            ("10", ErrorKind::Damaged),
            ("778", ErrorKind::Damaged),
            ("11", ErrorKind::Damaged),
            ("14", ErrorKind::Unreachable),
            ("1", ErrorKind::Other),
            ("", ErrorKind::Other),
        ] {
            assert_eq!(kind_of_sqlite_code(code), kind, "{code}");
        }
    }
}

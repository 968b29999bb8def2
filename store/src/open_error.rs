//! Why a database cannot be used: every way in which opening, migrating or claiming it is refused.

use std::io;
use std::path::PathBuf;

use crate::error::Error;

/// A database that cannot be used, and what an operator does about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The location is empty.
    #[error("no database is named; give a data directory or postgres://user@host:5432/database")]
    NoLocation,
    /// The location looks like a URL, but of nothing this crate opens.
    #[error(
        "`{scheme}:` is no database this program opens; give a data directory (a name with a colon as \
         ./name) or postgres://user@host:5432/database"
    )]
    UnknownScheme {
        /// The part before the first colon; the rest may hold a secret.
        scheme: String,
    },
    /// The URL carries a password, which would end in process lists, logs and shell histories.
    #[error("the database URL carries a password; remove it and give the password by itself")]
    PasswordInUrl,
    /// A password is given for a database that asks for none.
    #[error("a password is given, but SQLite asks for none; remove it or give a PostgreSQL URL")]
    PasswordForSqlite,
    /// The PostgreSQL URL cannot be understood.
    #[error("the database URL is not valid: {reason}; write postgres://user@host:5432/database")]
    InvalidUrl {
        /// What is wrong with it, without its text.
        reason: String,
    },

    /// There is no database, and none may be created.
    #[error("there is no database at {}; create it first or name another data directory", path.display())]
    DatabaseMissing {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// The data directory cannot be created or looked at.
    #[error("the data directory {} cannot be used: {cause}; create it or name another", path.display())]
    DirectoryUnusable {
        /// The data directory.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A path that should be a directory is something else.
    #[error("{} is not a directory; name the directory that holds the database", path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// This process may not read and write a file or directory it needs.
    #[error("this process may not read and write {}; give its user access", path.display())]
    Forbidden {
        /// The file or directory.
        path: PathBuf,
    },
    /// SQLite's locks and shared memory are not reliable there.
    #[error("{} lies on a network file system ({name}); SQLite needs a local disk", path.display())]
    NetworkFileSystem {
        /// The data directory.
        path: PathBuf,
        /// The kind of file system.
        name: &'static str,
    },
    /// The file is there but is no database.
    #[error("{} is not an SQLite database; move it away or name another data directory", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// Another process keeps the file for itself.
    #[error("{} is locked by another process; stop that one first", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },

    /// Nothing answers at the address in time.
    #[error("no PostgreSQL answers at {server}: {cause}; check that it runs and that the URL is right")]
    Unreachable {
        /// Host and port, or the socket's directory.
        server: String,
        /// What went wrong.
        cause: String,
    },
    /// The server does not let this user in.
    #[error("PostgreSQL at {server} refuses the login: {cause}; check user, password and pg_hba.conf")]
    LoginRefused {
        /// Host and port, or the socket's directory.
        server: String,
        /// What the server says.
        cause: String,
    },
    /// The server has no database of this name.
    #[error("PostgreSQL at {server} has no such database: {cause}; create it or correct the URL")]
    PostgresDatabaseMissing {
        /// Host and port, or the socket's directory.
        server: String,
        /// What the server says.
        cause: String,
    },
    /// No encrypted connection could be made.
    #[error(
        "no TLS connection to {server}: {cause}; add sslrootcert=/path/ca.pem or another sslmode to the URL"
    )]
    TlsFailed {
        /// Host and port, or the socket's directory.
        server: String,
        /// What went wrong.
        cause: String,
    },

    /// A newer program has migrated this database.
    #[error(
        "the database has migration {version}, this program knows them up to {newest}; run a newer program"
    )]
    NewerDatabase {
        /// The migration that this program does not know.
        version: i64,
        /// The last one it knows.
        newest: i64,
    },
    /// A migration was edited after it had been applied.
    #[error(
        "migration {version} ({name}) is not the one this database was made with; run the program that made it"
    )]
    ChangedMigration {
        /// The number of the migration.
        version: i64,
        /// Its name.
        name: String,
    },
    /// A migration failed. None of this run's migrations has been applied.
    #[error("a migration failed and nothing was changed: {cause}")]
    MigrationFailed {
        /// What failed.
        cause: String,
    },
    /// The database belongs to another Bitcoin network.
    #[error("the database belongs to {database}, this program runs on {program}; use another database")]
    OtherNetwork {
        /// The network this database was made for.
        database: String,
        /// The network asked for.
        program: String,
    },
    /// A statement failed on the way.
    #[error(transparent)]
    Statement(#[from] Error),
}

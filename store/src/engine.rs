//! One query text, two engines: the macro that expands a query's body natively for each of them.

use sqlx::{PgConnection, SqliteConnection};

/// The engine behind a [`crate::Store`], a [`crate::Transaction`] or a [`crate::Snapshot`], with what
/// executes a statement on it. [`query!`](crate::query!) is the way to take it apart.
#[derive(Debug, Clone)]
pub enum Engine<S, P> {
    /// SQLite.
    Sqlite(S),
    /// PostgreSQL.
    Postgres(P),
}

/// One connection of either engine, borrowed from a [`crate::Transaction`] or a [`crate::Snapshot`]: what a
/// function takes that reads within both.
pub type Connection<'a> = Engine<&'a mut SqliteConnection, &'a mut PgConnection>;

impl Connection<'_> {
    /// The same connection for a shorter time; for [`query!`](crate::query!) and for handing it on.
    pub fn engine(&mut self) -> Connection<'_> {
        match self {
            Engine::Sqlite(connection) => Engine::Sqlite(connection),
            Engine::Postgres(connection) => Engine::Postgres(connection),
        }
    }
}

/// Runs one body on whichever engine is in use.
///
/// `query!(on, connection => body)`: `on` is a [`Store`](crate::Store) (to read), a
/// [`Transaction`](crate::Transaction) or a [`Snapshot`](crate::Snapshot); within `body` the name
/// `connection` executes statements. The body is written once and compiled once for each engine, with that
/// engine's own types, so its value has to be a plain Rust type. `.await` and `?` are those of the
/// function around it.
#[macro_export]
macro_rules! query {
    ($on:expr, $connection:ident => $body:expr) => {
        match $on.engine() {
            $crate::Engine::Sqlite($connection) => $body,
            $crate::Engine::Postgres($connection) => $body,
        }
    };
}

/// Declares the statements of a crate, each text once, and the list of all of them.
///
/// ```
/// store::statements! {
///     /// The holder of a lease.
///     LEASE = "SELECT holder, expires_at FROM lease WHERE role = $1";
/// }
/// assert_eq!(ALL, [("LEASE", LEASE)]);
/// ```
///
/// `ALL` goes into the list of the conformance suite, which prepares and runs every statement on both
/// engines.
#[macro_export]
macro_rules! statements {
    ($($(#[$attribute:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$attribute])* const $name: &str = $text;)*

        /// Every statement declared here: its name and its text.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

//! Every bound of this crate, each with the reason for its size.

use std::time::Duration;

/// Longest wait until a database is open. A start that cannot reach its database should say so
/// while the operator still looks.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest wait for a lock that another transaction holds, on either database. Transactions here last
/// milliseconds, so ten seconds means that something is stuck.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest that PostgreSQL keeps a transaction whose process has gone silent: its row locks block others.
pub const IDLE_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(60);

/// Longest that the readiness probe waits. Load balancers ask every few seconds and give up about then.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// Connections that read SQLite at once. Each is a thread, and reading is bound by the processor.
pub const SQLITE_READERS: u32 = 4;

/// Connections of one process to PostgreSQL: six processes fit into the server's default of 100.
pub const POSTGRES_CONNECTIONS: u32 = 16;

/// The pause before opening SQLite again while another process creates the same file.
pub const SQLITE_OPEN_PAUSE: Duration = Duration::from_millis(50);

/// How often a private PostgreSQL is asked whether it is ready, and the pause between: 30 seconds in
/// all, where initialising and starting takes two on an idle machine.
pub const DEV_POSTGRES_READY_ATTEMPTS: u32 = 300;

/// See [`DEV_POSTGRES_READY_ATTEMPTS`].
pub const DEV_POSTGRES_READY_PAUSE: Duration = Duration::from_millis(100);

/// Longest path of a Unix socket: Linux keeps 108 bytes, the last one is zero.
pub const SOCKET_PATH_BYTES_MAX: usize = 107;

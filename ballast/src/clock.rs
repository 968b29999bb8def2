//! The only place that reads the time. Everything else is told it, so that every decision can be repeated and
//! every test can choose its own.

use agent_gateway::Clock;
use jiff::Timestamp;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The clock of the machine.
pub const SYSTEM: Clock = Clock { now, uptime };

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Time since the first call: the start does not matter, only differences do.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the monotonic clock")]
fn uptime() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// The wall clock as the databases and the ledger hold time: microseconds since 1970, UTC.
#[must_use]
pub fn unix_micros() -> i64 {
    now().as_microsecond()
}

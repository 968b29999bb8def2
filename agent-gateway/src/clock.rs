//! The time as this crate is told it. Only the program reads a clock; here it is two functions handed in.

use jiff::Timestamp;
use std::time::Duration;

/// Where the time comes from.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The wall clock, UTC: for texts and ids, never for measuring.
    pub now: fn() -> Timestamp,
    /// Time since some fixed start, never going back: for measuring.
    pub uptime: fn() -> Duration,
}

/// RFC 3339 UTC with exactly three fraction digits, the one form of a time in an answer.
#[must_use]
pub(crate) fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_always_there() {
        assert_eq!(rfc3339(Timestamp::from_second(0).unwrap()), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(Timestamp::from_microsecond(1_999_999).unwrap()), "1970-01-01T00:00:01.999Z");
    }
}

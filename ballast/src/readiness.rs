//! What the service needs before it takes work, probed on a timer and published to `/readyz`.
//!
//! A timer and not the request does the probing: a public route must not let strangers write to the disk.

use crate::database::Database;
use agent_gateway::Clock;
use api_types::Check;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often the checks run. Load balancers ask every few seconds.
const EVERY: Duration = Duration::from_secs(2);

/// What one check saw.
type Seen = (&'static str, Result<String, String>);

/// Runs the checks once, so that the service starts with an answer.
pub(crate) async fn first(database: &Database, clock: Clock) -> watch::Sender<Vec<Check>> {
    watch::Sender::new(dated(&[], probe(database, true).await, clock))
}

/// Runs the checks until `stop`, then publishes once more that no work is taken.
pub(crate) async fn keep(
    checks: watch::Sender<Vec<Check>>,
    database: Database,
    clock: Clock,
    stop: CancellationToken,
) {
    loop {
        let stopping = tokio::select! {
            () = stop.cancelled() => true,
            () = tokio::time::sleep(EVERY) => false,
        };
        let seen = probe(&database, !stopping).await;
        for (name, result) in &seen {
            metrics::gauge!("ballast_ready", "check" => *name).set(f64::from(u8::from(result.is_ok())));
        }
        let next = dated(&checks.borrow(), seen, clock);
        checks.send_replace(next);
        if stopping {
            return;
        }
    }
}

async fn probe(database: &Database, accepting: bool) -> Vec<Seen> {
    let accepting = if accepting { Ok("yes".to_owned()) } else { Err("the service is stopping".to_owned()) };
    vec![
        ("accepting", accepting),
        ("database", database.probe().await),
        ("migrations", database.probe_migrations().await),
    ]
}

/// Keeps the time of the last change of each check.
fn dated(before: &[Check], seen: Vec<Seen>, clock: Clock) -> Vec<Check> {
    let now = format!("{:.3}", (clock.now)());
    let date = |(name, result): Seen| {
        let ok = result.is_ok();
        let detail = result.unwrap_or_else(|why| why);
        let same = before.iter().find(|check| check.name == name && check.ok == ok);
        let since = same.map_or_else(|| now.clone(), |check| check.since.clone());
        Check { name: name.to_owned(), ok, detail, since }
    };
    seen.into_iter().map(date).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn since_is_the_time_of_the_last_change() {
        const EARLY: Clock = Clock { now: || Timestamp::UNIX_EPOCH, uptime: || Duration::ZERO };
        const LATE: Clock = Clock { now: || Timestamp::constant(1, 0), uptime: || Duration::ZERO };
        let good = |detail: &str| vec![("database", Ok(detail.to_owned()))];
        let first = dated(&[], good("a"), EARLY);
        let same = dated(&first, good("b"), LATE);
        assert_eq!((same[0].since.as_str(), same[0].detail.as_str()), ("1970-01-01T00:00:00.000Z", "b"));
        let bad = dated(&same, vec![("database", Err("gone".to_owned()))], LATE);
        assert_eq!((bad[0].since.as_str(), bad[0].ok), ("1970-01-01T00:00:01.000Z", false));
    }
}

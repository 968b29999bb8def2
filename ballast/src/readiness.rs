//! What the service needs before it takes work, probed on a timer and published to `/readyz`.
//!
//! A timer and not the request does the probing: a public route must not let strangers write to the disk. Each
//! check has a rhythm of its own, so that a slow one does not hold up another. Invariant: a published result is
//! never older than [`EVERY`] and [`OVERDUE`] together, and the channel closes when nobody probes any more.

use crate::database::Database;
use crate::ledger_service;
use agent_gateway::Clock;
use api_types::Check;
use ledger::handle::Handle;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The pause between a result and the next probe. Load balancers ask every few seconds.
const EVERY: Duration = Duration::from_secs(2);
/// A probe without result for so long has failed. The probes bound themselves; this bounds the probes.
const OVERDUE: Duration = Duration::from_secs(5);

const ACCEPTING: &str = "accepting";
const DATABASE: &str = "database";
const MIGRATIONS: &str = "migrations";
const LEDGER: &str = "ledger";

/// The checks, and their newest results.
#[derive(Debug)]
pub(crate) struct Readiness {
    checks: watch::Sender<Vec<Check>>,
    clock: Clock,
}

impl Readiness {
    /// Nothing is ready until it has been probed.
    pub(crate) fn new(clock: Clock) -> Self {
        let readiness = Self { checks: watch::Sender::new(Vec::new()), clock };
        readiness.publish(ACCEPTING, Ok("yes".to_owned()));
        for name in [DATABASE, MIGRATIONS, LEDGER] {
            readiness.publish(name, Err("not probed yet".to_owned()));
        }
        readiness
    }

    /// Where the results can be read.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Vec<Check>> {
        self.checks.subscribe()
    }

    /// Probes once, so that the service starts with an answer, or with none when it is to stop already.
    pub(crate) async fn first(&self, database: &Database, ledger: &Handle, stop: &CancellationToken) {
        let probes = async {
            tokio::join!(
                self.probe(DATABASE, database.probe()),
                self.probe(MIGRATIONS, database.probe_migrations()),
                self.probe(LEDGER, ledger_service::probe(ledger))
            )
        };
        stop.run_until_cancelled(probes).await;
    }

    /// Probes until `stop`, then publishes at once that no work is taken, and keeps that up until `drained`.
    pub(crate) async fn keep(
        self,
        database: Database,
        ledger: Handle,
        stop: CancellationToken,
        drained: CancellationToken,
    ) {
        let probes = async {
            tokio::join!(
                self.repeat(DATABASE, || database.probe()),
                self.repeat(MIGRATIONS, || database.probe_migrations()),
                self.repeat(LEDGER, || ledger_service::probe(&ledger))
            )
        };
        stop.run_until_cancelled(probes).await;
        self.publish(ACCEPTING, Err("the service is stopping".to_owned()));
        drained.cancelled().await;
    }

    async fn repeat<F>(&self, name: &'static str, probe: impl Fn() -> F) -> Infallible
    where
        F: Future<Output = Result<String, String>>,
    {
        loop {
            tokio::time::sleep(EVERY).await;
            self.probe(name, probe()).await;
        }
    }

    async fn probe(&self, name: &'static str, probe: impl Future<Output = Result<String, String>>) {
        let result = tokio::time::timeout(OVERDUE, probe).await;
        let overdue = |_| Err(format!("no result within {} seconds", OVERDUE.as_secs()));
        self.publish(name, result.unwrap_or_else(overdue));
    }

    /// Replaces the result of one check; the time of its last change stays when it says the same as before.
    fn publish(&self, name: &'static str, result: Result<String, String>) {
        let ok = result.is_ok();
        metrics::gauge!("ballast_ready", "check" => name).set(f64::from(u8::from(ok)));
        let detail = result.unwrap_or_else(|why| why);
        let now = format!("{:.3}", (self.clock.now)());
        self.checks.send_modify(|checks| match checks.iter_mut().find(|check| check.name == name) {
            Some(check) if check.ok == ok => check.detail = detail,
            Some(check) => *check = Check { name: name.to_owned(), ok, detail, since: now },
            None => checks.push(Check { name: name.to_owned(), ok, detail, since: now }),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    const EARLY: Clock = Clock { now: || Timestamp::UNIX_EPOCH, uptime: || Duration::ZERO };
    const LATE: Clock = Clock { now: || Timestamp::constant(1, 0), uptime: || Duration::ZERO };

    fn seen(readiness: &Readiness, name: &str) -> (bool, String, String) {
        let checks = readiness.checks.borrow();
        let check = checks.iter().find(|check| check.name == name).unwrap();
        (check.ok, check.detail.clone(), check.since.clone())
    }

    #[test]
    fn since_is_the_time_of_the_last_change() {
        let mut readiness = Readiness::new(EARLY);
        readiness.publish(DATABASE, Ok("a".to_owned()));
        readiness.clock = LATE;
        readiness.publish(DATABASE, Ok("b".to_owned()));
        assert_eq!(seen(&readiness, DATABASE), (true, "b".to_owned(), "1970-01-01T00:00:00.000Z".to_owned()));
        readiness.publish(DATABASE, Err("gone".to_owned()));
        assert_eq!(
            seen(&readiness, DATABASE),
            (false, "gone".to_owned(), "1970-01-01T00:00:01.000Z".to_owned())
        );
    }

    #[test]
    fn nothing_is_ready_before_it_was_probed() {
        let readiness = Readiness::new(EARLY);
        let names: Vec<_> =
            readiness.checks.borrow().iter().map(|check| (check.name.clone(), check.ok)).collect();
        let expected = [(ACCEPTING, true), (DATABASE, false), (MIGRATIONS, false), (LEDGER, false)];
        assert_eq!(names, expected.map(|(name, ok)| (name.to_owned(), ok)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_hangs_fails_and_holds_up_no_other() {
        let readiness = Readiness::new(EARLY);
        let mut checks = readiness.subscribe();
        let probes = async {
            tokio::join!(
                readiness.repeat(DATABASE, std::future::pending),
                readiness.repeat(MIGRATIONS, async || Ok("all applied".to_owned()))
            )
        };
        let reading = async {
            let of = |checks: &[Check], name: &str| {
                checks.iter().find(|check| check.name == name).cloned().unwrap()
            };
            checks.wait_for(|checks| of(checks, MIGRATIONS).ok).await.unwrap();
            assert_eq!(seen(&readiness, DATABASE).1, "not probed yet");
            checks.wait_for(|checks| of(checks, DATABASE).detail.starts_with("no result")).await.unwrap();
            assert!(!seen(&readiness, DATABASE).0);
        };
        tokio::select! {
            _ = probes => {}
            () = reading => {}
        }
    }
}

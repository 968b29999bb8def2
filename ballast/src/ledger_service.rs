//! The ledger of this process: its start, what is told of it while it runs, its end.
//!
//! It is started after the database and stopped after the last request. A fault of it is the end of the process: what
//! was acknowledged is durable, and only the next start knows what else is.

use crate::config::{Config, Ledger};
use crate::data_directory::DataDirectory;
use crate::ledger_door::{self, LedgerDoor};
use crate::{Failure, clock};
use agent_gateway::Clock;
use ledger::disk::{Disk, RealDisk};
use ledger::handle::{Handle, LedgerError, LedgerStatus};
use ledger::remote::LedgerId;
use ledger::service::{
    Environment, RecoveryReport, Running, SECRET_BYTES, ServiceClock, ServiceError, ServiceSettings,
};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often its figures are published.
const METRICS_EVERY: Duration = Duration::from_secs(1);

/// Where a ledger keeps everything, and how it is set up.
pub(crate) struct LedgerPlan {
    pub(crate) settings: ServiceSettings,
    /// Opens the disk, once the data directory is claimed.
    pub(crate) disk: Box<dyn FnOnce() -> Result<Arc<dyn Disk>, Failure> + Send>,
    /// Who else reaches it, or which other one is used instead.
    pub(crate) ways: Ledger,
}

impl LedgerPlan {
    /// The ledger in the data directory, or the one that the configuration names.
    pub(crate) fn of(config: &Config) -> Self {
        let data_dir = config.data_dir.clone();
        let settings = ServiceSettings::for_threads(threads(&config.ledger));
        Self { settings, disk: Box::new(move || open_disk(data_dir)), ways: config.ledger.clone() }
    }
}

fn threads(config: &Ledger) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    if config.threads == 0 { cores.min(Ledger::THREADS_AUTOMATIC_MAX) } else { config.threads }
}

fn open_disk(data_dir: PathBuf) -> Result<Arc<dyn Disk>, Failure> {
    let folder = DataDirectory::ledger(&data_dir)
        .map_err(|error| Failure::setup(format!("data directory {}: {error}", data_dir.display())))?;
    let disk = RealDisk::open(folder).map_err(refuse)?;
    Ok(Arc::new(disk))
}

fn refuse(error: impl std::fmt::Display) -> Failure {
    Failure::setup(format!("ledger: {error}"))
}

/// The ledger that this process works with.
#[derive(Debug)]
pub(crate) enum LedgerService {
    /// It runs here, and others may reach it.
    Own { running: Box<Running>, door: Option<LedgerDoor> },
    /// It runs in another process, which has its own end.
    Elsewhere(Handle),
}

impl LedgerService {
    /// Recovers the ledger, which reads the disk for as long as that takes: a stop meanwhile waits for it.
    pub(crate) async fn start(plan: LedgerPlan, stop: &CancellationToken) -> Result<Self, Failure> {
        let ways = plan.ways.clone();
        if let Some(address) = &ways.remote {
            return Ok(Self::Elsewhere(ledger_door::remote(&ways, address)?));
        }
        let started = (clock::SYSTEM.uptime)();
        let running = Box::new(blocking(move || start(plan)).await??);
        let took = (clock::SYSTEM.uptime)().saturating_sub(started);
        log_recovery(running.report(), took);
        if stop.is_cancelled() {
            Self::Own { running, door: None }.stop().await?;
            return Err(Failure::Interrupted);
        }
        let Some(address) = &ways.listen else { return Ok(Self::Own { running, door: None }) };
        let ledger = (running.handle(), LedgerId::of_journal(running.journal_id()));
        match LedgerDoor::open(&ways, address, ledger).await {
            Ok(door) => Ok(Self::Own { running, door: Some(door) }),
            Err(failure) => {
                Self::Own { running, door: None }.stop().await?;
                Err(failure)
            }
        }
    }

    /// The way to ask it.
    pub(crate) fn handle(&self) -> Handle {
        match self {
            Self::Own { running, .. } => running.handle(),
            Self::Elsewhere(handle) => handle.clone(),
        }
    }

    /// Waits for a fault, after which the process has to end. A ledger elsewhere has none here: it comes back.
    pub(crate) async fn failed(&self) -> Arc<ServiceError> {
        match self {
            Self::Own { running, .. } => running.failed().await,
            Self::Elsewhere(_) => std::future::pending().await,
        }
    }

    /// Executes and answers what was taken, and ends.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        let Self::Own { running, door } = self else { return Ok(()) };
        // Whoever is outside gets answers as long as there is somebody to give them.
        let closed = match door {
            Some(door) => door.close().await,
            None => Ok(()),
        };
        let ended = blocking(move || running.stop()).await?;
        let status = ended.map_err(|fault| Failure::run(format!("ledger: {fault}")))?;
        tracing::info!(sequence = status.sequence, "ledger stopped");
        closed
    }
}

/// `ballast serve --roles ledger`: the ledger alone, for gateways in other processes. Ends at a stop or a fault.
pub(crate) async fn run_alone(config: &Config, stop: CancellationToken) -> Result<(), Failure> {
    if config.ledger.listen.is_none() {
        return Err(Failure::setup("a ledger alone needs ledger.listen, so that a gateway can reach it"));
    }
    let ledger = LedgerService::start(LedgerPlan::of(config), &stop).await?;
    tokio::select! {
        () = stop.cancelled() => {}
        fault = ledger.failed() => tracing::error!(%fault, "the ledger has failed: the process ends"),
    }
    ledger.stop().await
}

/// Runs what waits for the disk beside the threads that serve.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::run(format!("ledger: {error}")))
}

fn start(plan: LedgerPlan) -> Result<Running, Failure> {
    let disk = (plan.disk)()?;
    // The time before 1970 is none of the ledger's; a clock that says so is refused by every id.
    let clock = ServiceClock::new(|| u64::try_from(clock::unix_micros()).unwrap_or(0));
    let environment = Environment { disk, clock, secret: random::<SECRET_BYTES>()?, seed: random::<32>()? };
    Running::start(plan.settings, environment).map_err(refuse)
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], Failure> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| refuse(format!("no random bytes ({error})")))?;
    Ok(bytes)
}

fn log_recovery(report: &RecoveryReport, took: Duration) {
    for refused in &report.snapshots_refused {
        tracing::warn!(refused, "a snapshot of the ledger does not hold; an older one was used");
    }
    let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        elapsed_ms,
        snapshot_sequence = report.snapshot_sequence,
        snapshot_accounts = report.snapshot_accounts,
        entries_replayed = report.entries_replayed,
        transfers_replayed = report.transfers_replayed,
        roots_compared = report.roots_compared,
        "ledger recovered"
    );
}

/// What the readiness check says: whether a read comes back that has gone the way of every transfer.
pub(crate) async fn probe(ledger: &Handle) -> Result<String, String> {
    match ledger.accounts(Vec::new()).await {
        Ok(_) => Ok("answers".to_owned()),
        // It works off what it has taken; callers are told to wait.
        Err(LedgerError::Busy { .. }) => Ok("at its limit".to_owned()),
        Err(error) => {
            tracing::warn!(%error, "the ledger does not answer");
            Err("it does not answer; the cause is in the log".to_owned())
        }
    }
}

/// Publishes its figures until `stop`.
pub(crate) async fn keep_metrics(ledger: Handle, clock: Clock, stop: CancellationToken) {
    let mut checkpoint = Checkpoint::default();
    loop {
        match ledger.status().await {
            Ok(status) => publish(&status, checkpoint.age(&status, (clock.uptime)())),
            Err(error) => tracing::warn!(%error, "the ledger's status cannot be read"),
        }
        if tokio::time::timeout(METRICS_EVERY, stop.cancelled()).await.is_ok() {
            return;
        }
    }
}

fn publish(status: &LedgerStatus, checkpoint_age: Duration) {
    metrics::counter!("ballast_ledger_sequence").absolute(status.sequence);
    gauge("ballast_ledger_queued_transfers", status.queued_transfers);
    gauge("ballast_ledger_accounts", status.accounts);
    gauge("ballast_ledger_open_pending", status.open_pending);
    gauge(
        "ballast_ledger_checkpoint_age_entries",
        status.sequence.saturating_sub(status.state_root_sequence),
    );
    gauge("ballast_ledger_snapshot_age_entries", status.sequence.saturating_sub(status.snapshot_sequence));
    metrics::gauge!("ballast_ledger_checkpoint_age_seconds").set(checkpoint_age.as_secs_f64());
    metrics::gauge!("ballast_ledger_frozen").set(f64::from(u8::from(status.frozen)));
}

/// A gauge of a count. Those above four thousand million are shown as that.
fn gauge(name: &'static str, value: u64) {
    metrics::gauge!(name).set(f64::from(u32::try_from(value).unwrap_or(u32::MAX)));
}

/// Since when the ledger has gone on without a new state root.
#[derive(Debug, Default)]
struct Checkpoint {
    root_sequence: u64,
    /// When the first entry behind that root was seen; nothing while there is none.
    behind_since: Option<Duration>,
}

impl Checkpoint {
    /// How long entries have waited for a root; zero if there is one after the newest.
    fn age(&mut self, status: &LedgerStatus, now: Duration) -> Duration {
        let covered = status.state_root_sequence >= status.sequence;
        if covered || status.state_root_sequence != self.root_sequence {
            self.root_sequence = status.state_root_sequence;
            self.behind_since = None;
        }
        if covered {
            return Duration::ZERO;
        }
        now.saturating_sub(*self.behind_since.get_or_insert(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_ages_while_entries_wait_for_a_root() {
        let mut checkpoint = Checkpoint::default();
        for (now, sequence, state_root_sequence, age) in [
            (0, 0, 0, 0),
            (1, 5, 0, 0),
            (3, 9, 0, 2),
            (4, 9, 7, 0),
            (6, 9, 7, 2),
            (7, 9, 9, 0),
            (9, 10, 9, 0),
        ] {
            let status = LedgerStatus { sequence, state_root_sequence, ..LedgerStatus::default() };
            let found = checkpoint.age(&status, Duration::from_secs(now));
            assert_eq!(found, Duration::from_secs(age), "at {now} s");
        }
    }

    #[test]
    fn threads_are_those_of_the_configuration_or_of_the_machine() {
        assert_eq!(threads(&Ledger { threads: 3, ..Ledger::default() }), 3);
        assert!((1..=Ledger::THREADS_AUTOMATIC_MAX).contains(&threads(&Ledger::default())));
    }
}

//! The running service: sockets first, then the data directory, the database, the ledger and the routes.
//!
//! The order is so that a start that cannot succeed creates nothing: a port in use or a wrong URL is found
//! before the first file is written. A stop goes the other way: readiness turns false, the listener closes after
//! `http.drain_seconds`, requests under way end, then the ledger, metrics, the database. A fault of the ledger ends the
//! process with its reason: answers under way get a moment, new requests are not taken.

use crate::config::{Config, Network};
use crate::database::{self, Database};
use crate::ledger_service::{self, LedgerPlan, LedgerService};
use crate::readiness::Readiness;
use crate::{Failure, Observability, clock, process};
use agent_gateway::http::{Settings, router};
use agent_gateway::integrator_keys::IntegratorKeys;
use agent_gateway::{API_VERSION, Outcome, ServeOptions, limits, serve};
use api_types::{Check, UuidText, VersionInfo};
use axum::Router;
use ledger::handle::Handle;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

/// How often metrics drop what they no longer need.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);
/// A few scrapers at once; a stop waits a second for a scrape under way.
const METRICS: ServeOptions = ServeOptions { connections: 64, grace: Duration::from_secs(1) };

/// How long answers under way may take after the ledger has failed.
const FAULT_GRACE: Duration = Duration::from_secs(2);

/// A service that answers.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    metrics_address: SocketAddr,
    stop: CancellationToken,
    drained: CancellationToken,
    stop_metrics: CancellationToken,
    http: JoinHandle<Outcome>,
    metrics: JoinHandle<Outcome>,
    readiness: JoinHandle<()>,
    ledger: LedgerService,
    database: Database,
}

impl Service {
    /// Starts everything and returns once requests are answered. Cancel `stop` to stop it, also while it starts.
    ///
    /// # Errors
    /// [`Failure::Setup`] when the surroundings do not fit, [`Failure::Interrupted`] when it was stopped first;
    /// nothing is left behind but what was there before.
    pub async fn start(
        config: &Config,
        observability: Observability,
        stop: CancellationToken,
    ) -> Result<Self, Failure> {
        Self::start_with(config, observability, stop, LedgerPlan::of(config)).await
    }

    async fn start_with(
        config: &Config,
        observability: Observability,
        stop: CancellationToken,
        plan: LedgerPlan,
    ) -> Result<Self, Failure> {
        let http_listener = bind(config.http.listen, "http.listen").await?;
        let metrics_listener = bind(config.metrics.listen, "metrics.listen").await?;
        let address = http_listener.local_addr().map_err(Failure::setup)?;
        let metrics_address = metrics_listener.local_addr().map_err(Failure::setup)?;
        let readiness = Readiness::new(clock::SYSTEM);
        let outside = Outside { config, address, readiness: readiness.subscribe() };
        let (database, ledger, router) = open(outside, plan, &stop).await?;
        // After this point the start must succeed: database and ledger are in use, and only run() closes them.
        let handle = ledger.handle();
        readiness.first(&database, &handle, &stop).await;
        process::raise_open_files();
        let (drained, stop_metrics) = (CancellationToken::new(), CancellationToken::new());
        let drain = Duration::from_secs(config.http.drain_seconds);
        tokio::spawn(keep_answering(drain, stop.clone(), drained.clone()));
        tokio::spawn(keep_metrics_small(observability.clone(), stop_metrics.clone()));
        tokio::spawn(ledger_service::keep_metrics(handle.clone(), clock::SYSTEM, stop_metrics.clone()));
        let http = ServeOptions {
            connections: limits::CONNECTIONS,
            grace: Duration::from_secs(config.http.shutdown_grace_seconds),
        };
        tracing::info!(%address, %metrics_address, store = %database, network = config.network.as_str(), "listening");
        Ok(Self {
            address,
            metrics_address,
            http: tokio::spawn(serve(http_listener, router, drained.clone(), http)),
            metrics: tokio::spawn(serve(
                metrics_listener,
                observability.routes(),
                stop_metrics.clone(),
                METRICS,
            )),
            readiness: tokio::spawn(readiness.keep(database.clone(), handle, stop.clone(), drained.clone())),
            ledger,
            database,
            stop,
            drained,
            stop_metrics,
        })
    }

    /// Where the API answers.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where metrics are read.
    #[must_use]
    pub fn metrics_url(&self) -> String {
        format!("http://{}", self.metrics_address)
    }

    /// Serves until the token given to [`Service::start`] is cancelled or the ledger fails, then ends in order:
    /// requests, ledger, metrics, database.
    ///
    /// # Errors
    /// [`Failure::Run`] when the ledger failed or a part of the service panicked.
    pub async fn run(mut self) -> Result<(), Failure> {
        let http = tokio::select! {
            ended = &mut self.http => ended,
            fault = self.ledger.failed() => {
                tracing::error!(%fault, "the ledger has failed: the process ends");
                self.stop.cancel();
                self.drained.cancel();
                end_soon(&mut self.http).await
            }
        };
        // Also when the API ended by itself, everything else has to end.
        self.stop.cancel();
        self.drained.cancel();
        let readiness = self.readiness.await;
        let ledger = self.ledger.stop().await;
        self.stop_metrics.cancel();
        let metrics = self.metrics.await;
        self.database.close().await;
        // The first of these is the cause of the others.
        ledger?;
        readiness.map_err(|error| Failure::run(format!("readiness: {error}")))?;
        metrics.map_err(|error| Failure::run(format!("metrics listener: {error}")))?;
        match http.map_err(|error| Failure::run(format!("API listener: {error}")))? {
            Outcome::Drained => tracing::info!("stopped"),
            // No failure of ours: any client that does not read can bring this about.
            Outcome::Cut(connections) => {
                tracing::warn!(connections, "stopped; some did not end in http.shutdown_grace_seconds");
            }
        }
        Ok(())
    }
}

/// Gives answers under way a moment, then cuts them.
async fn end_soon(http: &mut JoinHandle<Outcome>) -> Result<Outcome, JoinError> {
    if let Ok(ended) = tokio::time::timeout(FAULT_GRACE, &mut *http).await {
        return ended;
    }
    http.abort();
    http.await
}

/// What the routes are told beside database and ledger.
struct Outside<'a> {
    config: &'a Config,
    address: SocketAddr,
    readiness: watch::Receiver<Vec<Check>>,
}

/// Everything that lies on the disk, and the routes over it. When one of them fails, what this start has made is taken
/// back.
async fn open(
    outside: Outside<'_>,
    plan: LedgerPlan,
    stop: &CancellationToken,
) -> Result<(Database, LedgerService, Router), Failure> {
    let (database, _) = database::open_and_migrate(outside.config, stop).await?;
    match open_ledger(outside, plan, &database, stop).await {
        Ok((ledger, router)) => Ok((database, ledger, router)),
        Err(failure) => {
            database.abandon().await;
            Err(failure)
        }
    }
}

async fn open_ledger(
    outside: Outside<'_>,
    plan: LedgerPlan,
    database: &Database,
    stop: &CancellationToken,
) -> Result<(LedgerService, Router), Failure> {
    let instance = UuidText(database.instance().await?);
    let keys = IntegratorKeys::new(Arc::new(database.store().clone()), clock::SYSTEM);
    let ledger = LedgerService::start(plan, stop).await?;
    match router(settings(outside, instance, keys, ledger.handle())) {
        Ok(router) => Ok((ledger, router)),
        Err(error) => {
            ledger.stop().await?;
            Err(Failure::setup(error))
        }
    }
}

async fn bind(address: SocketAddr, key: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => "stop what listens there or choose another port",
            ErrorKind::AddrNotAvailable => "choose an address of this machine",
            ErrorKind::PermissionDenied => {
                "choose a port from 1024 up, or give the process CAP_NET_BIND_SERVICE"
            }
            _ => "choose another address",
        };
        Failure::setup(format!("{key} = {address}: {error}; {advice}"))
    })
}

fn settings(
    outside: Outside<'_>,
    instance: UuidText,
    integrator_keys: IntegratorKeys,
    ledger: Handle,
) -> Settings {
    let Outside { config, address, readiness } = outside;
    let public_url = config.http.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    Settings {
        clock: clock::SYSTEM,
        public_url: public_url.trim_end_matches('/').to_owned(),
        version: VersionInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: env!("BALLAST_COMMIT").to_owned(),
            api_version: API_VERSION.to_owned(),
            network: config.network.as_str().to_owned(),
            instance,
            livemode: config.network == Network::Mainnet,
        },
        readiness,
        ledger,
        integrator_keys,
        concurrency: config.http.concurrency,
        public_requests_per_minute: config.http.public_requests_per_minute,
        batch_requests_per_minute: config.http.batch_requests_per_minute,
        trusted_proxies: config.http.trusted_proxies.clone(),
    }
}

/// Between saying that no work is taken and taking none, so that a load balancer can notice.
async fn keep_answering(drain: Duration, stop: CancellationToken, drained: CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(drain).await;
    drained.cancel();
}

async fn keep_metrics_small(observability: Observability, stop: CancellationToken) {
    while tokio::time::timeout(METRICS_UPKEEP, stop.cancelled()).await.is_err() {
        observability.upkeep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::Request;
    use ledger::admin::{AdministrativeRequest, LedgerChange};
    use ledger::disk::{Disk, DiskOperation, FakeDisk};
    use ledger::handle::LedgerError;
    use ledger::service::ServiceSettings;

    /// A disk that fails to flush is the end, at once, whatever a stop would otherwise wait for.
    #[tokio::test]
    async fn a_fault_of_the_ledger_ends_the_process_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().join("data"), ..Config::default() };
        config.http.listen = "127.0.0.1:0".parse().unwrap();
        config.metrics.listen = config.http.listen;
        config.http.drain_seconds = 3600;
        let disk = FakeDisk::new(1);
        let opened: Arc<dyn Disk> = Arc::new(disk.clone());
        let settings = ServiceSettings { segment_bytes: 64 * 1024, ..ServiceSettings::for_threads(1) };
        let plan = LedgerPlan { settings, disk: Box::new(move || Ok(opened)), ways: config.ledger.clone() };
        let observability = Observability::metrics_only().unwrap();
        let stop = CancellationToken::new();
        let service = Service::start_with(&config, observability, stop, plan).await.unwrap();
        let ledger = service.ledger.handle();
        let serving = tokio::spawn(service.run());

        disk.fail_nth(DiskOperation::Flush, 1);
        let freeze = Request::Administrative(AdministrativeRequest::ChangeLedger(LedgerChange::Freeze));
        let refused = ledger.submit(vec![freeze]).await.unwrap_err();
        assert!(matches!(refused, LedgerError::Stopped(_)), "{refused}");
        let failure = serving.await.unwrap().unwrap_err();
        assert_eq!(failure.exit_code(), 1);
        assert!(failure.to_string().starts_with("ledger: flush of "), "{failure}");
    }
}

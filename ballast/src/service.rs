//! The running service: sockets and routes first, then the data directory and the database.
//!
//! The order is so that a start that cannot succeed creates nothing: a port in use or a wrong URL is found
//! before the first file is written. A stop goes the other way: readiness turns false, the listener closes after
//! `http.drain_seconds`, requests under way end, then metrics, then the database.

use crate::config::{Config, Network};
use crate::database::{self, Database};
use crate::readiness::Readiness;
use crate::{Failure, Observability, clock, process};
use agent_gateway::http::{Settings, router};
use agent_gateway::{API_VERSION, Outcome, ServeOptions, limits, serve};
use api_types::VersionInfo;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often metrics drop what they no longer need.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);
/// A few scrapers at once; a stop waits a second for a scrape under way.
const METRICS: ServeOptions = ServeOptions { connections: 64, grace: Duration::from_secs(1) };

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
        let http_listener = bind(config.http.listen, "http.listen").await?;
        let metrics_listener = bind(config.metrics.listen, "metrics.listen").await?;
        let address = http_listener.local_addr().map_err(Failure::setup)?;
        let metrics_address = metrics_listener.local_addr().map_err(Failure::setup)?;
        let readiness = Readiness::new(clock::SYSTEM);
        let router = router(settings(config, address, readiness.subscribe())).map_err(Failure::setup)?;

        let (database, _) = database::open_and_migrate(config, &stop).await?;
        // After this point the start must succeed: the database is in use, and only run() closes it.
        readiness.first(&database, &stop).await;
        process::raise_open_files();
        let (drained, stop_metrics) = (CancellationToken::new(), CancellationToken::new());
        let drain = Duration::from_secs(config.http.drain_seconds);
        tokio::spawn(keep_answering(drain, stop.clone(), drained.clone()));
        tokio::spawn(keep_metrics_small(observability.clone(), stop_metrics.clone()));
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
            readiness: tokio::spawn(readiness.keep(database.clone(), stop.clone(), drained.clone())),
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

    /// Serves until the token given to [`Service::start`] is cancelled, then ends in order: requests, metrics,
    /// database.
    ///
    /// # Errors
    /// [`Failure::Run`] when a part of the service panicked.
    pub async fn run(self) -> Result<(), Failure> {
        let http = self.http.await;
        // Also when the API ended by itself, everything else has to end.
        self.stop.cancel();
        self.drained.cancel();
        let readiness = self.readiness.await;
        self.stop_metrics.cancel();
        let metrics = self.metrics.await;
        self.database.close().await;
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
    config: &Config,
    address: SocketAddr,
    readiness: tokio::sync::watch::Receiver<Vec<api_types::Check>>,
) -> Settings {
    let public_url = config.http.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    Settings {
        clock: clock::SYSTEM,
        public_url: public_url.trim_end_matches('/').to_owned(),
        version: VersionInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: env!("BALLAST_COMMIT").to_owned(),
            api_version: API_VERSION.to_owned(),
            network: config.network.as_str().to_owned(),
            livemode: config.network == Network::Mainnet,
        },
        readiness,
        concurrency: config.http.concurrency,
        public_requests_per_minute: config.http.public_requests_per_minute,
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

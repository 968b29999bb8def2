//! The running service: sockets first, then the data directory and the database, then the routes.
//!
//! The order is so that a start that cannot succeed creates nothing: a port in use or a wrong URL is found
//! before the first file is written.

use crate::config::{Config, Network};
use crate::database::{self, Database};
use crate::{Failure, Observability, clock, readiness};
use agent_gateway::http::{Settings, router};
use agent_gateway::{API_VERSION, Outcome, serve};
use api_types::VersionInfo;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often metrics drop what they no longer need.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);
/// How long a stop waits for a scrape of metrics under way.
const METRICS_GRACE: Duration = Duration::from_secs(1);

/// A service that answers.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    metrics_address: SocketAddr,
    stop: CancellationToken,
    stop_metrics: CancellationToken,
    http: JoinHandle<Outcome>,
    metrics: JoinHandle<Outcome>,
    readiness: JoinHandle<()>,
    database: Database,
}

impl Service {
    /// Starts everything and returns once requests are answered.
    ///
    /// # Errors
    /// [`Failure::Setup`] when the surroundings do not fit; nothing is left behind but what was there before.
    pub async fn start(config: &Config, observability: Observability) -> Result<Self, Failure> {
        let http_listener = bind(config.http.listen, "http.listen").await?;
        let metrics_listener = bind(config.metrics.listen, "metrics.listen").await?;
        let address = http_listener.local_addr().map_err(Failure::setup)?;
        let metrics_address = metrics_listener.local_addr().map_err(Failure::setup)?;

        let database = database::open(config).await?;
        database.migrate(config.network).await?;
        let checks = readiness::first(&database, clock::SYSTEM).await;

        let stop = CancellationToken::new();
        let stop_metrics = CancellationToken::new();
        let router = router(settings(config, address, checks.subscribe())).map_err(Failure::setup)?;
        let grace = Duration::from_secs(config.http.shutdown_grace_seconds);
        tokio::spawn(keep_metrics_small(observability.clone(), stop_metrics.clone()));
        tracing::info!(%address, %metrics_address, store = %database, network = config.network.as_str(), "listening");
        Ok(Self {
            address,
            metrics_address,
            http: tokio::spawn(serve(http_listener, router, stop.clone(), grace)),
            metrics: tokio::spawn(serve(
                metrics_listener,
                observability.routes(),
                stop_metrics.clone(),
                METRICS_GRACE,
            )),
            readiness: tokio::spawn(readiness::keep(checks, database.clone(), clock::SYSTEM, stop.clone())),
            database,
            stop,
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

    /// Cancel it to stop the service.
    #[must_use]
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Serves until the token of [`Service::stop_token`] is cancelled, then ends in order: requests, metrics,
    /// database.
    ///
    /// # Errors
    /// [`Failure::Run`] when requests had to be cut or a part of the service panicked.
    pub async fn run(self) -> Result<(), Failure> {
        let http = self.http.await;
        // Also when the API ended by itself, everything else has to end.
        self.stop.cancel();
        let readiness = self.readiness.await;
        self.stop_metrics.cancel();
        let metrics = self.metrics.await;
        self.database.close().await;
        readiness.map_err(|error| Failure::run(format!("readiness: {error}")))?;
        metrics.map_err(|error| Failure::run(format!("metrics listener: {error}")))?;
        match http.map_err(|error| Failure::run(format!("API listener: {error}")))? {
            Outcome::Drained => {
                tracing::info!("stopped");
                Ok(())
            }
            Outcome::Cut(count) => Err(Failure::run(format!(
                "{count} connections were cut: they did not end in http.shutdown_grace_seconds"
            ))),
        }
    }
}

async fn bind(address: SocketAddr, key: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::setup(format!(
            "{key} = {address}: {error}; stop what listens there or choose another address"
        ))
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
    }
}

async fn keep_metrics_small(observability: Observability, stop: CancellationToken) {
    while tokio::time::timeout(METRICS_UPKEEP, stop.cancelled()).await.is_err() {
        observability.upkeep();
    }
}

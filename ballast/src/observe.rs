//! Logs and metrics, set up once for each process.

use crate::Failure;
use crate::config::{Log, LogFormat};
use axum::Router;
use axum::http::header;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Bounds of latency histograms in seconds: from what an in-memory answer takes to the time limit.
const LATENCY_SECONDS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// The recorder of metrics, to be rendered for Prometheus.
#[derive(Debug, Clone)]
pub struct Observability {
    metrics: PrometheusHandle,
}

impl Observability {
    /// Starts logs on standard error, where a panic becomes a line like the others, and the recorder of metrics.
    ///
    /// # Errors
    /// [`Failure::Setup`] when the filter cannot be read, or when this process has already been set up.
    pub fn install(log: &Log) -> Result<Self, Failure> {
        let filter = filter(log)?;
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let registry = tracing_subscriber::registry().with(filter);
        let set = match log.format {
            LogFormat::Pretty => registry.with(lines.with_ansi(colour)).try_init(),
            LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
        };
        set.map_err(|error| Failure::setup(format!("logs: {error}")))?;
        std::panic::set_hook(Box::new(log_panic));
        Self::metrics_only()
    }

    /// Starts the recorder of metrics without logs, for tests.
    ///
    /// # Errors
    /// [`Failure::Setup`] when this process already has a recorder.
    pub fn metrics_only() -> Result<Self, Failure> {
        let metrics = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCY_SECONDS)
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|error| Failure::setup(format!("metrics: {error}")))?;
        Ok(Self { metrics })
    }

    /// The routes of the second listener.
    pub(crate) fn routes(&self) -> Router {
        let handle = self.metrics.clone();
        let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
        Router::new().route("/metrics", get(move || async move { (text, handle.render()) }))
    }

    /// Lets the recorder drop what it no longer needs; to be called on a timer.
    pub(crate) fn upkeep(&self) {
        self.metrics.run_upkeep();
    }
}

/// The filter of log lines.
pub(crate) fn filter(log: &Log) -> Result<EnvFilter, Failure> {
    EnvFilter::try_new(&log.filter).map_err(|error| {
        Failure::setup(format!("log.filter: {error}; try \"info\" or \"info,ballast=debug\""))
    })
}

/// A panic is a defect: whoever watches the log has to see it, in the form of the log.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    let location = panic.location().map(ToString::to_string);
    let reason = panic.payload_as_str().unwrap_or("no text");
    tracing::error!(location, reason, backtrace, "panicked");
}

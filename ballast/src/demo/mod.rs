//! `ballast demo`: the whole story on this machine, told through the public API only.
//!
//! Every capability of the program adds its part here. A step that fails is shown with its reason, the story
//! goes on as far as it can, and the exit code is not zero.

mod documents;
mod ledger;
mod story;

use crate::cli::print;
use crate::config::{self, Config, Log, LogFormat, StoreKind};
use crate::service::Service;
use crate::{Failure, Observability, database, signals};
use api_types::ErrorCode;
use clap::Args;
use client::{Client, Error};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use store::dev_postgres::DevPostgresError;
pub(crate) use story::to_json;
use story::{Skip, Story};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// How to play the story.
#[derive(Debug, Clone, Args)]
pub struct DemoOptions {
    /// End after the last step instead of serving on.
    #[arg(long)]
    pub exit: bool,
    /// Write the steps as one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Keep the data in this directory instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where the API listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
}

/// Plays the story.
///
/// # Errors
/// [`Failure::Setup`] when the service cannot start, [`Failure::Run`] when a step failed,
/// [`Failure::Interrupted`] when a signal came before the end of the story.
pub async fn run(options: DemoOptions) -> Result<(), Failure> {
    let observability =
        Observability::install(&Log { format: LogFormat::Pretty, filter: "warn".to_owned() })?;
    let stop = signals::stop_token()?;
    // Removed when it is dropped, which is after the service has ended.
    let temporary = if options.data.is_none() { Some(temporary_folder()?) } else { None };
    let data = options.data.as_deref().or(temporary.as_ref().map(TempDir::path)).unwrap_or(Path::new("."));
    let config = settings(data, options.listen, StoreKind::Embedded)?;
    config::check(&config)?;

    let mut story = Story::new();
    let starting = async {
        let service = Service::start(&config, observability.clone(), stop.clone()).await?;
        Ok((service.url(), service))
    };
    let service = story.first("start the service on SQLite", starting).await?;
    let (url, metrics_url) = (service.url(), service.metrics_url());
    let serving = tokio::spawn(service.run());
    let telling = async {
        tell(&mut story, &url, &metrics_url, on_postgres(&observability, &stop)).await;
        ledger::tell(&mut story, data).await;
    };
    let outcome = match stop.run_until_cancelled(telling).await {
        None => Err(Failure::Interrupted),
        Some(()) if options.exit => {
            story.step("stop", end(&stop, serving)).await;
            return finish(&story, options.json);
        }
        Some(()) => finish(&story, options.json).and_then(|()| invite(&url, options.json)),
    };
    if outcome.is_err() {
        stop.cancel();
    }
    let served = serving.await.map_err(Failure::run)?;
    outcome.and(served)
}

async fn tell(
    story: &mut Story,
    url: &str,
    metrics_url: &str,
    on_postgres: impl Future<Output = Result<String, Skip>>,
) {
    let client = &match Client::new(url) {
        Ok(client) => client,
        Err(error) => return story.step("make a client", async { Err(Skip::failed(error)) }).await,
    };
    story.step("ask whether it lives", alive(client)).await;
    story.step("ask whether it is ready", ready(client)).await;
    story.step("ask which program it is", version(client)).await;
    story.step("read the OpenAPI document", documents::openapi(client)).await;
    story.step("open the documentation page", documents::page(client)).await;
    story.step("ask for what is not there", refused(client)).await;
    story.step("read the metrics", documents::metrics(metrics_url)).await;
    story.step("the same on PostgreSQL", on_postgres).await;
}

/// What the demo runs with, as it would have to stand in a file.
fn settings(data: &Path, listen: SocketAddr, store: StoreKind) -> Result<Config, Failure> {
    if !listen.ip().is_loopback() {
        return Err(Failure::setup(format!(
            "--listen {listen}: the demo is for this machine only; choose an address such as 127.0.0.1:8080"
        )));
    }
    let mut config = Config { data_dir: data.to_owned(), ..Config::default() };
    config.http.listen = listen;
    config.http.drain_seconds = 0;
    config.metrics.listen = any_port();
    config.database.store = store;
    Ok(config)
}

fn invite(url: &str, json: bool) -> Result<(), Failure> {
    if json {
        return Ok(());
    }
    print(&format!("\nDocumentation: {url}/docs\nTry: curl {url}/readyz\nStop with Ctrl-C.\n"))
}

fn any_port() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn temporary_folder() -> Result<TempDir, Failure> {
    tempfile::Builder::new()
        .prefix("ballast-demo-")
        .tempdir()
        .map_err(|error| Failure::setup(format!("temporary folder: {error}")))
}

async fn alive(client: &Client) -> Result<String, Skip> {
    client.health().await?;
    Ok("it does".to_owned())
}

async fn ready(client: &Client) -> Result<String, Skip> {
    let checks = client.readiness().await?.checks;
    Ok(checks.iter().map(|check| format!("{}: {}", check.name, check.detail)).collect::<Vec<_>>().join("; "))
}

async fn version(client: &Client) -> Result<String, Skip> {
    let version = client.version().await?;
    let money = if version.livemode { "real money" } else { "play money" };
    Ok(format!("{} ({}) on {}, {money}", version.version, version.commit, version.network))
}

/// What is not there must be refused in the one form of all refusals.
async fn refused(client: &Client) -> Result<String, Skip> {
    match client.refusal("/v1/nothing").await? {
        Some(refusal) if refusal.known_code() == Some(ErrorCode::NotFound) => {
            Ok(format!("404 {}: {}", refusal.code, refusal.hint))
        }
        Some(refusal) => Err(Skip::failed(format!("refused as {}", refusal.code))),
        None => Err(Skip::failed("it was not refused")),
    }
}

async fn on_postgres(observability: &Observability, stop: &CancellationToken) -> Result<String, Skip> {
    let server = match database::start_private_postgres().await? {
        Ok((server, _)) => server,
        Err(missing @ DevPostgresError::Unavailable { .. }) => return Err(Skip::skipped(missing)),
        Err(error) => return Err(Skip::failed(error)),
    };
    let folder = temporary_folder()?;
    let mut config = settings(folder.path(), any_port(), StoreKind::Postgres)?;
    config.database.url = Some(server.url("ballast"));
    config::check(&config)?;
    let stop = stop.child_token();
    let service = Service::start(&config, observability.clone(), stop.clone()).await?;
    let client = Client::new(service.url());
    let serving = tokio::spawn(service.run());
    let seen = match client {
        Ok(client) => ready(&client).await,
        Err(error) => Err(Skip::failed(error)),
    };
    end(&stop, serving).await?;
    seen
}

async fn end(
    stop: &CancellationToken,
    serving: tokio::task::JoinHandle<Result<(), Failure>>,
) -> Result<String, Skip> {
    stop.cancel();
    serving.await.map_err(Skip::failed)??;
    Ok("every request finished, database closed".to_owned())
}

fn finish(story: &Story, json: bool) -> Result<(), Failure> {
    print(&if json { story.json()? } else { story.table() })?;
    match story.failures() {
        0 => Ok(()),
        count => Err(Failure::run(format!("{count} of the demo's steps failed"))),
    }
}

impl From<Error> for Skip {
    fn from(error: Error) -> Self {
        Self::failed(error)
    }
}

impl From<Failure> for Skip {
    fn from(failure: Failure) -> Self {
        Self::failed(failure)
    }
}

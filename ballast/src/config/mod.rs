//! The configuration: one TOML file, then the environment, then flags.
//!
//! Invariant: what [`load`] returns can be used together, and no message repeats a value of the file or of the
//! environment, where a secret may have been written by mistake. Every option is described in
//! `contrib/ballast.example.toml`.

mod check;
mod environment;
mod file;
mod ledger;

pub(crate) use check::{check, database_url};
pub use ledger::{Ledger, LedgerAddress, LedgerAddressError, LedgerTls};

use crate::{Failure, SecretReference};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Everything that can be configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The Bitcoin network.
    pub network: Network,
    /// The second switch that mainnet asks for.
    pub mainnet_confirmed: bool,
    /// Where the embedded database, the ledger and the chain keep their files.
    pub data_dir: PathBuf,
    /// The API.
    pub http: Http,
    /// The listener of Prometheus.
    pub metrics: Metrics,
    /// The control-plane database.
    pub database: Database,
    /// The ledger.
    pub ledger: Ledger,
    /// What is logged, and how.
    pub log: Log,
}

/// A Bitcoin network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Play money on this machine.
    Regtest,
    /// The public test network with signed blocks.
    Signet,
    /// The public test network.
    Testnet4,
    /// Real money.
    Mainnet,
}

impl Network {
    /// The word for it everywhere.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Regtest => "regtest",
            Self::Signet => "signet",
            Self::Testnet4 => "testnet4",
            Self::Mainnet => "mainnet",
        }
    }
}

/// The API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Where callers reach it, when that is not the address it listens on.
    pub public_url: Option<String>,
    /// The second switch that a listener beyond loopback asks for: this process speaks plain HTTP.
    pub tls_terminated_by_proxy: bool,
    /// Proxies whose `X-Forwarded-For` names the caller.
    pub trusted_proxies: Vec<IpAddr>,
    /// Requests in flight at once.
    pub concurrency: usize,
    /// Requests a minute that one address may send to public routes.
    pub public_requests_per_minute: NonZeroU32,
    /// Signed batches a minute that one address may send.
    pub batch_requests_per_minute: NonZeroU32,
    /// How long a stop keeps answering after `/readyz` says so, for load balancers to notice.
    pub drain_seconds: u64,
    /// How long a stop waits for requests under way.
    pub shutdown_grace_seconds: u64,
}

/// The listener of Prometheus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Where it listens; metrics carry no secrets, but they are nobody else's business.
    pub listen: SocketAddr,
    /// The second switch that a listener beyond loopback asks for: anybody who reaches it reads the metrics.
    pub beyond_loopback: bool,
}

/// The control-plane database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// Which store to use.
    pub store: StoreKind,
    /// The URL of a PostgreSQL database, without password.
    pub url: Option<String>,
    /// The password of that database.
    pub password: Option<SecretReference>,
}

/// Where the control plane is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum StoreKind {
    /// SQLite, one file in the data directory.
    #[default]
    Embedded,
    /// PostgreSQL at `database.url`.
    Postgres,
    /// A private PostgreSQL for development, which starts, ends and loses its data with the program.
    PostgresDev,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// For a person or for a machine.
    pub format: LogFormat,
    /// Levels by target, in the syntax of `RUST_LOG`.
    pub filter: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One line of text each.
    Pretty,
    /// One JSON object each.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            network: Network::Regtest,
            mainnet_confirmed: false,
            data_dir: PathBuf::from("ballast-data"),
            http: Http::default(),
            metrics: Metrics::default(),
            database: Database::default(),
            ledger: Ledger::default(),
            log: Log::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            tls_terminated_by_proxy: false,
            trusted_proxies: Vec::new(),
            concurrency: 1024,
            public_requests_per_minute: NonZeroU32::MIN.saturating_add(599),
            batch_requests_per_minute: NonZeroU32::MIN.saturating_add(59_999),
            drain_seconds: 1,
            shutdown_grace_seconds: 30,
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 9464)), beyond_loopback: false }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Pretty, filter: "info".to_owned() }
    }
}

/// Reads the file, then the variables `BALLAST__SECTION__KEY`, and checks that the whole makes sense. Flags
/// are put in by `overrides`, the last word.
///
/// # Errors
/// [`Failure::Setup`] naming the key and what to do.
pub fn load(file: Option<&Path>, overrides: impl FnOnce(&mut Config)) -> Result<Config, Failure> {
    let written = file.map_or_else(|| Ok(Config::default()), file::read)?;
    let mut config = environment::apply(written, std::env::vars_os())?;
    overrides(&mut config);
    check(&config)?;
    Ok(config)
}

/// What a deserializer says, without the value it quotes, and in words instead of Rust's types.
fn without_value(message: &str) -> String {
    match message.rsplit_once(", expected ").filter(|_| !message.starts_with("unknown field")) {
        None => message.to_owned(),
        Some((_, "usize" | "u64")) => "expected a whole number that is not negative".to_owned(),
        Some((_, "u32" | "a nonzero u32")) => "expected a whole number above 0".to_owned(),
        Some((_, expected)) if expected.starts_with("struct ") => "expected a section with keys".to_owned(),
        Some((_, expected)) => format!("expected {expected}"),
    }
}

impl Config {
    /// The configuration in force as TOML. Secrets are not in it, only references to them; `redacted` hides
    /// those and the database's address too, for pasting into a report.
    ///
    /// # Errors
    /// [`Failure::Run`] when it cannot be written as TOML.
    pub fn to_toml(&self, redacted: bool) -> Result<String, Failure> {
        let mut shown = toml::Table::try_from(self).map_err(Failure::run)?;
        if let Some(database) =
            shown.get_mut("database").and_then(toml::Value::as_table_mut).filter(|_| redacted)
        {
            for (_, value) in
                database.iter_mut().filter(|(key, _)| matches!(key.as_str(), "url" | "password"))
            {
                *value = toml::Value::from("***");
            }
        }
        toml::to_string(&shown).map_err(Failure::run)
    }
}

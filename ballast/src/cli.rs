//! The command line: what can be asked of the program, and who answers.

use crate::account_key::{self, AccountKeyCommand};
use crate::bench::{self, BenchCommand};
use crate::config::{self, Config, LedgerAddress, LogFormat, StoreKind};
use crate::demo::{self, DemoOptions};
use crate::service::Service;
use crate::verify::{self, VerifyOptions};
use crate::{Failure, Observability, database, ledger_service, signals};
use agent_gateway::http::document_json;
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Lock bitcoin, mint a dollar, and give AI agents exactly as much spending power as you choose.
#[derive(Debug, Parser)]
#[command(name = "ballast", version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play the whole story on this machine, with play money and nothing to set up.
    Demo(DemoOptions),
    /// Run the service.
    Serve(ServeOptions),
    /// Bring the database to the form this program needs.
    Migrate(ConfigOptions),
    /// Register, list and revoke the keys with which integrators sign batches.
    AccountKey(AccountKeyCommand),
    /// Check or show the configuration.
    Config(ConfigCommand),
    /// Write the OpenAPI document to standard output.
    Openapi,
    /// Re-execute a ledger's journal and compare everything that is kept beside it.
    Verify(VerifyOptions),
    /// Measure how fast it is on this machine.
    Bench(BenchCommand),
    /// Run the protocol or guardian signer as its own process (not available yet).
    Signer(Anything),
    /// Say which program this is.
    Version,
    /// Write a completion script for a shell to standard output.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// Where the configuration comes from.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigOptions {
    /// The configuration file (TOML); contrib/ballast.example.toml describes every key.
    #[arg(long, value_name = "FILE", env = "BALLAST_CONFIG")]
    config: Option<PathBuf>,
    /// Where the program keeps its files.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Where the control plane is kept.
    #[arg(long, value_enum)]
    store: Option<StoreKind>,
    /// The URL of the PostgreSQL database, without password.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// How to run the service.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeOptions {
    #[command(flatten)]
    config: ConfigOptions,
    /// Where the API listens.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where Prometheus reads metrics.
    #[arg(long, value_name = "ADDRESS")]
    metrics_listen: Option<SocketAddr>,
    /// The form of log lines.
    #[arg(long, value_enum)]
    log_format: Option<LogFormat>,
    /// What this process does: everything, or the ledger alone, for gateways in other processes.
    #[arg(long, value_enum, default_value = "all")]
    roles: Roles,
    /// Where other processes reach the ledger of this one: unix:PATH or tcp:HOST:PORT.
    #[arg(long, value_name = "ADDRESS")]
    ledger_listen: Option<LedgerAddress>,
    /// Where the ledger of another process is, to be used instead of one in this process.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "ledger_listen")]
    ledger_remote: Option<LedgerAddress>,
}

/// Which parts of the service a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Roles {
    /// Everything that the configuration asks for.
    #[default]
    All,
    /// The ledger, and nothing else.
    Ledger,
}

/// What to do with the configuration.
#[derive(Debug, Clone, Args)]
pub struct ConfigCommand {
    #[command(subcommand)]
    action: ConfigAction,
}

#[derive(Debug, Clone, Subcommand)]
enum ConfigAction {
    /// Read the configuration and the secrets it refers to, and say whether they can be used.
    Check(ConfigOptions),
    /// Write the configuration in force as TOML.
    Show {
        #[command(flatten)]
        options: ConfigOptions,
        /// Also hide the database's address and where secrets lie.
        #[arg(long)]
        redacted: bool,
    },
}

/// Arguments of a command that has no content yet; taken, so that the answer is about the command.
#[derive(Debug, Clone, Args)]
pub struct Anything {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<String>,
}

impl ConfigOptions {
    pub(crate) fn load(self) -> Result<Config, Failure> {
        let file = self.config.clone();
        config::load(file.as_deref(), |config| self.apply(config))
    }

    fn apply(self, config: &mut Config) {
        set(&mut config.data_dir, self.data_dir);
        set(&mut config.database.store, self.store);
        config.database.url = self.database_url.or(config.database.url.take());
    }
}

fn set<T>(place: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *place = value;
    }
}

impl ServeOptions {
    fn load(self) -> Result<Config, Failure> {
        let file = self.config.config.clone();
        config::load(file.as_deref(), |config| {
            set(&mut config.http.listen, self.listen);
            set(&mut config.metrics.listen, self.metrics_listen);
            set(&mut config.log.format, self.log_format);
            config.ledger.listen = self.ledger_listen.or(config.ledger.listen.take());
            config.ledger.remote = self.ledger_remote.or(config.ledger.remote.take());
            self.config.apply(config);
        })
    }
}

/// Does what was asked.
///
/// # Errors
/// [`Failure`] with the exit code and one line for the person who asked.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Demo(options) => demo::run(options).await,
        Command::Serve(options) => {
            let roles = options.roles;
            serve(options.load()?, roles).await
        }
        Command::Migrate(options) => migrate(options.load()?).await,
        Command::AccountKey(command) => account_key::run(command).await,
        Command::Config(ConfigCommand { action: ConfigAction::Check(options) }) => check(options),
        Command::Config(ConfigCommand { action: ConfigAction::Show { options, redacted } }) => {
            print(&options.load()?.to_toml(redacted)?)
        }
        Command::Openapi => print(&document_json().map_err(Failure::run)?),
        Command::Verify(options) => verify::run(&options),
        Command::Bench(command) => bench::run(command).await,
        Command::Signer(_) => not_yet("signer", "it comes with custody"),
        Command::Version => {
            print(&format!("ballast {} ({})\n", env!("CARGO_PKG_VERSION"), env!("BALLAST_COMMIT")))
        }
        Command::Completions { shell } => completions(shell),
    }
}

fn not_yet(command: &str, when: &str) -> Result<(), Failure> {
    Err(Failure::setup(format!(
        "ballast {command} is not available in this version: {when}; see the status table in README.md"
    )))
}

async fn serve(config: Config, roles: Roles) -> Result<(), Failure> {
    let observability = Observability::install(&config.log)?;
    let stop = signals::stop_token()?;
    if roles == Roles::Ledger {
        return ledger_service::run_alone(&config, stop).await;
    }
    match Service::start(&config, observability, stop).await {
        Ok(service) => service.run().await,
        // To stop is what was asked for, and a supervisor takes success for the end of a stop.
        Err(Failure::Interrupted) => Ok(()),
        Err(failure) => Err(failure),
    }
}

async fn migrate(config: Config) -> Result<(), Failure> {
    let stop = signals::stop_token()?;
    let (database, applied) = database::open_and_migrate(&config, &stop).await?;
    database.close().await;
    print(&match applied {
        0 => "The database is up to date.\n".to_owned(),
        1 => "Applied 1 migration.\n".to_owned(),
        count => format!("Applied {count} migrations.\n"),
    })
}

fn check(options: ConfigOptions) -> Result<(), Failure> {
    database::location(&options.load()?)?;
    print("The configuration can be used.\n")
}

fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ballast", &mut script);
    write(&script)
}

/// Writes to standard output, where a closed pipe is a failure and not a panic.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    write(text.as_bytes())
}

fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    let written = output.write_all(bytes).and_then(|()| output.flush());
    written.map_err(|error| Failure::run(format!("standard output: {error}")))
}

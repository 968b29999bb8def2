//! What `ballast bench ledger` is asked for.

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

use super::distribution::Distribution;
use super::workload::{Shares, WorkloadPlan};
use crate::{Failure, clock};

/// What to measure.
#[derive(Debug, Clone, Args)]
pub struct BenchCommand {
    #[command(subcommand)]
    pub(crate) subject: Subject,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Subject {
    /// Measure the ledger: durable transfers a second, latency, recovery, memory.
    Ledger(LedgerBench),
}

/// Which case of the ledger's benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Case {
    /// Engine and journal in this process, durable, without network.
    InProcess,
    /// Loopback HTTP, records of 128 bytes, one signature for each batch.
    Binary,
    /// Loopback HTTP, payments in the wire form, one signature for each body.
    Json,
    /// Loopback HTTP, one signed payment for each request.
    Single,
    /// Kill the ledger under load, then start it again.
    Recovery,
}

/// How to measure the ledger.
#[derive(Debug, Clone, Args)]
pub(crate) struct LedgerBench {
    /// What is measured.
    #[arg(long, value_enum, default_value = "in-process")]
    pub(crate) case: Case,
    /// Accounts that pay each other.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(2..=100_000_000))]
    pub(crate) accounts: u64,
    /// Who pays whom: uniform, zipf:0.99, hot-payee:N or hot-payer:N.
    #[arg(long, default_value = "uniform")]
    pub(crate) distribution: Distribution,
    /// Per cent of transfers in chains of two.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    linked: u8,
    /// Per cent of transfers that reserve, or post what was reserved.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pending: u8,
    /// Per cent of transfers under an allowance.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    allowance: u8,
    /// Transfers of one submission.
    #[arg(long, value_delimiter = ',', default_value = "8190,1024", value_parser = clap::value_parser!(u16).range(1..=8_190))]
    pub(crate) batch: Vec<u16>,
    /// Partitions, each with a thread.
    #[arg(long, value_delimiter = ',', default_value = "1,2", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub(crate) partitions: Vec<u16>,
    /// How long the sequential baseline runs; every other run executes the same transfers.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// The same in milliseconds, for tests.
    #[arg(long, hide = true)]
    milliseconds: Option<u64>,
    /// Where the ledger lies while it is measured; emptied afterwards.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Write one JSON document instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) runs: u16,
    /// Leave PostgreSQL out.
    #[arg(long)]
    pub(crate) without_postgres: bool,
    /// The ledger to load until it is killed: how the recovery case starts itself again.
    #[arg(long, value_name = "DIR", hide = true)]
    pub(crate) load_until_killed: Option<PathBuf>,
}

/// The parameters, as the report repeats them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Parameters {
    accounts: u64,
    distribution: String,
    linked: u8,
    pending: u8,
    allowance: u8,
    batch: Vec<u16>,
    partitions: Vec<u16>,
    milliseconds: u64,
    runs: u16,
}

impl LedgerBench {
    /// The transfers to execute; their ids are made from now on.
    pub(crate) fn plan(&self) -> WorkloadPlan {
        let Self { accounts, distribution, linked, pending, allowance, .. } = *self;
        let shares = Shares { linked, pending, allowance };
        let made_at_millis = u64::try_from(clock::unix_micros()).unwrap_or(0) / 1_000;
        WorkloadPlan { accounts, distribution, shares, made_at_millis, phase: 0 }
    }

    pub(crate) fn duration(&self) -> Duration {
        self.milliseconds.map_or(Duration::from_secs(self.seconds), Duration::from_millis)
    }

    pub(crate) fn parameters(&self) -> Parameters {
        Parameters {
            accounts: self.accounts,
            distribution: self.distribution.to_string(),
            linked: self.linked,
            pending: self.pending,
            allowance: self.allowance,
            batch: self.batch.clone(),
            partitions: self.partitions.clone(),
            milliseconds: super::load::micros(self.duration()) / 1_000,
            runs: self.runs,
        }
    }

    /// What another process needs to make the same transfers.
    pub(crate) fn workload_arguments(&self) -> Vec<String> {
        let partitions: Vec<String> = self.partitions.iter().map(u16::to_string).collect();
        vec![
            format!("--accounts={}", self.accounts),
            format!("--distribution={}", self.distribution),
            format!("--linked={}", self.linked),
            format!("--pending={}", self.pending),
            format!("--allowance={}", self.allowance),
            format!("--partitions={}", partitions.join(",")),
        ]
    }

    /// The folder to measure in; it has to be there.
    pub(crate) fn folder(&self) -> Result<PathBuf, Failure> {
        let folder = self.data_dir.clone().unwrap_or_else(std::env::temp_dir);
        if folder.is_dir() {
            return Ok(folder);
        }
        Err(Failure::setup(format!("--data-dir {}: there is no such directory; create it", folder.display())))
    }
}

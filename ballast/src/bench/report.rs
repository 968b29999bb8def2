//! The document that a benchmark writes, and the same as a table.

use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use serde::Serialize;

use super::decimal::Thousandths;
use super::in_process::InProcess;
use super::machine::{Build, Machine};
use super::options::{Case, Parameters};
use super::postgres::PostgresBaseline;
use super::recovery::RecoveryReport;
use super::run_report::RunReport;
use super::spread::median;
use crate::Failure;

/// The form of the document.
const SCHEMA: &str = "ballast-bench-ledger/1";

/// The size of batch that the headline is about.
const HEADLINE_BATCH: u16 = 8_190;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) schema: &'static str,
    pub(crate) case: Case,
    /// What has to be known before any figure is believed.
    pub(crate) warnings: Vec<String>,
    pub(crate) headline: Option<Headline>,
    pub(crate) machine: Machine,
    pub(crate) build: Build,
    pub(crate) load_before: String,
    pub(crate) load_after: String,
    pub(crate) parameters: Parameters,
    pub(crate) summary: Vec<Summary>,
    pub(crate) runs: Vec<RunReport>,
    pub(crate) sequential_baseline: Vec<RunReport>,
    pub(crate) postgres_baseline: Option<PostgresBaseline>,
    pub(crate) recovery: Vec<RecoveryReport>,
}

/// The one figure.
#[derive(Debug, Serialize)]
pub(crate) struct Headline {
    accepted_per_second: u64,
    batch: u16,
    partitions: u16,
}

/// All runs that differ in nothing but their number.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    batch: u16,
    partitions: u16,
    /// The median of the runs.
    accepted_per_second: u64,
    lowest: u64,
    highest: u64,
    /// The median of the ratios within each round.
    ratio_to_baseline: Thousandths,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio_to_postgres: Option<Thousandths>,
}

impl Report {
    /// A report of nothing yet.
    pub(crate) fn new(case: Case, machine: Machine, load_before: String, parameters: Parameters) -> Self {
        let mut warnings = Vec::new();
        if !machine.durable {
            let kind = &machine.file_system;
            warnings.push(format!("{kind} is a file system in memory: nothing here is durable, no headline"));
        }
        let build = Build::this();
        if build.profile != "release" {
            warnings.push("this is not a release build".to_owned());
        }
        Self {
            schema: SCHEMA,
            case,
            warnings,
            headline: None,
            machine,
            build,
            load_before,
            load_after: String::new(),
            parameters,
            summary: Vec::new(),
            runs: Vec::new(),
            sequential_baseline: Vec::new(),
            postgres_baseline: None,
            recovery: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, found: InProcess) {
        self.runs.extend(found.runs);
        self.sequential_baseline.extend(found.baseline);
    }

    /// Sums up, and fails if runs of one workload differ in their end.
    pub(crate) fn finish(&mut self, load_after: String) {
        self.load_after = load_after;
        self.warn_of_refusals();
        let mut kinds: Vec<(u16, u16)> = self.runs.iter().map(|run| (run.batch, run.partitions)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        self.summary = kinds.into_iter().rev().map(|kind| self.sum_up(kind)).collect();
        let headlines = self.summary.iter().filter(|one| one.batch == HEADLINE_BATCH);
        let best = headlines.max_by_key(|one| one.accepted_per_second).filter(|_| self.machine.durable);
        self.headline = best.map(|best| Headline {
            accepted_per_second: best.accepted_per_second,
            batch: best.batch,
            partitions: best.partitions,
        });
    }

    /// Whether all runs of each size of batch ended in the same state.
    pub(crate) fn check_roots(&self) -> Result<(), Failure> {
        for run in &self.runs {
            let same = |one: &&RunReport| one.batch == run.batch && one.state_root != run.state_root;
            if let Some(other) = self.sequential_baseline.iter().find(same) {
                return Err(Failure::run(format!(
                    "batches of {}: {} partitions end in the state root {}, the sequential baseline in {}; this is a \
                     defect of the ledger",
                    run.batch, run.partitions, run.state_root, other.state_root
                )));
            }
        }
        Ok(())
    }

    fn warn_of_refusals(&mut self) {
        let all = self.runs.iter().chain(&self.sequential_baseline);
        let refused =
            |run: &&RunReport| run.submitted.saturating_sub(run.accepted).saturating_mul(20) > run.submitted;
        let count = all.filter(refused).count();
        if count > 0 {
            self.warnings.insert(0, format!("in {count} runs more than 5 % of the transfers were refused"));
        }
    }

    fn sum_up(&self, (batch, partitions): (u16, u16)) -> Summary {
        let runs = || self.runs.iter().filter(move |run| (run.batch, run.partitions) == (batch, partitions));
        let rates: Vec<u64> = runs().map(|run| run.accepted_per_second).collect();
        let (lowest, highest) = (rates.iter().copied().min(), rates.iter().copied().max());
        let ratios = runs().filter_map(|run| run.ratio_to_baseline).map(|ratio| ratio.0).collect();
        let accepted_per_second = median(rates);
        let postgres = self.postgres_baseline.as_ref().and_then(PostgresBaseline::accepted_per_second);
        Summary {
            batch,
            partitions,
            accepted_per_second,
            lowest: lowest.unwrap_or(0),
            highest: highest.unwrap_or(0),
            ratio_to_baseline: Thousandths(median(ratios)),
            ratio_to_postgres: postgres.map(|rate| Thousandths::ratio(accepted_per_second, rate)),
        }
    }

    /// For a program.
    pub(crate) fn json(&self) -> Result<String, Failure> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(Failure::run)
    }

    /// For a person.
    pub(crate) fn text(&self) -> String {
        let mut text: String = self.warnings.iter().map(|warning| format!("NOTE: {warning}\n")).collect();
        let Machine { cores, model, kernel, file_system, .. } = &self.machine;
        let load = (&self.load_before, &self.load_after);
        text += &format!(
            "{cores} cores, {model}, Linux {kernel}, {file_system}; load {} before, {} after\n",
            load.0, load.1
        );
        if !self.runs.is_empty() {
            text += &format!("{}\n", self.table_of_runs());
            text += &self.summary.iter().map(Summary::line).collect::<String>();
        }
        if let Some(postgres) = &self.postgres_baseline {
            text += &postgres.line();
        }
        text += &self.recovery.iter().map(RecoveryReport::lines).collect::<String>();
        text
    }

    fn table_of_runs(&self) -> Table {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED);
        let names = [
            "batch",
            "partitions",
            "run",
            "accepted/s",
            "to baseline",
            "CPU s/s",
            "p50 ms",
            "p99 ms",
            "bytes",
        ];
        table.set_header(names);
        for run in self.sequential_baseline.iter().chain(&self.runs) {
            let ratio = run.ratio_to_baseline;
            let partitions = ratio.map_or_else(|| "sequential".to_owned(), |_| run.partitions.to_string());
            table.add_row([
                run.batch.to_string(),
                partitions,
                run.run.to_string(),
                run.accepted_per_second.to_string(),
                ratio.map_or_else(String::new, |ratio| ratio.to_string()),
                Thousandths::ratio(run.cpu_seconds.0, run.seconds.0).to_string(),
                run.latency_ms.spread.p50.to_string(),
                run.latency_ms.spread.p99.to_string(),
                run.bytes_per_transfer.to_string(),
            ]);
        }
        table
    }
}

impl Summary {
    fn line(&self) -> String {
        let Self { batch, partitions, accepted_per_second, lowest, highest, ratio_to_baseline, .. } = self;
        let postgres = self.ratio_to_postgres;
        let postgres = postgres.map_or_else(String::new, |ratio| format!(", {ratio} times PostgreSQL"));
        format!(
            "batches of {batch}, {partitions} partitions: {accepted_per_second} transfers/s ({lowest} to {highest}), \
             {ratio_to_baseline} times the sequential baseline{postgres}\n"
        )
    }
}

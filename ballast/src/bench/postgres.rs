//! What is compared with: the same payments on a private PostgreSQL, 8,000 in each statement, every commit flushed.

use serde::Serialize;
use std::path::Path;
use store::dev_postgres::{DevPostgres, DevPostgresError};

use super::decimal::{Thousandths, per_second};
use super::ledger_under_test::runtime;
use super::load::{micros, uptime};
use super::machine::Machine;
use super::options::LedgerBench;
use super::progress::say;
use super::run_report::seconds;
use super::spread::{Spread, median};
use super::store::{Columns, PostgresLedger};
use super::workload::Workload;
use crate::Failure;

/// Payments in one statement.
const BATCH: u64 = 8_000;

/// A machine of its own would have them; the measured time is too short for a checkpoint by time.
const SETTINGS: [&str; 9] = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=1GB",
    "wal_buffers=64MB",
    "max_wal_size=16GB",
    "checkpoint_timeout=30min",
    "wal_level=minimal",
    "max_wal_senders=0",
];

const DATABASE: &str = "bench";

/// What PostgreSQL did, or why it did nothing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub(crate) enum PostgresBaseline {
    /// It ran.
    Measured {
        /// The settings `fsync` and `synchronous_commit`, and its version.
        durability: String,
        file_system: String,
        batch: u64,
        accepted_per_second: u64,
        runs: Vec<PostgresRun>,
    },
    /// There is none on this machine.
    Unavailable { reason: String },
}

/// One run.
#[derive(Debug, Serialize)]
pub(crate) struct PostgresRun {
    accepted: u64,
    seconds: Thousandths,
    accepted_per_second: u64,
    /// Of each statement.
    latency_ms: Spread,
}

impl PostgresBaseline {
    pub(crate) const fn accepted_per_second(&self) -> Option<u64> {
        match self {
            Self::Measured { accepted_per_second, .. } => Some(*accepted_per_second),
            Self::Unavailable { .. } => None,
        }
    }

    /// For a person.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Measured { durability, batch, accepted_per_second, .. } => format!(
                "PostgreSQL ({durability}), {batch} payments in each statement: {accepted_per_second} transfers/s\n"
            ),
            Self::Unavailable { reason } => format!("PostgreSQL: {reason}\n"),
        }
    }
}

/// Runs it as often and as long as the ledger.
pub(crate) fn measure(options: &LedgerBench) -> Result<PostgresBaseline, Failure> {
    let server = match DevPostgres::start_with(&SETTINGS) {
        Ok(server) => server,
        Err(error @ (DevPostgresError::Unavailable { .. } | DevPostgresError::DirectoryUnusable { .. })) => {
            return Ok(PostgresBaseline::Unavailable { reason: error.to_string() });
        }
        Err(error) => return Err(Failure::run(error)),
    };
    let (mut runs, mut durability) = (Vec::new(), String::new());
    for number in 1..=options.runs {
        say(&format!("run {number}: PostgreSQL, {BATCH} payments in each statement"));
        let name = format!("{DATABASE}{number}");
        server.create_database(&name, None).map_err(Failure::run)?;
        let (run, found) = runtime()?.block_on(measure_once(options, (server.directory(), &name)))?;
        durability = found;
        runs.push(run);
    }
    Ok(PostgresBaseline::Measured {
        durability,
        file_system: Machine::of(server.directory()).file_system,
        batch: BATCH,
        accepted_per_second: median(runs.iter().map(|run| run.accepted_per_second).collect()),
        runs,
    })
}

async fn measure_once(options: &LedgerBench, place: (&Path, &str)) -> Result<(PostgresRun, String), Failure> {
    let plan = options.plan();
    let (accounts, funds) = (signed(plan.accounts), signed(plan.funds()));
    let ledger = PostgresLedger::create(place, accounts, funds).await.map_err(Failure::run)?;
    let durability = ledger.durability().await.map_err(Failure::run)?;
    let mut workload = Workload::new(plan);
    let (mut accepted, mut times) = (0_u64, Vec::new());
    let begin = uptime();
    let mut generating = 0_u64;
    while uptime().saturating_sub(begin) < options.duration() {
        // Its own time: the server shall not wait for what it does not do.
        let before = uptime();
        let batch = columns(&mut workload);
        generating = generating.saturating_add(micros(uptime().saturating_sub(before)));
        let before = uptime();
        let made = ledger.execute(&batch).await.map_err(Failure::run)?;
        times.push(micros(uptime().saturating_sub(before)));
        accepted = accepted.saturating_add(u64::try_from(made).unwrap_or(0));
    }
    let took = micros(uptime().saturating_sub(begin)).saturating_sub(generating);
    let accepted_per_second = per_second(accepted, took);
    let run =
        PostgresRun { accepted, seconds: seconds(took), accepted_per_second, latency_ms: Spread::of(times) };
    Ok((run, durability))
}

fn columns(workload: &mut Workload) -> Columns {
    let mut columns = Columns { ids: "{".to_owned(), ..Columns::default() };
    for number in 0..BATCH {
        let (payer, payee, amount) = workload.payment();
        let comma = if number == 0 { "" } else { "," };
        columns.ids += &format!("{comma}{:032x}", workload.next_id().0);
        columns.payers.push(signed(payer));
        columns.payees.push(signed(payee));
        columns.amounts.push(signed(amount));
    }
    columns.ids.push('}');
    columns
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

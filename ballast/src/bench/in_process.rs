//! The case `in-process`: engine and journal, durable, without network.
//!
//! First the sequential baseline runs for the time asked for; then every number of partitions executes the same
//! transfers. Accounts are made before, transfers too: only executing, journaling and answering is timed. Afterwards
//! submissions come at 70 per cent of the highest rate, and their latency counts.

use std::path::Path;
use std::time::Duration;

use ledger::Transfer;
use ledger::limits::ENTRY_TRANSFERS_MAX;
use ledger::service::Running;

use super::decimal::{Thousandths, per_second};
use super::ledger_under_test::{Division, runtime, start, state_root};
use super::load::{Driven, Load, Pace, drive, micros, uptime};
use super::machine::resident_bytes;
use super::opening::open;
use super::options::LedgerBench;
use super::progress::say;
use super::run_report::{Measured, RunReport};
use super::workload::{Workload, WorkloadPlan};
use crate::Failure;

/// Transfers on their way at once: as many as the ledger's queue takes.
const IN_FLIGHT: usize = 16 * ENTRY_TRANSFERS_MAX;

/// More than any machine executes in a second here.
const PER_SECOND_MAX: u64 = 3_000_000;

/// Transfers made beforehand: 3 GiB. A run that has used them up ends before its time.
const GENERATED_MAX: u64 = 24_000_000;

/// Runs of one size of batch.
#[derive(Debug, Default)]
pub(crate) struct InProcess {
    pub(crate) baseline: Vec<RunReport>,
    pub(crate) runs: Vec<RunReport>,
}

/// Everything for one size of batch.
pub(crate) fn measure(options: &LedgerBench, folder: &Path, batch: u16) -> Result<InProcess, Failure> {
    let mut found = InProcess::default();
    let mut run = Run { options, plan: options.plan(), folder, batch, batches: None, number: 0 };
    for number in 1..=options.runs {
        run.number = number;
        let baseline = run.measure(Division::Sequential)?;
        for partitions in &options.partitions {
            let mut report = run.measure(Division::Partitions(*partitions))?;
            let ratio = Thousandths::ratio(report.accepted_per_second, baseline.accepted_per_second);
            report.ratio_to_baseline = Some(ratio);
            found.runs.push(report);
        }
        found.baseline.push(baseline);
    }
    Ok(found)
}

/// How the next run is done.
#[derive(Debug)]
struct Run<'a> {
    options: &'a LedgerBench,
    plan: WorkloadPlan,
    folder: &'a Path,
    batch: u16,
    /// How many submissions, once the first run has shown it.
    batches: Option<usize>,
    number: u16,
}

impl Run<'_> {
    fn measure(&mut self, division: Division) -> Result<RunReport, Failure> {
        say(&format!("run {}: batches of {}, {division:?}", self.number, self.batch));
        let folder = tempfile::Builder::new().prefix("ballast-bench-").tempdir_in(self.folder);
        let folder = folder.map_err(Failure::setup)?;
        let resident = resident_bytes();
        let running = start(folder.path(), division.settings())?;
        runtime()?.block_on(async {
            open(&running.handle(), &self.plan).await?;
            // Nothing that the opening began may go on while time counts.
            state_root(&running.handle()).await
        })?;
        let resident = resident_bytes().saturating_sub(resident);
        let report = self.load(&running, division, resident)?;
        running.stop().map_err(Failure::run)?;
        Ok(report)
    }

    fn load(&mut self, running: &Running, division: Division, resident: u64) -> Result<RunReport, Failure> {
        let (begin, handle) = (uptime(), running.handle());
        let longest = if self.batches.is_none() { self.options.duration() } else { Duration::MAX };
        let batches = self.generate(self.plan, self.batches.unwrap_or_else(|| self.batches_max()));
        let generation_micros = micros(uptime().saturating_sub(begin));
        let before = running.figures();
        let peak = drive(&handle, self.submit(batches, Pace::Full { longest }), |_| Ok(()))?;
        let after = running.figures();
        self.batches = Some(peak.batches);
        let planned_per_second = per_second(peak.submitted, peak.took).saturating_mul(7) / 10;
        let steady = self.steady(running, &peak, planned_per_second)?;
        let state_root = runtime()?.block_on(state_root(&handle))?;
        Ok(RunReport::from(Measured {
            run: self.number,
            batch: self.batch,
            division,
            peak,
            steady,
            planned_per_second,
            before,
            after,
            end: running.figures(),
            accounts: self.plan.accounts,
            resident,
            generation_micros,
            state_root,
        }))
    }

    /// A third as many submissions as before, which takes half as long.
    fn steady(&self, running: &Running, peak: &Driven, per_second: u64) -> Result<Driven, Failure> {
        let count = peak.batches.saturating_mul(35).div_ceil(100);
        let plan = WorkloadPlan { phase: 1, ..self.plan };
        let pause = u64::from(self.batch).saturating_mul(1_000_000).checked_div(per_second).unwrap_or(0);
        let load = self.submit(self.generate(plan, count), Pace::Every(Duration::from_micros(pause)));
        drive(&running.handle(), load, |_| Ok(()))
    }

    fn submit(&self, batches: Vec<Vec<Transfer>>, pace: Pace) -> Load<std::vec::IntoIter<Vec<Transfer>>> {
        let in_flight = IN_FLIGHT.checked_div(self.batch.into()).unwrap_or(1);
        Load { batches: batches.into_iter(), pace, in_flight }
    }

    fn generate(&self, plan: WorkloadPlan, count: usize) -> Vec<Vec<Transfer>> {
        let mut workload = Workload::new(plan);
        (0..count).map(|_| workload.batch(self.batch.into())).collect()
    }

    fn batches_max(&self) -> usize {
        let millis = micros(self.options.duration()) / 1_000;
        let transfers = millis.saturating_mul(PER_SECOND_MAX / 1_000).min(GENERATED_MAX);
        let batches = transfers.checked_div(self.batch.into()).unwrap_or(1);
        usize::try_from(batches).unwrap_or(1).max(1)
    }
}

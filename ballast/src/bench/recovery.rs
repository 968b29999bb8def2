//! The case `recovery`: a ledger is killed under load and started again.
//!
//! The ledger runs in a process of its own, which is this program again; it tells the sequence of every durable reply.
//! After SIGKILL it is started here. Everything it had told must be there; what counts is the time to the first
//! accepted transfer, the rate of replay, and how long replies paused while a snapshot was taken.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ledger::limits::ENTRY_TRANSFERS_MAX;
use ledger::service::ServiceSettings;
use serde::Serialize;

use super::decimal::{Thousandths, per_second};
use super::ledger_under_test::{runtime, start};
use super::load::{Load, Pace, drive, micros, uptime};
use super::opening::open;
use super::options::LedgerBench;
use super::progress::say;
use super::run_report::seconds;
use super::workload::{Workload, WorkloadPlan};
use crate::Failure;

/// Submissions on their way at once.
const IN_FLIGHT: usize = 16;

/// Entries between the start of a load and that of a snapshot, as a part of the load.
const SNAPSHOT_AFTER: u64 = 4;

/// Submissions of the load under which a snapshot is taken, at least.
const SNAPSHOT_BATCHES_MIN: u64 = 24;

/// Submissions of the same for each second.
const SNAPSHOT_BATCHES_PER_SECOND: u64 = 250;

/// Bytes of the journal for each transfer, about.
const BYTES_PER_TRANSFER: u64 = 160;

/// How long to wait for a snapshot to become durable once the load has ended.
const SNAPSHOT_WAIT: Duration = Duration::from_secs(60);

/// What the loading process says once the accounts are there.
const READY: &str = "ready";

/// One death and what followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RecoveryReport {
    run: u16,
    /// The entry that was told last before the end.
    acknowledged_sequence: u64,
    /// The last entry that was found; never below the acknowledged one.
    recovered_sequence: u64,
    snapshot_sequence: u64,
    snapshot_accounts: u64,
    entries_replayed: u64,
    transfers_replayed: u64,
    /// From before the files are opened to the reply.
    seconds_to_first_accepted_transfer: Thousandths,
    seconds_to_start: Thousandths,
    /// Of the whole start, reading, checking and loading a snapshot included.
    transfers_replayed_per_second: u64,
    snapshot: SnapshotReport,
}

/// A snapshot of all accounts, taken under load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SnapshotReport {
    count: u64,
    accounts: u64,
    /// From the first row that was copied until the snapshot was durable.
    seconds: Thousandths,
    accounts_per_second: u64,
    /// The longest time between two durable replies meanwhile.
    longest_pause_ms: Thousandths,
    /// The same, before it began.
    longest_pause_before_ms: Thousandths,
    accepted_per_second: u64,
}

/// Kills and starts a ledger as often as asked for.
pub(crate) fn measure(options: &LedgerBench, folder: &Path) -> Result<Vec<RecoveryReport>, Failure> {
    (1..=options.runs).map(|run| measure_once(options, folder, run)).collect()
}

fn measure_once(options: &LedgerBench, folder: &Path, run: u16) -> Result<RecoveryReport, Failure> {
    say(&format!("run {run}: a ledger under load, to be killed"));
    let data =
        tempfile::Builder::new().prefix("ballast-bench-").tempdir_in(folder).map_err(Failure::setup)?;
    let acknowledged = load_and_kill(options, data.path())?;
    say(&format!("run {run}: starting again behind entry {acknowledged}"));
    let plan = WorkloadPlan { phase: 1, ..options.plan() };
    let transfer = Workload::new(plan).batch(1);
    let begin = uptime();
    let running = start(data.path(), settings(options, u64::MAX))?;
    let started = micros(uptime().saturating_sub(begin));
    let replies = runtime()?.block_on(running.handle().submit_transfers(transfer)).map_err(Failure::run)?;
    let first = micros(uptime().saturating_sub(begin));
    if !replies.iter().all(|reply| reply.status.is_accepted()) {
        return Err(Failure::run(format!("the first transfer after the start was refused: {replies:?}")));
    }
    let report = running.report().clone();
    let recovered = report.journal.last_sequence;
    if recovered < acknowledged {
        return Err(Failure::run(format!(
            "entry {acknowledged} had been acknowledged, but the journal ends with {recovered}; this is a defect"
        )));
    }
    running.stop().map_err(Failure::run)?;
    say(&format!("run {run}: a snapshot under load"));
    let snapshot = measure_snapshot(options, data.path(), report.journal.bytes)?;
    Ok(RecoveryReport {
        run,
        acknowledged_sequence: acknowledged,
        recovered_sequence: recovered,
        snapshot_sequence: report.snapshot_sequence,
        snapshot_accounts: report.snapshot_accounts,
        entries_replayed: report.entries_replayed,
        transfers_replayed: report.transfers_replayed,
        seconds_to_first_accepted_transfer: seconds(first),
        seconds_to_start: seconds(started),
        transfers_replayed_per_second: per_second(report.transfers_replayed, started),
        snapshot,
    })
}

/// The settings of production, but for when snapshots are taken.
fn settings(options: &LedgerBench, snapshot_bytes: u64) -> ServiceSettings {
    let partitions = options.partitions.iter().copied().max().unwrap_or(1);
    ServiceSettings { snapshot_bytes, ..ServiceSettings::for_threads(partitions.into()) }
}

/// The loading process, which does not outlive this value.
struct Loading(Child);

impl Drop for Loading {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Lets another process load a ledger, kills it, and says which entry it had told last.
fn load_and_kill(options: &LedgerBench, data: &Path) -> Result<u64, Failure> {
    let program = std::env::current_exe().map_err(Failure::run)?;
    let mut command = Command::new(program);
    command.args(["bench", "ledger", "--load-until-killed"]).arg(data).args(options.workload_arguments());
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(Failure::run)?;
    let mut loading = Loading(child);
    let output = loading.0.stdout.take().ok_or_else(|| Failure::run("the loading process has no output"))?;
    let mut lines = BufReader::new(output).lines();
    if lines.next().and_then(Result::ok).as_deref() != Some(READY) {
        return Err(Failure::run("the loading process ended before its accounts were there"));
    }
    let told = std::thread::spawn(move || {
        // The last line may be cut off: what was not told in full was not told.
        lines.map_while(Result::ok).filter_map(|line| line.strip_suffix('.')?.parse::<u64>().ok()).last()
    });
    std::thread::sleep(options.duration());
    loading.0.kill().map_err(Failure::run)?;
    drop(loading);
    let told = told.join().map_err(|_| Failure::run("the thread that listens has ended early"))?;
    told.ok_or_else(|| Failure::run("nothing was acknowledged before the end; choose more --seconds"))
}

/// The loading process: tells the entry of each durable reply, and never ends by itself.
pub(crate) fn load_until_killed(options: &LedgerBench, data: &Path) -> Result<(), Failure> {
    let plan = options.plan();
    // No snapshot, so that a start has the whole load to replay.
    let running = start(data, settings(options, u64::MAX))?;
    let handle = running.handle();
    runtime()?.block_on(open(&handle, &plan))?;
    let mut workload = Workload::new(plan);
    let mut output = std::io::stdout().lock();
    let mut tell =
        |line: &str| writeln!(output, "{line}").and_then(|()| output.flush()).map_err(Failure::run);
    tell(READY)?;
    let batches = std::iter::repeat_with(move || workload.batch(ENTRY_TRANSFERS_MAX));
    let load = Load { batches, pace: Pace::Full { longest: Duration::MAX }, in_flight: IN_FLIGHT };
    drive(&handle, load, |sequence| tell(&format!("{sequence}."))).map(drop)
}

/// Loads the ledger while a snapshot is taken, and measures the pauses.
fn measure_snapshot(options: &LedgerBench, data: &Path, journal: u64) -> Result<SnapshotReport, Failure> {
    let millis = micros(options.duration()) / 1_000;
    let count = (SNAPSHOT_BATCHES_PER_SECOND.saturating_mul(millis) / 1_000).max(SNAPSHOT_BATCHES_MIN);
    let size = u64::try_from(ENTRY_TRANSFERS_MAX).unwrap_or(u64::MAX);
    let before = (count / SNAPSHOT_AFTER).saturating_mul(size).saturating_mul(BYTES_PER_TRANSFER);
    let running = start(data, settings(options, journal.saturating_add(before)))?;
    let mut workload = Workload::new(WorkloadPlan { phase: 2, ..options.plan() });
    let batches: Vec<_> = (0..count).map(|_| workload.batch(ENTRY_TRANSFERS_MAX)).collect();
    let pace = Pace::Full { longest: Duration::MAX };
    let load = Load { batches: batches.into_iter(), pace, in_flight: IN_FLIGHT };
    let driven = drive(&running.handle(), load, |_| Ok(()))?;
    let begin = uptime();
    while running.figures().snapshot.count == 0 {
        if uptime().saturating_sub(begin) > SNAPSHOT_WAIT {
            return Err(Failure::run("no snapshot was taken; choose more --seconds"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let snapshot = running.figures().snapshot;
    let accounts = running.stop().map_err(Failure::run)?.accounts;
    let took = snapshot.durable_at.saturating_sub(snapshot.began_at);
    Ok(SnapshotReport {
        count: snapshot.count,
        accounts,
        seconds: seconds(took),
        accounts_per_second: per_second(accounts, took),
        longest_pause_ms: Thousandths::of(driven.longest_gap(snapshot.began_at, snapshot.durable_at)),
        longest_pause_before_ms: Thousandths::of(driven.longest_gap(0, snapshot.began_at)),
        accepted_per_second: per_second(driven.accepted, driven.took),
    })
}

impl RecoveryReport {
    /// For a person.
    pub(crate) fn lines(&self) -> String {
        let Self { run, transfers_replayed, transfers_replayed_per_second, snapshot, .. } = self;
        format!(
            "run {run}: killed behind entry {}; first accepted transfer after {} s, {transfers_replayed} transfers \
             replayed, {transfers_replayed_per_second} a second\n  snapshot of {} accounts in {} s; longest pause \
             between replies {} ms, before it {} ms\n",
            self.acknowledged_sequence,
            self.seconds_to_first_accepted_transfer,
            snapshot.accounts,
            snapshot.seconds,
            snapshot.longest_pause_ms,
            snapshot.longest_pause_before_ms
        )
    }
}

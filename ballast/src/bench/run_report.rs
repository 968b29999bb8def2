//! What one run of the benchmark found.

use std::collections::BTreeMap;

use ledger::service::{Figures, StageMicros};
use serde::Serialize;

use super::decimal::{Thousandths, per_second};
use super::ledger_under_test::Division;
use super::load::Driven;
use super::spread::Spread;

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RunReport {
    pub(crate) run: u16,
    pub(crate) batch: u16,
    pub(crate) partitions: u16,
    /// Threads that execute.
    pub(crate) threads: u16,
    pub(crate) submitted: u64,
    pub(crate) accepted: u64,
    pub(crate) refused_by_status: BTreeMap<&'static str, u64>,
    pub(crate) seconds: Thousandths,
    /// Counted from durable replies.
    pub(crate) accepted_per_second: u64,
    pub(crate) cpu_seconds: Thousandths,
    /// Of those, what submitting and reading replies took.
    pub(crate) client_cpu_seconds: Thousandths,
    pub(crate) generation: Generation,
    pub(crate) latency_ms: Latency,
    pub(crate) flushes: u64,
    pub(crate) bytes_per_transfer: Thousandths,
    /// Accounts and recent ids.
    pub(crate) memory_bytes: u64,
    pub(crate) memory: Memory,
    pub(crate) rounds: Rounds,
    /// Units that were open after the last round, for each transfer.
    pub(crate) remainder_share: Thousandths,
    /// Microseconds that each stage worked for one entry, on average.
    pub(crate) stage_micros_per_entry: BTreeMap<&'static str, Thousandths>,
    pub(crate) transfers_per_entry: u64,
    pub(crate) state_root: String,
    /// To the sequential baseline of the same round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio_to_baseline: Option<Thousandths>,
}

/// Transfers are made before the time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Generation {
    pub(crate) seconds_before: Thousandths,
    /// Share of the processor time of the measured part.
    pub(crate) cpu_share: Thousandths,
}

/// Latency at a part of the highest rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Latency {
    /// The rate that was planned, in transfers.
    pub(crate) planned_per_second: u64,
    #[serde(flatten)]
    pub(crate) spread: Spread,
}

/// Where the memory goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Memory {
    pub(crate) bytes_per_account: Thousandths,
    pub(crate) recent_ids: u64,
    pub(crate) bytes_per_recent_id: Thousandths,
    /// How much more of the process is in memory once the accounts are there: state tree, buffers and all.
    pub(crate) resident_bytes_of_accounts: u64,
}

/// How many rounds of votes the entries needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Rounds {
    pub(crate) median: u64,
    pub(crate) max: u64,
}

/// What a run measured, before it is put into words.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) run: u16,
    pub(crate) batch: u16,
    pub(crate) division: Division,
    pub(crate) peak: Driven,
    pub(crate) steady: Driven,
    pub(crate) planned_per_second: u64,
    pub(crate) before: Figures,
    pub(crate) after: Figures,
    /// Those of the end, with the memory in them.
    pub(crate) end: Figures,
    pub(crate) accounts: u64,
    pub(crate) resident: u64,
    pub(crate) generation_micros: u64,
    pub(crate) state_root: String,
}

impl From<Measured> for RunReport {
    fn from(measured: Measured) -> Self {
        let Measured { peak, steady, before, after, end, .. } = measured;
        let transfers = after.transfers.saturating_sub(before.transfers);
        let entries = after.entries.saturating_sub(before.entries);
        let remainder = after.remainder_units.saturating_sub(before.remainder_units);
        let bytes = after.entry_bytes.saturating_sub(before.entry_bytes);
        Self {
            run: measured.run,
            batch: measured.batch,
            partitions: measured.division.partitions(),
            threads: measured.division.partitions(),
            submitted: peak.submitted,
            accepted: peak.accepted,
            accepted_per_second: per_second(peak.accepted, peak.took),
            refused_by_status: peak.refused,
            seconds: seconds(peak.took),
            cpu_seconds: seconds(peak.cpu),
            client_cpu_seconds: seconds(peak.client_cpu),
            generation: Generation {
                seconds_before: seconds(measured.generation_micros),
                cpu_share: Thousandths::default(),
            },
            latency_ms: Latency {
                planned_per_second: measured.planned_per_second,
                spread: Spread::of(steady.latencies),
            },
            flushes: after.flushes.saturating_sub(before.flushes),
            bytes_per_transfer: Thousandths::ratio(bytes, transfers),
            memory_bytes: end.account_bytes.saturating_add(end.recent_id_bytes),
            memory: Memory {
                bytes_per_account: Thousandths::ratio(end.account_bytes, measured.accounts),
                recent_ids: end.recent_ids,
                bytes_per_recent_id: Thousandths::ratio(end.recent_id_bytes, end.recent_ids),
                resident_bytes_of_accounts: measured.resident,
            },
            rounds: rounds(&before, &after),
            remainder_share: Thousandths::ratio(remainder, transfers),
            stage_micros_per_entry: stages(&before.stages, &after.stages, entries),
            transfers_per_entry: transfers.checked_div(entries).unwrap_or(0),
            state_root: measured.state_root,
            ratio_to_baseline: None,
        }
    }
}

/// Seconds out of microseconds.
pub(crate) const fn seconds(micros: u64) -> Thousandths {
    Thousandths::of(micros / 1_000)
}

fn rounds(before: &Figures, after: &Figures) -> Rounds {
    let counts: Vec<u64> = after
        .rounds
        .iter()
        .zip(&before.rounds)
        .map(|(after, before)| after.saturating_sub(*before))
        .collect();
    let entries: u64 = counts.iter().copied().fold(0, u64::saturating_add);
    let (mut seen, mut found) = (0_u64, Rounds { median: 0, max: 0 });
    for (rounds, count) in (0_u64..).zip(counts) {
        if seen.saturating_mul(2) < entries {
            found.median = rounds;
        }
        seen = seen.saturating_add(count);
        found.max = if count > 0 { rounds } else { found.max };
    }
    found
}

fn stages(before: &StageMicros, after: &StageMicros, entries: u64) -> BTreeMap<&'static str, Thousandths> {
    let named = |stages: &StageMicros| {
        [
            ("1 gather", stages.gather),
            ("2 look up recent ids", stages.look_up),
            ("2 execute", stages.execute),
            ("2 remember ids", stages.remember),
            ("2 encode", stages.encode),
            ("2 capture", stages.capture),
            ("3 hash and append", stages.append),
            ("3 flush", stages.flush),
            ("3 answer", stages.answer),
        ]
    };
    let pairs = named(after).into_iter().zip(named(before));
    let per_entry = |after: u64, before: u64| Thousandths::ratio(after.saturating_sub(before), entries);
    pairs.map(|((name, after), (_, before))| (name, per_entry(after, before))).collect()
}

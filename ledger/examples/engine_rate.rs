//! Prints how many transfers a second the engine executes in memory, sequentially and in partitions.
//!
//! `cargo run --release -p ledger --example engine_rate [accounts] [batches] [mix]`. Nothing is durable here, and no id of an
//! earlier entry is asked for.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "it measures time and decides nothing by it")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::engine::{Engine, EngineError, EngineSettings, KnownIds, PartitionKey, RoundStatistics};
use ledger::{
    Account, AccountFlags, AccountId, Asset, Position, Request, Transfer, TransferFlags, TransferId, id,
};

const START_MILLIS: u64 = 1_770_000_000_000;
const BATCH: u64 = 8_190;
const SMALL_BATCH: u64 = 1_024;
const PASSES: usize = 3;
const POOR_ACCOUNTS: u64 = 10_000;

/// Who pays whom.
#[derive(Debug, Clone, Copy)]
enum Mix {
    Uniform,
    /// A rank is drawn with a probability of about one over the rank.
    Zipf,
    /// Nine of ten payments go to one account.
    HotPayee,
    /// Nine of ten payments come from one account.
    HotPayer,
    /// Uniform, three of ten linked with the next.
    Linked,
    /// Uniform among ten thousand accounts that soon have nothing left, three of ten linked.
    Poor,
    /// Uniform, half of them pending, the others post those of the batch before.
    Pending,
}

/// A sequence of numbers without a pattern.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A rank below `bound`: first how many bits it has, then the bits.
    fn rank(&mut self, bound: u64) -> u64 {
        let bits = self.below(u64::from(bound.ilog2()) + 1);
        let rank = (1 << bits) | (self.next() & ((1 << bits) - 1));
        (rank - 1) % bound
    }
}

fn account_id(number: u64) -> AccountId {
    let mixed = u128::from(Numbers(number).next()) << 64 | u128::from(number);
    AccountId(id::timed(START_MILLIS - 1_000, mixed))
}

fn account(number: u64, credits_posted: u128) -> Account {
    Account {
        id: account_id(number),
        debits_pending: 0,
        debits_posted: 0,
        credits_pending: 0,
        credits_posted,
        reference: [0; 16],
        last_position: Position::NONE,
        timestamp: 1,
        asset: Asset::USDB,
        code: 1,
        flags: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
    }
}

/// Payer and payee.
fn parties(mix: Mix, accounts: u64, numbers: &mut Numbers) -> (u64, u64) {
    let (debit, credit) = match mix {
        Mix::Zipf => (numbers.rank(accounts), numbers.rank(accounts)),
        Mix::HotPayee if numbers.below(10) < 9 => (numbers.below(accounts), 0),
        Mix::HotPayer if numbers.below(10) < 9 => (0, numbers.below(accounts)),
        Mix::Poor => (numbers.below(POOR_ACCOUNTS), numbers.below(POOR_ACCOUNTS)),
        _ => (numbers.below(accounts), numbers.below(accounts)),
    };
    if debit == credit { (debit, (credit + 1) % accounts) } else { (debit, credit) }
}

fn batches(mix: Mix, accounts: u64, size: u64, count: u64) -> Vec<Arc<[Request]>> {
    let mut numbers = Numbers(7);
    let mut reserved: Vec<TransferId> = Vec::new();
    let batch = |_| {
        let before = std::mem::take(&mut reserved);
        let transfer = |place: u64| {
            let (debit, credit) = parties(mix, accounts, &mut numbers);
            let random = u128::from(numbers.next()) << 64 | u128::from(numbers.next());
            let mut transfer = Transfer {
                id: TransferId(id::timed(START_MILLIS, random)),
                debit_account: account_id(debit),
                credit_account: account_id(credit),
                amount: numbers.below(299) + 1,
                asset: Asset::USDB,
                code: 1,
                ..Transfer::default()
            };
            if matches!(mix, Mix::Linked | Mix::Poor) && place % 10 < 3 && place + 1 < size {
                transfer.flags = TransferFlags::LINKED;
            }
            if matches!(mix, Mix::Pending) && place.is_multiple_of(2) {
                (transfer.flags, transfer.timeout_seconds) = (TransferFlags::PENDING, 1_000);
                reserved.push(transfer.id);
            } else if let (Mix::Pending, Some(pending_id)) =
                (mix, before.get(usize::try_from(place / 2).unwrap_or(0)))
            {
                let (id, flags) = (transfer.id, TransferFlags::POST);
                let amount = ledger::limits::AMOUNT_WHOLE;
                transfer = Transfer { id, flags, amount, pending_id: *pending_id, ..Transfer::default() };
            }
            transfer
        };
        Arc::from([Request::Transfers((0..size).map(transfer).collect())])
    };
    (0..count).map(batch).collect()
}

/// What a pass took.
#[derive(Debug, Clone, Copy)]
struct Taken {
    wall: Duration,
    /// On a processor: the calling thread, and all threads together. Unlike the wall time they stay the same when the
    /// machine has other things to do. Zero where the system does not say.
    caller_nanos: u64,
    all_nanos: u64,
    most: RoundStatistics,
    refused: usize,
}

/// The nanoseconds that the calling thread and all threads have been on a processor, as Linux tells.
fn processor_nanos() -> (u64, u64) {
    let nanos = |path: &std::path::Path| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0_u64)
    };
    let caller = nanos(std::path::Path::new("/proc/thread-self/schedstat"));
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    (caller, tasks.map(|task| nanos(&task.path().join("schedstat"))).sum())
}

/// Executes all batches and gives what that took.
fn pass(engine: &mut Engine, batches: &[Arc<[Request]>]) -> Result<Taken, EngineError> {
    let mut most = RoundStatistics::default();
    let known = KnownIds::none();
    let mut refused = 0_usize;
    let (caller, all) = processor_nanos();
    let begin = Instant::now();
    for batch in batches {
        let timestamp = engine.timestamp().max(START_MILLIS * 1_000) + 1_000;
        let outcome = engine.execute(timestamp, batch, &known)?;
        refused += outcome.outcomes.iter().filter(|outcome| !outcome.status.is_accepted()).count();
        most.rounds = most.rounds.max(outcome.statistics.rounds);
        most.remainder_units = most.remainder_units.max(outcome.statistics.remainder_units);
    }
    let wall = begin.elapsed();
    let (caller_then, all_then) = processor_nanos();
    Ok(Taken { refused, wall, caller_nanos: caller_then - caller, all_nanos: all_then - all, most })
}

/// The best of a few passes: transfers a second, and processor time for each transfer.
fn measure(
    name: &str,
    settings: EngineSettings,
    credits: u128,
    accounts: u64,
    batches: &[Arc<[Request]>],
) -> Result<(), EngineError> {
    let mut engine = Engine::new(settings)?;
    (0..accounts).for_each(|number| engine.load_account(&account(number, credits)));
    let transfers: usize = batches.iter().flat_map(|batch| batch.iter()).map(length).sum();
    let mut best = pass(&mut engine, batches)?;
    for _ in 1..PASSES {
        let taken = pass(&mut engine, batches)?;
        best = if taken.all_nanos < best.all_nanos { taken } else { best };
    }
    let transfers = u64::try_from(transfers).unwrap_or(u64::MAX).max(1);
    let rate = u128::from(transfers) * 1_000_000 / best.wall.as_nanos().max(1);
    let (caller, all) = (best.caller_nanos / transfers, best.all_nanos / transfers);
    let memory = engine.account_memory_bytes() / engine.account_count().max(1);
    println!(
        "  {name:12} {rate:>6}k/s   caller {caller:>4} ns, all threads {all:>4} ns   rounds {} remainder {} refused {}   {memory} \
         bytes per account",
        best.most.rounds, best.most.remainder_units, best.refused
    );
    Ok(())
}

fn length(request: &Request) -> usize {
    match request {
        Request::Transfers(transfers) => transfers.len(),
        Request::Administrative(_) => 0,
    }
}

fn main() -> Result<(), EngineError> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |usual| arguments.next().and_then(|argument| argument.parse().ok()).unwrap_or(usual);
    let (accounts, count) = (number(1_000_000), number(48));
    let only = arguments.next();
    let key = PartitionKey::new(*b"measured, no key");
    for mix in [Mix::Uniform, Mix::Zipf, Mix::HotPayee, Mix::HotPayer, Mix::Linked, Mix::Poor, Mix::Pending] {
        if only.as_ref().is_some_and(|only| *only != format!("{mix:?}")) {
            continue;
        }
        for size in [BATCH, SMALL_BATCH] {
            println!("{mix:?}, {accounts} accounts, batches of {size}");
            let batches = batches(mix, accounts, size, count * BATCH / size / 2);
            let credits = if matches!(mix, Mix::Poor) { 1_000 } else { 1 << 60 };
            measure("sequential", EngineSettings::sequential(key), credits, accounts, &batches)?;
            measure("2 partitions", EngineSettings::partitioned(2, key), credits, accounts, &batches)?;
        }
    }
    Ok(())
}

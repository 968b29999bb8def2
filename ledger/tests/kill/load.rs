//! The process that is killed: clients with overlapping ids, and a line for every acknowledgement.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::disk::RealDisk;
use ledger::handle::Handle;
use ledger::service::{Environment, Running, ServiceClock, ServiceSettings};
use ledger::{AccountFlags, AccountId, Asset, Request, Transfer, TransferFlags, TransferId, id};

/// Accounts, the system's included.
pub(crate) const ACCOUNTS: u64 = 20;
const CLIENTS: u64 = 6;
const BATCH: u64 = 40;

/// A number that looks random and is always the same for the same seed.
pub(crate) fn scatter(seed: u64) -> u64 {
    let hash = blake3::hash(&seed.to_le_bytes());
    u64::from_le_bytes(*hash.as_bytes().first_chunk().unwrap())
}

pub(crate) fn account_id(number: u64) -> AccountId {
    AccountId(id::derived("ledger kill test: accounts", &[&number.to_le_bytes()]))
}

/// The time, in microseconds: an hour for each seed, and 20 ms for each batch that was answered.
#[derive(Clone)]
pub(crate) struct WorkTime(Arc<AtomicU64>);

impl WorkTime {
    pub(crate) fn of(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(1_795_392_000_000_000 + seed * 3_600_000_000)))
    }

    fn tick(&self) {
        self.0.fetch_add(20_000, Ordering::SeqCst);
    }
}

pub(crate) fn start(folder: &Path, time: &WorkTime) -> Running {
    let settings = ServiceSettings {
        segment_bytes: 256 * 1024,
        snapshot_bytes: 1024 * 1024,
        checkpoint_micros: 20_000,
        checkpoint_rest: 1,
        ..ServiceSettings::for_threads(2)
    };
    let disk = Arc::new(RealDisk::open(folder).unwrap());
    let time = time.clone();
    let clock = ServiceClock::new(move || time.0.load(Ordering::SeqCst));
    Running::start(settings, Environment { disk, clock, secret: [3; 48], seed: [4; 32] }).unwrap()
}

/// Loads the ledger until the process is killed.
pub(crate) fn run(folder: &str, seed: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let time = WorkTime::of(seed);
        let ledger = start(Path::new(folder), &time);
        open(&ledger.handle()).await;
        let mut clients = tokio::task::JoinSet::new();
        for client in 0..CLIENTS {
            // Two clients each send the same.
            clients.spawn(pay(ledger.handle(), time.clone(), seed * 1_000 + client / 2));
        }
        clients.join_all().await;
    });
}

async fn open(handle: &Handle) {
    let create = |number| {
        let limited = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
        let flags = if number == 0 { AccountFlags::SYSTEM } else { limited };
        let id = account_id(number);
        let create = CreateAccount { id, reference: [0; 16], asset: Asset::USDB, code: 1, flags };
        Request::Administrative(AdministrativeRequest::CreateAccount(create))
    };
    handle.submit((0..ACCOUNTS).map(create).collect()).await.unwrap();
    let fund = |number| transfer(u64::MAX - number, 0, number, 100_000);
    handle.submit_transfers((1..ACCOUNTS).map(fund).collect()).await.unwrap();
}

async fn pay(handle: Handle, time: WorkTime, stream: u64) {
    for batch in 0.. {
        let transfers: Vec<Transfer> = (0..BATCH).map(|index| nth(stream, batch * BATCH + index)).collect();
        let replies = handle.submit_transfers(transfers.clone()).await.unwrap();
        time.tick();
        let mut lines = Vec::new();
        for (transfer, reply) in transfers.iter().zip(replies) {
            let Some(recorded) = reply.recorded else { continue };
            let (position, status) = (recorded.position.bits(), recorded.outcome.status.code());
            writeln!(lines, "{} {position} {status} {}", transfer.id.0, recorded.outcome.amount).unwrap();
        }
        let mut output = std::io::stdout().lock();
        output.write_all(&lines).unwrap();
        output.flush().unwrap();
    }
}

/// Payments, holds of a second, and posts and voids of holds before; some cannot be paid.
fn nth(stream: u64, index: u64) -> Transfer {
    let number = stream * 1_000_000 + index;
    let random = scatter(number);
    let (from, to) = (1 + random % (ACCOUNTS - 1), 1 + (random >> 16) % (ACCOUNTS - 1));
    let to = if to == from { 1 + to % (ACCOUNTS - 1) } else { to };
    let amount = 1 + (random >> 32) % 30_000;
    let plain = transfer(number, from, to, amount);
    let end = |flags, amount| Transfer {
        id: plain.id,
        pending_id: transfer_id(number - 1),
        amount,
        flags,
        ..Transfer::default()
    };
    match index % 5 {
        1 => Transfer { timeout_seconds: 1, flags: TransferFlags::PENDING, ..plain },
        2 if random & 1 == 0 => end(TransferFlags::POST, 1),
        2 => end(TransferFlags::VOID, 0),
        3 => Transfer { timeout_seconds: 1, flags: TransferFlags::PENDING, ..plain },
        _ => plain,
    }
}

fn transfer_id(number: u64) -> TransferId {
    TransferId(id::derived("ledger kill test: transfers", &[&number.to_le_bytes()]))
}

fn transfer(number: u64, from: u64, to: u64, amount: u64) -> Transfer {
    Transfer {
        id: transfer_id(number),
        debit_account: account_id(from),
        credit_account: account_id(to),
        amount,
        asset: Asset::USDB,
        code: 1,
        ..Transfer::default()
    }
}

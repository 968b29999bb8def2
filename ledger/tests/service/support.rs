//! A ledger on a disk in memory, with a clock that is set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::disk::{Disk, FakeDisk};
use ledger::handle::Handle;
use ledger::service::{Environment, Running, ServiceClock, ServiceError, ServiceSettings};
use ledger::{AccountFlags, AccountId, Asset, Reply, Request, Transfer, TransferId, TransferStatus, id};

/// 2026-11-23, in microseconds.
pub(crate) const NOW: u64 = 1_795_392_000_000_000;

/// A clock that stands still until it is set.
#[derive(Debug, Clone)]
pub(crate) struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub(crate) fn at(micros: u64) -> Self {
        Self(Arc::new(AtomicU64::new(micros)))
    }

    pub(crate) fn set(&self, micros: u64) {
        self.0.store(micros, Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, micros: u64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    fn service(&self) -> ServiceClock {
        let micros = Arc::clone(&self.0);
        ServiceClock::new(move || micros.load(Ordering::SeqCst))
    }
}

/// Small enough that segments fill, snapshots are taken and things are sealed within a test.
pub(crate) fn settings() -> ServiceSettings {
    ServiceSettings {
        segment_bytes: 64 * 1024,
        snapshot_bytes: 256 * 1024,
        checkpoint_micros: 50_000,
        checkpoint_rest: 1,
        ..ServiceSettings::for_threads(2)
    }
}

/// Settings under which nothing happens beside what is asked for.
pub(crate) fn quiet() -> ServiceSettings {
    ServiceSettings { snapshot_bytes: u64::MAX, checkpoint_micros: u64::MAX, ..settings() }
}

pub(crate) fn start(
    disk: &FakeDisk,
    clock: &TestClock,
    settings: ServiceSettings,
) -> Result<Running, ServiceError> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    Running::start(settings, Environment { disk, clock: clock.service(), secret: [7; 48], seed: [9; 32] })
}

pub(crate) fn account_id(number: u64) -> AccountId {
    AccountId(id::derived("ledger service tests: accounts", &[&number.to_le_bytes()]))
}

pub(crate) fn transfer_id(number: u64) -> TransferId {
    TransferId(id::derived("ledger service tests: transfers", &[&number.to_le_bytes()]))
}

/// Account 0 is the system's, the others may not owe.
pub(crate) fn create_accounts(count: u64) -> Vec<Request> {
    let create = |number| {
        let flags = match number {
            0 => AccountFlags::SYSTEM,
            _ => AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        };
        let id = account_id(number);
        CreateAccount { id, reference: [1; 16], asset: Asset::USDB, code: 1, flags }
    };
    (0..count)
        .map(|number| Request::Administrative(AdministrativeRequest::CreateAccount(create(number))))
        .collect()
}

pub(crate) fn transfer(number: u64, from: u64, to: u64, amount: u64) -> Transfer {
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

/// A ledger with accounts 0 to `count` - 1, each but the first with this much.
pub(crate) async fn fund(handle: &Handle, count: u64, amount: u64) {
    for reply in handle.submit(create_accounts(count)).await.unwrap() {
        assert!(matches!(reply, Reply::Administrative(status) if status.is_accepted()));
    }
    let funds = (1..count).map(|number| transfer(1_000_000 + number, 0, number, amount)).collect();
    assert!(statuses(handle, funds).await.iter().all(|status| *status == TransferStatus::Accepted));
}

pub(crate) async fn statuses(handle: &Handle, transfers: Vec<Transfer>) -> Vec<TransferStatus> {
    let replies = handle.submit_transfers(transfers).await.unwrap();
    replies.into_iter().map(|reply| reply.status).collect()
}

/// What an account has.
pub(crate) async fn balance(handle: &Handle, number: u64) -> u128 {
    let account = handle.account(account_id(number)).await.unwrap().unwrap();
    account.credits_posted - account.debits_posted
}

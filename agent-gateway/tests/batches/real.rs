//! A gateway over a ledger that runs, on a disk in memory.

use crate::support::*;
use agent_gateway::integrator_keys::KeySource;
use axum::Router;
use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::disk::{Disk, DiskError, DiskFile, FakeDisk};
use ledger::handle::Handle;
use ledger::service::{Environment, Running, ServiceClock, ServiceSettings};
use ledger::{AccountFlags, AccountId, Asset, Reply, Request, Transfer, TransferStatus};
use std::sync::{Arc, Condvar, Mutex};

/// Accounts 0 to 5 count dollars, 10 to 15 sats; 0 and 10 are the system's, each other one has this much.
pub(crate) const FUNDS: u64 = 1_000;
const DOLLARS: std::ops::Range<u64> = 0..6;
const SATS: std::ops::Range<u64> = 10..16;

/// A ledger, and a gateway where account 1's key is registered.
pub(crate) struct Real {
    /// Keeps the ledger going.
    pub(crate) _running: Running,
    pub(crate) ledger: Handle,
    pub(crate) router: Router,
}

pub(crate) fn small() -> ServiceSettings {
    ServiceSettings {
        segment_bytes: 256 * 1024,
        checkpoint_micros: u64::MAX,
        snapshot_bytes: u64::MAX,
        ..ServiceSettings::for_threads(2)
    }
}

impl Real {
    pub(crate) async fn start() -> Self {
        Self::start_on(Arc::new(FakeDisk::new(1)), small()).await
    }

    pub(crate) async fn start_on(disk: Arc<dyn Disk>, settings: ServiceSettings) -> Self {
        let clock = ServiceClock::new(|| NOW);
        let environment = Environment { disk, clock, secret: [7; 48], seed: [9; 32] };
        let running = Running::start(settings, environment).unwrap();
        let ledger = running.handle();
        fund(&ledger).await;
        let router = gateway(ledger.clone(), Keys::of(vec![registered()]) as Arc<dyn KeySource>);
        Self { _running: running, ledger, router }
    }

    /// What an account has.
    pub(crate) async fn balance(&self, number: u64) -> u128 {
        let account = self.ledger.account(AccountId(uuid(number).as_u128())).await.unwrap().unwrap();
        account.credits_posted - account.debits_posted
    }

    /// Transfers past the gateway.
    pub(crate) async fn submit(&self, transfers: &[api_types::TransferRecord]) -> Vec<TransferStatus> {
        let transfers = transfers.iter().map(|transfer| Transfer::decode(&transfer.encode())).collect();
        let replies = self.ledger.submit_transfers(transfers).await.unwrap();
        replies.into_iter().map(|reply| reply.status).collect()
    }
}

async fn fund(ledger: &Handle) {
    let create = |number| {
        let system = number == DOLLARS.start || number == SATS.start;
        Request::Administrative(AdministrativeRequest::CreateAccount(CreateAccount {
            id: AccountId(uuid(number).as_u128()),
            reference: [0; 16],
            asset: if SATS.contains(&number) { Asset::BTC } else { Asset::USDB },
            code: 1,
            flags: if system { AccountFlags::SYSTEM } else { AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS },
        }))
    };
    for reply in ledger.submit(DOLLARS.chain(SATS).map(create).collect()).await.unwrap() {
        assert!(matches!(reply, Reply::Administrative(status) if status.is_accepted()), "{reply:?}");
    }
    let fund = |number: u64| {
        let (from, asset) = if SATS.contains(&number) { (SATS.start, Asset::BTC) } else { (0, Asset::USDB) };
        let mut transfer = Transfer::decode(&transfer(9_000_000 + number, from, number, FUNDS).encode());
        transfer.asset = asset;
        transfer
    };
    let funds = DOLLARS.chain(SATS).filter(|number| number % 10 != 0).map(fund).collect();
    let replies = ledger.submit_transfers(funds).await.unwrap();
    assert!(replies.iter().all(|reply| reply.status.is_accepted()), "{replies:?}");
}

/// A disk whose flushes wait while its gate is closed.
#[derive(Debug, Clone)]
pub(crate) struct GatedDisk {
    disk: FakeDisk,
    gate: Arc<Gate>,
}

#[derive(Debug, Default)]
pub(crate) struct Gate {
    closed: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub(crate) fn close(&self) {
        *self.closed.lock().unwrap() = true;
    }

    pub(crate) fn open(&self) {
        *self.closed.lock().unwrap() = false;
        self.opened.notify_all();
    }

    fn pass(&self) {
        drop(self.opened.wait_while(self.closed.lock().unwrap(), |closed| *closed).unwrap());
    }
}

impl GatedDisk {
    pub(crate) fn new() -> (Self, Arc<Gate>) {
        let gate = Arc::<Gate>::default();
        (Self { disk: FakeDisk::new(2), gate: Arc::clone(&gate) }, gate)
    }

    fn gated(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(GatedFile { file, gate: Arc::clone(&self.gate) })
    }
}

impl Disk for GatedDisk {
    fn create_folder(&self, folder: &str) -> Result<(), DiskError> {
        self.disk.create_folder(folder)
    }
    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        self.disk.list(folder)
    }
    fn create(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        self.disk.create(path).map(|file| self.gated(file))
    }
    fn open(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        self.disk.open(path).map(|file| self.gated(file))
    }
    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &str) -> Result<(), DiskError> {
        self.disk.remove(path)
    }
    fn flush_folder(&self, folder: &str) -> Result<(), DiskError> {
        self.disk.flush_folder(folder)
    }
}

#[derive(Debug)]
struct GatedFile {
    file: Arc<dyn DiskFile>,
    gate: Arc<Gate>,
}

impl DiskFile for GatedFile {
    fn length(&self) -> Result<u64, DiskError> {
        self.file.length()
    }
    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        self.file.write_at(offset, bytes)
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), DiskError> {
        self.file.read_at(offset, buffer)
    }
    fn flush(&self) -> Result<(), DiskError> {
        self.gate.pass();
        self.file.flush()
    }
}

//! How often a walk reads the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::Request;
use ledger::disk::{Disk, DiskError, DiskFile, FakeDisk};
use ledger::handle::StatementQuery;
use ledger::walk::Walk;

use crate::build::{START, account_id, create, transfer};
use crate::ledger_history::LedgerHistory;

/// A disk that counts what is read.
#[derive(Debug, Clone)]
struct CountingDisk {
    disk: FakeDisk,
    reads: Arc<AtomicU64>,
}

#[derive(Debug)]
struct CountingFile {
    file: Arc<dyn DiskFile>,
    reads: Arc<AtomicU64>,
}

impl CountingDisk {
    fn counting(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(CountingFile { file, reads: Arc::clone(&self.reads) })
    }
}

impl Disk for CountingDisk {
    fn create_folder(&self, folder: &str) -> Result<(), DiskError> {
        self.disk.create_folder(folder)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        self.disk.list(folder)
    }

    fn create(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        Ok(self.counting(self.disk.create(path)?))
    }

    fn open(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        Ok(self.counting(self.disk.open(path)?))
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

impl DiskFile for CountingFile {
    fn length(&self) -> Result<u64, DiskError> {
        self.file.length()
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        self.file.write_at(offset, bytes)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), DiskError> {
        if !buffer.is_empty() {
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
        self.file.read_at(offset, buffer)
    }

    fn flush(&self) -> Result<(), DiskError> {
        self.file.flush()
    }
}

/// One entry of 2,000 transfers of one account, then 20 of one each.
#[test]
fn a_busy_account_needs_few_reads() {
    let disk = FakeDisk::new(1);
    let counting = CountingDisk { disk: disk.clone(), reads: Arc::default() };
    let reads = Arc::clone(&counting.reads);
    let mut history = LedgerHistory::on(disk, Arc::new(counting), 256);
    history.execute(START, &[create(0), create(1)]);
    let busy = (0..2_000).map(|number| transfer(number, 0, 1, 1)).collect();
    history.execute(START, &[Request::Transfers(busy)]);
    (0..20).for_each(|number| {
        history.execute(START, &[Request::Transfers(vec![transfer(3_000 + number, 0, 1, 1)])]);
    });
    let account = history.accounts(22)[&account_id(1)];
    let mut reader = history.reader();
    let mut counted = |query: Option<StatementQuery>| {
        let before = reads.load(Ordering::Relaxed);
        let mut walk = Walk::new(&mut reader);
        match query {
            Some(query) => assert_eq!(
                walk.statement(&query, account.last_position, 22).unwrap(),
                history.statements.page(&query, 22)
            ),
            None => {
                assert_eq!(walk.account_at(account, 1, START), Ok(Some(history.accounts(1)[&account.id])))
            }
        }
        reads.load(Ordering::Relaxed) - before
    };
    // A short entry: its header, and its page with the hash. The 20th line needs to know of the next.
    assert_eq!(counted(Some(StatementQuery::newest(account.id, 10))), 2 * 11);
    // 2,000 transfers and outcomes are 16 and 4 stretches, each read with the header again. The account's time is that
    // of all entries, so one more header is looked at for its creation.
    assert_eq!(counted(None), 2 * 20 + 1 + 2 * (16 + 4) + 1);
}

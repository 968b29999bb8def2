//! A disk that fails or is full: the ledger stops, says why, and has lost nothing it acknowledged.

use ledger::disk::{DiskOperation, FakeDisk};
use ledger::handle::LedgerError;
use ledger::service::ServiceError;

use crate::script::{Told, check, drive, open};
use crate::support::{NOW, TestClock, quiet, settings, start, transfer};

#[tokio::test]
async fn a_failed_flush_or_write_stops_the_ledger_before_anything_is_acknowledged() {
    for operation in [DiskOperation::Flush, DiskOperation::Write] {
        for nth in [1, 2, 5, 9, 14, 23] {
            let (disk, clock, mut told) = (FakeDisk::new(nth), TestClock::at(NOW), Told::default());
            let ledger = start(&disk, &clock, settings()).unwrap();
            open(&ledger.handle()).await.unwrap();
            disk.fail_nth(operation, nth);
            let done = drive(&ledger.handle(), &clock, &mut told, 0, 200).await;
            assert!(done < 200, "{operation} {nth} never failed");
            let fault = ledger.failed().await;
            assert!(fault.to_string().contains("stop the process"), "{fault}");
            let refused = ledger.handle().submit_transfers(vec![transfer(5, 1, 2, 1)]).await;
            assert!(matches!(refused, Err(LedgerError::Stopped(_))));
            assert!(ledger.stop().is_err());
            disk.crash();
            check(&disk, &clock, &told).await;
        }
    }
}

#[tokio::test]
async fn a_full_disk_stops_the_ledger_and_room_lets_it_go_on() {
    let (disk, clock, mut told) = (FakeDisk::new(3), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, quiet()).unwrap();
    open(&ledger.handle()).await.unwrap();
    disk.set_capacity(200 * 1024);
    let done = drive(&ledger.handle(), &clock, &mut told, 0, 400).await;
    assert!(done < 400, "the disk never was full");
    assert!(matches!(*ledger.failed().await, ServiceError::Journal(_) | ServiceError::Disk(_)));
    drop(ledger);
    disk.set_capacity(usize::MAX);
    disk.crash();
    check(&disk, &clock, &told).await;
}

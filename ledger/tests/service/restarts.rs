//! Stop and start: everything is still there, and what does not hold is refused by name.

use ledger::TransferStatus;
use ledger::disk::FakeDisk;
use ledger::service::ServiceError;

use crate::script::{Told, check, drive, open};
use crate::support::{NOW, TestClock, balance, fund, quiet, settings, start, statuses, transfer};

#[tokio::test]
async fn a_clean_stop_loses_nothing_and_says_that_it_was_clean() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    fund(&ledger.handle(), 3, 100).await;
    let payment = transfer(1, 1, 2, 30);
    statuses(&ledger.handle(), vec![payment]).await;
    let stopped = ledger.stop().unwrap();
    disk.crash();
    let ledger = start(&disk, &clock, quiet()).unwrap();
    assert!(ledger.report().journal.closed);
    assert_eq!(ledger.report().entries_replayed, stopped.sequence + 1);
    assert_eq!(statuses(&ledger.handle(), vec![payment]).await, [TransferStatus::Exists]);
    assert_eq!(balance(&ledger.handle(), 2).await, 130);
}

#[tokio::test]
async fn a_start_with_a_snapshot_replays_only_what_follows_it() {
    let (disk, clock, mut told) = (FakeDisk::new(1), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, settings()).unwrap();
    open(&ledger.handle()).await.unwrap();
    let mut done = 0;
    while ledger.handle().status().await.unwrap().snapshot_sequence == 0 {
        done = drive(&ledger.handle(), &clock, &mut told, done, done + 20).await;
        assert!(done < 5_000, "no snapshot is ever taken");
    }
    let status = ledger.stop().unwrap();
    let ledger = start(&disk, &clock, settings()).unwrap();
    let report = ledger.report().clone();
    assert_eq!(report.snapshot_sequence, status.snapshot_sequence);
    assert_eq!(report.entries_replayed, status.sequence + 1 - status.snapshot_sequence);
    assert!(report.roots_compared >= 1 && report.snapshots_refused.is_empty());
    drop(ledger);
    check(&disk, &clock, &told).await;
}

#[tokio::test]
async fn a_snapshot_that_does_not_hold_is_passed_over() {
    let (disk, clock, mut told) = (FakeDisk::new(1), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, settings()).unwrap();
    open(&ledger.handle()).await.unwrap();
    let (mut done, mut first) = (0, 0);
    loop {
        done = drive(&ledger.handle(), &clock, &mut told, done, done + 20).await;
        let newest = ledger.handle().status().await.unwrap().snapshot_sequence;
        if first != 0 && newest != first {
            break;
        }
        first = newest;
        assert!(done < 9_000, "no second snapshot is ever taken");
    }
    let status = ledger.stop().unwrap();
    let path = format!("snapshot/snapshot-{:020}", status.snapshot_sequence);
    let mut bytes = disk.contents(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    disk.replace(&path, bytes);
    let ledger = start(&disk, &clock, settings()).unwrap();
    assert!(ledger.report().snapshot_sequence < status.snapshot_sequence);
    assert_eq!(ledger.report().snapshots_refused.len(), 1);
    drop(ledger);
    check(&disk, &clock, &told).await;
}

#[tokio::test]
async fn a_journal_without_its_secrets_is_refused() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    fund(&ledger.handle(), 3, 100).await;
    ledger.stop().unwrap();
    let mut secret = disk.contents("secret/ledger").unwrap();
    secret[9] ^= 1;
    disk.replace("secret/ledger", secret);
    assert!(matches!(start(&disk, &clock, quiet()), Err(ServiceError::SecretMalformed(_))));
    let shared: std::sync::Arc<dyn ledger::disk::Disk> = std::sync::Arc::new(disk.clone());
    shared.remove("secret/ledger").unwrap();
    assert!(matches!(start(&disk, &clock, quiet()), Err(ServiceError::SecretMissing(_))));
}

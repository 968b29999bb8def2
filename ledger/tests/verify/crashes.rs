//! Whatever moment the power is cut, what is left verifies: before the next start, and after it.

use ledger::disk::FakeDisk;
use ledger::service::ServiceSettings;

use crate::directories::{files, lively, verify_good};
use crate::script::{Told, drive, open};
use crate::support::{NOW, TestClock, start};

/// Snapshots so often that cuts meet every step of them and of sealing.
fn restless() -> ServiceSettings {
    ServiceSettings { snapshot_bytes: 4 * 1024, segment_bytes: 32 * 1024, ..lively() }
}

/// How many entries of a torn tail were seen.
async fn cut_at(nth: u64, steps: u64) -> u64 {
    let (disk, clock, mut told) = (FakeDisk::new(nth), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, restless()).unwrap();
    disk.cut_power_at(nth);
    let mut done = 0;
    if open(&ledger.handle()).await.is_ok() {
        done = drive(&ledger.handle(), &clock, &mut told, 0, steps).await;
    }
    drop(ledger);
    disk.crash();
    let left = files(&disk);
    let torn = verify_good(&disk, nth.is_multiple_of(8)).torn_entries;
    assert_eq!(files(&disk), left, "cut at {nth}");
    let ledger = start(&disk, &clock, restless()).unwrap();
    open(&ledger.handle()).await.unwrap();
    drive(&ledger.handle(), &clock, &mut told, done, done + 5).await;
    drop(ledger);
    disk.crash();
    let report = verify_good(&disk, false);
    assert!(report.transfers > 0, "cut at {nth}");
    torn
}

#[tokio::test]
async fn what_a_power_cut_leaves_verifies() {
    let mut torn = 0;
    for nth in 1..200 {
        torn += cut_at(nth, 60).await;
    }
    assert!(torn > 0, "no cut left a torn tail");
}

#[tokio::test]
async fn what_a_power_cut_while_starting_leaves_verifies() {
    let (disk, clock, mut told) = (FakeDisk::new(5), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, restless()).unwrap();
    open(&ledger.handle()).await.unwrap();
    drive(&ledger.handle(), &clock, &mut told, 0, 60).await;
    drop(ledger);
    for nth in 1..40 {
        disk.crash();
        disk.cut_power_at(nth);
        drop(start(&disk, &clock, restless()));
        disk.crash();
        verify_good(&disk, false);
    }
}

//! Power cuts at every kind of moment: nothing acknowledged is lost, nothing happens twice.

use ledger::disk::FakeDisk;

use crate::script::{Told, check, drive, open};
use crate::support::{NOW, TestClock, settings, start};

/// Runs the script, cuts the power in the `nth` change of the disk, and goes on after a restart.
async fn cut_at(seed: u64, nth: u64) {
    let (disk, clock, mut told) = (FakeDisk::new(seed), TestClock::at(NOW), Told::default());
    let mut done = 0;
    let ledger = start(&disk, &clock, settings()).unwrap();
    disk.cut_power_at(nth);
    if open(&ledger.handle()).await.is_ok() {
        done = drive(&ledger.handle(), &clock, &mut told, 0, 40).await;
    }
    drop(ledger);
    disk.crash();
    check(&disk, &clock, &told).await;
    // The script goes on where it stopped: the step in doubt is sent again.
    let ledger = start(&disk, &clock, settings()).unwrap();
    open(&ledger.handle()).await.unwrap();
    let reached = drive(&ledger.handle(), &clock, &mut told, done, 45).await;
    if reached < 45 {
        panic!("cut at {nth}: stopped at step {reached} because {}", ledger.failed().await);
    }
    drop(ledger);
    disk.crash();
    check(&disk, &clock, &told).await;
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_a_power_cut() {
    for nth in 1..160 {
        cut_at(nth, nth).await;
    }
}

#[tokio::test]
async fn a_power_cut_while_starting_harms_nothing() {
    let (disk, clock, mut told) = (FakeDisk::new(5), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, settings()).unwrap();
    open(&ledger.handle()).await.unwrap();
    drive(&ledger.handle(), &clock, &mut told, 0, 60).await;
    drop(ledger);
    for nth in 1..40 {
        disk.crash();
        disk.cut_power_at(nth);
        drop(start(&disk, &clock, settings()));
    }
    disk.crash();
    check(&disk, &clock, &told).await;
}

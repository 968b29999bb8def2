//! What goes on beside the pipeline: sealing, the sealed ids, and state roots under load.

use ledger::disk::FakeDisk;
use ledger::{TransferFlags, TransferStatus};

use crate::script::{Told, conserved, drive, is_done, open};
use crate::support::{NOW, TestClock, settings, start, statuses};

#[tokio::test]
async fn sealed_ids_answer_as_recent_ones_do() {
    let (disk, clock, mut told) = (FakeDisk::new(2), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, settings()).unwrap();
    let handle = ledger.handle();
    open(&handle).await.unwrap();
    let mut done = 0;
    while handle.status().await.unwrap().sealed_through < 40 {
        done = drive(&handle, &clock, &mut told, done, done + 20).await;
        assert!(done < 9_000, "nothing is ever sealed");
    }
    let is_single = |transfer: &ledger::Transfer| !transfer.is(TransferFlags::LINKED);
    for (transfer, reply) in told.outcomes.values().filter(|(transfer, _)| is_single(transfer)) {
        let again = handle.submit_transfers(vec![*transfer]).await.unwrap()[0];
        match reply.recorded {
            Some(_) => assert_eq!((again.status, again.recorded), (TransferStatus::Exists, reply.recorded)),
            None => assert_eq!(again.status, reply.status),
        }
    }
    conserved(&handle).await;
}

#[tokio::test]
async fn roots_are_carried_by_entries_and_compared_at_the_next_start() {
    let (disk, clock, mut told) = (FakeDisk::new(2), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, settings()).unwrap();
    let handle = ledger.handle();
    open(&handle).await.unwrap();
    let mut done = 0;
    while handle.status().await.unwrap().state_root_sequence < 30 {
        done = drive(&handle, &clock, &mut told, done, done + 5).await;
        assert!(done < 9_000, "no root is ever computed");
    }
    ledger.stop().unwrap();
    let ledger = start(&disk, &clock, settings()).unwrap();
    assert!(ledger.report().roots_compared > 0);
    let again: Vec<_> = told.outcomes.values().map(|(transfer, _)| *transfer).take(5).collect();
    assert!(
        statuses(&ledger.handle(), again)
            .await
            .into_iter()
            .all(|status| is_done(status) || !status.is_accepted())
    );
}

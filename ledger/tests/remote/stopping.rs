//! A stop of the server, with commands in flight and under load, and a ledger that comes back.

use std::sync::Arc;
use std::time::Duration;

use ledger::TransferStatus;
use ledger::handle::{Handle, LedgerError};
use ledger::remote::ServerSettings;
use tokio::task::JoinSet;

use crate::support::{
    Folder, ModelLedger, Server, account_id, remote, remote_settings, server_settings, transfer, transfer_id,
    until_closed, welcomed,
};

#[tokio::test]
async fn a_stop_answers_what_is_in_flight_and_closes_what_is_idle() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let mut server = Server::at(&path, ledger.clone(), server_settings()).await;
    let mut idle = welcomed(&path).await;
    let handle = Handle::new(remote(&path, remote_settings()));
    ledger.hold(true);
    let submitting = tokio::spawn({
        let handle = handle.clone();
        async move { handle.submit_transfers(vec![transfer(1, 1, 5)]).await }
    });
    ledger.was_asked(1).await;
    server.begin_stop();
    assert!(until_closed(&mut idle).await.is_empty());
    assert!(!path.exists(), "nobody new gets in");
    ledger.hold(false);
    assert_eq!(submitting.await.unwrap().unwrap()[0].status, TransferStatus::Accepted);
    server.stop().await;
    assert_eq!(ledger.asked(), 1, "it was sent once");
}

/// Who waits for an entry is told that none came, and does not hold the stop up.
#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_entries() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let handle = Handle::new(remote(&path, remote_settings()));
    ledger.hold(true);
    let following = tokio::spawn(async move { handle.entries(100).await });
    ledger.was_asked(1).await;
    server.stop().await;
    assert_eq!(following.await.unwrap(), Ok(Vec::new()));
    assert_eq!(ledger.answered(), 0);
}

/// A ledger that does not answer cannot hold the stop up for ever.
#[tokio::test(start_paused = true)]
async fn a_stop_cuts_off_what_is_not_answered_in_time() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let settings = ServerSettings { drain_within: Duration::from_secs(2), ..server_settings() };
    let server = Server::at(&path, ledger.clone(), settings).await;
    let handle = Handle::new(remote(&path, remote_settings()));
    ledger.hold(true);
    let asking = tokio::spawn(async move { handle.status().await });
    ledger.was_asked(1).await;
    server.stop().await;
    assert!(matches!(asking.await.unwrap(), Err(LedgerError::ConnectionLost(_))));
}

/// Gateways submit all the time while the ledger's process is stopped and started again and again: every submission
/// is answered, and every transfer is there once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_that_comes_back_in_time_is_not_missed() {
    const GATEWAYS: u64 = 4;
    const TASKS: u64 = 8;
    const EACH: u64 = 30;
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let mut server = Server::at(&path, ledger.clone(), server_settings()).await;
    let mut tasks = JoinSet::new();
    for gateway in 0..GATEWAYS {
        let remote = remote(&path, remote_settings());
        for task in 0..TASKS {
            let handle = Handle::new(Arc::clone(&remote) as _);
            let first = (gateway * TASKS + task) * EACH;
            tasks.spawn(async move {
                for number in first..first + EACH {
                    let reply = handle.submit_transfers(vec![transfer(number, 1, 1)]).await.unwrap();
                    let status = reply[0].recorded.unwrap().outcome.status;
                    assert_eq!(status, TransferStatus::Accepted, "{:?}", reply[0]);
                }
            });
        }
    }
    let total = GATEWAYS * TASKS * EACH;
    for part in 1..6 {
        ledger.was_asked(total * part / 6).await;
        server.stop().await;
        server = Server::at(&path, ledger.clone(), server_settings()).await;
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    server.stop().await;
    let model = ledger.model();
    assert_eq!(u64::try_from(model.transfers().count()).unwrap(), total);
    assert_eq!(model.account(account_id(1)).unwrap().credits_posted, u128::from(total));
    assert!((0..total).all(|number| model.transfer(transfer_id(number)).is_some()));
}

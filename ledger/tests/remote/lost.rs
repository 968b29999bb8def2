//! Lost connections: whatever is cut and wherever, every command is answered, and nothing is executed twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ledger::admin::{
    AccountChange, AccountChangeStatus, AdministrativeRequest, AdministrativeStatus, ChangeAccount,
    CreateAccountStatus,
};
use ledger::handle::{Handle, LedgerError};
use ledger::remote::RemoteSettings;
use ledger::{Recorded, Reply, Request, Transfer, TransferId, TransferReply, TransferStatus};
use tokio::task::JoinSet;

use crate::proxy::{Cut, Plan, Proxy, scripted, seeded};
use crate::support::{
    Folder, ModelLedger, Server, account_id, create_account, remote, remote_settings, server_settings,
    transfer, transfer_id,
};

const GATEWAYS: u64 = 5;
const CLIENTS: u64 = 50;
const SUBMISSIONS: u64 = 12;
/// Transfers there are; clients submit from the same ones.
const IDS: u64 = 400;

/// A transfer by its number: everybody who submits it submits the same, but for some who are told so.
fn shared(number: u64, differs: bool) -> Transfer {
    transfer(number, 1 + number % 3, 1 + number * 7 + u64::from(differs))
}

/// What client `client` submits as its `turn`th submission: a run of transfers that others submit as well.
fn submission(client: u64, turn: u64) -> Vec<Transfer> {
    let first = (client * 31 + turn * 53) % IDS;
    (0..1 + (client + turn) % 9)
        .map(|step| shared((first + step) % IDS, (client + turn + step).is_multiple_of(41)))
        .collect()
}

/// What was acknowledged, by transfer, from every client.
type Acknowledged = Mutex<Vec<(Transfer, TransferReply)>>;

async fn submit_all(handle: Handle, client: u64, acknowledged: &Acknowledged) {
    for turn in 0..SUBMISSIONS {
        let transfers = submission(client, turn);
        let replies = handle.submit_transfers(transfers.clone()).await.unwrap();
        assert_eq!(replies.len(), transfers.len());
        acknowledged.lock().unwrap().extend(transfers.iter().copied().zip(replies));
        // A read in between, which may be cut as well.
        let account = handle.account(account_id(1)).await.unwrap().unwrap();
        assert_eq!(account.id, account_id(1));
    }
}

/// Every acknowledgement is what the ledger holds, the first outcome for ever, and the totals are theirs.
fn check(ledger: &ModelLedger, acknowledged: &[(Transfer, TransferReply)]) {
    let model = ledger.model();
    let mut accepted: BTreeMap<TransferId, u64> = BTreeMap::new();
    for (transfer, reply) in acknowledged {
        let known = model.transfer(transfer.id).expect("an acknowledged transfer is in the ledger");
        match reply.status {
            TransferStatus::Accepted => *accepted.entry(transfer.id).or_default() += 1,
            TransferStatus::Exists => {}
            TransferStatus::ExistsWithDifferentAmount => {
                assert_ne!(known.transfer.amount, transfer.amount);
                assert_eq!(reply.recorded, None);
                continue;
            }
            other => panic!("{other} to {transfer:?}"),
        }
        let Recorded { position, outcome } = reply.recorded.unwrap();
        assert_eq!((known.transfer, known.recorded.position), (*transfer, position));
        assert_eq!(known.recorded.outcome, outcome);
        assert!(outcome.status.is_accepted());
    }
    assert!(accepted.values().all(|times| *times == 1), "a transfer was accepted twice");
    for credit in 1..=3 {
        let to_it = model.transfers().filter(|known| known.transfer.credit_account == account_id(credit));
        let total: u128 = to_it.map(|known| u128::from(known.recorded.outcome.amount)).sum();
        assert_eq!(model.account(account_id(credit)).unwrap().credits_posted, total);
    }
    let submitted = acknowledged.iter().map(|(transfer, _)| transfer.id);
    let submitted: std::collections::BTreeSet<_> = submitted.collect();
    assert_eq!(model.transfers().count(), submitted.len(), "nothing else was executed");
}

/// Fifty clients of five gateways submit overlapping transfers while the proxy cuts every third exchange.
async fn run(seed: u64) {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let (path, front) = (folder.path("ledger"), folder.path("front"));
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let proxy = Proxy::start(&front, &path, seeded(seed), true);
    let acknowledged = Arc::new(Acknowledged::default());
    let remotes: Vec<_> = (0..GATEWAYS)
        .map(|gateway| {
            let settings = RemoteSettings {
                sessions: 6,
                session_within: Duration::from_secs(60),
                spread: gateway,
                ..remote_settings()
            };
            remote(&front, settings)
        })
        .collect();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let handle = Handle::new(Arc::clone(&remotes[usize::try_from(client % GATEWAYS).unwrap()]) as _);
        let acknowledged = Arc::clone(&acknowledged);
        clients.spawn(async move { submit_all(handle, client, &acknowledged).await });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
    for cut in Cut::ALL {
        assert!(proxy.cuts(cut) > 10, "seed {seed}: {cut:?} only {} times", proxy.cuts(cut));
    }
    drop(remotes);
    server.stop().await;
    check(&ledger, &acknowledged.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_cut_every_transfer_is_acknowledged_and_there_once() {
    for seed in 0..4 {
        run(seed).await;
    }
}

/// A server, a proxy in front of it, and one gateway behind that.
struct Scene {
    ledger: Arc<ModelLedger>,
    server: Server,
    proxy: Proxy,
    handle: Handle,
    _folder: Folder,
}

async fn scene(plan: Plan, settings: RemoteSettings) -> Scene {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let (path, front) = (folder.path("ledger"), folder.path("front"));
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let proxy = Proxy::start(&front, &path, plan, false);
    let handle = Handle::new(remote(&front, settings));
    Scene { ledger, server, proxy, handle, _folder: folder }
}

/// At each place alone: what the caller sees, and how often the ledger saw the command.
#[tokio::test]
async fn each_cut_alone_is_made_good() {
    use TransferStatus::{Accepted, Exists};
    let cases: [(Cut, u64, &[TransferStatus]); 5] = [
        (Cut::BeforeRequest, 1, &[Accepted]),
        (Cut::MidRequest, 1, &[Accepted]),
        // Of two that are on their way at once either may come first.
        (Cut::AfterRequest, 2, &[Accepted, Exists]),
        (Cut::BeforeAnswer, 2, &[Exists]),
        (Cut::MidAnswer, 2, &[Exists]),
    ];
    for (cut, asked, statuses) in cases {
        let scene = scene(scripted(&[Some(cut)]), remote_settings()).await;
        let reply = scene.handle.submit_transfers(vec![transfer(1, 1, 9)]).await.unwrap()[0];
        assert!(statuses.contains(&reply.status), "{cut:?}: {}", reply.status);
        scene.ledger.was_asked(asked).await;
        assert_eq!((scene.ledger.asked(), scene.proxy.cuts(cut)), (asked, 1), "{cut:?}");
        let known = *scene.ledger.model().transfer(transfer_id(1)).unwrap();
        assert_eq!(reply.recorded, Some(known.recorded), "{cut:?}");
        scene.server.stop().await;
    }
}

#[tokio::test]
async fn a_read_is_asked_until_it_is_answered() {
    let cuts =
        &[Some(Cut::MidAnswer), Some(Cut::BeforeAnswer), Some(Cut::BeforeRequest), Some(Cut::MidRequest)];
    let scene = scene(scripted(cuts), remote_settings()).await;
    assert_eq!(scene.handle.status().await.unwrap().accounts, 4);
    assert_eq!(scene.ledger.asked(), 3);
    scene.server.stop().await;
}

/// What is found there the second time says that it was made the first time.
#[tokio::test]
async fn a_new_account_is_created_once() {
    let scene = scene(scripted(&[Some(Cut::BeforeAnswer)]), remote_settings()).await;
    let replies = scene.handle.submit(vec![create_account(9)]).await.unwrap();
    let exists = AdministrativeStatus::CreateAccount(CreateAccountStatus::Exists);
    assert_eq!(replies, [Reply::Administrative(exists)]);
    assert_eq!(scene.ledger.asked(), 2);
    scene.server.stop().await;
}

fn change(change: AccountChange) -> Vec<Request> {
    let change = ChangeAccount { account: account_id(1), change };
    vec![Request::Administrative(AdministrativeRequest::ChangeAccount(change))]
}

/// A second time could undo what somebody else has done since.
#[tokio::test]
async fn a_change_that_could_be_made_twice_is_not_sent_twice() {
    for cut in [Cut::AfterRequest, Cut::BeforeAnswer, Cut::MidAnswer] {
        let scene = scene(scripted(&[Some(cut)]), remote_settings()).await;
        let lost = scene.handle.submit(change(AccountChange::Freeze)).await;
        assert!(matches!(lost, Err(LedgerError::ConnectionLost(_))), "{cut:?}: {lost:?}");
        scene.ledger.was_asked(1).await;
        // The caller looks: here by asking once more.
        let unchanged = AdministrativeStatus::ChangeAccount(AccountChangeStatus::Unchanged);
        let replies = scene.handle.submit(change(AccountChange::Freeze)).await.unwrap();
        assert_eq!(replies, [Reply::Administrative(unchanged)]);
        assert_eq!(scene.ledger.asked(), 2, "{cut:?}");
        scene.server.stop().await;
    }
}

#[tokio::test]
async fn a_busy_ledger_is_told_to_the_caller_and_not_asked_again() {
    let scene = scene(scripted(&[]), remote_settings()).await;
    scene.ledger.be_busy(1);
    let busy = scene.handle.submit_transfers(vec![transfer(1, 1, 1)]).await;
    assert_eq!(busy, Err(LedgerError::Busy { retry_after_ms: 3 }));
    assert_eq!((scene.ledger.asked(), scene.ledger.model().transfers().count()), (1, 0));
    scene.server.stop().await;
}

/// `Busy` means that nothing was executed. Once the first try may have been, it would be a lie.
#[tokio::test]
async fn a_busy_ledger_is_waited_for_once_a_try_may_have_been_executed() {
    let scene = scene(scripted(&[None, Some(Cut::BeforeAnswer)]), remote_settings()).await;
    scene.handle.status().await.unwrap();
    scene.ledger.hold(true);
    let submitting = tokio::spawn({
        let handle = scene.handle.clone();
        async move { handle.submit_transfers(vec![transfer(1, 1, 1)]).await }
    });
    // The try that is executed is the second command; those behind it meet a busy ledger.
    scene.ledger.was_asked(2).await;
    scene.ledger.be_busy(3);
    scene.ledger.hold(false);
    let reply = submitting.await.unwrap().unwrap()[0];
    assert_eq!(reply.status, TransferStatus::Exists);
    assert_eq!(scene.ledger.asked(), 1 + 1 + 3 + 1);
    scene.server.stop().await;
}

#[tokio::test]
async fn an_error_does_not_say_that_nothing_was_executed_if_something_may_have_been() {
    let scene = scene(scripted(&[Some(Cut::BeforeAnswer)]), remote_settings()).await;
    scene.ledger.hold(true);
    let submitting = tokio::spawn({
        let handle = scene.handle.clone();
        async move { handle.submit_transfers(vec![transfer(1, 1, 1)]).await }
    });
    scene.ledger.was_asked(1).await;
    scene.ledger.fail_from_now_on(LedgerError::Unreadable("a page".to_owned()));
    scene.ledger.hold(false);
    let lost = submitting.await.unwrap();
    assert!(matches!(&lost, Err(LedgerError::ConnectionLost(text)) if text.contains("a page")), "{lost:?}");
    // A read that was cut before has nothing to hide.
    let read = scene.handle.status().await;
    assert_eq!(read, Err(LedgerError::Unreadable("a page".to_owned())));
    scene.server.stop().await;
}

#[tokio::test]
async fn tries_have_an_end() {
    let settings = RemoteSettings { tries: 4, ..remote_settings() };
    let scene = scene(scripted(&[Some(Cut::BeforeRequest); 10]), settings).await;
    let lost = scene.handle.submit_transfers(vec![transfer(1, 1, 1)]).await;
    assert!(matches!(lost, Err(LedgerError::ConnectionLost(_))), "{lost:?}");
    assert_eq!((scene.proxy.cuts(Cut::BeforeRequest), scene.ledger.asked()), (4, 0));
    scene.server.stop().await;
}

//! The gateway's end: which ledger it talks to, its sessions, and when it gives up.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ledger::handle::{Answer, Ask, Command, Handle, LedgerError, LedgerStatus};
use ledger::remote::RemoteSettings;
use ledger::remote::wire::{
    FRAME_HEAD_BYTES, FrameHead, HELLO_BYTES, ServerHello, encode_answer, encode_command,
};
use ledger::{Request, TransferStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::task::JoinSet;

use crate::support::{
    Folder, ModelLedger, Server, account_id, ledger_id, remote, remote_settings, server_settings, transfer,
};

#[tokio::test]
async fn a_gateway_that_wants_another_ledger_executes_nothing() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let settings = RemoteSettings { ledger: Some(ledger_id(2)), ..remote_settings() };
    let refused = Handle::new(remote(&path, settings)).submit_transfers(vec![transfer(1, 1, 1)]).await;
    assert!(matches!(&refused, Err(LedgerError::Protocol(text)) if text.contains("0202")), "{refused:?}");
    assert_eq!(ledger.asked(), 0);
    server.stop().await;
}

/// A test's ledger is served where another one was: what belonged to that one must not get into this one.
#[tokio::test]
async fn after_a_reconnect_a_gateway_talks_to_the_same_ledger_or_to_none() {
    let (folder, first, second) = (Folder::new(), ModelLedger::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let handle = Handle::new(remote(&path, remote_settings()));
    let server = Server::at(&path, first.clone(), server_settings()).await;
    handle.submit_transfers(vec![transfer(1, 1, 1)]).await.unwrap();
    server.stop().await;

    let other = ledger::remote::ServerSettings::new(ledger_id(2));
    let server = Server::at(&path, second.clone(), other).await;
    let refused = handle.submit_transfers(vec![transfer(2, 1, 1)]).await;
    assert!(matches!(refused, Err(LedgerError::Protocol(_))), "{refused:?}");
    assert_eq!(second.asked(), 0);
    server.stop().await;

    let server = Server::at(&path, first.clone(), server_settings()).await;
    let replies = handle.submit_transfers(vec![transfer(2, 1, 1)]).await.unwrap();
    assert_eq!(replies[0].status, TransferStatus::Accepted);
    server.stop().await;
}

#[tokio::test]
async fn sessions_are_kept_and_are_never_more_than_set() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let settings =
        RemoteSettings { sessions: 3, session_within: Duration::from_secs(60), ..remote_settings() };
    let remote = remote(&path, settings);
    let handle = Handle::new(Arc::clone(&remote) as _);
    for _ in 0..5 {
        handle.status().await.unwrap();
    }
    assert_eq!(remote.idle_sessions(), 1, "one after the other needs one session");

    ledger.hold(true);
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        let handle = handle.clone();
        asking.spawn(async move { handle.status().await });
    }
    ledger.was_asked(5 + 3).await;
    assert_eq!((ledger.asked(), remote.idle_sessions()), (8, 0));
    ledger.hold(false);
    while let Some(done) = asking.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(remote.idle_sessions(), 3);
    assert_eq!(ledger.asked(), 25);
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_gateway_without_a_free_session_is_busy() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let handle = Handle::new(remote(&path, RemoteSettings { sessions: 1, ..remote_settings() }));
    ledger.hold(true);
    let first = tokio::spawn({
        let handle = handle.clone();
        async move { handle.status().await }
    });
    ledger.was_asked(1).await;
    let busy = handle.submit_transfers(vec![transfer(1, 1, 1)]).await;
    assert_eq!(busy, Err(LedgerError::Busy { retry_after_ms: 1_000 }));
    ledger.hold(false);
    first.await.unwrap().unwrap();
    assert_eq!((ledger.asked(), ledger.model().transfers().count()), (1, 0));
    server.stop().await;
}

/// The answer to a command whose asker has gone must not be met by the next one.
#[tokio::test]
async fn a_dropped_future_leaves_no_half_used_session() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let remote = remote(&path, RemoteSettings { sessions: 1, ..remote_settings() });
    let handle = Handle::new(Arc::clone(&remote) as _);
    for round in 0..10 {
        ledger.hold(true);
        let status = tokio::spawn({
            let handle = handle.clone();
            async move { handle.status().await }
        });
        ledger.was_asked(2 * round + 1).await;
        status.abort();
        assert!(status.await.unwrap_err().is_cancelled());
        assert_eq!(remote.idle_sessions(), 0);
        ledger.hold(false);
        let account = handle.account(account_id(1)).await.unwrap().unwrap();
        assert_eq!(account.id, account_id(1));
        assert_eq!(remote.idle_sessions(), 1);
    }
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn idle_sessions_are_closed() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let settings = RemoteSettings { idle_within: Duration::from_secs(60), ..remote_settings() };
    let remote = remote(&path, settings);
    let handle = Handle::new(Arc::clone(&remote) as _);
    for _ in 0..5 {
        handle.status().await.unwrap();
        tokio::time::sleep(Duration::from_secs(50)).await;
        assert_eq!(remote.idle_sessions(), 1, "used often enough");
    }
    tokio::time::sleep(Duration::from_secs(121)).await;
    assert_eq!(remote.idle_sessions(), 0);
    handle.status().await.unwrap();
    server.stop().await;
}

/// A session that the server has closed is not used, so that not even a change which is sent once is lost to it.
#[tokio::test(start_paused = true)]
async fn a_session_closed_by_the_server_is_noticed() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let settings = RemoteSettings { idle_within: Duration::from_secs(3_600), ..remote_settings() };
    let remote = remote(&path, settings);
    let handle = Handle::new(Arc::clone(&remote) as _);
    handle.status().await.unwrap();
    tokio::time::sleep(server_settings().idle_within * 2).await;
    assert_eq!(remote.idle_sessions(), 1);
    let freeze = ledger::admin::AdministrativeRequest::ChangeLedger(ledger::admin::LedgerChange::Freeze);
    let replies = handle.submit(vec![Request::Administrative(freeze)]).await.unwrap();
    assert_eq!(replies.len(), 1);
    assert_eq!(ledger.asked(), 2);
    server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_is_not_there_is_given_up_in_time() {
    let folder = Folder::new();
    let handle = Handle::new(remote(&folder.path("nothing"), remote_settings()));
    let lost = handle.status().await;
    assert!(matches!(&lost, Err(LedgerError::ConnectionLost(text)) if text.contains("nothing")), "{lost:?}");
}

/// What listens there never says hello: a gateway does not wait for it for ever.
#[tokio::test(start_paused = true)]
async fn a_silent_ledger_is_given_up_in_time() {
    let folder = Folder::new();
    let path = folder.path("silent");
    let listener = UnixListener::bind(&path).unwrap();
    let accepting = tokio::spawn(async move {
        let mut connections = Vec::new();
        loop {
            connections.push(listener.accept().await.unwrap());
        }
    });
    let lost = Handle::new(remote(&path, remote_settings())).status().await;
    assert!(matches!(&lost, Err(LedgerError::ConnectionLost(text)) if text.contains("welcome")), "{lost:?}");
    accepting.abort();
}

/// A ledger that takes commands and does not answer: reads and submissions are tried, and given up.
#[tokio::test(start_paused = true)]
async fn an_unanswered_command_is_given_up_in_time() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let handle = Handle::new(remote(&path, remote_settings()));
    ledger.hold(true);
    let lost = handle.submit_transfers(vec![transfer(1, 1, 1)]).await;
    assert!(matches!(lost, Err(LedgerError::ConnectionLost(_))), "{lost:?}");
    let tries = ledger.asked();
    assert!(tries > 1 && tries <= 4, "{tries} tries of 10 seconds in 30");
    ledger.hold(false);
    server.stop().await;
}

/// An entry may come late, so a follower is patient where others are not.
#[tokio::test(start_paused = true)]
async fn following_waits_as_long_as_the_ledger_does() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let settings = RemoteSettings {
        answer_within: Duration::from_secs(1),
        give_up_after: Duration::from_secs(1),
        ..remote_settings()
    };
    let handle = Handle::new(remote(&path, settings));
    assert_eq!(handle.entries(100).await, Ok(Vec::new()));
    assert_eq!(ledger.asked(), 1);
    server.stop().await;
}

/// Answers every hello with `hello` and every command with `frame`; gives back how many commands came.
fn impostor(path: &Path, hello: Vec<u8>, frame: Vec<u8>) -> Arc<AtomicU64> {
    let listener = UnixListener::bind(path).unwrap();
    let asked = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_exact(&mut [0; HELLO_BYTES]).await.unwrap();
            stream.write_all(&hello).await.unwrap();
            let mut head = [0; FRAME_HEAD_BYTES];
            if stream.read_exact(&mut head).await.is_ok() {
                counter.fetch_add(1, Ordering::SeqCst);
                let length = FrameHead::decode(&head).command_length().unwrap();
                stream.read_exact(&mut vec![0; length]).await.unwrap();
                stream.write_all(&frame).await.unwrap();
                // Nothing more comes, and it stays open until the other side has had enough.
                stream.read_to_end(&mut Vec::new()).await.ok();
            }
        }
    });
    asked
}

#[tokio::test]
async fn what_is_no_ledger_is_told_so() {
    let folder = Folder::new();
    let path = folder.path("other");
    let asked = impostor(&path, b"HTTP/1.1 400 Bad Request\r\n\r\nno no".to_vec(), Vec::new());
    let refused = Handle::new(remote(&path, remote_settings())).status().await;
    assert!(
        matches!(&refused, Err(LedgerError::Protocol(text)) if text.contains("no ledger")),
        "{refused:?}"
    );
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

/// What keeps to the hello and not to the protocol: it is told once, allocates nothing, and its session is not used
/// again. Of a submission nobody knows what became.
#[tokio::test]
async fn an_answer_that_is_none_ends_the_session() {
    let head = |length, kind, number| FrameHead { length, kind, number }.encode();
    let frames = [
        ("another number", encode_answer(99, &Ok(Answer::Status(LedgerStatus::default())))),
        ("an unknown kind", head(0, 150, 1)),
        ("a malformed body", [head(2, 109, 1), vec![1, 2]].concat()),
        ("too long a body", head(u32::MAX, 108, 1)),
        ("a command", encode_command(1, &Command::Status).unwrap()),
    ];
    for (what, frame) in frames {
        let folder = Folder::new();
        let path = folder.path("impostor");
        let hello = ServerHello { refused: None, ledger: ledger_id(1) }.encode();
        let asked = impostor(&path, hello, frame);
        let remote = remote(&path, remote_settings());
        let handle = Handle::new(Arc::clone(&remote) as _);
        let refused = handle.status().await;
        assert!(matches!(refused, Err(LedgerError::Protocol(_))), "{what}: {refused:?}");
        assert_eq!((asked.load(Ordering::SeqCst), remote.idle_sessions()), (1, 0), "{what}");
        let unknown = handle.submit_transfers(vec![transfer(1, 1, 1)]).await;
        assert!(matches!(unknown, Err(LedgerError::ConnectionLost(_))), "{what}: {unknown:?}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_without_being_sent() {
    let folder = Folder::new();
    let remote = remote(&folder.path("nothing"), remote_settings());
    let ids = vec![account_id(1); Command::ACCOUNTS_MAX + 1];
    let refused = remote.ask(Command::Accounts(ids)).await;
    assert!(matches!(refused, Err(LedgerError::TooMany { .. })), "{refused:?}");
}

/// The fullest submission and its answer, over a real socket.
#[tokio::test]
async fn a_full_submission_goes_through() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let remote = remote(&path, remote_settings());
    let transfers: Vec<_> = (0..8_190).map(|number| transfer(number, 1 + number % 3, 1)).collect();
    let answer = remote.ask(Command::Submit(vec![Request::Transfers(transfers)])).await.unwrap();
    let Answer::Submitted { replies, .. } = answer else { panic!("{}", answer.kind()) };
    let [ledger::Reply::Transfers(replies)] = replies.as_slice() else { panic!("other replies") };
    assert!(replies.len() == 8_190 && replies.iter().all(|reply| reply.status == TransferStatus::Accepted));
    server.stop().await;
}

/// Many gateways with many sessions each, all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sessions_are_served_at_once() {
    const GATEWAYS: u64 = 20;
    const SESSIONS: u64 = 12;
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    ledger.hold(true);
    let mut asking = JoinSet::new();
    for gateway in 0..GATEWAYS {
        let sessions = usize::try_from(SESSIONS).unwrap();
        let remote = remote(&path, RemoteSettings { sessions, ..remote_settings() });
        for session in 0..SESSIONS {
            let handle = Handle::new(Arc::clone(&remote) as _);
            let number = gateway * SESSIONS + session;
            asking.spawn(async move { handle.submit_transfers(vec![transfer(number, 1, 1)]).await });
        }
    }
    // All of them are in flight together.
    ledger.was_asked(GATEWAYS * SESSIONS).await;
    ledger.hold(false);
    while let Some(done) = asking.join_next().await {
        assert_eq!(done.unwrap().unwrap()[0].status, TransferStatus::Accepted);
    }
    server.stop().await;
    let credits = ledger.model().account(account_id(1)).unwrap().credits_posted;
    assert_eq!(credits, u128::from(GATEWAYS * SESSIONS));
}

#[tokio::test]
async fn settings_outside_of_their_bounds_are_refused_by_name() {
    let good = remote_settings();
    let second = Duration::from_secs(1);
    let cases = [
        ("sessions", RemoteSettings { sessions: 0, ..good }),
        ("sessions", RemoteSettings { sessions: 1_025, ..good }),
        ("session_within", RemoteSettings { session_within: second * 61, ..good }),
        ("connect_within", RemoteSettings { connect_within: Duration::ZERO, ..good }),
        ("answer_within", RemoteSettings { answer_within: second * 601, ..good }),
        ("give_up_after", RemoteSettings { give_up_after: Duration::ZERO, ..good }),
        ("tries", RemoteSettings { tries: 0, ..good }),
        ("idle_within", RemoteSettings { idle_within: Duration::ZERO, ..good }),
        ("pause_first", RemoteSettings { pause_first: Duration::ZERO, ..good }),
        ("pause_most", RemoteSettings { pause_most: second * 61, ..good }),
    ];
    for (name, settings) in cases {
        let error = settings.check().unwrap_err();
        assert_eq!(error.name, name);
        assert!(error.to_string().contains("set it between"), "{error}");
    }
    assert_eq!(good.check(), Ok(()));
}

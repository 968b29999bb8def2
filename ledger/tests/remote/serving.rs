//! The ledger's end over Unix sockets: who gets in, and what slow, silent and hostile ones cost.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use ledger::handle::{Answer, Command, Handle, LedgerError};
use ledger::remote::limits::COMMAND_BYTES_MAX;
use ledger::remote::wire::{
    ClientHello, FRAME_HEAD_BYTES, FrameHead, HELLO_BYTES, PROTOCOL_VERSION, Refusal, ServerHello,
    decode_answer, encode_command,
};
use ledger::remote::{ListenError, Listener, ServerSettings};
use ledger::{Request, TransferStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::support::{
    Folder, ModelLedger, Server, account_id, ledger_id, remote, remote_settings, server_settings, transfer,
    transfer_id, until_closed, welcomed,
};

/// The next answer on a connection.
async fn answer(stream: &mut UnixStream) -> (FrameHead, Result<Answer, LedgerError>) {
    let mut head = [0; FRAME_HEAD_BYTES];
    stream.read_exact(&mut head).await.unwrap();
    let head = FrameHead::decode(&head);
    let mut body = vec![0; head.answer_length().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    (head, decode_answer(head.kind, &body).unwrap())
}

#[tokio::test]
async fn a_gateway_uses_the_ledger_as_if_it_were_its_own() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let handle = Handle::new(remote(&path, remote_settings()));

    let replies = handle.submit_transfers(vec![transfer(1, 1, 30), transfer(2, 2, 12)]).await.unwrap();
    assert!(replies.iter().all(|reply| reply.status == TransferStatus::Accepted));
    let again = handle.submit_transfers(vec![transfer(1, 1, 30)]).await.unwrap();
    assert_eq!((again[0].status, again[0].recorded), (TransferStatus::Exists, replies[0].recorded));
    let account = handle.account(account_id(1)).await.unwrap().unwrap();
    assert_eq!(account, *ledger.model().account(account_id(1)).unwrap());
    assert_eq!(handle.account(account_id(9)).await.unwrap(), None);
    let record = handle.transfer(transfer_id(2)).await.unwrap().unwrap();
    assert_eq!(
        (record.transfer, Some(record.position)),
        (transfer(2, 2, 12), replies[1].recorded.map(|r| r.position))
    );
    assert_eq!(handle.status().await.unwrap().sequence, ledger.model().sequence());
    server.stop().await;
}

#[tokio::test]
async fn only_the_owner_may_connect_and_nothing_stays_but_the_lock() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger, server_settings()).await;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    server.stop().await;
    assert!(!path.exists());
}

#[tokio::test]
async fn the_socket_of_a_dead_process_is_replaced_and_that_of_a_living_one_is_not() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    // A process that ended without removing its file.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let server = Server::at(&path, ledger, server_settings()).await;
    assert!(matches!(Listener::unix(&path).await, Err(ListenError::InUse(_))));
    // Whoever was refused has not taken the file away.
    drop(welcomed(&path).await);
    server.stop().await;

    // One that takes no lock, as another program does.
    let other = std::os::unix::net::UnixListener::bind(&path).unwrap();
    assert!(matches!(Listener::unix(&path).await, Err(ListenError::InUse(_))));
    drop(other);
    drop(Listener::unix(&path).await.unwrap());
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let folder = Folder::new();
    let path = folder.path("ledger");
    std::fs::write(&path, "money").unwrap();
    assert!(matches!(Listener::unix(&path).await, Err(ListenError::NotASocket(_))));
    assert_eq!(std::fs::read(&path).unwrap(), b"money");
    let long = folder.path(&"x".repeat(120));
    assert!(matches!(Listener::unix(&long).await, Err(ListenError::PathTooLong(_))));
    let nowhere = folder.path("missing/ledger");
    assert!(matches!(Listener::unix(&nowhere).await, Err(ListenError::Failed { .. })));
}

/// Sends a hello and gives what comes back before the server closes.
async fn refused_hello(path: &Path, said: &[u8]) -> Vec<u8> {
    let mut stream = UnixStream::connect(path).await.unwrap();
    stream.write_all(said).await.unwrap();
    until_closed(&mut stream).await
}

#[tokio::test]
async fn who_wants_another_ledger_or_version_is_told_and_who_says_no_hello_is_not() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;

    let other = refused_hello(&path, &ClientHello { ledger: Some(ledger_id(2)) }.encode()).await;
    let hello = ServerHello::decode(&other.try_into().unwrap()).unwrap();
    assert_eq!(hello, ServerHello { refused: Some(Refusal::OtherLedger), ledger: ledger_id(1) });

    let mut newer = ClientHello { ledger: None }.encode();
    newer[8..10].copy_from_slice(&(PROTOCOL_VERSION + 1).to_le_bytes());
    let hello = ServerHello::decode(&refused_hello(&path, &newer).await.try_into().unwrap()).unwrap();
    assert_eq!(hello.refused, Some(Refusal::VersionDiffers));

    assert!(refused_hello(&path, &[b'x'; HELLO_BYTES]).await.is_empty());
    assert_eq!(ledger.asked(), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_malformed_command_is_answered_and_the_connection_goes_on() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger, server_settings()).await;
    let mut stream = welcomed(&path).await;
    for (kind, length) in [(0, 0), (1, 3), (9, 1), (77, 5), (199, 2)] {
        let mut frame = FrameHead { length, kind, number: 5 }.encode();
        frame.extend(std::iter::repeat_n(0xFF, usize::try_from(length).unwrap()));
        stream.write_all(&frame).await.unwrap();
        let (head, answered) = answer(&mut stream).await;
        assert_eq!(head.number, 5);
        assert!(matches!(answered, Err(LedgerError::Protocol(_))), "{kind}: {answered:?}");
    }
    stream.write_all(&encode_command(6, &Command::Status).unwrap()).await.unwrap();
    let (head, answered) = answer(&mut stream).await;
    assert_eq!(head.number, 6);
    assert!(matches!(answered, Ok(Answer::Status(_))));
    server.stop().await;
}

#[tokio::test]
async fn a_frame_beyond_the_bound_is_answered_and_ends_the_connection() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger, server_settings()).await;
    let bound = u32::try_from(COMMAND_BYTES_MAX).unwrap();
    for length in [bound + 1, u32::MAX] {
        let mut stream = welcomed(&path).await;
        stream.write_all(&FrameHead { length, kind: 1, number: 3 }.encode()).await.unwrap();
        let (head, answered) = answer(&mut stream).await;
        assert_eq!(head.number, 3);
        assert!(matches!(answered, Err(LedgerError::Protocol(_))), "{answered:?}");
        assert!(until_closed(&mut stream).await.is_empty());
    }
    server.stop().await;
}

/// Commands that come before the last one is answered wait for their turn.
#[tokio::test]
async fn a_connection_has_one_command_in_flight() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let mut stream = welcomed(&path).await;
    ledger.hold(true);
    for number in 1..=3 {
        let command = Command::Submit(vec![Request::Transfers(vec![transfer(number, 1, number)])]);
        stream.write_all(&encode_command(number, &command).unwrap()).await.unwrap();
    }
    ledger.was_asked(1).await;
    // Another connection is served meanwhile, so the server has had its turn.
    let mut other = welcomed(&path).await;
    other.write_all(&encode_command(1, &Command::Status).unwrap()).await.unwrap();
    ledger.was_asked(2).await;
    assert_eq!(ledger.asked(), 2);
    ledger.hold(false);
    for number in 1..=3 {
        let (head, answered) = answer(&mut stream).await;
        assert_eq!(head.number, number);
        assert!(matches!(answered, Ok(Answer::Submitted { .. })));
    }
    server.stop().await;
}

#[tokio::test]
async fn one_connection_too_many_is_closed_and_room_is_made_when_one_ends() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let settings = ServerSettings { connections: 2, ..server_settings() };
    let server = Server::at(&path, ledger, settings).await;
    let first = welcomed(&path).await;
    let _second = welcomed(&path).await;
    let turned_away = refused_hello(&path, &ClientHello { ledger: None }.encode()).await;
    assert!(turned_away.is_empty(), "it was welcomed");
    drop(first);
    // A gateway tries until there is room.
    let handle = Handle::new(remote(&path, remote_settings()));
    assert_eq!(handle.status().await.unwrap().accounts, 4);
    server.stop().await;
}

/// Whoever connects and says nothing cannot keep gateways out, however many there are: the oldest gives way.
#[tokio::test]
async fn the_silent_make_room_for_who_says_hello() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let handshake_within = Duration::from_secs(60);
    let settings = ServerSettings { connections: 3, handshake_within, ..server_settings() };
    let server = Server::at(&path, ledger, settings).await;
    let handle = Handle::new(remote(&path, remote_settings()));
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(UnixStream::connect(&path).await.unwrap());
    }
    assert_eq!(handle.status().await.unwrap().accounts, 4);
    for stream in &mut silent[..8] {
        assert!(until_closed(stream).await.is_empty());
    }
    // Who was welcomed is no newcomer and stays.
    for _ in 0..10 {
        silent.push(UnixStream::connect(&path).await.unwrap());
        assert_eq!(handle.status().await.unwrap().accounts, 4);
    }
    server.stop().await;
}

/// Time is a test's here: it goes on when nobody has anything to do.
#[tokio::test(start_paused = true)]
async fn who_is_slow_or_silent_is_cut_off_and_holds_nobody_up() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;

    let mut says_nothing = UnixStream::connect(&path).await.unwrap();
    let mut says_half = UnixStream::connect(&path).await.unwrap();
    says_half.write_all(&ClientHello { ledger: None }.encode()[..20]).await.unwrap();
    let mut sends_half = welcomed(&path).await;
    let command = encode_command(1, &Command::Submit(vec![Request::Transfers(vec![transfer(1, 1, 1)])]));
    let command = command.unwrap();
    sends_half.write_all(&command[..command.len() - 1]).await.unwrap();
    let mut is_idle = welcomed(&path).await;

    let handle = Handle::new(remote(&path, remote_settings()));
    assert_eq!(handle.status().await.unwrap().accounts, 4);
    for stream in [&mut says_nothing, &mut says_half, &mut sends_half, &mut is_idle] {
        assert!(until_closed(stream).await.is_empty());
    }
    assert_eq!(ledger.asked(), 1);
    assert_eq!(ledger.model().transfer(transfer_id(1)), None);
    server.stop().await;
}

/// A gateway that sends commands and never reads: the server stops at what the system buffers, then cuts it off.
#[tokio::test(start_paused = true)]
async fn who_takes_no_answers_is_cut_off() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let server = Server::at(&path, ledger.clone(), server_settings()).await;
    let mut stream = welcomed(&path).await;
    let ids = vec![account_id(1); Command::ACCOUNTS_MAX];
    let command = encode_command(1, &Command::Accounts(ids)).unwrap();
    // Each answer is a megabyte, far more than a socket holds.
    while stream.write_all(&command).await.is_ok() {}
    assert!(ledger.asked() < 10, "{} answers were made", ledger.asked());
    let handle = Handle::new(remote(&path, remote_settings()));
    assert_eq!(handle.status().await.unwrap().accounts, 4);
    server.stop().await;
}

#[tokio::test]
async fn a_gateway_that_leaves_gives_its_place_up_at_once() {
    let (folder, ledger) = (Folder::new(), ModelLedger::new());
    let path = folder.path("ledger");
    let settings = ServerSettings { connections: 1, ..server_settings() };
    let server = Server::at(&path, ledger.clone(), settings).await;
    let mut waits = welcomed(&path).await;
    waits.write_all(&encode_command(1, &Command::Entries { from: 100 }).unwrap()).await.unwrap();
    ledger.was_asked(1).await;
    drop(waits);
    let handle = Handle::new(remote(&path, remote_settings()));
    assert_eq!(handle.status().await.unwrap().accounts, 4);
    server.stop().await;
}

#[tokio::test]
async fn settings_outside_of_their_bounds_are_refused_by_name() {
    let good = server_settings();
    let second = Duration::from_secs(1);
    let cases = [
        ("connections", ServerSettings { connections: 0, ..good }),
        ("connections", ServerSettings { connections: 4_097, ..good }),
        ("handshake_within", ServerSettings { handshake_within: second * 61, ..good }),
        ("idle_within", ServerSettings { idle_within: second / 2, ..good }),
        ("frame_within", ServerSettings { frame_within: Duration::ZERO, ..good }),
        ("drain_within", ServerSettings { drain_within: second * 601, ..good }),
    ];
    for (name, settings) in cases {
        assert_eq!(settings.check().unwrap_err().name, name);
    }
    assert_eq!(good.check(), Ok(()));
}

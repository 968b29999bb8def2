//! The service from its start to its stop.

use crate::harness::{
    Running, ballast, configuration, entries, folder, get, migrate_as_a_newer_program, serve, signal,
};
use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

#[test]
fn it_serves_and_stops_at_the_first_signal() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    for signal in ["TERM", "INT"] {
        let mut running = Running::start(&config);
        for (path, word) in [("/healthz", "ok"), ("/readyz", "SQLite, writable"), ("/version", "regtest")] {
            let answer = running.get(path);
            assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(word), "{answer}");
        }
        running.signal(signal);
        assert_eq!(running.ended(), Some(0), "SIG{signal}");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let (folder, _) = folder();
    let mut running = Running::start(&configuration(folder.path(), ""));
    // Half a head keeps the first, graceful stop waiting: the listener closes, the process stays.
    let mut half = running.connect();
    half.write_all(b"GET /healthz HTTP/1.1\r\nHost:").unwrap();
    assert!(running.get("/healthz").starts_with("HTTP/1.1 200"), "half a head is being read by now");
    running.signal("TERM");
    while TcpStream::connect(running.address).is_ok() {
        std::thread::yield_now();
    }
    assert_eq!(running.child.try_wait().unwrap(), None, "it did not wait for the request under way");
    running.signal("TERM");
    assert_eq!(running.ended(), Some(130));
}

#[test]
fn a_stop_is_seen_before_the_listener_closes() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    let mut running = Running::spawn(serve(&config).env("BALLAST__HTTP__DRAIN_SECONDS", "3600"));
    running.signal("TERM");
    let refused = loop {
        let answer = running.get("/readyz");
        if !answer.starts_with("HTTP/1.1 200") {
            break answer;
        }
    };
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("the service is stopping"), "{refused}");
    assert!(running.get("/healthz").starts_with("HTTP/1.1 200"));
    assert!(get(running.metrics, "/metrics").contains("ballast_ready{check=\"accepting\"} 0"));
    running.signal("TERM");
    assert_eq!(running.ended(), Some(130));
}

#[test]
fn every_check_is_a_metric_from_the_start() {
    let (folder, _) = folder();
    let running = Running::start(&configuration(folder.path(), ""));
    let metrics = get(running.metrics, "/metrics");
    for check in ["accepting", "database", "migrations", "ledger"] {
        assert!(metrics.contains(&format!("ballast_ready{{check=\"{check}\"}} 1")), "{check}: {metrics}");
    }
}

#[test]
fn the_ledger_publishes_its_figures() {
    let (folder, _) = folder();
    let running = Running::start(&configuration(folder.path(), ""));
    let figures = ["sequence", "queued_transfers", "accounts", "open_pending", "checkpoint_age_seconds"];
    let published = |metrics: &str| {
        figures.iter().all(|figure| metrics.contains(&format!("\nballast_ledger_{figure} 0")))
    };
    while !published(&get(running.metrics, "/metrics")) {
        std::thread::yield_now();
    }
    assert_eq!(running.recovered["entries_replayed"], 0);
    assert!(running.recovered["elapsed_ms"].is_u64());
}

#[test]
fn files_are_private_in_a_directory_that_is_not() {
    let (folder, data) = folder();
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, PermissionsExt::from_mode(0o755)).unwrap();
    let _running = Running::start(&configuration(folder.path(), ""));
    for entry in fs::read_dir(&data).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn as_many_files_may_be_open_as_the_system_lets() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    let fewer = "ulimit -S -n 100; exec \"$0\" serve --log-format json --config \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", fewer, env!("CARGO_BIN_EXE_ballast"), &config]).env_clear();
    let running = Running::spawn(&mut command);
    let limits = fs::read_to_string(format!("/proc/{}/limits", running.child.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let numbers: Vec<_> = line.split_whitespace().skip(3).take(2).collect();
    assert!(numbers[0] == numbers[1] && numbers[0] != "100", "{line}");
}

#[test]
fn a_signal_ends_a_start_that_waits_and_nothing_is_left() {
    for (command, code) in [("serve", 0), ("migrate", 130)] {
        let (folder, data) = folder();
        // A server that takes connections and never answers.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://ballast@{}/ballast", silent.local_addr().unwrap());
        let mut command =
            ballast(&[command, "--store", "postgres", "--database-url", &url, "--data-dir", &data]);
        for key in ["BALLAST__HTTP__LISTEN", "BALLAST__METRICS__LISTEN"] {
            command.env(key, "127.0.0.1:0");
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let _connection = silent.accept().unwrap();
        signal(&child, "TERM");
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(entries(folder.path()), 0);
    }
}

#[tokio::test]
async fn a_schema_that_another_program_changes_is_not_ready_and_said() {
    let (folder, data) = folder();
    let running = Running::start(&configuration(folder.path(), ""));
    migrate_as_a_newer_program(&data).await;
    // Asked where no limit counts the questions.
    while !get(running.metrics, "/metrics").contains("ballast_ready{check=\"migrations\"} 0") {
        std::thread::yield_now();
    }
    let answer = running.get("/readyz");
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("run a newer program"), "{answer}");
}

//! The private PostgreSQL leaves nothing behind, and says why it cannot start.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use nix::sys::signal::kill;
use nix::unistd::Pid;
use store::dev_postgres::{DevPostgres, DevPostgresError};
use store::{Location, Mode, Store};

use crate::fixtures;
use crate::processes;

fn process(directory: &Path) -> Pid {
    let text = fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
}

#[test]
fn a_dropped_server_leaves_no_process_and_no_file() {
    if fixtures::server().is_none() {
        return;
    }
    let server = DevPostgres::start().unwrap();
    let directory = server.directory().to_path_buf();
    let process = process(&directory);
    assert!(kill(process, None).is_ok());
    drop(server);
    assert!(kill(process, None).is_err());
    assert!(!directory.exists());
}

#[test]
fn a_server_ends_when_its_program_is_killed() {
    if fixtures::server().is_none() {
        return;
    }
    let mut child = processes::prepare(processes::this_program(), "start postgres", "").spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let answer = lines.map(Result::unwrap).find_map(|line| line.strip_prefix("ANSWER ").map(str::to_owned));
    let directory = PathBuf::from(answer.unwrap());
    let process = process(&directory);
    assert!(kill(process, None).is_ok());
    child.kill().unwrap();
    child.wait().unwrap();
    let gone = (0..300).any(|_| {
        thread::sleep(Duration::from_millis(100));
        // Empty where the server's user may not remove it.
        fs::read_dir(&directory).map_or(true, |mut entries| entries.next().is_none())
    });
    assert!(gone, "{} is still there", directory.display());
    assert!(kill(process, None).is_err());
}

#[tokio::test]
async fn a_database_is_made_from_a_template() {
    let Some(server) = fixtures::server() else { return };
    let location = server.create_database("pattern", None).unwrap();
    let store = Store::open(&location, Mode::Existing).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    let copy = server.create_database("copy", Some("pattern")).unwrap();
    assert_eq!(Store::open(&copy, Mode::Existing).await.unwrap().pending_migrations().await.unwrap(), []);
    let error = server.create_database("copy", None).unwrap_err();
    assert!(
        matches!(&error, DevPostgresError::NotCreated { log, .. } if log.contains("already exists")),
        "{error}"
    );
    assert!(Location::parse(&server.url("copy"), None).is_ok());
}

fn answer_with_binaries(binaries: &Path) -> String {
    let mut child = processes::this_program();
    child.env("PG_BIN", binaries);
    let output = processes::run(child, "start postgres", "");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .find_map(|line| line.strip_prefix("ANSWER "))
        .unwrap_or_else(|| panic!("{output:?}"))
        .to_owned()
}

#[test]
fn missing_programs_are_unavailable() {
    let answer = answer_with_binaries(Path::new("/nowhere"));
    assert!(answer.starts_with("no PostgreSQL to start: /nowhere has no program"), "{answer}");
}

#[test]
fn a_server_that_fails_says_why_at_once() {
    if fixtures::server().is_none() {
        return;
    }
    let binaries = tempfile::tempdir().unwrap();
    fs::set_permissions(binaries.path(), Permissions::from_mode(0o755)).unwrap();
    for (name, text) in [
        ("createdb", "#!/bin/sh\nexit 1\n"),
        ("pg_isready", "#!/bin/sh\nexit 2\n"),
        ("initdb", "#!/bin/sh\nexit 0\n"),
        ("postgres", "#!/bin/sh\necho FATAL: no luck today >&2\nexit 1\n"),
    ] {
        let path = binaries.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(
        answer_with_binaries(binaries.path()),
        "the private PostgreSQL did not start: FATAL: no luck today"
    );
}

#[test]
fn tests_skip_without_postgresql_unless_it_is_required() {
    let outcome = |required: &str| {
        let mut child = processes::this_program();
        child.args(["--exact", "opening::a_database_that_the_server_lacks_is_named_and_not_created"]);
        let output = child.env("PG_BIN", "/nowhere").env("BALLAST_REQUIRE", required).output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).contains("SKIP postgres: no PostgreSQL"),
        )
    };
    assert_eq!(outcome(""), (true, true));
    assert_eq!(outcome("chromium"), (true, true));
    assert_eq!(outcome("chromium,postgres"), (false, false));
}

//! Several processes on one database, and processes that die.
//!
//! A child is this test binary once more, with [`child`] as its only test and its part in the environment.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::unistd::{Gid, Uid, chown};
use store::{Error, Location, Mode, Store, query, sqlx};

use crate::fixtures::{Fixture, migrated};

const ACTION: &str = "BALLAST_TEST_ACTION";
const LOCATION: &str = "BALLAST_TEST_LOCATION";
/// `nobody` on Debian; any user without privileges would do.
const UNPRIVILEGED: u32 = 65534;
const ROUNDS: i64 = 25;

/// A child that will do `action` on the database at `location`.
pub(crate) fn prepare(mut command: Command, action: &str, location: &str) -> Command {
    command
        .args(["--exact", "processes::child", "--nocapture", "--test-threads=1"])
        .env(ACTION, action)
        .env(LOCATION, location)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn run(command: Command, action: &str, location: &str) -> Output {
    prepare(command, action, location).output().unwrap()
}

pub(crate) fn this_program() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

/// A copy of this program where everybody may run it.
pub(crate) fn unprivileged_copy(directory: &Path) -> PathBuf {
    let copy = directory.join("program");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    fs::set_permissions(&copy, Permissions::from_mode(0o755)).unwrap();
    copy
}

/// Takes root's privileges from a child; another user has none.
pub(crate) fn unprivileged(command: &mut Command) {
    if Uid::effective().is_root() {
        command.uid(UNPRIVILEGED).gid(UNPRIVILEGED).current_dir("/");
    }
}

/// Makes the user of [`unprivileged`] children the owner.
pub(crate) fn give_away(path: &Path) {
    if Uid::effective().is_root() {
        chown(path, Some(Uid::from_raw(UNPRIVILEGED)), Some(Gid::from_raw(UNPRIVILEGED))).unwrap();
    }
}

/// What a child process does; nothing in the test run itself.
#[tokio::test]
async fn child() {
    let Ok(action) = std::env::var(ACTION) else { return };
    let text = std::env::var(LOCATION).unwrap();
    match action.as_str() {
        "open" => open(&text).await,
        "create and count" => create_and_count(&text).await,
        "die before commit" => die(&text, false).await,
        "die after commit" => die(&text, true).await,
        "fill" => fill(&text).await,
        "start postgres" => start_postgres(),
        other => panic!("{other}"),
    }
}

async fn open(text: &str) {
    let location = Location::parse(text, None).unwrap();
    match Store::open(&location, Mode::Existing).await {
        Ok(_) => println!("\nANSWER opened"),
        Err(error) => println!("\nANSWER {error}"),
    }
}

async fn create_and_count(text: &str) {
    let store = Store::open(&Location::parse(text, None).unwrap(), Mode::Create).await.unwrap();
    store.migrate().await.unwrap();
    for _ in 0..ROUNDS {
        store.writable().await.unwrap();
    }
}

async fn die(text: &str, commit: bool) {
    let store = Store::open(&Location::parse(text, None).unwrap(), Mode::Existing).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    query!(transaction, connection => {
        let text = "INSERT INTO probe (only_row, writes) VALUES (1, 1)";
        sqlx::query(text).execute(connection).await.unwrap();
    });
    if commit {
        transaction.commit().await.unwrap();
    }
    std::process::abort();
}

/// Writes until the file may not grow, then asks whether the database is writable.
async fn fill(text: &str) {
    let store = Store::open(&Location::parse(text, None).unwrap(), Mode::Existing).await.unwrap();
    let error = loop {
        let outcome: Result<(), Error> = store
            .write(async |transaction| {
                query!(transaction, connection => {
                    let text = "INSERT INTO filling (content) VALUES ($1)";
                    sqlx::query(text).bind("x".repeat(100_000)).execute(connection).await?;
                });
                Ok(())
            })
            .await;
        if let Err(error) = outcome {
            break error;
        }
    };
    println!("\nANSWER {:?} writable {}", error.kind(), store.writable().await.is_ok());
}

fn start_postgres() {
    match store::dev_postgres::DevPostgres::start() {
        Ok(server) => {
            println!("\nANSWER {}", server.directory().display());
            loop {
                std::thread::park();
            }
        }
        Err(error) => println!("\nANSWER {error}"),
    }
}

async fn writes(store: &Store) -> Option<i64> {
    query!(store, pool => sqlx::query_scalar("SELECT writes FROM probe").fetch_optional(pool).await.unwrap())
}

fn create_and_count_in_three_processes(location: &str) {
    let children: Vec<_> =
        (0..3).map(|_| prepare(this_program(), "create and count", location).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

#[tokio::test]
async fn processes_create_migrate_and_write_one_sqlite_file_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let location = directory.path().to_str().unwrap();
    create_and_count_in_three_processes(location);
    let store = Store::open(&Location::directory(location), Mode::Existing).await.unwrap();
    assert_eq!(writes(&store).await, Some(3 * ROUNDS));
}

#[tokio::test]
async fn processes_migrate_and_write_one_postgresql_database_at_once() {
    let Some(url) = crate::fixtures::empty_postgres() else { return };
    create_and_count_in_three_processes(&url);
    let store = Store::open(&Location::parse(&url, None).unwrap(), Mode::Existing).await.unwrap();
    assert_eq!(writes(&store).await, Some(3 * ROUNDS));
}

#[tokio::test]
async fn a_crash_before_the_commit_leaves_nothing_and_after_it_everything() {
    for fixture in migrated().await {
        let output = run(this_program(), "die before commit", &fixture.text);
        assert!(
            !output.status.success() && !String::from_utf8_lossy(&output.stderr).contains("panicked"),
            "{output:?}"
        );
        let Fixture { store, .. } = &fixture;
        assert_eq!(writes(store).await, None);
        let output = run(this_program(), "die after commit", &fixture.text);
        assert!(
            !output.status.success() && !String::from_utf8_lossy(&output.stderr).contains("panicked"),
            "{output:?}"
        );
        assert_eq!(writes(store).await, Some(1));
        store.writable().await.unwrap();
        assert_eq!(writes(store).await, Some(2));
    }
}

/// A limit on the size of files stands for a full disk.
#[tokio::test]
async fn a_full_disk_is_noticed_and_what_was_committed_stays() {
    let fixture = migrated().await.swap_remove(0);
    fixture
        .store
        .write(async |transaction| {
            query!(transaction, connection => {
                sqlx::query("CREATE TABLE filling (content TEXT NOT NULL)").execute(connection).await?;
            });
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    fixture.store.writable().await.unwrap();
    fixture.store.close().await;

    let mut shell = Command::new("sh");
    // In blocks of 512 bytes; the signal is ignored so that the write fails instead.
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap());
    let output = run(shell, "fill", &fixture.text);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        ["Full", "Damaged"].iter().any(|kind| text.contains(&format!("ANSWER {kind} writable false"))),
        "{output:?}"
    );

    let store = fixture.reopen().await.unwrap();
    assert_eq!(writes(&store).await, Some(1));
    let rows: i64 = query!(store, pool => sqlx::query_scalar("SELECT COUNT(*) FROM filling").fetch_one(pool).await.unwrap());
    assert!(rows > 0);
    store.writable().await.unwrap();
}

//! Every way in which opening a database is refused.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use store::sqlx::ConnectOptions;
use store::sqlx::sqlite::SqliteConnectOptions;
use store::{DATABASE_FILE, Error, ErrorKind, Location, Mode, OpenError, Store, query, sqlx};

use crate::fixtures::{self, empty_postgres};
use crate::processes;

async fn refusal(location: &Location, mode: Mode) -> OpenError {
    let error = Store::open(location, mode).await.unwrap_err();
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

fn names(directory: &Path) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn opening_what_exists_creates_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let missing = parent.path().join("data");
    let error = refusal(&Location::directory(&missing), Mode::Existing).await;
    assert!(
        matches!(&error, OpenError::DatabaseMissing { path } if *path == missing.join(DATABASE_FILE)),
        "{error}"
    );
    assert!(!missing.exists());

    let error = refusal(&Location::directory(parent.path()), Mode::Existing).await;
    assert!(matches!(error, OpenError::DatabaseMissing { .. }), "{error}");
    assert!(names(parent.path()).is_empty());
}

#[tokio::test]
async fn creating_makes_a_private_directory_and_one_file_but_no_parents() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("data");
    let store = Store::open(&Location::directory(&data), Mode::Create).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    assert_eq!(data.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(names(&data), [DATABASE_FILE], "closing folds the write-ahead log into the file");
    assert_eq!(
        Store::open(&Location::directory(&data), Mode::Existing)
            .await
            .unwrap()
            .pending_migrations()
            .await
            .unwrap(),
        []
    );

    let deep = parent.path().join("missing/data");
    let error = refusal(&Location::directory(&deep), Mode::Create).await;
    assert!(matches!(error, OpenError::DirectoryUnusable { .. }), "{error}");
    assert!(!parent.path().join("missing").exists());
}

#[tokio::test]
async fn a_file_in_place_of_the_directory_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("data");
    fs::write(&file, "text").unwrap();
    for mode in [Mode::Existing, Mode::Create] {
        let error = refusal(&Location::directory(&file), mode).await;
        assert!(matches!(error, OpenError::NotADirectory { .. }), "{error}");
        let error = refusal(&Location::directory(file.join("below")), mode).await;
        assert!(matches!(error, OpenError::DirectoryUnusable { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    for content in ["text".to_owned(), "x".repeat(100), "no database\n".repeat(2_000)] {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(DATABASE_FILE);
        fs::write(&file, &content).unwrap();
        for mode in [Mode::Existing, Mode::Create] {
            let error = refusal(&Location::directory(directory.path()), mode).await;
            assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
        assert_eq!(names(directory.path()), [DATABASE_FILE]);
    }
}

#[tokio::test]
async fn a_directory_in_place_of_the_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join(DATABASE_FILE)).unwrap();
    let error = refusal(&Location::directory(directory.path()), Mode::Create).await;
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_another_process_keeps_locked_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(DATABASE_FILE);
    let mut rival =
        SqliteConnectOptions::new().filename(file).create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql("CREATE TABLE t (a TEXT); BEGIN EXCLUSIVE").execute(&mut rival).await.unwrap();
    let error = refusal(&Location::directory(directory.path()), Mode::Existing).await;
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
    sqlx::raw_sql("COMMIT").execute(&mut rival).await.unwrap();
    Store::open(&Location::directory(directory.path()), Mode::Existing).await.unwrap();
}

#[tokio::test]
async fn a_damaged_database_is_not_taken_for_another_file() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::directory(directory.path());
    let store = Store::open(&location, Mode::Create).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    let file = directory.path().join(DATABASE_FILE);
    let mut content = fs::read(&file).unwrap();
    // All but the header.
    content[100..].fill(0xff);
    fs::write(&file, &content).unwrap();
    let error = refusal(&location, Mode::Existing).await;
    assert!(matches!(&error, OpenError::Statement(error) if error.kind() == ErrorKind::Damaged), "{error}");
}

/// Permissions do not bind root, so a child process without privileges looks.
#[tokio::test]
async fn missing_permissions_are_named() {
    let parent = tempfile::tempdir().unwrap();
    fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).unwrap();
    let data = parent.path().join("data");
    Store::open(&Location::directory(&data), Mode::Create).await.unwrap().close().await;
    let file = data.join(DATABASE_FILE);
    let program = processes::unprivileged_copy(parent.path());

    let outcome = |directory: u32, database: u32| {
        fs::set_permissions(&file, Permissions::from_mode(database)).unwrap();
        fs::set_permissions(&data, Permissions::from_mode(directory)).unwrap();
        let mut child = Command::new(&program);
        processes::unprivileged(&mut child);
        let output = processes::run(child, "open", data.to_str().unwrap());
        fs::set_permissions(&data, Permissions::from_mode(0o777)).unwrap();
        said(&output)
    };
    processes::give_away(&data);
    processes::give_away(&file);
    let data = data.display();
    for (directory, database, expected) in [
        (0o700, 0o600, "opened".to_owned()),
        (0o500, 0o600, format!("this process may not read and write {data}; give its user access")),
        (0o600, 0o600, format!("this process may not read and write {data}; give its user access")),
        (0o000, 0o600, format!("this process may not read and write {data}; give its user access")),
        (
            0o700,
            0o400,
            format!("this process may not read and write {data}/ballast.db; give its user access"),
        ),
        (
            0o700,
            0o200,
            format!("this process may not read and write {data}/ballast.db; give its user access"),
        ),
    ] {
        assert_eq!(outcome(directory, database), expected, "{directory:o} {database:o}");
    }
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    let answer = text.lines().find_map(|line| line.strip_prefix("ANSWER ").map(str::to_owned));
    answer.unwrap_or_else(|| panic!("{output:?}"))
}

#[tokio::test]
async fn a_server_that_does_not_run_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for url in [
        format!("postgres://app@127.0.0.1:{port}/books"),
        "postgres://app@/books?host=/nowhere".to_owned(),
        "postgres://app@name.invalid/books".to_owned(),
    ] {
        let error = refusal(&Location::parse(&url, None).unwrap(), Mode::Create).await;
        assert!(matches!(error, OpenError::Unreachable { .. }), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://app@{}/books", silent.local_addr().unwrap());
    let error = refusal(&Location::parse(&url, None).unwrap(), Mode::Create).await;
    assert!(
        matches!(&error, OpenError::Unreachable { cause, .. } if cause.contains("within 5 seconds")),
        "{error}"
    );
}

#[tokio::test]
async fn a_database_that_the_server_lacks_is_named_and_not_created() {
    let Some(server) = fixtures::server() else { return };
    let location = Location::parse(&server.url("nowhere"), None).unwrap();
    for _ in 0..2 {
        let error = refusal(&location, Mode::Create).await;
        assert!(matches!(error, OpenError::PostgresDatabaseMissing { .. }), "{error}");
        assert!(error.to_string().contains("\"nowhere\""), "{error}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let Some(url) = empty_postgres() else { return };
    let location = Location::parse(&format!("{url}&sslmode=require"), None).unwrap();
    let error = refusal(&location, Mode::Create).await;
    assert!(matches!(error, OpenError::TlsFailed { .. }), "{error}");
}

/// The private server trusts everybody on its socket, so one user gets a line of its own.
#[tokio::test]
async fn the_password_is_sent_and_never_shown() {
    const PASSWORD: &str = "canary-of-a-password";
    let Some(server) = fixtures::server() else { return };
    let url = empty_postgres().unwrap();
    let store = Store::open(&Location::parse(&url, None).unwrap(), Mode::Existing).await.unwrap();
    let rules = server.directory().join("data/pg_hba.conf");
    let trusting = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, format!("local all guarded scram-sha-256\n{trusting}")).unwrap();
    store
        .write(async |transaction| {
            for text in
                ["CREATE ROLE guarded LOGIN PASSWORD 'canary-of-a-password'", "SELECT pg_reload_conf()"]
            {
                query!(transaction, connection => { sqlx::query(text).execute(connection).await?; });
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();

    let guarded = url.replace("app@", "guarded@");
    for password in [None, Some(""), Some("canary-of-a-passwort")] {
        let error = refusal(&Location::parse(&guarded, password).unwrap(), Mode::Existing).await;
        assert!(matches!(error, OpenError::LoginRefused { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    let store =
        Store::open(&Location::parse(&guarded, Some(PASSWORD)).unwrap(), Mode::Existing).await.unwrap();
    assert!(!format!("{store:?}").contains("canary"));
    let error =
        refusal(&Location::parse(&url.replace("app@", "nobody@"), None).unwrap(), Mode::Existing).await;
    assert!(matches!(error, OpenError::LoginRefused { .. }), "{error}");
}

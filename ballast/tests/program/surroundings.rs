//! Surroundings that do not fit: what is said, and that nothing is left behind.

use crate::harness::{
    Running, ballast, configuration, entries, folder, migrate_as_a_newer_program, names, output, refused,
};
use nix::sys::stat::Mode;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

#[test]
fn unusable_surroundings_are_named_and_nothing_is_created() {
    let (folder, data) = folder();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let serve = |more: &[&str]| {
        let fixed = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
        output(&[&fixed[..], more].concat())
    };
    refused(&serve(&["--data-dir", file.to_str().unwrap()]), &["data directory"]);
    refused(&serve(&["--data-dir", "/proc/nothing/here"]), &["data directory"]);
    let to_postgres = |url: &str| serve(&["--data-dir", &data, "--store", "postgres", "--database-url", url]);
    refused(&to_postgres("mysql://u@h/d"), &["database.url"]);
    refused(&to_postgres("postgres://ballast@127.0.0.1:1/ballast"), &["no PostgreSQL answers"]);
    assert_eq!(entries(folder.path()), 1, "something was created");
}

#[test]
fn a_port_in_use_is_named_and_nothing_is_created() {
    let (folder, data) = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for flags in [
        ["--listen", &address, "--metrics-listen", "127.0.0.1:0"],
        ["--listen", "127.0.0.1:0", "--metrics-listen", &address],
    ] {
        refused(
            &output(&[&["serve", "--data-dir", &data][..], &flags].concat()),
            &[&address, "choose another"],
        );
    }
    assert_eq!(entries(folder.path()), 0, "something was created");
}

#[test]
fn an_address_of_another_machine_is_named() {
    let (folder, data) = folder();
    let path = folder.path().join("ballast.toml");
    let text = "[http]\nlisten = \"192.0.2.1:0\"\ntls_terminated_by_proxy = true\npublic_url = \"https://a.example\"\n";
    fs::write(&path, text).unwrap();
    let output = output(&["serve", "--config", path.to_str().unwrap(), "--data-dir", &data]);
    refused(&output, &["http.listen = 192.0.2.1:0", "choose an address of this machine"]);
    assert_eq!(entries(folder.path()), 1, "something was created");
}

#[test]
fn a_start_that_fails_in_a_new_or_empty_directory_leaves_it_so() {
    for exists in [false, true] {
        let (folder, data) = folder();
        if exists {
            fs::create_dir(&data).unwrap();
        }
        let config = configuration(folder.path(), "");
        for command in ["serve", "migrate"] {
            let mut command = ballast(&[command, "--store", "postgres-dev", "--config", &config]);
            let output = command.env("PG_BIN", "/nowhere").output().unwrap();
            refused(&output, &["no PostgreSQL to start"]);
            assert_eq!(Path::new(&data).exists(), exists);
            assert!(!exists || entries(Path::new(&data)) == 0);
        }
    }
}

#[test]
fn a_directory_that_cannot_be_used_stays_as_it_is() {
    let no_database =
        |data: &Path| fs::write(data.join("ballast.db"), "not a database ".repeat(100)).unwrap();
    let a_folder = |data: &Path| fs::create_dir(data.join("ballast.db")).unwrap();
    let a_pipe = |data: &Path| nix::unistd::mkfifo(&data.join("ballast.lock"), Mode::S_IRWXU).unwrap();
    stays_as_it_is(no_database, "not an SQLite database");
    stays_as_it_is(a_folder, "not an SQLite database");
    stays_as_it_is(a_pipe, "is not a file");
}

fn stays_as_it_is(prepare: impl FnOnce(&Path), words: &str) {
    let (folder, data) = folder();
    let data = Path::new(&data);
    fs::create_dir(data).unwrap();
    prepare(data);
    let before = names(data);
    let config = configuration(folder.path(), "");
    for command in ["serve", "migrate"] {
        refused(&output(&[command, "--config", &config]), &[words]);
        assert_eq!(names(data), before);
    }
}

#[test]
fn a_ledger_that_cannot_be_used_is_named_and_nothing_is_changed() {
    let no_folder = |data: &Path| fs::write(data.join("ledger"), "x").unwrap();
    let no_secret = |data: &Path| {
        fs::create_dir_all(data.join("ledger/journal")).unwrap();
        fs::write(data.join("ledger/journal/segment-0000000001"), "x").unwrap();
    };
    for (prepare, words) in
        [(&no_folder as &dyn Fn(&Path), "ledger: "), (&no_secret, "no file secret/ledger")]
    {
        let (folder, data) = folder();
        let data = Path::new(&data);
        fs::create_dir(data).unwrap();
        prepare(data);
        refused(&output(&["serve", "--config", &configuration(folder.path(), "")]), &[words]);
        assert_eq!(names(data), ["ledger"]);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_and_stays_as_it_is() {
    let (folder, data) = folder();
    let config = configuration(folder.path(), "");
    assert!(output(&["migrate", "--config", &config]).status.success());
    migrate_as_a_newer_program(&data).await;
    let before = names(Path::new(&data));
    for command in ["serve", "migrate"] {
        refused(&output(&[command, "--config", &config]), &["9999", "run a newer program"]);
        assert_eq!(names(Path::new(&data)), before);
    }
}

#[test]
fn migrate_makes_the_database_and_another_network_is_refused() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    let first = output(&["migrate", "--config", &config]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let applied = match entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations")) {
        1 => "Applied 1 migration.\n".to_owned(),
        count => format!("Applied {count} migrations.\n"),
    };
    assert_eq!(String::from_utf8(first.stdout).unwrap(), applied);
    let before = names(&folder.path().join("data"));
    assert_eq!(output(&["migrate", "--config", &config]).stdout, b"The database is up to date.\n");
    let elsewhere = configuration(folder.path(), "network = \"signet\"");
    for command in ["serve", "migrate"] {
        refused(&output(&[command, "--config", &elsewhere]), &["regtest", "signet"]);
        assert_eq!(names(&folder.path().join("data")), before);
    }
}

#[test]
fn one_process_for_each_data_directory() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    let _running = Running::start(&config);
    refused(&output(&["serve", "--config", &config]), &["another ballast process"]);
}

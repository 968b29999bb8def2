//! The program from outside: what a person or a supervisor sees, exit codes and single lines included.

#![cfg(test)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

fn ballast(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ballast"));
    // What the developer's shell sets must not reach the program under test.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("BALLAST_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

fn output(arguments: &[&str]) -> Output {
    ballast(arguments).output().unwrap()
}

/// It did not start: exit code 2, one line that holds every one of `words`, nothing on standard output.
fn refused(output: &Output, words: &[&str]) {
    let line = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "not one line: {line}");
    assert!(output.stdout.is_empty());
    for word in words {
        assert!(line.contains(word), "{word:?} is not in: {line}");
    }
}

/// A folder, and whether it is as empty as it was made.
fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    (folder, data)
}

fn entries(path: &Path) -> usize {
    fs::read_dir(path).unwrap().count()
}

/// A configuration that listens on free ports, plus `more`.
fn configuration(folder: &Path, more: &str) -> String {
    let data = folder.join("data");
    let text = format!(
        "data_dir = {data:?}\n{more}\n[http]\nlisten = \"127.0.0.1:0\"\n[metrics]\nlisten = \"127.0.0.1:0\"\n"
    );
    let path = folder.join("ballast.toml");
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn version_says_which_program_it_is() {
    let output = output(&["version"]);
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().starts_with(concat!(
        "ballast ",
        env!("CARGO_PKG_VERSION"),
        " ("
    )));
}

#[test]
fn commands_without_content_say_so() {
    for command in
        [&["verify", "--data", "x"][..], &["bench", "ledger", "--json"], &["signer", "--role", "protocol"]]
    {
        refused(&output(command), &["is not available in this version"]);
    }
}

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = output(&["completions", shell]);
        assert!(
            output.status.success() && String::from_utf8(output.stdout).unwrap().contains("serve"),
            "{shell}"
        );
    }
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    let (folder, _) = folder();
    for text in ["lisen = 1", "[http]\nlisen = 1", "[nothing]\nx = 1"] {
        let path = folder.path().join("bad.toml");
        fs::write(&path, text).unwrap();
        refused(&output(&["serve", "--config", path.to_str().unwrap()]), &["configuration", "unknown field"]);
    }
    let by_environment = ballast(&["serve"]).env("BALLAST__HTTP__LISEN", "1").output().unwrap();
    refused(&by_environment, &["configuration", "lisen"]);
    assert_eq!(entries(folder.path()), 1);
}

#[test]
fn impossible_values_are_refused() {
    let (folder, _) = folder();
    let path = folder.path().join("bad.toml");
    for (text, word) in [
        ("[http]\nlisten = \"nowhere\"", "listen"),
        ("[http]\nconcurrency = 0", "concurrency"),
        ("[http]\npublic_requests_per_minute = 0", "public_requests_per_minute"),
        ("[http]\nlisten = \"0.0.0.0:1\"", "tls_terminated_by_proxy"),
        ("[http]\npublic_url = \"api.example\"", "public_url"),
        ("network = \"mainnet\"", "mainnet_confirmed"),
        ("network = \"litecoin\"", "litecoin"),
        ("[database]\nstore = \"postgres\"", "database.url"),
        ("[database]\nurl = \"postgres://a@b/c\"", "database.store"),
        ("[database]\npassword = \"hunter2\"", "by reference"),
        ("not toml at all", "bad.toml"),
        ("[log]\nfilter = \"=====\"", "log.filter"),
    ] {
        fs::write(&path, text).unwrap();
        let data = folder.path().join("data").display().to_string();
        let output = output(&["serve", "--config", path.to_str().unwrap(), "--data-dir", &data]);
        refused(&output, &[word]);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"), "a secret was repeated");
    }
    refused(&output(&["serve", "--config", "/nowhere/ballast.toml"]), &["/nowhere/ballast.toml"]);
    assert_eq!(entries(folder.path()), 1, "something was created");
}

#[test]
fn a_password_in_a_url_is_refused_and_not_repeated() {
    let (_folder, data) = folder();
    let url = "postgres://ballast:canary-4711@127.0.0.1:1/ballast";
    let output = output(&[
        "serve",
        "--store",
        "postgres",
        "--database-url",
        url,
        "--data-dir",
        &data,
        "--listen",
        "127.0.0.1:0",
        "--metrics-listen",
        "127.0.0.1:0",
    ]);
    refused(&output, &["database.url"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("canary"));
}

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
fn a_file_that_is_no_database_is_named_and_kept() {
    let (folder, data) = folder();
    fs::create_dir(&data).unwrap();
    let database = Path::new(&data).join("ballast.db");
    fs::write(&database, "these are not the bytes of a database, and long enough to be sure of it").unwrap();
    let config = configuration(folder.path(), "");
    refused(&output(&["serve", "--config", &config]), &["not an SQLite database"]);
    assert!(fs::read_to_string(&database).unwrap().starts_with("these are not"));
}

#[test]
fn migrate_makes_the_database_and_another_network_is_refused() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    let first = output(&["migrate", "--config", &config]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert!(String::from_utf8(first.stdout).unwrap().starts_with("Applied "));
    assert_eq!(output(&["migrate", "--config", &config]).stdout, b"The database is up to date.\n");
    let elsewhere = configuration(folder.path(), "network = \"signet\"");
    refused(&output(&["serve", "--config", &elsewhere]), &["regtest", "signet"]);
}

#[test]
fn config_check_and_show() {
    let (folder, _) = folder();
    let secret = folder.path().join("password");
    fs::write(&secret, "canary-4711").unwrap();
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let path = folder.path().join("ballast.toml");
    let text = format!(
        "[database]\nstore = \"postgres\"\nurl = \"postgres://ballast@db.example/ballast\"\npassword = \"file:{}\"\n",
        secret.display()
    );
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(output(&["config", "check", "--config", path]).stdout, b"The configuration can be used.\n");
    let shown = String::from_utf8(output(&["config", "show", "--config", path]).stdout).unwrap();
    assert!(shown.contains("db.example") && !shown.contains("canary"), "{shown}");
    let redacted =
        String::from_utf8(output(&["config", "show", "--redacted", "--config", path]).stdout).unwrap();
    assert!(!redacted.contains("db.example") && !redacted.contains("password\""), "{redacted}");
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    refused(&output(&["config", "check", "--config", path]), &["chmod 600"]);
}

/// A running service, killed when the test ends before it does.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    /// Starts `ballast serve` and waits for the line that says where it listens.
    fn start(config: &str) -> Self {
        let mut command = ballast(&["serve", "--log-format", "json", "--config", config]);
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("it ended before it listened").unwrap();
            let log: serde_json::Value =
                serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
            if log["message"] == "listening" {
                break log["address"].as_str().unwrap().parse().unwrap();
            }
        };
        // Its later lines must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already ended is what we want.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

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
fn one_process_for_each_data_directory() {
    let (folder, _) = folder();
    let config = configuration(folder.path(), "");
    let _running = Running::start(&config);
    refused(&output(&["serve", "--config", &config]), &["another ballast process"]);
}

#[test]
fn the_demo_tells_its_story() {
    let output = output(&["demo", "--exit", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let story: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let steps = story["steps"].as_array().unwrap();
    assert!(steps.len() >= 9);
    for step in steps {
        assert_ne!(step["outcome"], "failed", "{step}");
        assert!(step["milliseconds"].is_u64() && !step["result"].as_str().unwrap().is_empty(), "{step}");
    }
}

#[test]
fn the_demo_keeps_its_data_where_it_is_told() {
    let (folder, data) = folder();
    let output = output(&["demo", "--exit", "--data", &data]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().contains("start the service on SQLite"));
    assert!(folder.path().join("data/ballast.db").exists());
}

#[test]
fn a_demo_that_cannot_start_is_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&output(&["demo", "--exit", "--listen", &address]), &[&address]);
}

//! Running the program, and judging how it ended.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn ballast(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ballast"));
    // What the developer's shell sets must not reach the program under test.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("BALLAST_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

pub(crate) fn output(arguments: &[&str]) -> Output {
    ballast(arguments).output().unwrap()
}

/// It did not start: exit code 2, one line that holds every one of `words`, nothing on standard output.
pub(crate) fn refused(output: &Output, words: &[&str]) {
    let line = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "not one line: {line}");
    assert!(output.stdout.is_empty());
    for word in words {
        assert!(line.contains(word), "{word:?} is not in: {line}");
    }
}

/// A folder, and whether it is as empty as it was made.
pub(crate) fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    (folder, data)
}

pub(crate) fn entries(path: &Path) -> usize {
    names(path).len()
}

/// What lies in a folder, in order.
pub(crate) fn names(path: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(path).unwrap().map(name).collect();
    names.sort();
    names
}

/// A configuration that listens on free ports, plus `more`.
pub(crate) fn configuration(folder: &Path, more: &str) -> String {
    let data = folder.join("data");
    let text = format!(
        "data_dir = {data:?}\n{more}\n[http]\nlisten = \"127.0.0.1:0\"\ndrain_seconds = 0\n\
         [metrics]\nlisten = \"127.0.0.1:0\"\n"
    );
    let path = folder.join("ballast.toml");
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// A running service, killed when the test ends before it does.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) metrics: SocketAddr,
    /// The log line that says what the ledger found at its start.
    pub(crate) recovered: serde_json::Value,
}

impl Running {
    /// Starts `ballast serve` and waits for the line that says where it listens.
    pub(crate) fn start(config: &str) -> Self {
        Self::spawn(&mut serve(config))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut recovered = serde_json::Value::Null;
        let listening = loop {
            let line = lines.next().expect("it ended before it listened").unwrap();
            let log: serde_json::Value =
                serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
            if log["message"] == "listening" {
                break log;
            }
            if log["message"] == "ledger recovered" {
                recovered = log;
            }
        };
        // Its later lines must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let address = |key: &str| listening[key].as_str().unwrap().parse().unwrap();
        Self { child, address: address("address"), metrics: address("metrics_address"), recovered }
    }

    pub(crate) fn get(&self, path: &str) -> String {
        get(self.address, path)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    pub(crate) fn ended(&mut self) -> Option<i32> {
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

pub(crate) fn serve(config: &str) -> Command {
    ballast(&["serve", "--log-format", "json", "--config", config])
}

pub(crate) fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = connect(address);
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub(crate) fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
}

/// Leaves the database in a data directory as a program would that has one more migration.
pub(crate) async fn migrate_as_a_newer_program(data: &str) {
    let location = store::Location::directory(data);
    let database = store::Store::open(&location, store::Mode::Existing).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    let mut transaction = database.begin().await.unwrap();
    store::query!(transaction, connection => {
        store::sqlx::query(newer).execute(connection).await.unwrap();
    });
    transaction.commit().await.unwrap();
    database.close().await;
}

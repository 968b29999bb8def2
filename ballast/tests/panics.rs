//! A panic is a line of the log like any other. A process has one panic hook and one log, so the panic happens
//! in a process of its own: this very program, asked by a variable for its part.

#![cfg(test)]

use ballast::Observability;
use ballast::config::{Log, LogFormat};
use std::process::Command;

const PART: &str = "PANICS_PART";

#[test]
fn a_panic_is_logged_as_json() {
    if std::env::var_os(PART).is_some() {
        Observability::install(&Log { format: LogFormat::Json, filter: "info".to_owned() }).unwrap();
        assert!(std::thread::spawn(|| panic!("canary\n{}", 4711)).join().is_err());
        return;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "a_panic_is_logged_as_json", "--nocapture"])
        .env(PART, "1")
        .env_remove("RUST_BACKTRACE");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert_eq!((&lines[0]["level"], &lines[0]["message"]), (&"ERROR".into(), &"panicked".into()));
    assert_eq!(lines[0]["reason"], "canary\n4711");
    assert!(lines[0]["location"].as_str().unwrap().contains("panics.rs"));
}

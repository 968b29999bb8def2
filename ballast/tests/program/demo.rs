//! The demo.

use crate::harness::{ballast, entries, folder, output, refused, signal};
use std::fs;
use std::net::TcpListener;
use std::process::Stdio;

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

#[test]
fn the_demo_is_for_this_machine_only() {
    refused(&output(&["demo", "--exit", "--listen", "0.0.0.0:0"]), &["0.0.0.0:0", "for this machine only"]);
}

#[test]
fn a_demo_that_is_interrupted_removes_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    // The private PostgreSQL has another user, who has to reach its folder.
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let mut command = ballast(&["demo"]);
    command.env("TMPDIR", folder.path()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    let started = || {
        let mut folders = fs::read_dir(folder.path()).unwrap();
        folders.any(|entry| entry.unwrap().path().join("ballast.db").exists())
    };
    while !started() {
        std::thread::yield_now();
    }
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    // A machine without PostgreSQL may have told the story to its end by now, and serve.
    let told = String::from_utf8(output.stdout).unwrap().contains("Stop with Ctrl-C");
    assert_eq!(output.status.code(), Some(if told { 0 } else { 130 }));
    assert_eq!(entries(folder.path()), 0);
}

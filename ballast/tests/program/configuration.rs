//! The configuration as an operator meets it.

use crate::harness::{ballast, entries, folder, output, refused};
use std::fs;

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    let (folder, _) = folder();
    for text in ["lisen = 1", "[http]\nlisen = 1", "[nothing]\nx = 1"] {
        let path = folder.path().join("bad.toml");
        fs::write(&path, text).unwrap();
        refused(&output(&["serve", "--config", path.to_str().unwrap()]), &["configuration", "unknown field"]);
    }
    let by_environment = ballast(&["serve"]).env("BALLAST__HTTP__LISEN", "1").output().unwrap();
    refused(&by_environment, &["BALLAST__HTTP__LISEN", "lisen"]);
    let misspelt = ballast(&["serve"]).env("BALLAST_HTTP_LISTEN", "127.0.0.1:0").output().unwrap();
    refused(&misspelt, &["environment variable BALLAST_HTTP_LISTEN: not known"]);
    assert_eq!(entries(folder.path()), 1);
}

#[test]
fn impossible_values_are_refused() {
    let (folder, _) = folder();
    let path = folder.path().join("bad.toml");
    for (text, word) in [
        ("[http]\nlisten = \"nowhere\"", "listen"),
        ("[http]\nconcurrency = 0", "from 1 to 100000"),
        ("[http]\nconcurrency = 100001", "from 1 to 100000"),
        ("[http]\nconcurrency = 9223372036854775807", "from 1 to 100000"),
        ("[http]\nconcurrency = 5.7", "http.concurrency"),
        ("[http]\nconcurrency = true", "http.concurrency"),
        ("[http]\ndrain_seconds = 3601", "http.drain_seconds"),
        ("[http]\nshutdown_grace_seconds = 3601", "http.shutdown_grace_seconds"),
        ("mainnet_confirmed = 7", "a boolean"),
        ("[http]\npublic_requests_per_minute = 0", "public_requests_per_minute"),
        ("[http]\nlisten = \"0.0.0.0:1\"", "tls_terminated_by_proxy"),
        ("[http]\nlisten = \"0.0.0.0:1\"\ntls_terminated_by_proxy = true", "set http.public_url"),
        ("[http]\npublic_url = \"api.example\"", "public_url"),
        ("[http]\npublic_url = \"https://api.example/\\\"onload=\"", "public_url"),
        ("[http]\ntrusted_proxies = [\"10.0.0.1\"]", "tls_terminated_by_proxy"),
        ("[http]\ntrusted_proxies = [\"10.0.0.0/8\"]", "trusted_proxies"),
        ("[metrics]\nlisten = \"0.0.0.0:1\"", "metrics.beyond_loopback"),
        ("[http]\nbatch_requests_per_minute = 0", "batch_requests_per_minute"),
        ("[ledger]\nthreads = 65", "ledger.threads"),
        ("[ledger]\nthreads = -1", "ledger.threads"),
        ("network = \"mainnet\"", "mainnet_confirmed"),
        ("network = \"litecoin\"", "expected one of `regtest`"),
        ("[database]\nstore = \"postgres\"", "database.url"),
        ("[database]\nurl = \"postgres://a@b/c\"", "database.store"),
        ("[database]\nstore = \"postgres\"\nurl = \"http://hunter2\"", "write postgres://user@host"),
        ("[database]\nstore = \"postgres\"\nurl = \"postgres://u:hunter2@h/d\"", "set database.password"),
        ("[database]\npassword = \"file:/hunter\"", "database.store"),
        ("[database]\npassword = \"hunter2\"", "by reference"),
        ("[database]\npassword = hunter2", "line 2"),
        ("[database]\npassword = \"hunter2", "line 2"),
        ("database = \"postgres://u:hunter2@h/d\"", "line 1"),
        ("not toml at all", "bad.toml"),
        ("[log]\nfilter = \"=====\"", "log.filter"),
    ] {
        fs::write(&path, text).unwrap();
        let data = folder.path().join("data").display().to_string();
        // What one command refuses all of them do, so that a check promises what the service accepts.
        for command in [&["serve"][..], &["migrate"], &["config", "check"], &["config", "show"]] {
            let more = ["--config", path.to_str().unwrap(), "--data-dir", &data];
            let output = output(&[command, &more].concat());
            refused(&output, &[word]);
            assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"), "a secret was repeated");
        }
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

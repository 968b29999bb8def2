//! The documentation page in a real browser: it draws every operation, and asks nobody but this service.

#![cfg(test)]

use ballast::Observability;
use ballast::config::Config;
use ballast::service::Service;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tokio_util::sync::CancellationToken;

/// Real time is bounded by the virtual time the page gets to draw itself.
const VIRTUAL_MILLISECONDS: u32 = 20_000;

fn chromium() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

async fn service(data: &Path, stop: CancellationToken) -> Service {
    let mut config = Config { data_dir: data.join("data"), ..Config::default() };
    config.http.listen = "127.0.0.1:0".parse().unwrap();
    config.metrics.listen = config.http.listen;
    Service::start(&config, Observability::metrics_only().unwrap(), stop).await.unwrap()
}

/// Opens the page, and brings what was drawn, what the console said, and every request by the network's log.
fn open(browser: &Path, folder: &Path, url: &str) -> (String, String, Vec<Value>) {
    let log = folder.join("network.json");
    let Output { status, stdout, stderr } = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
        ])
        .args(["--disable-background-networking", "--disable-component-update", "--enable-logging=stderr"])
        // Even a page that wanted to could not reach another host.
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--log-net-log={}", log.display()))
        .arg(format!("--virtual-time-budget={VIRTUAL_MILLISECONDS}"))
        .args(["--dump-dom", url])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.success(), "{said}");
    let log: Value = serde_json::from_slice(&std::fs::read(log).unwrap()).unwrap();
    (String::from_utf8(stdout).unwrap(), said, log["events"].as_array().unwrap().clone())
}

/// The URLs that a page of this origin asked for. What the browser asks on its own account has no origin.
fn asked_by(origin: &str, events: &[Value]) -> BTreeSet<String> {
    let by_page = |event: &&Value| event["params"]["initiator"] == origin;
    events
        .iter()
        .filter(by_page)
        .filter_map(|event| event["params"]["url"].as_str())
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_documentation_page_is_drawn_without_leaving_the_machine() {
    let Some(browser) = chromium() else {
        return tests::skip("chromium", "no chromium on the PATH; ./dev test installs it");
    };
    let folder = tempfile::tempdir().unwrap();
    let stop = CancellationToken::new();
    let service = service(folder.path(), stop.clone()).await;
    let origin = service.url();
    let serving = tokio::spawn(service.run());

    let (path, url) = (folder.path().to_owned(), format!("{origin}/docs/"));
    let (page, console, events) =
        tokio::task::spawn_blocking(move || open(&browser, &path, &url)).await.unwrap();

    for operation in ["/healthz", "/readyz", "/version", "Is the process alive?"] {
        assert!(page.contains(operation), "{operation} is not drawn");
    }
    assert!(!console.contains("Uncaught"), "{console}");
    let asked = asked_by(&origin, &events);
    assert!(
        asked.contains(&format!("{origin}/openapi.json")),
        "the page did not read the document: {asked:?}"
    );
    let elsewhere: Vec<_> =
        asked.iter().filter(|url| !url.starts_with(&origin) && !url.starts_with("data:")).collect();
    assert!(elsewhere.is_empty(), "the page asked {elsewhere:?}");

    stop.cancel();
    serving.await.unwrap().unwrap();
}

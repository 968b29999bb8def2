//! `ballast verify`, on a directory that a ledger has just written.

use crate::harness::{folder, names, output, refused};
use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::disk::RealDisk;
use ledger::service::{Environment, Running, ServiceClock, ServiceSettings};
use ledger::{AccountFlags, AccountId, Asset, Request, Transfer, TransferId, id};
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

/// A ledger with a system account, another one, and a transfer between them; it is still open.
fn ledger_in(data: &Path) -> Running {
    fs::create_dir(data).unwrap();
    let disk = Arc::new(RealDisk::open(data).unwrap());
    let clock = ServiceClock::new(|| 1_795_392_000_000_000);
    let environment = Environment { disk, clock, secret: [3; 48], seed: [4; 32] };
    let ledger = Running::start(ServiceSettings::for_threads(1), environment).unwrap();
    let account = |number: u8| AccountId(id::derived("program tests: accounts", &[&[number]]));
    let create = |number, flags| {
        let create =
            CreateAccount { id: account(number), reference: [0; 16], asset: Asset::USDB, code: 1, flags };
        Request::Administrative(AdministrativeRequest::CreateAccount(create))
    };
    let transfer = Transfer {
        id: TransferId(id::derived("program tests: transfers", &[&[0]])),
        debit_account: account(0),
        credit_account: account(1),
        amount: 2_500_000,
        asset: Asset::USDB,
        code: 1,
        ..Transfer::default()
    };
    let requests = vec![
        create(0, AccountFlags::SYSTEM),
        create(1, AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS),
        Request::Transfers(vec![transfer]),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(ledger.handle().submit(requests)).unwrap();
    ledger
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn document(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_directory_that_holds_is_told_in_figures() {
    let (_folder, data) = folder();
    ledger_in(Path::new(&data)).stop().unwrap();
    let before = names(Path::new(&data));
    let shown = output(&["verify", "--data", &data]);
    assert_eq!(shown.status.code(), Some(0), "{}", text(shown.stderr));
    let table = text(shown.stdout);
    for words in ["verified", "supply of USDb", "2500000", "not asked"] {
        assert!(table.contains(words), "{words:?} is not in {table}");
    }
    let written = output(&["verify", "--data", &data, "--json", "--model"]);
    assert_eq!(written.status.code(), Some(0));
    let figures = document(&written);
    assert_eq!(figures["result"], "verified");
    assert_eq!((&figures["transfers"], &figures["accounts"]), (&1.into(), &2.into()));
    assert_eq!(figures["by_status"]["accepted"], 1);
    assert_eq!(figures["supply"]["USDb"]["owed"], "2500000");
    assert_eq!(figures["with_model"], true);
    assert_eq!(names(Path::new(&data)), before);
}

#[test]
fn a_difference_is_named_and_ends_with_1() {
    let (_folder, data) = folder();
    ledger_in(Path::new(&data)).stop().unwrap();
    // The first entry of the first segment; the closing entry says that it was durable.
    let path = Path::new(&data).join("journal/segment-0000000001");
    let mut bytes = fs::read(&path).unwrap();
    bytes[300] ^= 1;
    fs::write(&path, bytes).unwrap();
    let output_of = |more: &[&str]| output(&[&["verify", "--data", &data], more].concat());
    let shown = output_of(&[]);
    assert_eq!(shown.status.code(), Some(1));
    assert!(shown.stdout.is_empty());
    let line = text(shown.stderr);
    assert_eq!(line.trim_end().lines().count(), 1, "{line}");
    for words in ["entry 1", "expected", "found", "restore"] {
        assert!(line.contains(words), "{words:?} is not in {line}");
    }
    let written = output_of(&["--json"]);
    assert_eq!(written.status.code(), Some(1));
    let found = document(&written);
    assert_eq!((&found["result"], &found["entry"]), (&"difference".into(), &1.into()));
    assert_eq!(found["what"], "journal");
}

#[test]
fn what_cannot_be_verified_is_refused() {
    let (folder, data) = folder();
    refused(&output(&["verify", "--data", &data]), &["data directory", "--data"]);
    refused(
        &output(&["verify", "--data", &folder.path().display().to_string()]),
        &["there is no ledger in this directory"],
    );
    let open = ledger_in(Path::new(&data));
    refused(&output(&["verify", "--data", &data]), &["a running ledger has it open"]);
    drop(open);
    assert_eq!(output(&["verify", "--data", &data]).status.code(), Some(0));
    assert_eq!(output(&["verify"]).status.code(), Some(2));
}

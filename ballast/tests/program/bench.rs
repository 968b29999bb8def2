//! Every case of the benchmark for a moment: that it runs, and the form of its document. Nothing about its figures.

use crate::harness::{entries, folder, output, refused};
use serde_json::Value;

/// Runs a case on few accounts, in a folder that has to be empty again afterwards.
fn bench(arguments: &[&str]) -> Value {
    let (folder, data) = folder();
    std::fs::create_dir(&data).unwrap();
    let usual = ["bench", "ledger", "--json", "--accounts=2000", "--milliseconds=200", "--runs=1"];
    let place = ["--data-dir", &data];
    let output = output(&[&usual[..], &place, arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(entries(folder.path().join("data").as_path()), 0);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every one of these fields is there.
fn has(value: &Value, fields: &str) {
    for field in fields.split_whitespace() {
        assert!(!value[field].is_null(), "no {field} in {value}");
    }
}

#[test]
fn the_in_process_case_reports_every_figure() {
    let report = bench(&["--batch=8190,100", "--partitions=1,2", "--without-postgres"]);
    assert_eq!(report["schema"], "ballast-bench-ledger/1");
    assert_eq!(report["case"], "in-process");
    has(&report, "machine build load_before load_after parameters summary runs sequential_baseline warnings");
    has(&report["machine"], "cores model kernel memory_bytes file_system durable");
    has(&report["build"], "version commit profile");
    let (runs, baseline) =
        (report["runs"].as_array().unwrap(), report["sequential_baseline"].as_array().unwrap());
    assert_eq!((runs.len(), baseline.len()), (4, 2));
    for run in runs.iter().chain(baseline) {
        has(
            run,
            "partitions threads submitted accepted refused_by_status seconds accepted_per_second cpu_seconds \
             latency_ms flushes bytes_per_transfer memory_bytes rounds remainder_share state_root generation",
        );
        has(&run["latency_ms"], "p50 p90 p99 p999 max planned_per_second");
        has(&run["rounds"], "median max");
        assert!(run["accepted"].as_u64() > Some(0));
        assert_eq!(run["accepted"], run["submitted"]);
    }
    for run in runs {
        has(run, "ratio_to_baseline");
        let same = |one: &&Value| one["batch"] == run["batch"];
        let baseline = baseline.iter().find(same).unwrap();
        assert_eq!(
            (&run["state_root"], &run["submitted"]),
            (&baseline["state_root"], &baseline["submitted"])
        );
    }
    assert_eq!(report["summary"].as_array().unwrap().len(), 4);
}

#[test]
fn every_kind_of_transfer_ends_in_one_state() {
    for distribution in ["zipf:0.99", "hot-payee:90", "hot-payer:90"] {
        let report = bench(&[
            "--batch=8190",
            "--partitions=2",
            "--without-postgres",
            "--linked=20",
            "--pending=20",
            "--allowance=20",
            "--distribution",
            distribution,
        ]);
        let run = &report["runs"][0];
        assert_eq!(run["refused_by_status"], serde_json::json!({}), "{distribution}");
        assert_eq!(run["state_root"], report["sequential_baseline"][0]["state_root"], "{distribution}");
    }
}

#[test]
fn the_baseline_on_postgres_is_durable_or_says_why_it_is_not_there() {
    let report = bench(&["--batch=8190", "--partitions=1"]);
    let postgres = &report["postgres_baseline"];
    if postgres["outcome"] == "unavailable" {
        return has(postgres, "reason");
    }
    assert!(postgres["durability"].as_str().unwrap().starts_with("on on "), "{postgres}");
    assert!(postgres["accepted_per_second"].as_u64() > Some(0));
    has(&report["summary"][0], "ratio_to_postgres");
}

#[test]
fn the_recovery_case_finds_everything_that_was_acknowledged() {
    let report = bench(&["--case=recovery", "--partitions=2"]);
    let run = &report["recovery"][0];
    assert!(run["recovered_sequence"].as_u64() >= run["acknowledged_sequence"].as_u64());
    assert!(run["transfers_replayed"].as_u64() > Some(2_000));
    has(run, "seconds_to_first_accepted_transfer transfers_replayed_per_second snapshot");
    assert_eq!(run["snapshot"]["accounts"], 2_001);
    has(&run["snapshot"], "seconds accounts_per_second longest_pause_ms");
}

#[test]
fn what_is_not_built_says_so() {
    for case in ["binary", "json", "single"] {
        refused(&output(&["bench", "ledger", "--case", case]), &["not built yet"]);
    }
    refused(&output(&["bench", "ledger", "--data-dir", "/nowhere"]), &["there is no such directory"]);
    for wrong in ["--distribution=normal", "--batch=8191", "--partitions=0", "--linked=101", "--case=other"] {
        assert_eq!(output(&["bench", "ledger", wrong]).status.code(), Some(2), "{wrong}");
    }
}

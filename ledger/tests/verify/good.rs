//! Directories that hold.

use ledger::admin::AdministrativeRequest;
use ledger::disk::{Disk, FakeDisk, ReadOnlyDisk};
use ledger::service::ServiceSettings;
use ledger::verify::{VerifyError, VerifySettings, VerifyStage, verify};
use ledger::{Asset, Request, TransferStatus};
use proptest::prelude::*;

use crate::directories::{
    files, live_directory, lively, read_only, sealed_directory, verify_disk, verify_good, verify_settings,
};
use crate::script::{ACCOUNTS, Told, drive, open};
use crate::support::{NOW, TestClock, start};
use crate::workload::workloads;

#[tokio::test]
async fn a_directory_with_everything_in_it_verifies_and_is_not_changed() {
    let disk = sealed_directory().await;
    let (before, changes) = (files(&disk), disk.changes());
    for with_model in [false, true] {
        let report = verify_good(&disk, with_model);
        assert_eq!(report.with_model, with_model);
        assert_eq!(report.accounts, ACCOUNTS);
        assert!(report.sealed_segments > 0 && report.sealed_ids > 0, "{report:?}");
        assert!(report.snapshots_compared > 0 && report.roots_compared > 0, "{report:?}");
        assert_eq!(report.statements_walked, ACCOUNTS);
        assert_eq!((report.statements_left_out, report.torn_entries), (0, 0));
    }
    assert_eq!(files(&disk), before);
    assert_eq!(disk.changes(), changes);
}

#[tokio::test]
async fn the_figures_are_those_of_what_was_executed() {
    let (disk, clock, mut told) = (FakeDisk::new(4), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, lively()).unwrap();
    open(&ledger.handle()).await.unwrap();
    drive(&ledger.handle(), &clock, &mut told, 0, 50).await;
    let status = ledger.stop().unwrap();
    let report = verify_good(&disk, true);
    // The closing entry is one more.
    assert_eq!(report.entries, status.sequence + 1);
    assert_eq!((report.accounts, report.open_pending), (status.accounts, status.open_pending));
    assert_eq!(report.requests, ACCOUNTS);
    let outcomes = told.outcomes.values().filter_map(|(_, reply)| reply.recorded);
    let statuses: Vec<_> = outcomes.map(|recorded| recorded.outcome.status).collect();
    let funds = ACCOUNTS - 1;
    for status in TransferStatus::ALL {
        let count = statuses.iter().filter(|one| *one == status).count() as u64;
        let of_funds = if *status == TransferStatus::Accepted { funds } else { 0 };
        assert_eq!(report.by_status.get(status).copied().unwrap_or(0), count + of_funds, "{status}");
    }
    assert_eq!(report.transfers, statuses.len() as u64 + funds);
    assert_eq!(report.accepted() + report.refused(), report.transfers);
    assert!(report.expiries > 0);
    let [supply] = report.supply[..] else { panic!("{:?}", report.supply) };
    assert_eq!((supply.asset, supply.owed), (Asset::USDB, 5 * 1_000));
    assert_eq!(supply.owed_by_system, supply.owed);
    assert_eq!(report.transfers_per_second(2_000_000), report.transfers / 2);
    assert_eq!(report.transfers_per_second(0), 0);
}

#[tokio::test]
async fn progress_names_every_stage_and_never_goes_back() {
    let disk = sealed_directory().await;
    let mut told = Vec::new();
    verify(read_only(&disk), &verify_settings(false), &mut |progress| told.push(progress)).unwrap();
    let expected = [
        VerifyStage::Opening,
        VerifyStage::Roots,
        VerifyStage::Entries,
        VerifyStage::SealedIds,
        VerifyStage::Statements,
    ];
    for stage in expected {
        assert!(told.iter().any(|progress| progress.stage == stage), "{stage:?}");
    }
    assert!(told.is_sorted_by_key(|progress| (progress.sequence, progress.transfers, progress.bytes)));
    assert_eq!(told.last().unwrap().sequence, told.last().unwrap().last_sequence);
}

#[tokio::test]
async fn statements_longer_than_asked_are_left_out_and_counted() {
    let disk = live_directory().await;
    let settings = VerifySettings { statement_entries_max: 3, ..verify_settings(false) };
    let report = verify(read_only(&disk), &settings, &mut |_| {}).unwrap();
    assert!(report.statements_left_out > 0);
    assert_eq!(report.statements_left_out + report.statements_walked, ACCOUNTS);
    for (most, walked) in [(0, 0), (1, 1), (3, 3), (4, 3), (6, 6), (7, 6)] {
        let settings = VerifySettings { statements_max: most, ..verify_settings(false) };
        let report = verify(read_only(&disk), &settings, &mut |_| {}).unwrap();
        assert_eq!(report.statements_walked, walked, "at most {most}");
    }
}

#[tokio::test]
async fn what_is_no_ledger_is_named() {
    let empty = FakeDisk::new(1);
    assert!(matches!(verify_disk(&empty, false), Err(VerifyError::NoLedger)));
    let ledger = start(&empty, &TestClock::at(NOW), lively()).unwrap();
    ledger.stop().unwrap();
    assert_eq!(verify_good(&empty, true).entries, 1);
}

#[tokio::test]
async fn a_folder_of_the_file_system_is_not_changed_and_not_verified_while_it_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let fake = sealed_directory().await;
    for (path, bytes) in files(&fake) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let names = || {
        let folders = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = folders.map(|one| one.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let report =
        verify(ReadOnlyDisk::open(folder.path()).unwrap(), &verify_settings(true), &mut |_| {}).unwrap();
    assert_eq!(report, verify_good(&fake, true));
    assert_eq!(names(), before, "not even a lock is made");
    for (path, bytes) in files(&fake) {
        assert_eq!(std::fs::read(folder.path().join(path)).unwrap(), bytes);
    }
    let in_use = ledger::disk::RealDisk::open(folder.path()).unwrap();
    let refused = ReadOnlyDisk::open(folder.path()).unwrap_err();
    assert!(refused.to_string().contains("another process has this ledger open"), "{refused}");
    drop(in_use);
    assert!(ReadOnlyDisk::open(folder.path()).is_ok());
    assert!(ReadOnlyDisk::open(folder.path().join("journal/segment-0000000001")).is_err());
    assert!(ReadOnlyDisk::open(folder.path().join("nowhere")).is_err());
}

/// Snapshots after every few requests, so that allowances, freezes and open pending transfers are in them.
fn restless() -> ServiceSettings {
    ServiceSettings { snapshot_bytes: 2 * 1024, segment_bytes: 32 * 1024, ..lively() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_ledger_executes_verifies(
        workload in workloads(40, 12),
        restarts in proptest::collection::vec(any::<bool>(), 41),
        seed in any::<u64>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let disk = runtime.block_on(async {
            let entries = workload.entries();
            let (disk, clock) = (FakeDisk::new(seed), TestClock::at(entries[0].0));
            let mut ledger = start(&disk, &clock, restless()).unwrap();
            for ((timestamp, requests), restarts) in entries.iter().zip(&restarts) {
                clock.set(*timestamp);
                ledger.handle().submit(requests.clone()).await.unwrap();
                if *restarts {
                    drop(ledger);
                    disk.crash();
                    ledger = start(&disk, &clock, restless()).unwrap();
                }
            }
            ledger.stop().unwrap();
            disk
        });
        let created = |(_, requests): &(u64, Vec<Request>)| {
            let is = |one: &&Request| matches!(one, Request::Administrative(AdministrativeRequest::CreateAccount(_)));
            requests.iter().filter(is).count()
        };
        let report = verify_good(&disk, true);
        prop_assert!(report.accounts > 0 && report.accounts <= workload.entries().iter().map(created).sum::<usize>() as u64);
        prop_assert_eq!(report, { let mut again = verify_good(&disk, false); again.with_model = true; again });
        prop_assert!(!disk.list("snapshot").unwrap().is_empty());
    }
}

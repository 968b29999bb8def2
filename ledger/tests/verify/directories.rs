//! Directories to verify, made by ledgers that ran.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::disk::{Disk, FakeDisk, ReadOnlyDisk};
use ledger::service::ServiceSettings;
use ledger::verify::{Difference, VerifyError, VerifyReport, VerifySettings, verify};

use crate::script::{Told, drive, open};
use crate::support::{NOW, TestClock, settings, start, statuses, transfer};

pub(crate) const SEGMENT_BYTES: u64 = 32 * 1024;

/// The folders of a ledger.
const FOLDERS: [&str; 5] = ["journal", "archive", "snapshot", "ids", "secret"];

/// Snapshots and sealing every few entries.
pub(crate) fn lively() -> ServiceSettings {
    ServiceSettings { segment_bytes: SEGMENT_BYTES, snapshot_bytes: 8 * 1024, ..settings() }
}

/// State roots, and nothing else beside the journal.
pub(crate) fn roots_only() -> ServiceSettings {
    ServiceSettings { snapshot_bytes: u64::MAX, ..lively() }
}

/// A directory with sealed segments, snapshots, sealed ids and a clean stop.
pub(crate) async fn sealed_directory() -> FakeDisk {
    let (disk, clock, mut told) = (FakeDisk::new(11), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, lively()).unwrap();
    let handle = ledger.handle();
    open(&handle).await.unwrap();
    let mut done = 0;
    while handle.status().await.unwrap().sealed_through < 40 {
        done = drive(&handle, &clock, &mut told, done, done + 20).await;
        assert!(done < 9_000, "nothing is ever sealed");
    }
    ledger.stop().unwrap();
    disk
}

/// A directory of which everything is in live segments, with state roots on the way.
pub(crate) async fn live_directory() -> FakeDisk {
    let (disk, clock, mut told) = (FakeDisk::new(12), TestClock::at(NOW), Told::default());
    let ledger = start(&disk, &clock, roots_only()).unwrap();
    let handle = ledger.handle();
    open(&handle).await.unwrap();
    let mut done = 0;
    while handle.status().await.unwrap().state_root_sequence < 30 {
        done = drive(&handle, &clock, &mut told, done, done + 3).await;
        // The script has no payment that stands alone.
        let number = 2_000_000 + done * 10;
        let payments = vec![transfer(number, 0, 1, 2), transfer(number + 1, 1, 2, 1)];
        assert!(statuses(&handle, payments).await.iter().all(|status| status.is_accepted()));
        assert!(done < 9_000, "no root is ever computed");
    }
    ledger.stop().unwrap();
    disk
}

pub(crate) fn verify_settings(with_model: bool) -> VerifySettings {
    VerifySettings { segment_bytes: SEGMENT_BYTES, with_model, ..VerifySettings::default() }
}

pub(crate) fn read_only(disk: &FakeDisk) -> ReadOnlyDisk {
    ReadOnlyDisk::new(Arc::new(disk.clone()))
}

pub(crate) fn verify_disk(disk: &FakeDisk, with_model: bool) -> Result<VerifyReport, VerifyError> {
    verify(read_only(disk), &verify_settings(with_model), &mut |_| {})
}

/// Verifies what has to hold.
pub(crate) fn verify_good(disk: &FakeDisk, with_model: bool) -> VerifyReport {
    verify_disk(disk, with_model).unwrap_or_else(|error| panic!("{error}"))
}

/// Verifies what does not hold.
pub(crate) fn difference(disk: &FakeDisk) -> Difference {
    match verify_disk(disk, false) {
        Err(VerifyError::Difference(difference)) => *difference,
        other => panic!("{other:?}"),
    }
}

/// Every file with its bytes.
pub(crate) fn files(disk: &FakeDisk) -> BTreeMap<String, Vec<u8>> {
    let paths = FOLDERS.iter().flat_map(|folder| {
        disk.list(folder).unwrap().into_iter().map(move |name| format!("{folder}/{name}"))
    });
    paths.map(|path| (path.clone(), disk.contents(&path).unwrap())).collect()
}

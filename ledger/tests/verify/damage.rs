//! Bytes that changed by themselves, and files that are gone.

use ledger::disk::{Disk, FakeDisk};
use ledger::journal::{Journal, JournalId, JournalOptions};
use ledger::verify::{DifferenceKind, VerifyError, VerifyReport};

use crate::directories::{
    SEGMENT_BYTES, difference, files, read_only, sealed_directory, verify_disk, verify_good,
};

/// Flips a bit in so many places of a file, spread over it, and tells of each what verification says.
fn flip_each(
    disk: &FakeDisk,
    path: &str,
    places: usize,
    mut see: impl FnMut(usize, Result<VerifyReport, VerifyError>),
) {
    let bytes = disk.contents(path).unwrap();
    let step = bytes.len().div_ceil(places).max(1);
    // An odd step meets every place in a word.
    for offset in (0..bytes.len()).step_by(step | 1) {
        let mut flipped = bytes.clone();
        flipped[offset] ^= 1 << (offset % 8);
        disk.replace(path, flipped);
        see(offset, verify_disk(disk, false));
    }
    disk.replace(path, bytes);
}

fn paths(disk: &FakeDisk, folder: &str) -> Vec<String> {
    files(disk).into_keys().filter(|path| path.starts_with(folder)).collect()
}

#[tokio::test]
async fn every_flipped_bit_of_what_never_changes_is_found() {
    let disk = sealed_directory().await;
    let whole = verify_good(&disk, false);
    for folder in ["archive/", "snapshot/", "ids/", "secret/"] {
        let paths = paths(&disk, folder);
        assert!(!paths.is_empty(), "{folder}");
        for path in &paths {
            flip_each(&disk, path, 160, |offset, result| match result {
                Err(VerifyError::Difference(difference)) => {
                    let kind = match folder {
                        "snapshot/" => DifferenceKind::Snapshot,
                        "ids/" => DifferenceKind::IdIndex,
                        _ => DifferenceKind::Journal,
                    };
                    assert_eq!(difference.kind, kind, "{path} at {offset}: {difference}");
                }
                other => panic!("{path} at {offset}: {other:?}"),
            });
        }
    }
    assert_eq!(verify_good(&disk, false), whole);
}

#[tokio::test]
async fn a_flipped_bit_of_a_live_entry_is_found_unless_nothing_vouches_for_it() {
    let disk = sealed_directory().await;
    let whole = verify_good(&disk, false);
    let (mut found, mut harmless, mut cut) = (0, 0, 0);
    for path in paths(&disk, "journal/segment-") {
        flip_each(&disk, &path, 400, |offset, result| match result {
            Err(VerifyError::Difference(difference)) => {
                assert_eq!(difference.kind, DifferenceKind::Journal, "{path} at {offset}: {difference}");
                assert!(difference.sequence > 0, "{difference}");
                found += 1;
            }
            // Behind the last entry, or in a segment that is there to be used again: what lies there may look like a
            // later entry then, which a start would cut.
            Ok(report) if (VerifyReport { torn_entries: 0, ..report.clone() }) == whole => harmless += 1,
            // The closing entry is the last, so nothing says that it was durable.
            Ok(report) => {
                assert_eq!(report.entries + 1, whole.entries, "{path} at {offset}");
                cut += 1;
            }
            other => panic!("{path} at {offset}: {other:?}"),
        });
    }
    assert!(found > 0 && harmless > 0 && cut > 0, "{found} {harmless} {cut}");
}

fn remove(disk: &FakeDisk, path: &str) -> Vec<u8> {
    let bytes = disk.contents(path).unwrap();
    disk.remove(path).unwrap();
    bytes
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let disk = sealed_directory().await;
    for path in paths(&disk, "archive/").into_iter().chain(paths(&disk, "ids/")) {
        let bytes = remove(&disk, &path);
        let difference = difference(&disk);
        let kind = if path.starts_with("ids/") { DifferenceKind::IdIndex } else { DifferenceKind::Journal };
        assert_eq!(difference.kind, kind, "{path}: {difference}");
        disk.replace(&path, bytes);
    }
    for path in paths(&disk, "secret/") {
        let bytes = remove(&disk, &path);
        let difference = difference(&disk);
        assert!(difference.to_string().contains("secret/ledger"), "{difference}");
        disk.replace(&path, bytes);
    }
    verify_good(&disk, false);
}

#[tokio::test]
async fn a_cut_file_is_named() {
    let disk = sealed_directory().await;
    for path in files(&disk).into_keys().filter(|path| !path.starts_with("journal/")) {
        let bytes = disk.contents(&path).unwrap();
        for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            disk.replace(&path, bytes[..length].to_vec());
            let difference = difference(&disk);
            assert!(!difference.advice().is_empty(), "{path} cut to {length}: {difference}");
        }
        disk.replace(&path, bytes);
    }
    let live = paths(&disk, "journal/segment-");
    let bytes = disk.contents(&live[0]).unwrap();
    disk.replace(&live[0], bytes[..bytes.len() - 4_096].to_vec());
    assert!(difference(&disk).to_string().contains(&live[0]));
}

#[tokio::test]
async fn without_its_snapshots_a_sealed_segment_is_not_covered() {
    let disk = sealed_directory().await;
    let snapshots = paths(&disk, "snapshot/");
    assert_eq!(snapshots.len(), 2);
    snapshots.iter().for_each(|path| disk.remove(path).unwrap());
    let difference = difference(&disk);
    assert_eq!(difference.kind, DifferenceKind::Snapshot, "{difference}");
    assert!(difference.sequence >= 40 && difference.found == "none", "{difference}");
}

#[tokio::test]
async fn a_snapshot_under_another_name_or_from_the_future_is_named() {
    let disk = sealed_directory().await;
    let snapshots = paths(&disk, "snapshot/");
    let bytes = disk.contents(&snapshots[1]).unwrap();
    let later = "snapshot/snapshot-00000000000000999999";
    disk.replace(later, bytes.clone());
    let found = difference(&disk);
    assert_eq!((found.kind, found.sequence), (DifferenceKind::Snapshot, 999_999), "{found}");
    disk.remove(later).unwrap();
    disk.replace(&snapshots[0], bytes);
    let found = difference(&disk);
    assert_eq!(found.kind, DifferenceKind::Snapshot, "{found}");
    assert!(snapshots[0].contains(&format!("{:020}", found.sequence)), "{found}");
}

#[tokio::test]
async fn an_id_index_of_another_time_is_named() {
    let disk = sealed_directory().await;
    paths(&disk, "ids/").iter().for_each(|path| disk.remove(path).unwrap());
    let found = difference(&disk);
    assert_eq!(found.kind, DifferenceKind::IdIndex, "{found}");
    assert!(found.expected.contains("sealed through"), "{found}");
}

/// A journal cut short by a hand that zeroed its tail is refused if a snapshot covers more.
#[tokio::test]
async fn a_journal_that_ends_before_its_snapshot_is_named() {
    let disk = sealed_directory().await;
    let secret = disk.contents("secret/ledger").unwrap();
    let journal_id = JournalId(secret[8..24].try_into().unwrap());
    let options = JournalOptions { journal_id, segment_bytes: SEGMENT_BYTES, required_through: 0 };
    let disk_again: std::sync::Arc<dyn Disk> = std::sync::Arc::new(read_only(&disk));
    let (journal, _) = Journal::open(disk_again, options).unwrap();
    let newest = paths(&disk, "snapshot/").pop().unwrap();
    let sequence: u64 = newest.rsplit('-').next().unwrap().parse().unwrap();
    let mark = journal.reader().read(sequence).unwrap().header.hash;
    let holds = |bytes: &Vec<u8>| bytes.windows(32).position(|window| window == mark.0);
    let live = paths(&disk, "journal/segment-");
    let (index, at) = live
        .iter()
        .enumerate()
        .find_map(|(index, path)| Some((index, holds(&disk.contents(path).unwrap())?)))
        .expect("the snapshot's entry is live");
    for (number, path) in live.iter().enumerate().skip(index) {
        let mut bytes = disk.contents(path).unwrap();
        let from = if number == index { at - 16 } else { 0 };
        bytes[from..].fill(0);
        disk.replace(path, bytes);
    }
    let found = difference(&disk);
    assert_eq!((found.kind, found.sequence), (DifferenceKind::Journal, sequence), "{found}");
}

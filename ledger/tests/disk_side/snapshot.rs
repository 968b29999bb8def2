//! Snapshots: whole or not at all, two kept, and nothing that decayed is loaded.

use ledger::disk::{DiskOperation, FakeDisk};
use ledger::journal::EntryHash;
use ledger::snapshot::{SectionName, Snapshot, SnapshotError, SnapshotFolder, SnapshotHeader};
use proptest::prelude::*;

use crate::support::{Random, body, shared};

fn name(text: &str) -> SectionName {
    SectionName::new(text).unwrap()
}

fn header(sequence: u64) -> SnapshotHeader {
    let chain_hash = EntryHash([u8::try_from(sequence % 256).unwrap(); 32]);
    SnapshotHeader { sequence, timestamp: sequence * 7, chain_hash, state_root: [9; 32] }
}

/// A snapshot whose sections follow from its sequence.
fn take(disk: &FakeDisk, sequence: u64) -> Result<(), SnapshotError> {
    let mut writer = SnapshotFolder::open(shared(disk))?.create(sequence)?;
    for (section, length) in [("accounts", 5_000), ("pending", 0), ("allowances", 77)] {
        writer.begin_section(name(section))?;
        for piece in body(sequence, length).chunks(128) {
            writer.write(piece)?;
        }
    }
    writer.finish(&header(sequence))
}

fn check(snapshot: &Snapshot) {
    let sequence = snapshot.header().sequence;
    assert_eq!(*snapshot.header(), header(sequence));
    let names: Vec<String> = snapshot.sections().map(|section| section.to_string()).collect();
    assert_eq!(names, ["accounts", "pending", "allowances"]);
    for (section, length) in [("accounts", 5_000), ("pending", 0), ("allowances", 77)] {
        let mut reader = snapshot.section(name(section)).unwrap();
        assert_eq!(reader.remaining(), u64::try_from(length).unwrap());
        let mut bytes = vec![0; length];
        let (first, second) = bytes.split_at_mut(length / 3);
        reader.read_exact(first).unwrap();
        reader.read_exact(second).unwrap();
        assert!(reader.read_exact(&mut [0]).is_err());
        reader.finish().unwrap();
        assert_eq!(bytes, body(sequence, length));
    }
}

fn newest(disk: &FakeDisk) -> Option<u64> {
    let newest = SnapshotFolder::open(shared(disk)).unwrap().newest().unwrap()?;
    check(&newest.snapshot);
    Some(newest.snapshot.header().sequence)
}

fn path(sequence: u64) -> String {
    format!("snapshot/snapshot-{sequence:020}")
}

#[test]
fn the_newest_is_loaded_and_two_are_kept() {
    let disk = FakeDisk::new(1);
    assert_eq!(newest(&disk), None);
    for sequence in [5, 90, 100] {
        take(&disk, sequence).unwrap();
        assert_eq!(newest(&disk), Some(sequence));
    }
    disk.crash();
    assert_eq!(newest(&disk), Some(100));
    assert_eq!([5, 90, 100].map(|sequence| disk.contents(&path(sequence)).is_some()), [false, true, true]);
}

#[test]
fn every_bit_is_under_a_hash() {
    let disk = FakeDisk::new(1);
    take(&disk, 5).unwrap();
    take(&disk, 6).unwrap();
    let whole = disk.contents(&path(6)).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        disk.replace(&path(6), bytes);
        let loaded = SnapshotFolder::open(shared(&disk)).unwrap().newest().unwrap().unwrap();
        assert_eq!(loaded.snapshot.header().sequence, 5, "bit {bit}");
        assert_eq!(loaded.refused.len(), 1);
    }
    for length in (0..whole.len()).step_by(11) {
        disk.replace(&path(6), whole[..length].to_vec());
        assert_eq!(newest(&disk), Some(5), "{length} bytes");
    }
}

#[test]
fn a_renamed_snapshot_is_refused() {
    let disk = FakeDisk::new(1);
    take(&disk, 5).unwrap();
    disk.replace(&path(6), disk.contents(&path(5)).unwrap());
    assert_eq!(newest(&disk), Some(5));
}

#[test]
fn no_snapshot_that_holds_is_an_error_not_an_empty_ledger() {
    let disk = FakeDisk::new(1);
    take(&disk, 5).unwrap();
    disk.replace(&path(5), vec![0; 200]);
    let error = SnapshotFolder::open(shared(&disk)).unwrap().newest().unwrap_err();
    assert!(matches!(error, SnapshotError::NoneHolds { count: 1, .. }), "{error}");
}

#[test]
fn bytes_that_change_after_opening_are_found_by_the_reader() {
    let disk = FakeDisk::new(1);
    take(&disk, 5).unwrap();
    let loaded = SnapshotFolder::open(shared(&disk)).unwrap().newest().unwrap().unwrap();
    let mut bytes = disk.contents(&path(5)).unwrap();
    bytes[96 + 17] ^= 1;
    disk.replace(&path(5), bytes);
    let mut reader = loaded.snapshot.section(name("accounts")).unwrap();
    reader.read_exact(&mut [0; 5_000]).unwrap();
    assert!(matches!(reader.finish(), Err(SnapshotError::SectionHash(_))));
    let unread = loaded.snapshot.section(name("accounts")).unwrap();
    assert!(matches!(unread.finish(), Err(SnapshotError::SectionLength { left: 5_000, .. })));
}

#[test]
fn misuse_is_refused_by_name() {
    for wrong in ["", "Accounts", "a-b", "seventeen_letters", "ä"] {
        assert!(matches!(SectionName::new(wrong), Err(SnapshotError::NameInvalid(_))), "{wrong}");
    }
    let disk = FakeDisk::new(1);
    let mut writer = SnapshotFolder::open(shared(&disk)).unwrap().create(1).unwrap();
    assert!(matches!(writer.write(b"x"), Err(SnapshotError::NoSection)));
    writer.begin_section(name("accounts")).unwrap();
    assert!(writer.begin_section(name("accounts")).is_err());
    writer.finish(&header(1)).unwrap();
    let loaded = SnapshotFolder::open(shared(&disk)).unwrap().newest().unwrap().unwrap();
    assert!(matches!(loaded.snapshot.section(name("pending")), Err(SnapshotError::SectionMissing(_))));
}

/// The power goes in each change of taking the third snapshot, many seeds: afterwards there is the second or the
/// third, whole.
#[test]
fn power_cut_at_every_change() {
    for seed in 0..20 {
        let mut nth = 1;
        loop {
            let disk = FakeDisk::new(seed);
            take(&disk, 5).unwrap();
            take(&disk, 6).unwrap();
            disk.cut_power_at(nth);
            let done = take(&disk, 7).is_ok();
            disk.crash();
            let sequence = newest(&disk).unwrap();
            assert!(sequence == 7 || (sequence == 6 && !done), "seed {seed}, change {nth}");
            take(&disk, 8).unwrap();
            assert_eq!(newest(&disk), Some(8), "seed {seed}, change {nth}");
            if done {
                break;
            }
            nth += 1;
        }
        assert!(nth > 5);
    }
}

#[test]
fn failure_at_every_change() {
    use DiskOperation::{Create, Flush, FlushFolder, Remove, Rename, Write};
    for operation in [Create, Write, Flush, Rename, Remove, FlushFolder] {
        let disk = FakeDisk::new(1);
        take(&disk, 5).unwrap();
        take(&disk, 6).unwrap();
        disk.fail_nth(operation, 1);
        assert!(matches!(take(&disk, 7), Err(SnapshotError::Disk(_))), "{operation}");
        disk.crash();
        let sequence = newest(&disk).unwrap();
        assert!(sequence == 6 || sequence == 7, "{operation}");
    }
}

#[test]
fn a_full_disk_keeps_the_older_snapshots() {
    let disk = FakeDisk::new(1);
    take(&disk, 5).unwrap();
    disk.set_capacity(7_000);
    assert!(take(&disk, 6).is_err());
    assert_eq!(newest(&disk), Some(5));
}

/// More than one stretch of the reader and the writer's buffer.
#[test]
fn large_sections_come_back_in_pieces() {
    let disk = FakeDisk::new(1);
    let mut writer = SnapshotFolder::open(shared(&disk)).unwrap().create(1).unwrap();
    let bytes = body(3, 2_500_000);
    writer.begin_section(name("accounts")).unwrap();
    let mut random = Random(5);
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(random.below(1_300_000).min(rest.len()));
        writer.write(piece).unwrap();
        rest = after;
    }
    writer.finish(&header(1)).unwrap();
    let loaded = SnapshotFolder::open(shared(&disk)).unwrap().newest().unwrap().unwrap();
    let mut reader = loaded.snapshot.section(name("accounts")).unwrap();
    let mut record = [0; 1_250];
    for expected in bytes.chunks(1_250) {
        reader.read_exact(&mut record).unwrap();
        assert_eq!(record, expected);
    }
    reader.finish().unwrap();
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let disk = FakeDisk::new(1);
        disk.replace(&path(5), bytes);
        prop_assert!(SnapshotFolder::open(shared(&disk)).unwrap().newest().is_err());
    }

    /// Lengths and counts of a trailer are bounded before anything is allocated for them.
    #[test]
    fn arbitrary_trailers_never_panic(offset in any::<u64>(), count in any::<u32>(), at in 0..40_usize) {
        let disk = FakeDisk::new(1);
        take(&disk, 5).unwrap();
        let mut bytes = disk.contents(&path(5)).unwrap();
        let trailer = bytes.len() - 48;
        bytes[trailer..trailer + 8].copy_from_slice(&offset.to_le_bytes());
        bytes[trailer + 8..trailer + 12].copy_from_slice(&count.to_le_bytes());
        bytes.truncate(bytes.len() - at % 3);
        disk.replace(&path(5), bytes);
        prop_assert!(SnapshotFolder::open(shared(&disk)).unwrap().newest().is_err());
    }
}

//! What the journal refuses: another history, another format, a missing file, bytes that decayed or were made up.

use crate::journal_recovery::small_journal;
use crate::support::{PAGE, append, append_body, fields, open, options, read_all, seal_all, shared};
use ledger::disk::FakeDisk;
use ledger::journal::{CorruptReason, EntryFields, Journal, JournalError, JournalId, JournalOptions};
use proptest::prelude::*;

const SEGMENT: &str = "journal/segment-0000000001";

#[test]
fn what_a_snapshot_needs_is_never_cut() {
    let disk = FakeDisk::new(1);
    small_journal(&disk, 8, &[10, 5_000, 4_200]);
    let mut bytes = disk.contents(SEGMENT).unwrap();
    bytes[3 * PAGE + 300] ^= 1;
    disk.replace(SEGMENT, bytes.clone());
    let required = Journal::open(shared(&disk), options(8, 3));
    let Err(JournalError::Corrupt { sequence: 3, reason: CorruptReason::Required(_), .. }) = required else {
        panic!("{required:?}");
    };
    assert_eq!(disk.contents(SEGMENT).unwrap(), bytes, "refused, so nothing was changed");
    let (journal, report) = Journal::open(shared(&disk), options(8, 2)).unwrap();
    assert_eq!((report.last_sequence, report.segments_cut), (2, 1));
    assert_eq!(read_all(&journal).len(), 2);
}

#[test]
fn a_missing_segment_is_refused_by_name() {
    let disk = FakeDisk::new(1);
    let (mut journal, _) = open(&disk, 4).unwrap();
    for _ in 0..20 {
        append(&mut journal, 100).unwrap();
    }
    journal.flush().unwrap();
    seal_all(&mut journal).unwrap();
    for _ in 0..8 {
        append(&mut journal, 100).unwrap();
    }
    journal.flush().unwrap();
    for name in ["archive/segment-0000000003", "archive/segment-0000000004", "journal/segment-0000000006"] {
        let damaged = FakeDisk::new(2);
        for ordinal in 1..=9 {
            for folder in ["archive", "journal"] {
                let path = format!("{folder}/segment-{ordinal:010}");
                if let Some(bytes) = disk.contents(&path).filter(|_| path != name) {
                    damaged.replace(&path, bytes);
                }
            }
        }
        let opened = open(&damaged, 4);
        assert!(opened.is_err(), "{name} is missing");
    }
}

#[test]
fn an_entry_of_another_history_is_refused() {
    let disk = FakeDisk::new(1);
    small_journal(&disk, 8, &[10, 20]);
    let other = FakeDisk::new(2);
    small_journal(&other, 8, &[30, 40]);
    let mut bytes = disk.contents(SEGMENT).unwrap();
    bytes[PAGE..2 * PAGE].copy_from_slice(&other.contents(SEGMENT).unwrap()[PAGE..2 * PAGE]);
    disk.replace(SEGMENT, bytes);
    let opened = open(&disk, 8);
    assert!(matches!(opened, Err(JournalError::Corrupt { sequence: 2, .. })), "{opened:?}");
}

#[test]
fn an_entry_of_a_newer_format_is_refused_not_cut() {
    let disk = FakeDisk::new(1);
    small_journal(&disk, 8, &[10, 20]);
    let mut bytes = disk.contents(SEGMENT).unwrap();
    bytes[PAGE + 56] = 2;
    disk.replace(SEGMENT, bytes);
    let error = open(&disk, 8).unwrap_err().to_string();
    assert!(error.contains("entry format 2 is not known"), "{error}");
}

/// A client chooses bytes of a body. Even a whole entry in it, at a page boundary, is not taken for one.
#[test]
fn a_body_does_not_pass_for_an_entry() {
    let foreign = FakeDisk::new(1);
    let other_id = JournalOptions { journal_id: JournalId([9; 16]), ..options(8, 0) };
    let (mut journal, _) = Journal::open(shared(&foreign), other_id).unwrap();
    for _ in 0..5 {
        append(&mut journal, 100).unwrap();
        journal.flush().unwrap();
    }
    let forged = foreign.contents(SEGMENT).unwrap()[4 * PAGE..5 * PAGE].to_vec();
    let disk = FakeDisk::new(2);
    let (mut journal, _) = open(&disk, 8).unwrap();
    append(&mut journal, 10).unwrap();
    journal.flush().unwrap();
    let mut content = vec![1; PAGE - 176];
    content.extend(&forged);
    append_body(&mut journal, &content).unwrap();
    journal.flush().unwrap();
    let mut bytes = disk.contents(SEGMENT).unwrap();
    assert_eq!(bytes[2 * PAGE..3 * PAGE], forged);
    bytes[PAGE + 100] ^= 1;
    disk.replace(SEGMENT, bytes);
    let (_, report) = open(&disk, 8).unwrap();
    assert_eq!(report.last_sequence, 1);
}

#[test]
fn lengths_beyond_all_bounds_are_not_believed() {
    for length in [u32::MAX, 1 << 31, 4 << 20, 32_768] {
        let disk = FakeDisk::new(1);
        small_journal(&disk, 8, &[10, 20]);
        let mut bytes = disk.contents(SEGMENT).unwrap();
        bytes[PAGE + 64..PAGE + 68].copy_from_slice(&length.to_le_bytes());
        disk.replace(SEGMENT, bytes);
        assert_eq!(open(&disk, 8).unwrap().1.last_sequence, 1);
    }
}

/// The bytes of a sealed segment decay: whatever is hit, it is found when the entry is read.
#[test]
fn decay_in_the_archive_is_found() {
    let disk = FakeDisk::new(1);
    let (mut journal, _) = open(&disk, 4).unwrap();
    for _ in 0..5 {
        append(&mut journal, 600).unwrap();
    }
    journal.flush().unwrap();
    seal_all(&mut journal).unwrap();
    let path = "archive/segment-0000000001";
    let whole = disk.contents(path).unwrap();
    let last_file = disk.contents("journal/segment-0000000002").unwrap();
    let damaged = FakeDisk::new(2);
    damaged.replace("journal/segment-0000000002", last_file);
    for bit in (0..whole.len() * 8).step_by(13) {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        damaged.replace(path, bytes);
        let Ok((journal, _)) = open(&damaged, 4) else { continue };
        let mut reader = journal.reader();
        let read = (1..=4).find_map(|sequence| reader.read(sequence).err());
        assert!(matches!(read, Some(JournalError::Corrupt { .. } | JournalError::Disk(_))), "bit {bit}");
    }
}

#[test]
fn sealing_checks_what_it_copies() {
    let disk = FakeDisk::new(1);
    let (mut journal, _) = open(&disk, 4).unwrap();
    for _ in 0..5 {
        append(&mut journal, 600).unwrap();
    }
    journal.flush().unwrap();
    // Decay under the open file: written through a second handle on the same file.
    let file = ledger::disk::Disk::open(&disk, SEGMENT).unwrap();
    file.write_at(2 * 4_096 + 200, b"decay").unwrap();
    let refused = journal.archiver().archive(1);
    assert!(matches!(refused, Err(JournalError::Corrupt { sequence: 3, .. })), "{refused:?}");
    assert!(matches!(journal.reader().read(3), Err(JournalError::Corrupt { sequence: 3, .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Arbitrary damage: the start says what it found or the journal is a beginning of what it was.
    #[test]
    fn arbitrary_damage_never_panics(
        edits in prop::collection::vec((0..8 * PAGE, any::<u8>()), 1..40),
        copies in prop::collection::vec((0..8_usize, 0..8_usize), 0..4),
    ) {
        let disk = FakeDisk::new(1);
        let expected = small_journal(&disk, 8, &[10, 5_000, 4_200, 3_000]);
        let mut bytes = disk.contents(SEGMENT).unwrap();
        for (from, to) in copies {
            bytes.copy_within(from * PAGE..(from + 1) * PAGE, to * PAGE);
        }
        for (at, byte) in edits {
            bytes[at] = byte;
        }
        disk.replace(SEGMENT, bytes);
        if let Ok((journal, report)) = open(&disk, 8) {
            let last = usize::try_from(report.last_sequence).unwrap();
            prop_assert_eq!(read_all(&journal), &expected[..last]);
        }
    }

    /// Arbitrary bytes as segment and archive files.
    #[test]
    fn arbitrary_files_never_panic(
        segment in prop::collection::vec(any::<u8>(), 2 * PAGE),
        archive in prop::collection::vec(any::<u8>(), 0..3 * PAGE),
    ) {
        let disk = FakeDisk::new(1);
        disk.replace(SEGMENT, segment);
        let (journal, report) = open(&disk, 2).unwrap();
        prop_assert_eq!((report.last_sequence, journal.last_sequence()), (0, 0));
        disk.replace("archive/segment-0000000001", archive);
        prop_assert!(open(&disk, 2).is_err());
    }
}

#[test]
fn fields_at_their_bounds_survive() {
    let disk = FakeDisk::new(1);
    let (mut journal, _) = open(&disk, 8).unwrap();
    let largest = EntryFields { timestamp: u64::MAX, state_root: [255; 32], ..fields(1) };
    journal.append(largest, &mut ledger::journal::EntryBuffer::new()).unwrap();
    journal.flush().unwrap();
    let (journal, report) = open(&disk, 8).unwrap();
    assert_eq!(report.last_timestamp, u64::MAX);
    assert_eq!(journal.reader().read(1).unwrap().header.fields, largest);
}

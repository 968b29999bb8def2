//! The journal in good times: appending, flushing, reading, sealing and recycling.

use crate::support::{PAGE, append, append_body, body, fields, open, options, read_all, seal_all, shared};
use ledger::disk::FakeDisk;
use ledger::journal::{EntryBuffer, EntryHash, EntryKind, Journal, JournalError};

#[test]
fn entries_are_readable_after_the_flush_and_not_before() {
    let disk = FakeDisk::new(1);
    let (mut journal, report) = open(&disk, 16).unwrap();
    assert_eq!((report.last_sequence, report.closed), (0, false));
    let mut reader = journal.reader();
    append(&mut journal, 100).unwrap();
    append(&mut journal, 0).unwrap();
    assert!(matches!(reader.read(1), Err(JournalError::NotReadable { sequence: 1, oldest: 1, newest: 0 })));
    assert!(reader.cursor(1).next_entry().unwrap().is_none());
    assert_eq!(journal.flush().unwrap(), 2);
    let entry = reader.read(1).unwrap();
    assert_eq!((entry.header.fields, entry.body), (fields(1), body(1, 100).as_slice()));
    assert_eq!(reader.read(2).unwrap().body, b"");
    assert!(matches!(reader.read(3), Err(JournalError::NotReadable { sequence: 3, oldest: 1, newest: 2 })));
    assert!(matches!(reader.read(0), Err(JournalError::NotReadable { .. })));
}

#[test]
fn entries_are_chained_and_name_what_was_flushed() {
    let disk = FakeDisk::new(1);
    let (mut journal, _) = open(&disk, 16).unwrap();
    append(&mut journal, 10).unwrap();
    journal.flush().unwrap();
    append(&mut journal, 10).unwrap();
    append(&mut journal, 10).unwrap();
    journal.flush().unwrap();
    let mut reader = journal.reader();
    let headers: Vec<_> = (1..=3).map(|sequence| reader.read(sequence).unwrap().header).collect();
    assert_eq!(headers[0].previous_hash, EntryHash::default());
    assert_eq!(headers[1].previous_hash, headers[0].hash);
    assert_eq!(headers[2].previous_hash, headers[1].hash);
    assert_eq!(headers.iter().map(|header| header.flushed_through).collect::<Vec<_>>(), [0, 1, 1]);
    let mut hashed = headers[2].hashed_bytes();
    hashed.extend(body(3, 10));
    assert_eq!(EntryHash(*blake3::hash(&hashed).as_bytes()), headers[2].hash);
}

#[test]
fn what_does_not_follow_is_refused_and_changes_nothing() {
    let disk = FakeDisk::new(1);
    let (mut journal, _) = open(&disk, 4).unwrap();
    append(&mut journal, 10).unwrap();
    let mut entry = EntryBuffer::new();
    for sequence in [0, 1, 3] {
        let wrong = ledger::journal::EntryFields { sequence, ..fields(2) };
        let refused = journal.append(wrong, &mut entry);
        assert!(matches!(refused, Err(JournalError::SequenceMismatch { last: 1, .. })), "{sequence}");
    }
    let earlier = ledger::journal::EntryFields { timestamp: 999, ..fields(2) };
    let refused = journal.append(earlier, &mut entry);
    assert!(matches!(refused, Err(JournalError::TimestampWentBack { given: 999, last: 1_000 })));
    let own_root = ledger::journal::EntryFields { state_root_sequence: 2, ..fields(2) };
    assert!(matches!(journal.append(own_root, &mut entry), Err(JournalError::StateRootTooNew { .. })));
    let refused = append(&mut journal, 4 * PAGE - 175);
    assert!(matches!(refused, Err(JournalError::EntryTooLong { length: 20_480, bound: 16_384 })));
    append(&mut journal, 4 * PAGE - 176).unwrap();
    journal.flush().unwrap();
    assert_eq!(read_all(&journal), [(1, body(1, 10)), (2, body(2, 4 * PAGE - 176))]);
}

#[test]
fn a_clean_stop_is_seen_at_the_next_start() {
    let disk = FakeDisk::new(1);
    let (mut journal, _) = open(&disk, 16).unwrap();
    append(&mut journal, 10).unwrap();
    journal.close(1_000, [7; 32], 1).unwrap();
    disk.crash();
    let (mut journal, report) = open(&disk, 16).unwrap();
    assert_eq!((report.last_sequence, report.last_timestamp, report.closed), (2, 1_000, true));
    assert_eq!(report.last_hash, journal.last_hash());
    assert_eq!(journal.reader().read(2).unwrap().header.fields.kind, EntryKind::Closing);
    append(&mut journal, 10).unwrap();
    journal.flush().unwrap();
    let (_, report) = open(&disk, 16).unwrap();
    assert_eq!((report.last_sequence, report.closed), (3, false));
}

/// Many turns of sealing and recycling: everything stays readable, from the archive, by every way of reading.
#[test]
fn sealed_entries_stay_readable_while_segments_are_recycled() {
    let disk = FakeDisk::new(3);
    let (mut journal, _) = open(&disk, 8).unwrap();
    let mut reader = journal.reader();
    let mut follower = reader.cursor(1);
    let mut expected = Vec::new();
    for round in 0..60_usize {
        for length in [10, 3_000, 5_000 + round * 37, 9_000] {
            let sequence = append(&mut journal, length).unwrap();
            expected.push((sequence, body(sequence, length)));
        }
        journal.flush().unwrap();
        if round % 3 == 0 {
            let (sequence, body) = &expected[round];
            assert_eq!(follower.next_entry().unwrap().unwrap().body, &expected[round / 3].1);
            assert_eq!(reader.read(*sequence).unwrap().body, body);
        }
        if round % 7 == 6 {
            seal_all(&mut journal).unwrap();
        }
    }
    assert_eq!(read_all(&journal), expected);
    for (sequence, body) in &expected {
        assert_eq!(reader.read(*sequence).unwrap().body, body);
        let mut part = vec![0; body.len() - 3];
        let header = reader.read_body_part(*sequence, 3, &mut part).unwrap();
        assert_eq!((header.fields.sequence, part.as_slice()), (*sequence, &body[3..]));
        assert!(reader.read_body_part(*sequence, 4, &mut part).is_err());
    }
    let (reopened, report) = open(&disk, 8).unwrap();
    assert_eq!(report.last_sequence, 240);
    assert!(report.entries < 60, "sealed segments are not read at the start: {report:?}");
    assert_eq!(read_all(&reopened), expected);
}

/// The segment is longer than what a cursor reads ahead, so it meets the new entries and must turn to the archive.
#[test]
fn a_reader_in_a_recycled_segment_goes_on_in_the_archive() {
    let disk = FakeDisk::new(3);
    let (mut journal, _) = open(&disk, 80).unwrap();
    for _ in 0..81 {
        append(&mut journal, 100).unwrap();
    }
    journal.flush().unwrap();
    let mut cursor = journal.reader().cursor(1);
    assert_eq!(cursor.next_entry().unwrap().unwrap().body, body(1, 100));
    assert_eq!(seal_all(&mut journal).unwrap(), 1);
    for _ in 0..159 {
        append(&mut journal, 100).unwrap();
    }
    journal.flush().unwrap();
    for sequence in 2..=240 {
        assert_eq!(cursor.next_entry().unwrap().unwrap().body, body(sequence, 100), "{sequence}");
    }
    assert!(cursor.next_entry().unwrap().is_none());
}

#[test]
fn only_full_flushed_covered_segments_are_sealed_and_in_order() {
    let disk = FakeDisk::new(3);
    let (mut journal, _) = open(&disk, 4).unwrap();
    let archiver = journal.archiver();
    for _ in 0..4 {
        append(&mut journal, 100).unwrap();
    }
    journal.flush().unwrap();
    assert_eq!(archiver.next_sealable(u64::MAX), None, "the current segment may get more entries");
    append(&mut journal, 100).unwrap();
    assert_eq!(archiver.next_sealable(3), None, "not covered by the snapshot");
    assert_eq!(archiver.next_sealable(4), Some(1));
    assert!(matches!(archiver.archive(2), Err(JournalError::NotSealable { ordinal: 2 })));
    let archived = archiver.archive(1).unwrap();
    assert_eq!((archived.first_sequence(), archived.last_sequence()), (1, 4));
    assert_eq!((archived.first_timestamp(), archived.last_timestamp()), (1_000, 4_000));
    assert_eq!(journal.recyclable(), std::slice::from_ref(&archived));
    journal.recycle(&archived).unwrap();
    assert!(matches!(journal.recycle(&archived), Err(JournalError::NotSealable { ordinal: 1 })));
    assert_eq!(journal.ready_segments(), 1);
}

#[test]
fn prepared_segments_are_used_and_leftovers_removed() {
    let disk = FakeDisk::new(3);
    let (mut journal, _) = open(&disk, 4).unwrap();
    let prepared = journal.preparer().prepare().unwrap();
    journal.adopt(prepared).unwrap();
    assert_eq!(journal.ready_segments(), 1);
    let creations = disk.changes();
    for _ in 0..6 {
        append(&mut journal, 100).unwrap();
    }
    journal.flush().unwrap();
    assert_eq!(disk.changes() - creations, 6 + 2, "six writes, two flushes, no new file");
    journal.preparer().prepare().unwrap();
    drop(journal);
    let (journal, report) = open(&disk, 4).unwrap();
    assert_eq!((report.last_sequence, journal.ready_segments()), (6, 0));
    assert_eq!(disk.contents("journal/prepared-1"), None);
}

#[test]
fn the_first_entry_at_a_time_is_found() {
    let disk = FakeDisk::new(3);
    let (mut journal, _) = open(&disk, 4).unwrap();
    let mut reader = journal.reader();
    assert_eq!(reader.first_at_or_after(0).unwrap(), 1);
    for _ in 0..30 {
        append(&mut journal, 100).unwrap();
        journal.flush().unwrap();
    }
    seal_all(&mut journal).unwrap();
    for (timestamp, first) in [(0, 1), (1_000, 1), (1_001, 2), (15_500, 16), (30_000, 30), (30_001, 31)] {
        assert_eq!(reader.first_at_or_after(timestamp).unwrap(), first, "{timestamp}");
    }
}

/// Backup is snapshots and sealed segments: a journal can go on from an archive alone.
#[test]
fn a_journal_goes_on_from_the_archive_alone() {
    let disk = FakeDisk::new(3);
    let (mut journal, _) = open(&disk, 4).unwrap();
    for _ in 0..9 {
        append(&mut journal, 100).unwrap();
    }
    journal.flush().unwrap();
    seal_all(&mut journal).unwrap();
    let restored = FakeDisk::new(4);
    for name in ["archive/segment-0000000001", "archive/segment-0000000002"] {
        restored.replace(name, disk.contents(name).unwrap());
    }
    let refused = Journal::open(shared(&restored), options(4, 9));
    assert!(matches!(refused, Err(JournalError::Corrupt { sequence: 9, .. })));
    let (mut journal, report) = open(&restored, 4).unwrap();
    assert_eq!(report.last_sequence, 8);
    append_body(&mut journal, &body(9, 100)).unwrap();
    journal.flush().unwrap();
    let expected: Vec<_> = (1..=9).map(|sequence| (sequence, body(sequence, 100))).collect();
    assert_eq!(read_all(&journal), expected);
    // Older archives may lie on cheaper storage.
    let moved = FakeDisk::new(5);
    moved.replace("archive/segment-0000000002", disk.contents("archive/segment-0000000002").unwrap());
    let (journal, _) = open(&moved, 4).unwrap();
    assert_eq!(read_all(&journal), expected[4..8]);
}

//! The journal after crashes, failures and decay: nothing acknowledged is lost, and nothing durable is cut.

use crate::support::{PAGE, Random, append, append_body, body, open, read_all, seal_all};
use ledger::disk::{DiskOperation, FakeDisk};
use ledger::journal::JournalError;

const SEGMENT: &str = "journal/segment-0000000001";

/// A journal of one segment with these bodies, flushed one by one.
pub(crate) fn small_journal(disk: &FakeDisk, pages: usize, lengths: &[usize]) -> Vec<(u64, Vec<u8>)> {
    let (mut journal, _) = open(disk, pages).unwrap();
    for length in lengths {
        append(&mut journal, *length).unwrap();
        journal.flush().unwrap();
    }
    read_all(&journal)
}

/// Cut at every byte of the last two entries: what is whole before the cut stays, the rest goes, and the journal
/// works on.
#[test]
fn cut_at_every_byte_of_the_last_two_entries() {
    let disk = FakeDisk::new(1);
    let expected = small_journal(&disk, 8, &[10, 5_000, 4_200, 3_000]);
    let whole = disk.contents(SEGMENT).unwrap();
    let ends = [PAGE, 3 * PAGE, 5 * PAGE, 6 * PAGE];
    for cut in 3 * PAGE..=6 * PAGE {
        let mut bytes = whole.clone();
        bytes[cut..].fill(0);
        let intact = ends.iter().filter(|end| bytes[..**end] == whole[..**end]).count();
        let disk = FakeDisk::new(2);
        disk.replace(SEGMENT, bytes);
        let (mut journal, report) = open(&disk, 8).unwrap();
        assert_eq!(read_all(&journal), expected[..intact], "cut at {cut}");
        assert_eq!(report.last_sequence, u64::try_from(intact).unwrap());
        append_body(&mut journal, b"and on").unwrap();
        journal.flush().unwrap();
        disk.crash();
        let (journal, _) = open(&disk, 8).unwrap();
        assert_eq!(read_all(&journal).last().unwrap().1, b"and on", "cut at {cut}");
    }
}

#[test]
fn a_segment_that_is_too_short_is_refused() {
    let disk = FakeDisk::new(1);
    small_journal(&disk, 8, &[10, 5_000]);
    let whole = disk.contents(SEGMENT).unwrap();
    for length in [0, 1, PAGE, 8 * PAGE - 1] {
        disk.replace(SEGMENT, whole[..length].to_vec());
        assert!(matches!(open(&disk, 8), Err(JournalError::SegmentMalformed { .. })), "{length}");
    }
}

/// Every single bit: in an entry with a successor it is found and named; in the last entry it is found or taken
/// for a torn tail, as a single node must; behind the end it does no harm.
#[test]
fn flip_each_bit_of_a_small_journal() {
    let disk = FakeDisk::new(1);
    let expected = small_journal(&disk, 4, &[700, 50, 90]);
    let whole = disk.contents(SEGMENT).unwrap();
    let flipped = FakeDisk::new(2);
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        flipped.replace(SEGMENT, bytes);
        let opened = open(&flipped, 4);
        match bit / 8 / PAGE {
            entry @ 0..=1 => {
                let Err(JournalError::Corrupt { sequence, path, offset, .. }) = opened else {
                    panic!("bit {bit} was not found");
                };
                assert_eq!(
                    (sequence, offset),
                    (u64::try_from(entry + 1).unwrap(), u64::try_from(entry * PAGE).unwrap())
                );
                assert_eq!(path, SEGMENT);
            }
            2 => match opened {
                Ok((journal, _)) => assert_eq!(read_all(&journal), expected[..2], "bit {bit}"),
                Err(JournalError::Corrupt { sequence: 3, .. }) => {}
                Err(error) => panic!("bit {bit}: {error}"),
            },
            _ => assert_eq!(read_all(&opened.unwrap().0), expected, "bit {bit}"),
        }
    }
}

/// A torn flush group: entries of one group reach the disk in any order and in part. What was acknowledged is
/// there, what is there is a beginning of what was appended, and no seed makes the start refuse.
#[test]
fn torn_groups_lose_nothing_acknowledged() {
    for seed in 0..400 {
        let mut random = Random(seed);
        let disk = FakeDisk::new(seed);
        let mut appended: Vec<(u64, Vec<u8>)> = Vec::new();
        let mut acknowledged = 0;
        for _ in 0..6 {
            let (mut journal, report) = open(&disk, 8).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            let last = usize::try_from(report.last_sequence).unwrap();
            assert!(acknowledged <= last && last <= appended.len(), "seed {seed}: {acknowledged} {last}");
            appended.truncate(last);
            assert_eq!(read_all(&journal), appended, "seed {seed}");
            acknowledged = last;
            for _ in 0..random.below(14) {
                let length = random.below(3 * PAGE);
                // The content differs from that of an entry cut before, which had the same sequence.
                let content = body(random.next(), length);
                append_body(&mut journal, &content).unwrap();
                appended.push((journal.last_sequence(), content));
                if random.chance(4) {
                    acknowledged = usize::try_from(journal.flush().unwrap()).unwrap();
                }
                if random.chance(6) {
                    seal_all(&mut journal).unwrap();
                }
            }
            drop(journal);
            disk.crash();
        }
    }
}

/// What the workload below did: what it appended, and how much of it was acknowledged.
#[derive(Default)]
struct Progress {
    appended: Vec<(u64, Vec<u8>)>,
    acknowledged: usize,
}

/// Everything the journal can do to a disk: new segments, groups across segments, prepared ones, sealing,
/// recycling, a clean stop.
fn workload(disk: &FakeDisk, progress: &mut Progress) -> Result<(), JournalError> {
    let (mut journal, _) = open(disk, 4)?;
    for round in 0..5 {
        for length in [100, 4_500, 9_000] {
            let sequence = journal.last_sequence() + 1;
            progress.appended.push((sequence, body(sequence, length)));
            append(&mut journal, length)?;
        }
        progress.acknowledged = usize::try_from(journal.flush()?).unwrap();
        if round == 1 {
            let prepared = journal.preparer().prepare()?;
            journal.adopt(prepared)?;
        }
        if round == 2 {
            seal_all(&mut journal)?;
        }
    }
    let end = journal.last_timestamp();
    progress.appended.push((journal.last_sequence() + 1, Vec::new()));
    journal.close(end, [0; 32], 0)?;
    progress.acknowledged = progress.appended.len();
    Ok(())
}

fn check_recovered(disk: &FakeDisk, progress: &Progress, what: &str) {
    let (mut journal, _) = open(disk, 4).unwrap_or_else(|error| panic!("{what}: {error}"));
    let recovered = read_all(&journal);
    assert!(recovered.len() >= progress.acknowledged, "{what}: lost what was acknowledged");
    assert_eq!(recovered, progress.appended[..recovered.len()], "{what}");
    seal_all(&mut journal).unwrap();
    append_body(&mut journal, b"and on").unwrap();
    journal.flush().unwrap();
    assert_eq!(read_all(&journal).len(), recovered.len() + 1, "{what}");
}

/// The power goes in each change the workload makes, several seeds each, and once more while the journal recovers.
#[test]
fn power_cut_at_every_change() {
    let disk = FakeDisk::new(0);
    workload(&disk, &mut Progress::default()).unwrap();
    let changes = disk.changes();
    assert!(changes > 60, "{changes}");
    for nth in 1..=changes {
        for seed in 0..8 {
            let what = format!("seed {seed}, power cut at change {nth}");
            let disk = FakeDisk::new(seed);
            let mut progress = Progress::default();
            disk.cut_power_at(nth);
            assert!(workload(&disk, &mut progress).is_err(), "{what}");
            disk.crash();
            disk.cut_power_at(1 + seed);
            drop(open(&disk, 4));
            disk.crash();
            check_recovered(&disk, &progress, &what);
        }
    }
}

/// Each kind of change fails once at each place it happens. The workload ends with the error, and whether the
/// machine goes down or only the process, nothing acknowledged is lost.
#[test]
fn failure_at_every_change() {
    use DiskOperation::{Create, Flush, FlushFolder, Remove, Rename, Write};
    for operation in [Create, Write, Flush, Rename, Remove, FlushFolder] {
        let mut nth = 1;
        loop {
            let what = format!("{operation} {nth}");
            let disk = FakeDisk::new(nth);
            let mut progress = Progress::default();
            disk.fail_nth(operation, nth);
            let Err(JournalError::Disk(error)) = workload(&disk, &mut progress) else { break };
            assert_eq!(error.operation, operation, "{what}");
            if nth % 2 == 0 {
                disk.crash();
            }
            check_recovered(&disk, &progress, &what);
            nth += 1;
        }
        assert!(nth > 1 || operation == Remove, "{operation} never happened");
    }
}

#[test]
fn after_a_failed_write_or_flush_the_journal_accepts_nothing() {
    for operation in [DiskOperation::Write, DiskOperation::Flush] {
        let disk = FakeDisk::new(1);
        let (mut journal, _) = open(&disk, 8).unwrap();
        append(&mut journal, 100).unwrap();
        journal.flush().unwrap();
        disk.fail_nth(operation, 1);
        let outcome = append(&mut journal, 100).and_then(|_| journal.flush());
        assert!(matches!(outcome, Err(JournalError::Disk(_))), "{operation}");
        let changes = disk.changes();
        assert!(matches!(append(&mut journal, 1), Err(JournalError::Unusable)));
        assert!(matches!(journal.flush(), Err(JournalError::Unusable)));
        let prepared = journal.preparer().prepare().unwrap();
        assert!(matches!(journal.adopt(prepared), Err(JournalError::Unusable)));
        assert_eq!((journal.flushed_through(), journal.reader().flushed_through()), (1, 1));
        assert!(journal.reader().read(2).is_err());
        assert!(disk.changes() > changes, "preparing a segment is no append");
        assert!(matches!(journal.close(9_999, [0; 32], 0), Err(JournalError::Unusable)));
        disk.crash();
        assert_eq!(read_all(&open(&disk, 8).unwrap().0)[0], (1, body(1, 100)));
    }
}

/// After a failed flush the page cache shows what the disk does not hold. A start that reads it must write it
/// again, or the next crash would take what the start showed.
#[test]
fn the_last_group_is_written_again_at_the_start() {
    for seed in 0..50 {
        let disk = FakeDisk::new(seed);
        let (mut journal, _) = open(&disk, 8).unwrap();
        append(&mut journal, 100).unwrap();
        journal.flush().unwrap();
        append(&mut journal, 9_000).unwrap();
        append(&mut journal, 100).unwrap();
        disk.fail_nth(DiskOperation::Flush, 1);
        assert!(journal.flush().is_err());
        drop(journal);
        let (journal, report) = open(&disk, 8).unwrap();
        assert_eq!((report.last_sequence, report.entries_rewritten), (3, 2));
        let shown = read_all(&journal);
        disk.crash();
        assert_eq!(read_all(&open(&disk, 8).unwrap().0), shown, "seed {seed}");
    }
}

#[test]
fn a_full_disk_stops_the_journal_and_loses_nothing() {
    let disk = FakeDisk::new(1);
    disk.set_capacity(10 * PAGE);
    let (mut journal, _) = open(&disk, 4).unwrap();
    let mut acknowledged = 0;
    let error = loop {
        match append(&mut journal, 5_000) {
            Ok(_) => acknowledged = journal.flush().unwrap(),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("writing of journal/"), "{error}");
    assert!(matches!(journal.flush(), Err(JournalError::Unusable)));
    assert_eq!(acknowledged, 4);
    disk.crash();
    let (mut journal, report) = open(&disk, 4).unwrap();
    assert_eq!(report.last_sequence, 4);
    append(&mut journal, 5_000).unwrap();
    journal.flush().unwrap();
    assert_eq!(read_all(&journal).len(), 5);
}

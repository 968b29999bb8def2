//! Both disks: the real one against the fake one, and what the fake one loses.

use std::sync::Arc;

use ledger::disk::{Disk, DiskError, DiskOperation, FakeDisk, RealDisk};

use crate::support::{PAGE, Random, shared};

/// The same calls give the same answers on both disks.
#[test]
fn the_fake_disk_does_what_the_real_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let real: Arc<dyn Disk> = Arc::new(RealDisk::open(folder.path()).unwrap());
    let fake = shared(&FakeDisk::new(1));
    let answers = [real, fake].map(|disk| {
        let mut random = Random(7);
        let mut answers = Vec::new();
        disk.create_folder("some").unwrap();
        for _ in 0..400 {
            let [path, other] = [random.below(5), random.below(5)].map(|index| format!("some/file{index}"));
            let answer = match random.below(6) {
                0 => disk.create(&path).and_then(|file| file.length()).map(|length| vec![length.to_string()]),
                1 => disk.rename(&path, &other).map(|()| Vec::new()),
                2 => disk.remove(&path).map(|()| Vec::new()),
                3 => disk.list("some"),
                4 => write_somewhere(disk.as_ref(), &path, &mut random),
                _ => disk.flush_folder("some").map(|()| Vec::new()),
            };
            answers.push(answer.map_err(|error| (error.operation, error.path, error.source.kind())));
        }
        answers
    });
    for (call, (real, fake)) in answers[0].iter().zip(&answers[1]).enumerate() {
        assert_eq!(real, fake, "call {call}");
    }
    assert!(answers[0].iter().filter(|answer| answer.is_ok()).count() > 100);
}

fn write_somewhere(disk: &dyn Disk, path: &str, random: &mut Random) -> Result<Vec<String>, DiskError> {
    let bytes = random.next().to_le_bytes();
    let offset = u64::try_from(random.below(10_000)).unwrap();
    let file = disk.open(path)?;
    file.write_at(offset, &bytes)?;
    file.flush()?;
    let mut read = vec![0; usize::try_from(file.length()?).unwrap()];
    file.read_at(0, &mut read)?;
    let hash = blake3::hash(&read).to_string();
    assert!(file.read_at(1, &mut read).is_err(), "a read beyond the end fails");
    Ok(vec![hash])
}

#[test]
fn a_ledger_that_is_open_is_not_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = RealDisk::open(folder.path()).unwrap();
    let refused = RealDisk::open(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("another process has this ledger open"), "{refused}");
    drop(first);
    RealDisk::open(folder.path()).unwrap();
    assert!(RealDisk::open(folder.path().join("missing")).is_err());
}

#[test]
fn a_crash_keeps_what_was_flushed_and_any_part_of_the_rest() {
    let mut outcomes = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let disk = FakeDisk::new(seed);
        let file = disk.create("some/file").unwrap();
        file.write_at(0, &[1; 3 * PAGE]).unwrap();
        file.flush().unwrap();
        disk.flush_folder("some").unwrap();
        file.write_at(0, &[2; 2 * PAGE]).unwrap();
        file.write_at(0, &[3; PAGE]).unwrap();
        disk.crash();
        assert!(file.length().is_err(), "a crash closes every file");
        let bytes = disk.contents("some/file").unwrap();
        let pages: Vec<u8> = bytes.chunks(PAGE).map(|page| page[0]).collect();
        assert!(bytes.chunks(PAGE).all(|page| page.iter().all(|byte| *byte == page[0])), "pages are whole");
        outcomes.insert(pages);
    }
    let expected = [[1, 1, 1], [1, 2, 1], [2, 1, 1], [2, 2, 1], [3, 1, 1], [3, 2, 1]];
    assert_eq!(outcomes, expected.map(|pages| pages.to_vec()).into());
}

#[test]
fn names_are_durable_with_their_folder_only() {
    let mut kept = [0; 2];
    for seed in 0..50 {
        let disk = FakeDisk::new(seed);
        let file = disk.create("some/file").unwrap();
        file.write_at(0, b"bytes").unwrap();
        file.flush().unwrap();
        disk.crash();
        match disk.contents("some/file") {
            Some(bytes) => {
                assert_eq!(bytes, b"bytes");
                kept[0] += 1;
            }
            None => kept[1] += 1,
        }
    }
    assert!(kept[0] > 5 && kept[1] > 5, "{kept:?}");
}

#[test]
fn a_failed_flush_drops_pages_and_then_reports_success() {
    let mut lost = 0;
    for seed in 0..50 {
        let disk = FakeDisk::new(seed);
        let file = disk.create("some/file").unwrap();
        disk.flush_folder("some").unwrap();
        file.write_at(0, b"bytes").unwrap();
        disk.fail_nth(DiskOperation::Flush, 1);
        assert!(file.flush().is_err());
        let mut read = [0; 5];
        file.read_at(0, &mut read).unwrap();
        assert_eq!(&read, b"bytes", "the page cache still shows it");
        file.flush().unwrap();
        disk.crash();
        lost += u32::from(disk.contents("some/file").unwrap().is_empty());
    }
    assert!(lost > 10, "{lost}");
}

#[test]
fn a_full_disk_takes_no_more() {
    let disk = FakeDisk::new(1);
    disk.set_capacity(10);
    let file = disk.create("some/file").unwrap();
    file.write_at(0, &[1; 10]).unwrap();
    let full = file.write_at(10, &[1]).unwrap_err();
    assert_eq!(full.source.kind(), std::io::ErrorKind::StorageFull);
    file.write_at(9, &[1]).unwrap();
}

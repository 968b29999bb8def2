//! The disk that is only read: as a disk it behaves like one that was copied, and the one beneath stays as it is.

use std::sync::Arc;

use ledger::disk::{Disk, FakeDisk, ReadOnlyDisk};
use proptest::prelude::*;

const PATHS: [&str; 3] = ["a/one", "a/two", "b/three"];

/// One operation.
#[derive(Debug, Clone)]
enum Step {
    Create(usize),
    Write(usize, u64, Vec<u8>),
    Rename(usize, usize),
    Remove(usize),
}

fn steps() -> impl Strategy<Value = Step> {
    let path = || 0..PATHS.len();
    let bytes = prop_oneof![
        (1_usize..9_000, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]),
        (1_usize..9_000).prop_map(|length| vec![0; length]),
    ];
    prop_oneof![
        1 => path().prop_map(Step::Create),
        4 => (path(), 0_u64..20_000, bytes).prop_map(|(path, offset, bytes)| Step::Write(path, offset, bytes)),
        // Within a folder, as a disk allows.
        1 => (0_usize..2, 0_usize..2).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => path().prop_map(Step::Remove),
    ]
}

/// What a disk answers, as far as it can be compared.
fn act(disk: &dyn Disk, step: &Step) -> bool {
    match step {
        Step::Create(path) => {
            disk.list("a").unwrap().len() + disk.list("b").unwrap().len() < 3
                && disk.open(PATHS[*path]).is_err()
                && disk.create(PATHS[*path]).is_ok()
        }
        Step::Write(path, offset, bytes) => {
            disk.open(PATHS[*path]).and_then(|file| file.write_at(*offset, bytes)).is_ok()
        }
        Step::Rename(from, to) => disk.rename(PATHS[*from], PATHS[*to]).is_ok(),
        Step::Remove(path) => disk.remove(PATHS[*path]).is_ok(),
    }
}

fn contents(disk: &dyn Disk, path: &str) -> Option<Vec<u8>> {
    let file = disk.open(path).ok()?;
    let mut bytes = vec![1; usize::try_from(file.length().unwrap()).unwrap()];
    file.read_at(0, &mut bytes).unwrap();
    // Any part of it reads the same, and nothing behind its end.
    for (from, to) in
        [(0, bytes.len() / 2), (bytes.len() / 3, bytes.len()), (bytes.len() / 2, bytes.len() / 2)]
    {
        let mut part = vec![2; to - from];
        file.read_at(from as u64, &mut part).unwrap();
        assert_eq!(part, bytes[from..to]);
    }
    assert!(file.read_at(bytes.len() as u64, &mut [0]).is_err());
    Some(bytes)
}

fn with_files(seed: u64) -> FakeDisk {
    let disk = FakeDisk::new(seed);
    disk.replace("a/one", (0..10_000_u32).map(|byte| u8::try_from(byte % 251).unwrap()).collect());
    disk.replace("b/three", vec![7; 4_096]);
    disk
}

proptest! {
    #[test]
    fn it_shows_what_a_copy_would_and_changes_nothing(steps in proptest::collection::vec(steps(), 0..20)) {
        let (beneath, copy) = (with_files(1), with_files(1));
        let before: Vec<_> = PATHS.iter().map(|path| beneath.contents(path)).collect();
        let disk = ReadOnlyDisk::new(Arc::new(beneath.clone()));
        for step in &steps {
            prop_assert_eq!(act(&disk, step), act(&copy, step), "{:?}", step);
            for folder in ["a", "b", "c"] {
                prop_assert_eq!(disk.list(folder).unwrap(), copy.list(folder).unwrap());
            }
            for path in PATHS {
                prop_assert_eq!(contents(&disk, path), contents(&copy, path));
            }
        }
        let after: Vec<_> = PATHS.iter().map(|path| beneath.contents(path)).collect();
        prop_assert_eq!(after, before);
        prop_assert_eq!(beneath.changes(), 0);
    }
}

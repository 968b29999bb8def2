//! The id index piece by piece: memory, order, cost of a lookup, decay.

use ledger::disk::FakeDisk;
use ledger::id_index::{HashKey, IdIndex, IdIndexError, IdRecord, IdSealer, PendingState};
use ledger::{PendingEnd, Position};
use proptest::prelude::*;

use crate::support::{Random, shared};

pub(crate) const KEY: [u8; 16] = *b"key of the tests";

/// An id of version 7 made at this millisecond.
pub(crate) fn timed_id(millisecond: u64, random: &mut Random) -> u128 {
    let rest = (u128::from(random.next()) << 64 | u128::from(random.next())) & ((1 << 80) - 1);
    u128::from(millisecond) << 80 | rest & !(0xf << 76) | 7 << 76
}

pub(crate) fn spread_id(random: &mut Random) -> u128 {
    let bits = u128::from(random.next()) << 64 | u128::from(random.next());
    bits & !(0xf << 76) | 8 << 76
}

pub(crate) fn record(id: u128, sequence: u64) -> IdRecord {
    IdRecord { id, position: Position::new(sequence, 3).unwrap(), state: PendingState::NotPending }
}

pub(crate) fn open(disk: &FakeDisk) -> Result<(IdIndex, IdSealer), IdIndexError> {
    IdIndex::open(shared(disk), HashKey::new(KEY))
}

#[test]
fn recent_ids_take_at_most_forty_bytes_each() {
    let (mut index, _) = open(&FakeDisk::new(1)).unwrap();
    let mut random = Random(1);
    let mut checked = 0;
    for count in 1..=400_000_usize {
        index.recent_mut().insert(record(spread_id(&mut random), 1)).unwrap();
        if count >= 50_000 && count % 7_919 == 0 {
            let bytes = index.recent().memory_bytes();
            assert!(bytes <= 40 * count, "{bytes} bytes for {count} ids");
            checked += 1;
        }
    }
    assert!(checked > 40);
    assert_eq!(index.recent().len(), 400_000);
}

/// Ids come and go as segments are sealed: full groups, removed slots and tables sorted anew.
#[test]
fn recent_ids_stay_right_while_others_are_forgotten() {
    let (mut index, _) = open(&FakeDisk::new(1)).unwrap();
    let mut random = Random(1);
    let ids: Vec<IdRecord> = (1..=120_000).map(|sequence| record(spread_id(&mut random), sequence)).collect();
    for turn in ids.chunks(5_000).collect::<Vec<_>>().windows(4) {
        let (oldest, newest) = (turn[0], turn[3]);
        newest.iter().for_each(|made| index.recent_mut().insert(*made).unwrap());
        index.forget(oldest, &[]);
        let mut found = Vec::new();
        let wanted: Vec<u128> = turn.iter().flat_map(|ids| ids.iter().map(|made| made.id)).collect();
        index.recent().get_many(&wanted, &mut found);
        let (gone, kept) = found.split_at(5_000);
        assert!(gone.iter().all(Option::is_none));
        let known = turn.iter().skip(1).flat_map(|ids| ids.iter().copied());
        let inserted = known.filter(|made| made.position >= ids[15_000].position);
        let kept: Vec<IdRecord> = kept.iter().flatten().copied().collect();
        assert_eq!(kept, inserted.collect::<Vec<_>>());
    }
    assert_eq!(index.recent().len(), 15_000);
}

/// No id is sealed twice by an owner that feeds entries in order; if one is, the newest record counts, before and
/// after merging.
#[test]
fn of_an_id_in_several_runs_the_newest_counts() {
    let disk = FakeDisk::new(1);
    let (index, mut sealer) = open(&disk).unwrap();
    let mut random = Random(1);
    let [spread, timed] = [spread_id(&mut random), timed_id(5, &mut random)];
    for through in 1..=10 {
        sealer.seal(through, vec![record(spread, through), record(timed, through)], Vec::new()).unwrap();
        let newest = [spread, timed].map(|id| Some(record(id, through)));
        assert_eq!(index.get_many(&[spread, timed]).unwrap().records, newest);
        while sealer.merge_next().unwrap() {}
        assert_eq!(index.get_many(&[spread, timed]).unwrap().records, newest);
    }
    assert_eq!(index.sealed().run_counts(), [3, 2, 0]);
}

/// Ids with time come in order, segment by segment, as honest clients make them: each a little before its entry.
#[test]
fn a_lookup_of_an_id_with_time_reads_one_or_two_runs() {
    let disk = FakeDisk::new(1);
    let (mut index, mut sealer) = open(&disk).unwrap();
    let mut random = Random(2);
    let mut all = Vec::new();
    for segment in 1..=100_u64 {
        let ids: Vec<IdRecord> = (0..500)
            .map(|_| {
                let made = segment * 10_000 + u64::try_from(random.below(12_000)).unwrap();
                record(timed_id(made, &mut random), segment)
            })
            .collect();
        all.extend(ids.iter().copied());
        sealer.seal(segment, ids, Vec::new()).unwrap();
        while sealer.merge_next().unwrap() {}
    }
    let [timed, spread, late_ends] = index.sealed().run_counts();
    assert!(timed <= 21 && (spread, late_ends) == (0, 0), "{timed} runs");
    for known in all.iter().step_by(97) {
        let lookup = index.sealed().get_many(&[known.id]).unwrap();
        assert_eq!(lookup.records, [Some(*known)]);
        assert!(lookup.pages_read <= 2 && lookup.runs_read <= 2, "{lookup:?}");
    }
    // New ids of now lie beyond all runs.
    let new: Vec<u128> = (0..1_000).map(|_| timed_id(1_100_000, &mut random)).collect();
    let lookup = index.get_many(&new).unwrap();
    assert_eq!((lookup.pages_read, lookup.records), (0, vec![None; 1_000]));
    index.forget(&[], &[]);
}

#[test]
fn a_new_spread_id_costs_no_read_as_a_rule() {
    let disk = FakeDisk::new(1);
    let (index, mut sealer) = open(&disk).unwrap();
    let mut random = Random(2);
    for segment in 1..=60_u64 {
        let ids = (0..300).map(|_| record(spread_id(&mut random), segment)).collect();
        sealer.seal(segment, ids, Vec::new()).unwrap();
        while sealer.merge_next().unwrap() {}
        assert!(index.sealed().run_counts()[1] <= 8);
    }
    let new: Vec<u128> = (0..2_000).map(|_| spread_id(&mut random)).collect();
    let lookup = index.get_many(&new).unwrap();
    assert!(lookup.records.iter().all(Option::is_none));
    assert!(lookup.pages_read < 200, "{} pages for 2,000 new ids", lookup.pages_read);
}

/// A page is read once, however many of its ids are asked for.
#[test]
fn many_ids_are_looked_up_in_one_pass() {
    let disk = FakeDisk::new(1);
    let (index, mut sealer) = open(&disk).unwrap();
    let mut random = Random(2);
    let mut ids: Vec<IdRecord> = (0..5_000).map(|_| record(spread_id(&mut random), 1)).collect();
    sealer.seal(1, ids.clone(), Vec::new()).unwrap();
    ids.reverse();
    let wanted: Vec<u128> = ids.iter().map(|known| known.id).collect();
    let lookup = index.sealed().get_many(&wanted).unwrap();
    assert_eq!(lookup.pages_read, 5_000_u64.div_ceil(162));
    assert_eq!(lookup.records, ids.iter().copied().map(Some).collect::<Vec<_>>());
}

#[test]
fn an_end_is_found_wherever_it_was_sealed() {
    let disk = FakeDisk::new(1);
    let (mut index, mut sealer) = open(&disk).unwrap();
    let mut random = Random(2);
    let mut pending =
        |sequence| IdRecord { state: PendingState::Open, ..record(spread_id(&mut random), sequence) };
    let [same, later, live, open_still] = [pending(1), pending(1), pending(1), pending(1)];
    let ended = |made: IdRecord, end| IdRecord { state: PendingState::Ended(end), ..made };
    for made in [same, later, live, open_still] {
        index.recent_mut().insert(made).unwrap();
    }
    index.recent_mut().mark_end(ended(same, PendingEnd::Posted)).unwrap();
    // Ends between the archiving of the segment and the forgetting of its ids must survive both.
    let batch =
        sealer.seal(1, vec![same, later, live, open_still], vec![ended(same, PendingEnd::Posted)]).unwrap();
    index.recent_mut().mark_end(ended(later, PendingEnd::Voided)).unwrap();
    index.forget_batch(&batch);
    index.recent_mut().mark_end(ended(live, PendingEnd::Expired)).unwrap();
    assert_eq!(index.recent().len(), 2);
    let ids = [same.id, later.id, live.id, open_still.id];
    let states = |index: &IdIndex| -> Vec<PendingState> {
        index.get_many(&ids).unwrap().records.iter().map(|found| found.unwrap().state).collect()
    };
    let [posted, voided, expired] =
        [PendingEnd::Posted, PendingEnd::Voided, PendingEnd::Expired].map(PendingState::Ended);
    let expected = [posted, voided, expired, PendingState::Open];
    assert_eq!(states(&index), expected);
    let late = vec![ended(later, PendingEnd::Voided), ended(live, PendingEnd::Expired)];
    let batch = sealer.seal(2, Vec::new(), late).unwrap();
    assert_eq!((batch.ids.len(), batch.late_ends.len()), (0, 2));
    index.forget_batch(&batch);
    assert!(index.recent().is_empty());
    assert_eq!(states(&index), expected);
    assert_eq!(states(&open(&disk).unwrap().0), expected);
}

#[test]
fn sealing_twice_is_refused() {
    let disk = FakeDisk::new(1);
    let (_, mut sealer) = open(&disk).unwrap();
    sealer.seal(5, Vec::new(), Vec::new()).unwrap();
    assert_eq!(sealer.sealed_through(), 5);
    for through in [4, 5] {
        let refused = sealer.seal(through, Vec::new(), Vec::new());
        assert!(matches!(refused, Err(IdIndexError::AlreadySealed { sealed_through: 5, .. })));
    }
    assert_eq!(open(&disk).unwrap().1.sealed_through(), 5);
}

/// Every bit of a run and of the manifest: a wrong answer is never given.
#[test]
fn decay_is_found_never_answered() {
    let disk = FakeDisk::new(1);
    let mut random = Random(2);
    let ids: Vec<IdRecord> = (0..200).map(|_| record(spread_id(&mut random), 1)).collect();
    let (_, mut sealer) = open(&disk).unwrap();
    sealer.seal(1, ids.clone(), Vec::new()).unwrap();
    let wanted: Vec<u128> = ids.iter().map(|known| known.id).collect();
    for path in ["ids/run-0000000000", "ids/manifest"] {
        let whole = disk.contents(path).unwrap();
        for bit in (0..whole.len() * 8).step_by(5) {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            disk.replace(path, bytes);
            let answer = open(&disk).and_then(|(index, _)| index.get_many(&wanted));
            assert!(matches!(answer, Err(IdIndexError::Malformed { .. })), "{path}, bit {bit}");
        }
        disk.replace(path, whole);
    }
    assert!(open(&disk).unwrap().0.get_many(&wanted).unwrap().records.iter().all(Option::is_some));
}

#[test]
fn missing_runs_and_a_missing_manifest_are_refused() {
    let disk = FakeDisk::new(1);
    let mut random = Random(2);
    let (_, mut sealer) = open(&disk).unwrap();
    for through in 1..=5 {
        sealer.seal(through, vec![record(spread_id(&mut random), through)], Vec::new()).unwrap();
    }
    let files: Vec<String> = (0..5).map(|number| format!("ids/run-{number:010}")).collect();
    let without = |missing: &str| {
        let damaged = FakeDisk::new(2);
        for path in files.iter().map(String::as_str).chain(["ids/manifest"]).filter(|path| *path != missing) {
            damaged.replace(path, disk.contents(path).unwrap());
        }
        open(&damaged)
    };
    assert!(without("").is_ok());
    assert!(without("ids/run-0000000003").is_err());
    assert!(matches!(without("ids/manifest"), Err(IdIndexError::Malformed { .. })));
}

proptest! {
    #[test]
    fn arbitrary_files_never_panic(
        manifest in prop::collection::vec(any::<u8>(), 0..300),
        run in prop::collection::vec(any::<u8>(), 0..10_000),
    ) {
        let disk = FakeDisk::new(1);
        let (_, mut sealer) = open(&disk).unwrap();
        sealer.seal(1, vec![record(5, 1)], Vec::new()).unwrap();
        let good = disk.contents("ids/manifest").unwrap();
        disk.replace("ids/manifest", manifest);
        prop_assert!(open(&disk).is_err());
        disk.replace("ids/manifest", good);
        disk.replace("ids/run-0000000000", run);
        prop_assert!(open(&disk).is_err());
    }
}

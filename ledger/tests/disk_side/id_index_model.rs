//! The id index against a plain map, under random inserts, ends, seals, merges, failures and crashes.

use std::collections::BTreeMap;

use ledger::disk::{DiskOperation, FakeDisk};
use ledger::id_index::{IdIndex, IdIndexError, IdRecord, IdSealer, PendingState};
use ledger::{PendingEnd, Position};

use crate::id_index::{open, record, spread_id, timed_id};
use crate::support::Random;

/// What entries did to ids, in order: the truth that the journal holds.
#[derive(Default)]
struct History {
    /// For each entry the ids it consumed and the ends it gave.
    entries: Vec<(Vec<IdRecord>, Vec<IdRecord>)>,
    model: BTreeMap<u128, IdRecord>,
    open: Vec<u128>,
}

impl History {
    fn last(&self) -> u64 {
        u64::try_from(self.entries.len()).unwrap()
    }

    /// One more entry with some new ids, some of them pending, and some ends of earlier ones.
    fn add_entry(&mut self, random: &mut Random) {
        let sequence = self.last() + 1;
        let (mut ids, mut ends) = (Vec::new(), Vec::new());
        for index in 0..random.below(12) {
            let made = sequence * 100 + u64::try_from(random.below(300)).unwrap();
            let id = if random.chance(2) { spread_id(random) } else { timed_id(made, random) };
            let pending = random.chance(3);
            let state = if pending { PendingState::Open } else { PendingState::NotPending };
            let position = Position::new(sequence, u32::try_from(index).unwrap()).unwrap();
            let made = IdRecord { position, state, ..record(id, sequence) };
            ids.push(made);
            self.model.insert(id, made);
            if pending {
                self.open.push(id);
            }
        }
        for _ in 0..random.below(5).min(self.open.len()) {
            let id = self.open.swap_remove(random.below(self.open.len()));
            let end = [PendingEnd::Posted, PendingEnd::Voided, PendingEnd::Expired][random.below(3)];
            let ended = IdRecord { state: PendingState::Ended(end), ..self.model[&id] };
            self.model.insert(id, ended);
            ends.push(ended);
        }
        self.entries.push((ids, ends));
    }

    /// All ids and ends of the entries after `from` through `through`.
    fn between(&self, from: u64, through: u64) -> (Vec<IdRecord>, Vec<IdRecord>) {
        let range = usize::try_from(from).unwrap()..usize::try_from(through).unwrap();
        let entries = &self.entries[range];
        let ids = entries.iter().flat_map(|(ids, _)| ids.iter().copied()).collect();
        (ids, entries.iter().flat_map(|(_, ends)| ends.iter().copied()).collect())
    }

    fn feed(&self, index: &mut IdIndex, after: u64) {
        for (ids, ends) in &self.entries[usize::try_from(after).unwrap()..] {
            ids.iter().for_each(|made| index.recent_mut().insert(*made).unwrap());
            ends.iter().for_each(|ended| index.recent_mut().mark_end(*ended).unwrap());
        }
    }

    fn check(&self, index: &IdIndex, random: &mut Random, what: &str) {
        let mut ids: Vec<u128> = self.model.keys().copied().filter(|_| random.chance(3)).collect();
        let known = ids.len();
        ids.extend((0..20).map(|_| spread_id(random)));
        ids.extend((0..20).map(|_| timed_id(self.last() * 50, random)));
        let lookup = index.get_many(&ids).unwrap();
        for (at, (id, found)) in ids.iter().zip(&lookup.records).enumerate() {
            assert_eq!(found.as_ref(), self.model.get(id), "{what}, id {at} of {known}");
        }
    }
}

fn start(disk: &FakeDisk, history: &History, what: &str) -> (IdIndex, IdSealer) {
    let (mut index, sealer) = open(disk).unwrap_or_else(|error| panic!("{what}: {error}"));
    history.feed(&mut index, sealer.sealed_through());
    (index, sealer)
}

/// Seals some entries after the last sealed one and merges; entries may be added before the index forgets.
fn seal_some(
    index: &mut IdIndex,
    sealer: &mut IdSealer,
    history: &mut History,
    random: &mut Random,
) -> Result<(), IdIndexError> {
    let sealed = sealer.sealed_through();
    let through = sealed + 1 + u64::try_from(random.below(6)).unwrap();
    if through <= history.last() {
        let (ids, ends) = history.between(sealed, through);
        let batch = sealer.seal(through, ids, ends)?;
        if random.chance(2) {
            let last = history.last();
            history.add_entry(random);
            history.feed(index, last);
        }
        index.forget_batch(&batch);
    }
    while random.chance(2) && sealer.merge_next()? {}
    Ok(())
}

#[test]
fn the_index_is_a_map_whatever_happens() {
    let (mut merged_runs, mut failures) = (0, 0);
    for seed in 0..30 {
        let mut random = Random(seed);
        let disk = FakeDisk::new(seed);
        let mut history = History::default();
        let (mut index, mut sealer) = start(&disk, &history, "new");
        for step in 0..400 {
            let what = format!("seed {seed}, step {step}");
            let last = history.last();
            history.add_entry(&mut random);
            history.feed(&mut index, last);
            if random.chance(25) {
                disk.cut_power_at(1 + u64::try_from(random.below(12)).unwrap());
            } else if random.chance(25) {
                use DiskOperation::{Create, Flush, FlushFolder, Remove, Rename, Write};
                let operation = [Create, Write, Flush, Rename, Remove, FlushFolder][random.below(6)];
                disk.fail_nth(operation, 1 + u64::try_from(random.below(3)).unwrap());
            }
            let outcome = seal_some(&mut index, &mut sealer, &mut history, &mut random);
            if outcome.is_err() || random.chance(40) {
                failures += u32::from(outcome.is_err());
                assert!(
                    outcome.is_ok() || matches!(sealer.merge_next(), Err(IdIndexError::Unusable)),
                    "{what}"
                );
                disk.crash();
                (index, sealer) = start(&disk, &history, &what);
            }
            if random.chance(10) {
                history.check(&index, &mut random, &what);
            }
        }
        disk.crash();
        (index, sealer) = start(&disk, &history, "end");
        history.check(&index, &mut random, &format!("seed {seed}, end"));
        let before = index.sealed().run_counts();
        while sealer.merge_next().unwrap() {}
        merged_runs += u32::from(index.sealed().run_counts() != before);
        history.check(&index, &mut random, &format!("seed {seed}, merged"));
        let recent = index.recent().len();
        assert!(recent <= history.model.len());
    }
    assert!(merged_runs > 3 && failures > 50, "{merged_runs} {failures}: the test lost its teeth");
}

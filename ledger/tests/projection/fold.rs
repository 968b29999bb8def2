//! The fold against the model: random workloads, cut into batches anywhere.

use std::collections::BTreeMap;

use ledger::projection::{
    AccountBalance, Changes, CreatedAccount, Fold, Known, LedgerEvent, Needs, OpenPending,
};
use ledger::{Account, AccountFlags, AccountId, Entry, Pending, TransferId};
use proptest::prelude::*;

use crate::journal::Journal;
use crate::workload::workloads;

/// The tables, in memory.
#[derive(Debug, Clone, PartialEq, Default)]
struct Tables {
    entries: Vec<(u64, u64)>,
    accounts: BTreeMap<AccountId, CreatedAccount>,
    balances: BTreeMap<AccountId, AccountBalance>,
    pending: BTreeMap<TransferId, OpenPending>,
    events: Vec<LedgerEvent>,
}

impl Tables {
    fn project(&mut self, entries: &[Entry]) {
        let mut fold = Fold::new(self.known(Needs::of(entries)));
        entries.iter().for_each(|entry| fold.entry(entry).unwrap());
        self.apply(fold.changes());
    }

    /// Only what was asked for.
    fn known(&self, mut needs: Needs) -> Known {
        let pending: BTreeMap<_, _> =
            needs.pending.iter().filter_map(|id| Some((*id, *self.pending.get(id)?))).collect();
        needs.add_accounts_of(pending.values());
        let balances = needs.balances.iter().filter_map(|id| Some((*id, *self.balances.get(id)?)));
        let flags = needs.flags.iter().filter_map(|id| Some((*id, self.accounts.get(id)?.account.flags)));
        Known { balances: balances.collect(), flags: flags.collect(), pending }
    }

    fn apply(&mut self, changes: Changes) {
        self.entries.extend(changes.entries);
        for created in changes.accounts {
            assert!(self.accounts.insert(created.account.id, created).is_none());
        }
        for (id, flags) in changes.flags {
            self.accounts.get_mut(&id).unwrap().account.flags = flags;
        }
        self.balances.extend(changes.balances.into_iter().map(|balance| (balance.account, balance)));
        for pending in changes.reserved {
            assert!(self.pending.insert(pending.id, pending).is_none());
        }
        for id in changes.ended {
            assert!(self.pending.remove(&id).is_some());
        }
        self.events.extend(changes.events);
    }

    fn account(&self, created: &CreatedAccount) -> Account {
        let balance = self.balances[&created.account.id];
        Account {
            debits_pending: balance.debits_pending,
            debits_posted: balance.debits_posted,
            credits_pending: balance.credits_pending,
            credits_posted: balance.credits_posted,
            last_position: balance.last_position,
            ..created.account.account(created.timestamp)
        }
    }

    fn assert_same_as_model(&self, journal: &Journal) {
        let accounts = self.accounts.values().map(|created| self.account(created));
        assert!(accounts.eq(journal.model.accounts().copied()));
        assert_eq!(self.balances.len(), self.accounts.len());
        assert_eq!(self.events, journal.events);
        let mut open: Vec<&Pending> = journal.model.open_pending().collect();
        open.sort_by_key(|pending| pending.id);
        let shared = |pending: &OpenPending| {
            (pending.id, pending.position, pending.debit_account, pending.credit_account, pending.amount)
        };
        let expected = open
            .into_iter()
            .map(|one| (one.id, one.position, one.debit_account, one.credit_account, one.amount));
        assert!(self.pending.values().map(shared).eq(expected));
    }
}

fn decoded(journal: &Journal) -> Vec<Entry> {
    journal.entries.iter().map(|entry| entry.decode().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_what_the_model_has(workload in workloads(8, 5)) {
        let mut tables = Tables::default();
        let mut journal = Journal::of(&[]);
        for (timestamp, requests) in workload.entries() {
            journal.execute(timestamp, &requests);
            tables.project(&[journal.entries.last().unwrap().decode().unwrap()]);
            tables.assert_same_as_model(&journal);
        }
    }

    #[test]
    fn rows_do_not_depend_on_batches(
        workload in workloads(10, 5),
        lengths in prop::collection::vec(1_usize..6, 1..6),
    ) {
        let journal = Journal::of(&workload.entries());
        let entries = decoded(&journal);
        let mut tables = Tables::default();
        let (mut rest, mut lengths) = (entries.as_slice(), lengths.iter().cycle());
        while !rest.is_empty() {
            let (batch, behind) = rest.split_at(rest.len().min(*lengths.next().unwrap()));
            tables.project(batch);
            rest = behind;
        }
        tables.assert_same_as_model(&journal);
        let mut at_once = Tables::default();
        at_once.project(&entries);
        assert_eq!(tables, at_once);
    }
}

/// The workload is of use only if everything happens in it.
#[test]
fn the_workload_has_every_kind_of_event() {
    use ledger::projection::EventKind;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut kinds, mut partial, mut frozen) = ([0; EventKind::ALL.len()], 0, 0);
    for _ in 0..500 {
        let workload = workloads(8, 5).new_tree(&mut runner).unwrap().current();
        let journal = Journal::of(&workload.entries());
        for event in &journal.events {
            let kind = EventKind::ALL.iter().position(|kind| *kind == event.kind).unwrap();
            kinds[kind] += 1;
            partial += usize::from(event.kind == EventKind::Post && event.amount < event.released);
        }
        frozen += journal.model.accounts().filter(|one| one.is(AccountFlags::FROZEN)).count();
    }
    assert!(kinds.iter().chain([&partial, &frozen]).all(|count| *count > 10), "{kinds:?} {partial} {frozen}");
}

/// Whatever row is missing or other than it was is noticed, never worked around.
#[test]
fn rows_of_another_past_are_refused() {
    use ledger::projection::FoldFault;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut found = [0; 4];
    for _ in 0..600 {
        let workload = workloads(8, 5).new_tree(&mut runner).unwrap().current();
        let entries = decoded(&Journal::of(&workload.entries()));
        let (newest, before) = entries.split_last().unwrap();
        let mut tables = Tables::default();
        tables.project(before);
        let known = tables.known(Needs::of(std::slice::from_ref(newest)));
        for id in known.balances.keys() {
            let mut other = known.clone();
            other.balances.remove(id);
            assert_eq!(Fold::new(other).entry(newest), Err(FoldFault::AccountMissing(*id)));
            found[0] += 1;
            let mut other = known.clone();
            let position = ledger::Position::from_bits(1);
            other.balances.get_mut(id).unwrap().last_position = position;
            assert_eq!(Fold::new(other).entry(newest), Err(FoldFault::StatementBroken(*id)));
            found[1] += 1;
        }
        for id in known.pending.keys() {
            let mut other = known.clone();
            other.pending.remove(id);
            assert_eq!(Fold::new(other).entry(newest), Err(FoldFault::PendingMissing(*id)));
            found[2] += 1;
        }
        for id in known.flags.keys() {
            let mut other = known.clone();
            other.flags.remove(id);
            assert_eq!(Fold::new(other).entry(newest), Err(FoldFault::AccountMissing(*id)));
            found[3] += 1;
        }
    }
    assert!(found.iter().all(|count| *count > 5), "{found:?}");
}

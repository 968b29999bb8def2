//! Captures: the state at one boundary between entries, whatever is executed while it is handed out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::admin::AdministrativeRequest;
use ledger::allowance::Allowance;
use ledger::engine::{
    CaptureError, CaptureScope, CapturedAccount, CapturedPart, Engine, EntryOutcome, KnownIds,
};
use ledger::model::Model;
use ledger::{Account, AccountId, AllowanceId, EntryResult, Pending, Reply, Request, TransferId};
use proptest::prelude::*;

use crate::build::{START, account, account_id, batch, end, execute, transfer};
use crate::harness::{Division, cases, known_ids};
use crate::workload::workloads;

/// What happens at a boundary between two entries, one after the other.
#[derive(Debug, Clone)]
struct Boundary {
    begin: Option<CaptureScope>,
    budget: usize,
    abandon: bool,
}

fn boundary() -> impl Strategy<Value = Boundary> {
    let scope = prop_oneof![Just(CaptureScope::Everything), Just(CaptureScope::DirtyAccounts)];
    let begin = prop::option::weighted(0.7, scope);
    let budget = prop_oneof![4 => 0_usize..8, 1 => Just(usize::MAX)];
    (begin, budget, prop::bool::weighted(0.05)).prop_map(|(begin, budget, abandon)| Boundary {
        begin,
        budget,
        abandon,
    })
}

/// Everything that is captured, by id.
#[derive(Debug, Clone, Default, PartialEq)]
struct State {
    accounts: BTreeMap<AccountId, CapturedAccount>,
    pending: BTreeMap<TransferId, Pending>,
    allowances: BTreeMap<AllowanceId, Allowance>,
}

impl State {
    /// Adds a part. Nothing comes twice.
    fn add(&mut self, part: CapturedPart) {
        for one in part.accounts {
            assert_eq!(self.accounts.insert(one.account.id, one), None);
        }
        for one in part.pending {
            assert_eq!(self.pending.insert(one.id, one), None);
        }
        for one in part.allowances {
            assert_eq!(self.allowances.insert(one.terms().id, one), None);
        }
    }
}

/// What a capture begins with: where the ledger stood, the state, and what was dirty and created.
#[derive(Debug, Clone)]
struct Begun {
    entries: usize,
    place: (u64, u64, bool),
    expected: State,
    changed: Changed,
}

/// The accounts that were changed and created since the last capture began.
#[derive(Debug, Clone, Default)]
struct Changed {
    dirty: BTreeSet<AccountId>,
    created: BTreeSet<AccountId>,
}

impl Changed {
    /// What differs behind an entry, and what was changed there and may have been changed back.
    fn entry(
        &mut self,
        before: &BTreeMap<AccountId, Account>,
        after: &BTreeMap<AccountId, Account>,
        changes: impl Iterator<Item = AccountId>,
    ) {
        let differs = |(id, account): &(&AccountId, &Account)| before.get(*id) != Some(*account);
        self.dirty.extend(after.iter().filter(differs).map(|(id, _)| *id).chain(changes));
        self.created.extend(after.keys().filter(|id| !before.contains_key(id)));
    }

    fn captured(&self, account: Account) -> CapturedAccount {
        let (dirty, created) = (self.dirty.contains(&account.id), self.created.contains(&account.id));
        CapturedAccount { account, dirty, created }
    }

    /// What a capture of this scope has to hand out.
    fn expected(&self, engine: &Engine, scope: CaptureScope) -> State {
        let accounts = engine.accounts().map(|account| (account.id, self.captured(account)));
        if scope == CaptureScope::DirtyAccounts {
            return State { accounts: accounts.filter(|(_, one)| one.dirty).collect(), ..State::default() };
        }
        State {
            accounts: accounts.collect(),
            pending: engine.open_pending().map(|one| (one.id, *one)).collect(),
            allowances: engine.allowances().map(|one| (one.terms().id, one.clone())).collect(),
        }
    }
}

fn accounts(engine: &Engine) -> BTreeMap<AccountId, Account> {
    engine.accounts().map(|account| (account.id, account)).collect()
}

/// The accounts that accepted requests changed.
fn account_changes<'a>(
    requests: &'a [Request],
    result: &'a EntryResult,
) -> impl Iterator<Item = AccountId> + 'a {
    requests.iter().zip(&result.replies).filter_map(|pair| match pair {
        (
            Request::Administrative(AdministrativeRequest::ChangeAccount(one)),
            Reply::Administrative(status),
        ) => status.is_accepted().then_some(one.account),
        _ => None,
    })
}

/// An executed entry, to be executed again.
type Executed = (u64, Arc<[Request]>, KnownIds, EntryOutcome);

/// An engine with what its captures have to be.
struct Watch {
    engine: Engine,
    changed: Changed,
    capture: Option<(CaptureScope, Begun, State)>,
    /// The first capture of everything that came to its end, and where it began.
    whole: Option<Begun>,
}

impl Watch {
    fn execute(&mut self, model: &Model, timestamp: u64, requests: &Arc<[Request]>) -> Executed {
        let before = accounts(&self.engine);
        let known = known_ids(model, &self.engine, requests);
        let outcome = self.engine.execute(timestamp, requests, &known).unwrap();
        let result = outcome.result(requests);
        self.changed.entry(&before, &accounts(&self.engine), account_changes(requests, &result));
        assert_eq!(self.engine.dirty_accounts(), self.changed.dirty.len());
        (timestamp, Arc::clone(requests), known, outcome)
    }

    fn pass(&mut self, boundary: &Boundary, entries: usize) {
        if let (Some(scope), None) = (boundary.begin, &self.capture) {
            self.begin(scope, entries);
        }
        if self.capture.is_some() {
            self.take(boundary.budget);
        }
        if boundary.abandon {
            self.engine.abandon_capture();
            if let Some((_, begun, _)) = self.capture.take() {
                self.changed.dirty.extend(begun.changed.dirty);
                self.changed.created.extend(begun.changed.created);
            }
        }
        assert_eq!(self.engine.is_capturing(), self.capture.is_some());
        assert_eq!(self.engine.dirty_accounts(), self.changed.dirty.len());
    }

    fn begin(&mut self, scope: CaptureScope, entries: usize) {
        let expected = self.changed.expected(&self.engine, scope);
        let engine = &self.engine;
        let place = (engine.sequence(), engine.timestamp(), engine.is_frozen());
        let begun = Begun { entries, place, expected, changed: std::mem::take(&mut self.changed) };
        self.engine.begin_capture(scope).unwrap();
        self.capture = Some((scope, begun, State::default()));
    }

    fn take(&mut self, budget: usize) {
        let Some((scope, begun, mut taken)) = self.capture.take() else { return };
        let part = self.engine.capture_some(budget).unwrap();
        let rows = part.accounts.len() + part.pending.len() + part.allowances.len();
        assert!(rows <= budget, "{rows} rows for a budget of {budget}");
        let complete = part.complete;
        taken.add(part);
        if !complete {
            self.capture = Some((scope, begun, taken));
            return;
        }
        assert_eq!(taken, begun.expected);
        if scope == CaptureScope::Everything {
            self.whole.get_or_insert(begun);
        }
    }
}

/// An engine that begins with what was captured.
fn load(begun: &Begun, division: Division) -> Engine {
    let mut engine = division.engine(77);
    let (sequence, timestamp, frozen) = begun.place;
    engine.resume(sequence, timestamp, frozen);
    begun.expected.accounts.values().for_each(|one| engine.load_account(&one.account));
    begun.expected.pending.values().for_each(|one| engine.load_pending(*one));
    // By id, so that some come before those above them.
    engine.load_allowances(begun.expected.allowances.values().cloned().collect());
    assert_eq!(engine.allowances().count(), begun.expected.allowances.len());
    engine
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), ..ProptestConfig::default() })]

    #[test]
    fn a_capture_is_the_state_where_it_began(
        workload in workloads(12, 3),
        boundaries in prop::collection::vec(boundary(), 13),
        partitions in prop::sample::select(&[1_usize, 2, 8][..]),
        sequential in any::<bool>(),
    ) {
        let division =
            if sequential { Division::sequential(partitions) } else { Division::partitioned(partitions, 1, 4) };
        let (engine, changed) = (division.engine(1), Changed::default());
        let mut watch = Watch { engine, changed, capture: None, whole: None };
        let mut model = Model::new();
        let mut executed: Vec<Executed> = Vec::new();
        for ((timestamp, requests), boundary) in workload.entries().into_iter().zip(&boundaries) {
            let requests: Arc<[Request]> = requests.into();
            executed.push(watch.execute(&model, timestamp, &requests));
            model.execute(timestamp, &requests).unwrap();
            watch.pass(boundary, executed.len());
        }
        watch.take(usize::MAX);
        if let Some(begun) = &watch.whole {
            let mut loaded = load(begun, Division::partitioned(3, 1, 1));
            for (timestamp, requests, known, outcome) in &executed[begun.entries..] {
                let again = loaded.execute(*timestamp, requests, known).unwrap();
                prop_assert_eq!(again.result(requests), outcome.result(requests));
            }
            prop_assert!(loaded.accounts().eq(watch.engine.accounts()));
            prop_assert!(loaded.allowances().eq(watch.engine.allowances()));
        }
    }
}

#[test]
fn there_is_one_capture_at_a_time_and_none_of_a_state_halfway() {
    let mut engine = Division::partitioned(2, 1, 4).engine(1);
    [account(1, 5), account(2, 0)].iter().for_each(|one| engine.load_account(one));
    assert_eq!(engine.capture_some(9), Err(CaptureError::NotOn));
    engine.begin_capture(CaptureScope::Everything).unwrap();
    assert_eq!(engine.begin_capture(CaptureScope::DirtyAccounts), Err(CaptureError::AlreadyOn));
    assert!(!engine.capture_some(0).unwrap().complete);
    let part = engine.capture_some(9).unwrap();
    assert_eq!((part.accounts.len(), part.complete, engine.is_capturing()), (2, true, false));
    assert_eq!(engine.capture_some(9), Err(CaptureError::NotOn));
    engine.begin_capture(CaptureScope::Everything).unwrap();
    // A void of what was never reserved, known as open.
    let known = ledger::KnownTransfer {
        transfer: crate::build::reserve(7, 1, 2, 1),
        recorded: ledger::Recorded {
            position: ledger::Position::from_bits(1 << 20),
            outcome: ledger::Outcome::refused(ledger::TransferStatus::Accepted),
        },
        timestamp: START,
        end: None,
    };
    engine.execute(START, &batch(vec![end(1, 7, None)]), &KnownIds::new(vec![known])).unwrap_err();
    assert_eq!(engine.capture_some(9), Err(CaptureError::Failed));
    assert_eq!(engine.begin_capture(CaptureScope::Everything), Err(CaptureError::Failed));
}

#[test]
fn a_capture_hands_out_what_is_changed_and_created_meanwhile_as_it_was() {
    let mut engine = Division::sequential(1).engine(1);
    (1..=4).for_each(|number| engine.load_account(&account(number, 10)));
    engine.begin_capture(CaptureScope::DirtyAccounts).unwrap();
    assert_eq!(engine.capture_some(9).unwrap().accounts.len(), 4);
    execute(&mut engine, START, vec![transfer(1, 1, 2, 3)]);
    assert_eq!(engine.dirty_accounts(), 2);
    engine.begin_capture(CaptureScope::Everything).unwrap();
    execute(&mut engine, START, vec![transfer(2, 2, 3, 3)]);
    engine.load_account(&account(5, 1));
    let part = engine.capture_some(9).unwrap();
    let mut seen: Vec<_> =
        part.accounts.iter().map(|one| (one.account.id, one.account.debits_posted, one.dirty)).collect();
    let mut expected = [(1, 3, true), (2, 0, true), (3, 0, false), (4, 0, false)]
        .map(|(number, debits, dirty)| (account_id(number), debits, dirty));
    seen.sort_unstable();
    expected.sort_unstable();
    assert_eq!(seen, expected);
    assert!(part.complete && part.accounts.iter().all(|one| !one.created));
    // Dirty again since it began, and new.
    engine.begin_capture(CaptureScope::DirtyAccounts).unwrap();
    let part = engine.capture_some(9).unwrap();
    let mut seen: Vec<_> = part.accounts.iter().map(|one| (one.account.id, one.created)).collect();
    let mut expected =
        [(2, false), (3, false), (5, true)].map(|(number, created)| (account_id(number), created));
    seen.sort_unstable();
    expected.sort_unstable();
    assert_eq!(seen, expected);
}

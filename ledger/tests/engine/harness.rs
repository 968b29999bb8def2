//! The model and engines side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::admin::AdministrativeRequest;
use ledger::engine::{
    CaptureScope, CapturedAccount, Engine, EngineSettings, EntryOutcome, KnownIds, PartitionKey,
};
use ledger::model::Model;
use ledger::{Account, AccountId, AllowanceId, Entry, EntryPart, KnownTransfer, Request, TransferId};

/// How an engine is divided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Division {
    pub(crate) partitions: usize,
    pub(crate) threads: usize,
    pub(crate) rounds_max: u32,
    pub(crate) partitioned_min: usize,
    pub(crate) run_max: usize,
}

pub(crate) const PARTITIONS: [usize; 5] = [1, 2, 3, 8, 64];
pub(crate) const ROUNDS: [u32; 3] = [0, 1, 4];

impl Division {
    /// One leg after the other.
    pub(crate) const fn sequential(partitions: usize) -> Self {
        Self { partitions, threads: 1, rounds_max: 4, partitioned_min: usize::MAX, run_max: usize::MAX }
    }

    /// Every run in partitions, however short.
    pub(crate) const fn partitioned(partitions: usize, threads: usize, rounds_max: u32) -> Self {
        Self { partitions, threads, rounds_max, partitioned_min: 0, run_max: usize::MAX }
    }

    pub(crate) fn engine(self, key: u8) -> Engine {
        let Self { partitions, threads, rounds_max, partitioned_min, run_max } = self;
        let key = PartitionKey::new([key; 16]);
        Engine::new(EngineSettings { partitions, threads, rounds_max, partitioned_min, run_max, key })
            .unwrap()
    }
}

/// How many cases a property is tried with: `LEDGER_ENGINE_CASES` times as many as usual.
pub(crate) fn cases(usual: u32) -> u32 {
    let times = std::env::var("LEDGER_ENGINE_CASES").ok().and_then(|times| times.parse().ok());
    usual * times.unwrap_or(1)
}

/// What the model knows of the ids of a batch before it is executed, but for what the engine says is open.
pub(crate) fn known_ids(model: &Model, engine: &Engine, requests: &[Request]) -> KnownIds {
    let transfers = requests.iter().flat_map(|request| match request {
        Request::Transfers(transfers) => transfers.as_slice(),
        Request::Administrative(_) => &[],
    });
    let mut wanted = BTreeSet::new();
    for transfer in transfers {
        wanted.insert(transfer.id);
        if !engine.is_open(transfer.pending_id) {
            wanted.insert(transfer.pending_id);
        }
    }
    let known = |id: &TransferId| model.transfer(*id).copied();
    KnownIds::new(wanted.iter().filter_map(known).collect::<Vec<KnownTransfer>>())
}

/// An engine that has to do what the model does, and a second one that replays what it recorded.
pub(crate) struct Pair {
    pub(crate) engine: Engine,
    replayed: Engine,
    accounts: BTreeMap<AccountId, Account>,
    /// Accounts that a request of the newest entry has changed.
    changed: BTreeSet<AccountId>,
    /// Every allowance that a request has tried to create.
    allowances: BTreeSet<AllowanceId>,
}

impl Pair {
    pub(crate) fn new(division: Division, key: u8) -> Self {
        let replayed = Division::sequential(division.partitions.min(3)).engine(key.wrapping_add(1));
        Self {
            engine: division.engine(key),
            replayed,
            accounts: BTreeMap::new(),
            changed: BTreeSet::new(),
            allowances: BTreeSet::new(),
        }
    }

    /// Executes an entry. To be called before the model does, with the model as it is then.
    pub(crate) fn execute(
        &mut self,
        model: &Model,
        timestamp: u64,
        requests: &Arc<[Request]>,
    ) -> EntryOutcome {
        let known = known_ids(model, &self.engine, requests);
        self.allowances.extend(requests.iter().filter_map(|request| match request {
            Request::Administrative(AdministrativeRequest::CreateAllowance(one)) => Some(one.terms.id),
            _ => None,
        }));
        let outcome = self.engine.execute(timestamp, requests, &known).unwrap();
        let entry = Entry::of(&outcome, requests);
        self.replayed.apply_recorded(&entry).unwrap();
        self.changed.extend(entry.parts.iter().filter_map(|part| match part {
            EntryPart::Administrative(AdministrativeRequest::ChangeAccount(one)) => Some(one.account),
            _ => None,
        }));
        outcome
    }

    /// Compares everything with the model as it is behind the entry.
    pub(crate) fn compare(&mut self, model: &Model) {
        assert_eq!((self.engine.sequence(), self.engine.timestamp()), (model.sequence(), model.timestamp()));
        let accounts: BTreeMap<_, _> = self.engine.accounts().map(|account| (account.id, account)).collect();
        assert!(
            accounts.values().eq(model.accounts()),
            "{accounts:?}\n{:?}",
            model.accounts().collect::<Vec<_>>()
        );
        assert!(self.engine.open_pending().eq(model.open_pending()));
        for id in &self.allowances {
            assert_eq!(self.engine.explain(*id, model.timestamp()), model.explain(*id, model.timestamp()));
        }
        self.compare_dirty(&accounts);
        self.compare_replayed();
        self.accounts = accounts;
    }

    /// Exactly what was created or changed is dirty, also where it was changed back. Replay says the same.
    fn compare_dirty(&mut self, accounts: &BTreeMap<AccountId, Account>) {
        let changed = std::mem::take(&mut self.changed);
        let dirty = accounts
            .values()
            .filter(|one| self.accounts.get(&one.id) != Some(*one) || changed.contains(&one.id));
        let created = |id| !self.accounts.contains_key(&id);
        let captured =
            |one: &Account| CapturedAccount { account: *one, dirty: true, created: created(one.id) };
        let expected: Vec<_> = dirty.map(captured).collect();
        assert_eq!(take_dirty(&mut self.engine), expected);
        assert_eq!(take_dirty(&mut self.replayed), expected);
    }

    /// Replay ends in the same state, bit by bit.
    fn compare_replayed(&self) {
        assert!(self.replayed.accounts().eq(self.engine.accounts()));
        assert!(self.replayed.open_pending().eq(self.engine.open_pending()));
        assert!(self.replayed.allowances().eq(self.engine.allowances()));
        assert_eq!(self.replayed.is_frozen(), self.engine.is_frozen());
    }
}

/// The accounts that are dirty, in the order of their ids. None is from here on.
pub(crate) fn take_dirty(engine: &mut Engine) -> Vec<CapturedAccount> {
    engine.begin_capture(CaptureScope::DirtyAccounts).unwrap();
    let mut part = engine.capture_some(usize::MAX).unwrap();
    assert!(part.complete && part.pending.is_empty() && part.allowances.is_empty());
    part.accounts.sort_unstable_by_key(|one| one.account.id);
    part.accounts
}

/// Executes entries in the model and in engines of these divisions, and compares after each.
pub(crate) fn compare_all(entries: &[(u64, Vec<Request>)], divisions: &[Division]) {
    let mut model = Model::new();
    let mut pairs: Vec<Pair> =
        (7..).zip(divisions).map(|(key, division)| Pair::new(*division, key)).collect();
    for (timestamp, requests) in entries {
        let requests: Arc<[Request]> = requests.clone().into();
        let outcomes: Vec<_> =
            pairs.iter_mut().map(|pair| pair.execute(&model, *timestamp, &requests)).collect();
        let expected = model.execute(*timestamp, &requests).unwrap();
        for ((pair, outcome), division) in pairs.iter_mut().zip(outcomes).zip(divisions) {
            assert_eq!(outcome.result(&requests), expected, "{division:?}");
            pair.compare(&model);
        }
    }
}

//! The whole service under a scheduler: every stage is stepped in an order that a seed decides, on a disk and a clock
//! that the seed decides, too, with power cuts in between. A seed that fails fails every time.
//!
//! `BALLAST_SIMULATION_SEED` runs one seed, `BALLAST_SIMULATION_RUNS` so many from there on (0: for ever).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::arrival::{Arrival, Size, Submission};
use super::board::Board;
use super::commit::Commit;
use super::execute::{Execute, ExecuteParts};
use super::executed::Executed;
use super::gather::{Gather, Prepared};
use super::queue::ArrivalQueue;
use super::recover::{RecoveredState, recover};
use super::secret::Secret;
use super::service_error::ServiceError;
use super::settings::{ServiceClock, ServiceSettings};
use super::upkeep::{Upkeep, UpkeepParts};
use super::upkeep_desk::{News, UpkeepTask};
use crate::admin::{AdministrativeRequest, CreateAccount};
use crate::disk::{Disk, FakeDisk};
use crate::handle::{Answer, LedgerError};
use crate::journal::ArchivedSegment;
use crate::{
    AccountFlags, AccountId, Asset, Recorded, Reply, Request, Transfer, TransferFlags, TransferId, id,
};

const ACCOUNTS: u64 = 5;
const NOW: u64 = 1_795_392_000_000_000;
const STEPS: u64 = 1_500;

/// What a seed decides, one number after the other.
struct Chance(u64);

impl Chance {
    /// A number below `below`.
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        (mixed ^ (mixed >> 33)) % below
    }
}

/// One life of the ledger: between a start and a power cut.
struct Life {
    queue: ArrivalQueue,
    gather: Gather,
    execute: Execute,
    commit: Commit,
    upkeep: Upkeep,
    clock: Arc<std::sync::atomic::AtomicU64>,
    prepared: VecDeque<Prepared>,
    executed: VecDeque<Executed>,
    tasks: VecDeque<UpkeepTask>,
    /// Sealed segments that the journal has not taken back yet.
    recycles: VecDeque<ArchivedSegment>,
}

type Answering = oneshot::Receiver<Result<Answer, LedgerError>>;

/// The world outside of the ledger.
struct World {
    chance: Chance,
    disk: FakeDisk,
    now: u64,
    /// Submissions on their way.
    asked: Vec<(Vec<Transfer>, Answering)>,
    /// What was answered, for ever.
    told: BTreeMap<TransferId, (Transfer, Option<Recorded>)>,
    sent: u64,
}

fn settings(chance: &mut Chance) -> ServiceSettings {
    ServiceSettings {
        segment_bytes: 16 * 1024,
        snapshot_bytes: (1 + chance.below(5)) * 16 * 1024,
        checkpoint_micros: chance.below(3) * 100_000,
        checkpoint_rest: chance.below(3),
        entries_ahead_max: 4,
        ..ServiceSettings::for_threads(1)
    }
}

fn account_id(number: u64) -> AccountId {
    AccountId(id::derived("simulation: accounts", &[&number.to_le_bytes()]))
}

fn transfer_id(number: u64) -> TransferId {
    TransferId(id::derived("simulation: transfers", &[&number.to_le_bytes()]))
}

impl Life {
    fn start(world: &mut World) -> Result<Self, ServiceError> {
        let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
        let settings = settings(&mut world.chance);
        let secret = Secret::open(&disk, &[5; 48])?;
        let state = recover(&disk, &settings, &secret, [6; 32])?;
        let clock = Arc::new(std::sync::atomic::AtomicU64::new(world.now));
        let time = Arc::clone(&clock);
        let service_clock = ServiceClock::new(move || time.load(std::sync::atomic::Ordering::SeqCst));
        let board = Arc::new(Board::new(state.status(), service_clock.clone()));
        let RecoveredState { engine, tree, journal, ids, sealer, root, report } = state;
        let index = ids.sealed().clone();
        let reader = journal.reader();
        let upkeep = Upkeep::new(UpkeepParts {
            disk,
            tree,
            tree_key: secret.tree_key,
            reader: reader.clone(),
            archiver: journal.archiver(),
            sealer,
            snapshot_sequence: report.snapshot_sequence,
        });
        let parts = ExecuteParts {
            engine,
            ids,
            reader: reader.clone(),
            clock: service_clock,
            settings,
            root,
            journal_bytes: report.journal.bytes,
        };
        let execute = Execute::new(parts, Arc::clone(&board));
        let mut life = Self {
            queue: ArrivalQueue::new(8, 100),
            gather: Gather::new(index, reader),
            execute,
            commit: Commit::new(journal, board),
            upkeep,
            clock,
            prepared: VecDeque::new(),
            executed: VecDeque::new(),
            tasks: VecDeque::new(),
            recycles: VecDeque::new(),
        };
        life.finish_sealing()?;
        Ok(life)
    }

    /// A crash may have come between sealing segments and using their files again.
    fn finish_sealing(&mut self) -> Result<(), ServiceError> {
        for segment in self.commit.recyclable() {
            let ids = self.upkeep.seal_ids(&segment)?;
            self.queue.push_own(Arrival::Forget(Box::new(ids)));
            self.recycles.push_back(segment);
        }
        Ok(())
    }

    /// One step of one stage.
    fn step(&mut self, stage: u64, chance: &mut Chance) -> Result<(), ServiceError> {
        match stage {
            0 if self.prepared.len() < 2 => {
                let arrivals = self.queue.take_entry(Duration::ZERO).list;
                if !arrivals.is_empty() {
                    self.prepared.push_back(self.gather.prepare(arrivals)?);
                }
            }
            1 if self.executed.len() < 4 => {
                let prepared = self.prepared.pop_front().unwrap_or_default();
                self.executed.extend(self.execute.step(prepared)?);
                while let Some(task) = self.execute.next_task() {
                    self.tasks.push_back(task);
                }
            }
            2 if !self.executed.is_empty() => {
                let most = 1 + usize::try_from(chance.below(4)).unwrap();
                let group: Vec<_> = self.executed.drain(..most.min(self.executed.len())).collect();
                let committed = self.commit.commit(group)?;
                committed.buffers.into_iter().for_each(|buffer| self.execute.reuse(buffer));
            }
            3 => self.keep_up()?,
            4 => {
                if let Some(segment) = self.recycles.pop_front() {
                    self.commit.recycle(&segment)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn keep_up(&mut self) -> Result<(), ServiceError> {
        if let Some(sequence) = self.upkeep.awaits() {
            if self.commit.flushed_through() < sequence {
                return Ok(());
            }
            self.upkeep.finish_snapshot()?;
            while let Some(sealed) = self.upkeep.seal_next()? {
                self.queue.push_own(Arrival::Forget(Box::new(sealed.ids)));
                self.recycles.push_back(sealed.segment);
                while self.upkeep.merge_next()? {}
            }
            self.execute.hear(News::Idle);
            return Ok(());
        }
        if let Some(task) = self.tasks.pop_front() {
            for news in self.upkeep.step(task)? {
                self.execute.hear(news);
            }
        }
        Ok(())
    }

    fn submit(&self, requests: Vec<Request>) -> Option<Answering> {
        let (reply, answer) = oneshot::channel();
        let size = Size::of(&requests);
        let arrival = Arrival::Submission(Submission { requests, size, reply });
        self.queue.push(arrival).ok().map(|()| answer)
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let (asked, told) = (Vec::new(), BTreeMap::new());
        Self { chance: Chance(seed), disk: FakeDisk::new(seed), now: NOW, asked, told, sent: 0 }
    }

    /// Something new, or something that was sent before, answered or not.
    fn transfers(&mut self) -> Vec<Transfer> {
        let count = 1 + self.chance.below(4);
        (0..count)
            .map(|_| {
                let number =
                    if self.chance.below(4) == 0 { self.chance.below(self.sent + 1) } else { self.sent };
                self.sent = self.sent.max(number + 1);
                nth(number)
            })
            .collect()
    }

    /// Takes the answers that came, and holds them against what was answered before.
    fn listen(&mut self, life: &Life) {
        let flushed = life.commit.flushed_through();
        let mut waiting = Vec::new();
        for (transfers, mut answering) in std::mem::take(&mut self.asked) {
            match answering.try_recv() {
                Ok(answer) => self.hear(transfers, answer.unwrap(), flushed),
                Err(oneshot::error::TryRecvError::Empty) => waiting.push((transfers, answering)),
                Err(oneshot::error::TryRecvError::Closed) => {
                    panic!("an answer was dropped by a living ledger")
                }
            }
        }
        self.asked = waiting;
    }

    fn hear(&mut self, transfers: Vec<Transfer>, answer: Answer, flushed: u64) {
        let Answer::Submitted { sequence, replies, .. } = answer else { panic!("{answer:?}") };
        assert!(sequence <= flushed, "answered before it was durable");
        let Some(Reply::Transfers(replies)) = replies.into_iter().next() else { return };
        assert_eq!(replies.len(), transfers.len());
        for (transfer, reply) in transfers.into_iter().zip(replies) {
            let known = self.told.entry(transfer.id).or_insert((transfer, reply.recorded));
            if known.1.is_some() {
                assert_eq!(known.1, reply.recorded, "{transfer:?}");
            }
            known.1 = reply.recorded;
        }
    }

    /// Runs one life to its power cut.
    fn live(&mut self) -> Result<(), ServiceError> {
        let mut life = Life::start(self)?;
        self.asked.clear();
        if self.sent == 0 {
            drop(life.submit(opening()));
        }
        self.disk.cut_power_at(20 + self.chance.below(1_500));
        for _ in 0..STEPS {
            match self.chance.below(8) {
                0 | 1 => {
                    let transfers = self.transfers();
                    if let Some(answering) = life.submit(vec![Request::Transfers(transfers.clone())]) {
                        self.asked.push((transfers, answering));
                    }
                }
                2 => {
                    // It may stand still, jump, and go back.
                    self.now = (self.now + self.chance.below(1_500_000)).saturating_sub(200_000);
                    life.clock.store(self.now, std::sync::atomic::Ordering::SeqCst);
                }
                stage => life.step(stage - 3, &mut self.chance)?,
            }
            self.listen(&life);
        }
        Ok(())
    }

    /// After a power cut and a start everything that was answered is there, and money is conserved.
    fn check(&mut self, seed: u64) {
        self.disk.crash();
        self.asked.clear();
        let mut life = Life::start(self).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let transfers: Vec<Transfer> = self.told.values().map(|(transfer, _)| *transfer).collect();
        for chunk in transfers.chunks(50) {
            // Ids to be forgotten wait in the queue, too.
            life.step(0, &mut self.chance).unwrap();
            life.step(1, &mut self.chance).unwrap();
            let answering = life.submit(vec![Request::Transfers(chunk.to_vec())]).unwrap();
            self.asked.push((chunk.to_vec(), answering));
            for stage in [0, 1, 2] {
                life.step(stage, &mut self.chance).unwrap();
            }
            self.listen(&life);
        }
        let ids = (0..ACCOUNTS).filter_map(|number| life.execute.account(account_id(number)));
        let accounts: Vec<crate::Account> = ids.collect();
        let sum = |total: fn(&crate::Account) -> u128| accounts.iter().map(total).sum::<u128>();
        assert_eq!(sum(|one| one.debits_posted), sum(|one| one.credits_posted), "seed {seed}");
        assert_eq!(sum(|one| one.debits_pending), sum(|one| one.credits_pending), "seed {seed}");
        drop(life);
        self.disk.crash();
    }
}

fn opening() -> Vec<Request> {
    let create = |number| {
        let limited = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
        let flags = if number == 0 { AccountFlags::SYSTEM } else { limited };
        let id = account_id(number);
        let create = CreateAccount { id, reference: [0; 16], asset: Asset::USDB, code: 1, flags };
        Request::Administrative(AdministrativeRequest::CreateAccount(create))
    };
    (0..ACCOUNTS).map(create).collect()
}

/// The transfer with this number: money from the system first, then payments, holds and their ends.
fn nth(number: u64) -> Transfer {
    let mut chance = Chance(number);
    let (from, to) = (chance.below(ACCOUNTS), chance.below(ACCOUNTS));
    let from = if number < 10 { 0 } else { from };
    let to = if to == from { (to + 1) % ACCOUNTS } else { to };
    let plain = Transfer {
        id: transfer_id(number),
        debit_account: account_id(from),
        credit_account: account_id(to),
        amount: 1 + chance.below(100),
        asset: Asset::USDB,
        code: 1,
        ..Transfer::default()
    };
    let end = |flags, amount| Transfer {
        id: plain.id,
        pending_id: transfer_id(number.saturating_sub(1)),
        amount,
        flags,
        ..Transfer::default()
    };
    match number % 4 {
        1 => Transfer { timeout_seconds: 2, flags: TransferFlags::PENDING, ..plain },
        2 if chance.below(2) == 0 => end(TransferFlags::POST, 1),
        2 => end(TransferFlags::VOID, 0),
        _ => plain,
    }
}

fn run(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..3 {
        // A life ends in a power cut, which some stage meets first, or simply stops.
        drop(world.live());
        world.check(seed);
    }
    assert!(!world.told.is_empty(), "seed {seed} answered nothing");
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn whatever_the_schedule_nothing_answered_is_lost_or_changed() {
    let first = number("BALLAST_SIMULATION_SEED", 1);
    let runs = number("BALLAST_SIMULATION_RUNS", 60);
    println!("BALLAST_SIMULATION_SEED={first} BALLAST_SIMULATION_RUNS={runs}");
    let mut seed = first;
    while runs == 0 || seed < first + runs {
        println!("seed {seed}");
        run(seed);
        seed += 1;
    }
}

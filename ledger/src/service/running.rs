//! The threads of a running ledger, and the queues between them.
//!
//! ```text
//! commands ─► queue ─► gather ─► execute ─► commit ─► answers
//!                                   │  ▲       │ ▲
//!                             state ▼  │ root  ▼ │ segments
//!                                  upkeep    readers, preparer
//! ```
//!
//! Every queue is bounded. The first fault stops all of them: nothing more is executed or acknowledged, whoever waits
//! is told, and [`Running::failed`] tells the process, which ends. A clean stop executes what was taken, flushes,
//! answers, and writes the closing entry.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::beside::{run_preparer, run_reader, run_upkeep};
use super::board::Board;
use super::commit::Commit;
use super::execute::{Execute, ExecuteParts};
use super::executed::{Executed, StateRootAt};
use super::figures::Figures;
use super::gather::{Gather, Prepared};
use super::in_process::{InProcess, READS_RETRY_MS};
use super::job_queue::JobQueue;
use super::queue::ArrivalQueue;
use super::read::Read;
use super::recover::{RecoveredState, RecoveryReport, recover};
use super::secret::{SECRET_BYTES, Secret};
use super::service_error::ServiceError;
use super::settings::{ServiceClock, ServiceSettings};
use super::upkeep::{Upkeep, UpkeepParts};
use super::upkeep_desk::{News, UpkeepTask};
use crate::disk::Disk;
use crate::handle::{Handle, LedgerError, LedgerStatus};
use crate::journal::{ArchivedSegment, EntryBuffer, JournalId, PreparedSegment};

/// How long execution waits for work before it looks whether something is due.
const TICK: Duration = Duration::from_millis(10);

/// How long the first stage waits for something to arrive before it looks whether it shall stop.
const ARRIVAL_WAIT: Duration = Duration::from_millis(500);

/// Entries made durable by one flush.
const GROUP_MAX: usize = 16;

/// Parts of the state that wait for upkeep.
const UPKEEP_TASKS_MAX: usize = 4;

/// What a ledger needs from outside.
#[derive(Clone)]
pub struct Environment {
    /// Where it keeps everything.
    pub disk: Arc<dyn Disk>,
    /// The time.
    pub clock: ServiceClock,
    /// Random bytes for the secrets of a new ledger.
    pub secret: [u8; SECRET_BYTES],
    /// Random bytes for this start.
    pub seed: [u8; 32],
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Environment").field("disk", &self.disk).finish_non_exhaustive()
    }
}

/// A ledger that runs. Dropping it without [`Running::stop`] stops it as a crash would, only flushed.
#[derive(Debug)]
pub struct Running {
    queue: Arc<ArrivalQueue>,
    board: Arc<Board>,
    handle: Handle,
    threads: Vec<JoinHandle<()>>,
    report: RecoveryReport,
    journal_id: JournalId,
}

/// What reaches the thread that owns the journal.
pub(super) enum CommitWork {
    Executed(Box<Executed>),
    Adopt(PreparedSegment),
    Recycle(ArchivedSegment),
    Close {
        timestamp: u64,
        root: StateRootAt,
    },
    /// A fault elsewhere: nothing more is acknowledged.
    Abandon,
}

/// The senders that several threads share.
#[derive(Clone)]
pub(super) struct Links {
    pub(super) queue: Arc<ArrivalQueue>,
    pub(super) board: Arc<Board>,
    pub(super) commit: SyncSender<CommitWork>,
    pub(super) news: mpsc::Sender<News>,
}

impl Running {
    /// Recovers the ledger and opens it for business.
    ///
    /// # Errors
    /// Any [`ServiceError`]; the ledger is then as it was.
    pub fn start(settings: ServiceSettings, environment: Environment) -> Result<Self, ServiceError> {
        let Environment { disk, clock, secret, seed } = environment;
        let secret = Secret::open(&disk, &secret)?;
        let state = recover(&disk, &settings, &secret, seed)?;
        Threads::start(settings, clock, &disk, secret, state)
    }

    /// The way to ask it. Clones may outlive it; they are then told that it has stopped.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// What the start found.
    #[must_use]
    pub const fn report(&self) -> &RecoveryReport {
        &self.report
    }

    /// What marks the entries of its journal. Not to be shown to anybody.
    #[must_use]
    pub const fn journal_id(&self) -> JournalId {
        self.journal_id
    }

    /// What it has counted since the start.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.board.figures().read()
    }

    /// Waits for a fault, after which the process must end: nothing is executed any more.
    pub async fn failed(&self) -> Arc<ServiceError> {
        self.board.failed().await
    }

    /// Executes and answers what was taken, writes the closing entry and ends. Blocks.
    ///
    /// # Errors
    /// The fault, if the ledger had failed or failed while it stopped.
    pub fn stop(mut self) -> Result<LedgerStatus, Arc<ServiceError>> {
        self.end();
        match self.board.fault() {
            Some(fault) => Err(fault),
            None => Ok(self.board.status()),
        }
    }

    fn end(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                self.board.fail(ServiceError::StageLost);
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts one thread after the other; if one cannot be started, those before it end.
struct Threads {
    links: Links,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    fn start(
        settings: ServiceSettings,
        clock: ServiceClock,
        disk: &Arc<dyn Disk>,
        secret: Secret,
        state: RecoveredState,
    ) -> Result<Running, ServiceError> {
        let journal_id = secret.journal_id;
        let board = Arc::new(Board::new(state.status(), clock.clone()));
        let RecoveredState { engine, tree, journal, ids, sealer, root, report } = state;
        let queue = Arc::new(ArrivalQueue::new(settings.queued_commands_max, settings.queued_transfers_max));
        let (commit_to, commit_from) = mpsc::sync_channel(settings.entries_ahead_max.max(1));
        let (prepared_to, prepared_from) = mpsc::sync_channel(1);
        let (tasks_to, tasks_from) = mpsc::sync_channel(UPKEEP_TASKS_MAX);
        let (buffers_to, buffers_from) = mpsc::channel();
        let (news_to, news_from) = mpsc::channel();
        let jobs = Arc::new(JobQueue::new(settings.queued_reads_max));
        let (need_to, need_from) = mpsc::sync_channel(1);
        let links =
            Links { queue: Arc::clone(&queue), board: Arc::clone(&board), commit: commit_to, news: news_to };
        let index = ids.sealed().clone();
        let reader = journal.reader();
        let gather = Gather::new(index.clone(), reader.clone());
        let upkeep = Upkeep::new(UpkeepParts {
            disk: Arc::clone(disk),
            tree,
            tree_key: secret.tree_key,
            reader: reader.clone(),
            archiver: journal.archiver(),
            sealer,
            snapshot_sequence: report.snapshot_sequence,
        });
        let preparer = journal.preparer();
        let (reader_too, journal_bytes) = (reader.clone(), report.journal.bytes);
        let parts = ExecuteParts { engine, ids, reader: reader_too, clock, settings, root, journal_bytes };
        let execute = Execute::new(parts, Arc::clone(&board));
        let commit = Commit::new(journal, Arc::clone(&board));
        let recyclable = commit.recyclable();
        let handle =
            Handle::new(Arc::new(InProcess::new(Arc::clone(&queue), Arc::clone(&board), Arc::clone(&jobs))));
        let to_read = Arc::clone(&jobs);
        let mut threads = Self { links, threads: Vec::new() };
        threads.spawn("ledger-gather", move |links| run_gather(links, gather, &prepared_to))?;
        threads.spawn("ledger-execute", move |links| {
            let stage = ExecuteStage { execute, buffers: buffers_from, news: news_from, tasks: tasks_to };
            stage.run(links, &prepared_from)
        })?;
        threads.spawn("ledger-commit", move |links| {
            let stage = CommitStage {
                commit,
                buffers: buffers_to,
                jobs: CloseOnDrop(to_read),
                need: need_to,
                asked: false,
            };
            stage.run(&links.board, &commit_from)
        })?;
        threads.spawn("ledger-upkeep", move |links| run_upkeep(links, upkeep, recyclable, &tasks_from))?;
        threads.spawn("ledger-prepare", move |links| run_preparer(links, &preparer, &need_from))?;
        for number in 0..settings.readers.max(1) {
            let (jobs, read) = (Arc::clone(&jobs), Read::new(reader.clone(), index.clone()));
            threads.spawn(&format!("ledger-read-{number}"), move |_| {
                run_reader(read, &jobs);
                Ok(())
            })?;
        }
        let Self { threads, .. } = threads;
        Ok(Running { queue, board, handle, threads, report, journal_id })
    }

    fn spawn(
        &mut self,
        name: &str,
        body: impl FnOnce(&Links) -> Result<(), ServiceError> + Send + 'static,
    ) -> Result<(), ServiceError> {
        let links = self.links.clone();
        let run = move || {
            let mut guard = FaultOnUnwind { links, fault: Some(ServiceError::StageLost) };
            guard.fault = body(&guard.links).err();
        };
        match Builder::new().name(name.to_owned()).spawn(run) {
            Ok(thread) => {
                self.threads.push(thread);
                Ok(())
            }
            Err(error) => {
                self.links.queue.abandon();
                Err(ServiceError::Thread(error))
            }
        }
    }
}

/// What a thread leaves behind: a fault stops everything, and a thread that unwinds is a fault like any other.
struct FaultOnUnwind {
    links: Links,
    fault: Option<ServiceError>,
}

impl Drop for FaultOnUnwind {
    fn drop(&mut self) {
        if let Some(fault) = self.fault.take() {
            self.links.board.fail(fault);
            self.links.queue.abandon();
            // The journal's thread may wait for work; if it has some, it looks at the board afterwards.
            drop(self.links.commit.try_send(CommitWork::Abandon));
        }
    }
}

fn run_gather(links: &Links, mut gather: Gather, to: &SyncSender<Prepared>) -> Result<(), ServiceError> {
    loop {
        let arrivals = links.queue.take_entry(ARRIVAL_WAIT);
        if !arrivals.list.is_empty() {
            let mut watch = links.board.figures().watch();
            let prepared = gather.prepare(arrivals.list)?;
            watch.lap(|stages| &mut stages.gather);
            if to.send(prepared).is_err() {
                return Ok(());
            }
        }
        if arrivals.closed {
            return Ok(());
        }
    }
}

struct ExecuteStage {
    execute: Execute,
    buffers: Receiver<EntryBuffer>,
    news: Receiver<News>,
    tasks: SyncSender<UpkeepTask>,
}

impl ExecuteStage {
    fn run(mut self, links: &Links, from: &Receiver<Prepared>) -> Result<(), ServiceError> {
        loop {
            let wait = if self.execute.is_busy() { Duration::ZERO } else { TICK };
            let prepared = match from.recv_timeout(wait) {
                Ok(prepared) => prepared,
                Err(RecvTimeoutError::Timeout) => Prepared::default(),
                Err(RecvTimeoutError::Disconnected) => break,
            };
            self.buffers.try_iter().for_each(|buffer| self.execute.reuse(buffer));
            self.news.try_iter().for_each(|news| self.execute.hear(news));
            if let Some(executed) = self.execute.step(prepared)?
                && links.commit.send(CommitWork::Executed(Box::new(executed))).is_err()
            {
                return Ok(());
            }
            self.hand_on_tasks();
        }
        if links.board.fault().is_none() {
            let (timestamp, root) = self.execute.closing();
            // If the journal's thread has ended, it has said why.
            drop(links.commit.send(CommitWork::Close { timestamp, root }));
        }
        Ok(())
    }

    /// Never waits: what upkeep cannot take now is kept, and nothing more is copied until it is taken.
    fn hand_on_tasks(&mut self) {
        while let Some(task) = self.execute.next_task() {
            match self.tasks.try_send(task) {
                Ok(()) => {}
                Err(TrySendError::Full(task)) => return self.execute.give_back(task),
                // Upkeep has ended and said why.
                Err(TrySendError::Disconnected(_)) => return,
            }
        }
    }
}

/// When the journal's thread ends, nothing more can be read for anybody.
struct CloseOnDrop(Arc<JobQueue>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
    }
}

struct CommitStage {
    commit: Commit,
    buffers: mpsc::Sender<EntryBuffer>,
    jobs: CloseOnDrop,
    need: SyncSender<()>,
    /// Whether a segment is being prepared.
    asked: bool,
}

impl CommitStage {
    fn run(mut self, board: &Board, from: &Receiver<CommitWork>) -> Result<(), ServiceError> {
        let mut group = Vec::with_capacity(GROUP_MAX);
        while let Ok(work) = from.recv() {
            if board.fault().is_some() {
                break;
            }
            let other = match work {
                CommitWork::Executed(executed) => {
                    group.push(*executed);
                    let other = take_group(from, &mut group);
                    self.commit(&mut group)?;
                    other
                }
                work => Some(work),
            };
            match other {
                Some(CommitWork::Adopt(prepared)) => {
                    self.asked = false;
                    self.commit.adopt(prepared)?;
                }
                Some(CommitWork::Recycle(segment)) => self.commit.recycle(&segment)?,
                Some(CommitWork::Close { timestamp, root }) => {
                    self.commit.close(timestamp, root)?;
                    board.stop();
                    return Ok(());
                }
                Some(CommitWork::Abandon) => return Ok(()),
                Some(CommitWork::Executed(_)) | None => {}
            }
        }
        Ok(())
    }

    fn commit(&mut self, group: &mut Vec<Executed>) -> Result<(), ServiceError> {
        let committed = self.commit.commit(std::mem::take(group))?;
        for buffer in committed.buffers {
            // Execution may have ended; then nobody needs buffers.
            drop(self.buffers.send(buffer));
        }
        for (job, reply) in committed.jobs {
            if let Err(reply) = self.jobs.0.push(job, reply) {
                drop(reply.send(Err(LedgerError::Busy { retry_after_ms: READS_RETRY_MS })));
            }
        }
        if !self.asked && self.commit.needs_segment() {
            self.asked = self.need.try_send(()).is_ok();
        }
        Ok(())
    }
}

/// What else can be flushed with the first one, until something else comes.
fn take_group(from: &Receiver<CommitWork>, group: &mut Vec<Executed>) -> Option<CommitWork> {
    while group.len() < GROUP_MAX {
        match from.try_recv() {
            Ok(CommitWork::Executed(executed)) => group.push(*executed),
            Ok(other) => return Some(other),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => return None,
        }
    }
    None
}

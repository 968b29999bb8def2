//! Worker threads that live as long as the engine. A partition is handed to its worker for each step and handed back,
//! so what a step reads is shared and what it changes is owned.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;

use super::engine_error::EngineError;
use super::intake::take_in;
use super::partition::Partition;
use super::run::Run;
use super::verdicts::Verdicts;

/// How often a thread that waits looks whether it can go on before it sleeps: about a tenth of a millisecond.
const WAIT_TURNS: u32 = 200;

/// A step that every partition does by itself.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Look at a share of the transfers.
    TakeIn(Arc<Run>),
    /// Find accounts, facts and sums.
    Route(Arc<Run>),
    /// Walk tight cells.
    Vote(Arc<Run>, Arc<Verdicts>),
    /// Change totals, and say why legs are refused.
    Settle(Arc<Run>, Arc<Verdicts>),
}

impl Step {
    fn perform(&self, partition: &mut Partition) {
        match self {
            Self::TakeIn(run) => {
                let shares = usize::try_from(partition.partitions).unwrap_or(1);
                take_in(run, partition.number, shares, &mut partition.desk.intakes);
            }
            Self::Route(run) => partition.route(run),
            Self::Vote(run, verdicts) => partition.vote(run, verdicts),
            Self::Settle(run, verdicts) => partition.settle(run, verdicts),
        }
    }
}

type Share = Vec<Partition>;

/// The threads beside the one that calls.
#[derive(Debug)]
pub(super) struct Crew {
    workers: Vec<Worker>,
}

#[derive(Debug)]
struct Worker {
    /// `None` only while the worker is being stopped.
    orders: Option<Sender<(Step, Share)>>,
    done: Receiver<Share>,
    thread: Option<JoinHandle<()>>,
}

impl Crew {
    /// Starts `threads` workers.
    pub(super) fn new(threads: usize) -> Result<Self, EngineError> {
        let workers = (0..threads).map(Worker::start).collect::<Result<_, _>>();
        Ok(Self { workers: workers.map_err(EngineError::Thread)? })
    }

    /// Performs a step in all partitions, and waits until it is done in all of them.
    pub(super) fn perform(&self, step: Step, partitions: &mut Share) -> Result<(), EngineError> {
        let hands = self.workers.len().saturating_add(1);
        let share = partitions.len().div_ceil(hands).max(1);
        let mut busy = Vec::with_capacity(self.workers.len());
        let mut rest = partitions.split_off(share.min(partitions.len()));
        for worker in &self.workers {
            if rest.is_empty() {
                break;
            }
            let behind = rest.split_off(share.min(rest.len()));
            worker.order(step.clone(), std::mem::replace(&mut rest, behind))?;
            busy.push(worker);
        }
        partitions.iter_mut().for_each(|partition| step.perform(partition));
        drop(step);
        for worker in busy {
            partitions.extend(receive(&worker.done).map_err(|_| EngineError::WorkerLost)?);
        }
        Ok(())
    }
}

impl Worker {
    fn start(number: usize) -> std::io::Result<Self> {
        let (orders, inbox) = channel::<(Step, Share)>();
        let (outbox, done) = channel();
        let builder = std::thread::Builder::new().name(format!("ledger-{number}"));
        let thread = builder.spawn(move || work(&inbox, &outbox))?;
        Ok(Self { orders: Some(orders), done, thread: Some(thread) })
    }

    fn order(&self, step: Step, share: Share) -> Result<(), EngineError> {
        let orders = self.orders.as_ref().ok_or(EngineError::WorkerLost)?;
        orders.send((step, share)).map_err(|_| EngineError::WorkerLost)
    }
}

/// The life of a worker: it ends when the engine does.
fn work(inbox: &Receiver<(Step, Share)>, outbox: &Sender<Share>) {
    while let Ok((step, mut share)) = receive(inbox) {
        share.iter_mut().for_each(|partition| step.perform(partition));
        // What was shared is let go of first, so that the engine has it alone when the share is back.
        drop(step);
        if outbox.send(share).is_err() {
            return;
        }
    }
}

/// Waits for the other side: first by giving the processor to whoever wants it, since the steps of a batch follow within
/// microseconds and waking a thread that sleeps takes many; then asleep.
fn receive<T>(channel: &Receiver<T>) -> Result<T, RecvError> {
    for _ in 0..WAIT_TURNS {
        match channel.try_recv() {
            Ok(one) => return Ok(one),
            Err(TryRecvError::Disconnected) => return Err(RecvError),
            Err(TryRecvError::Empty) => std::thread::yield_now(),
        }
    }
    channel.recv()
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            // A worker that panicked has been reported as lost when its share did not come back.
            let _ended = thread.join();
        }
    }
}

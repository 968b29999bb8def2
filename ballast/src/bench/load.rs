//! Keeps a ledger busy with submissions that were made beforehand, and counts the durable replies.
//!
//! One thread submits, the calling one receives. A submission has its place in the order as soon as it is submitted, so
//! the ledger executes the same transfers in the same order however fast it is. Latency counts from the planned time
//! of a submission to its durable reply, whether or not it could be submitted at that time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::task::{Context, Waker};
use std::time::Duration;

use ledger::handle::{Answer, Command, Handle, LedgerError};
use ledger::{Reply, Request, Transfer};
use tokio::runtime::Runtime;

use super::machine::{process_cpu_micros, thread_cpu_micros};
use crate::{Failure, clock};

type Asked = Pin<Box<dyn Future<Output = Result<Answer, LedgerError>> + Send>>;

/// When submissions are made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// As soon as another one was answered, until so much time has gone by.
    Full {
        /// When to end although there is more.
        longest: Duration,
    },
    /// One each time so much has gone by.
    Every(Duration),
}

/// Submissions and how to make them.
#[derive(Debug)]
pub(crate) struct Load<Batches> {
    /// Made as they are needed, unless they were made before.
    pub(crate) batches: Batches,
    pub(crate) pace: Pace,
    /// Submissions on their way at once.
    pub(crate) in_flight: usize,
}

/// What became of a load. Times are microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Driven {
    /// Submissions that were made.
    pub(crate) batches: usize,
    /// Transfers in them.
    pub(crate) submitted: u64,
    pub(crate) accepted: u64,
    /// By the word of their status.
    pub(crate) refused: BTreeMap<&'static str, u64>,
    /// From the first submission to the last durable reply.
    pub(crate) took: u64,
    /// Of each submission.
    pub(crate) latencies: Vec<u64>,
    /// When each reply came, since 1970 as the ledger counts.
    pub(crate) answered_at: Vec<u64>,
    /// On a processor, the ledger and this.
    pub(crate) cpu: u64,
    /// On a processor, for submitting and for receiving.
    pub(crate) client_cpu: u64,
    /// The entry of the last reply.
    pub(crate) sequence: u64,
}

/// A submission on its way.
struct Sent {
    planned: Duration,
    answer: Asked,
}

/// Submits everything and waits for every reply. `told` hears the entry of each.
pub(crate) fn drive(
    handle: &Handle,
    load: Load<impl Iterator<Item = Vec<Transfer>> + Send>,
    told: impl FnMut(u64) -> Result<(), Failure>,
) -> Result<Driven, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::run)?;
    let (cpu, client_cpu) = (process_cpu_micros(), thread_cpu_micros());
    // One more is held by whoever receives, and one by whoever sends.
    let (to, from) = sync_channel(load.in_flight.saturating_sub(2));
    let start = uptime();
    let (mut driven, sender_cpu) = std::thread::scope(|scope| {
        let sender = scope.spawn(move || send(handle, load, start, &to));
        let driven = receive(&runtime, &from, told);
        // Whoever sends must not wait for ever if receiving failed.
        drop(from);
        let sent = sender.join().map_err(|_| Failure::run("the thread that submits has ended early"))?;
        Ok::<_, Failure>((driven?, sent))
    })?;
    driven.took = driven.took.saturating_sub(micros(start));
    driven.cpu = process_cpu_micros().saturating_sub(cpu);
    driven.client_cpu = thread_cpu_micros().saturating_sub(client_cpu).saturating_add(sender_cpu);
    Ok(driven)
}

/// Makes the submissions, and says how long that took on a processor.
fn send(
    handle: &Handle,
    load: Load<impl Iterator<Item = Vec<Transfer>>>,
    start: Duration,
    to: &SyncSender<Sent>,
) -> u64 {
    let cpu = thread_cpu_micros();
    let mut due = start;
    for batch in load.batches {
        let planned = match load.pace {
            Pace::Full { longest } if uptime().saturating_sub(start) >= longest => break,
            Pace::Full { .. } => uptime(),
            Pace::Every(pause) => {
                let planned = due;
                due = due.saturating_add(pause);
                std::thread::sleep(planned.saturating_sub(uptime()));
                planned
            }
        };
        if to.send(Sent { planned, answer: ask(handle.clone(), batch) }).is_err() {
            break;
        }
    }
    thread_cpu_micros().saturating_sub(cpu)
}

/// Submits. The first look puts it into the ledger's queue.
fn ask(handle: Handle, batch: Vec<Transfer>) -> Asked {
    let command = Command::Submit(vec![Request::Transfers(batch)]);
    let mut answer: Asked = Box::pin(async move { handle.ask(command).await });
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        std::task::Poll::Ready(early) => Box::pin(std::future::ready(early)),
        std::task::Poll::Pending => answer,
    }
}

fn receive(
    runtime: &Runtime,
    from: &Receiver<Sent>,
    mut told: impl FnMut(u64) -> Result<(), Failure>,
) -> Result<Driven, Failure> {
    let mut driven = Driven::default();
    for sent in from {
        let answer = runtime.block_on(sent.answer).map_err(Failure::run)?;
        driven.latencies.push(micros(uptime().saturating_sub(sent.planned)));
        driven.answered_at.push(u64::try_from(clock::unix_micros()).unwrap_or(0));
        driven.count(&answer)?;
        driven.took = micros(uptime());
        told(driven.sequence)?;
    }
    Ok(driven)
}

impl Driven {
    fn count(&mut self, answer: &Answer) -> Result<(), Failure> {
        let Answer::Submitted { sequence, replies, .. } = answer else {
            return Err(Failure::run("a submission was answered with something else"));
        };
        self.batches = self.batches.saturating_add(1);
        self.sequence = *sequence;
        for reply in replies {
            let Reply::Transfers(transfers) = reply else { continue };
            let count = u64::try_from(transfers.len()).unwrap_or(u64::MAX);
            self.submitted = self.submitted.saturating_add(count);
            for transfer in transfers {
                if transfer.status.is_accepted() {
                    self.accepted = self.accepted.saturating_add(1);
                } else {
                    let count = self.refused.entry(transfer.status.word()).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        Ok(())
    }

    /// The longest time between two replies of which one at least came within these times.
    pub(crate) fn longest_gap(&self, from: u64, until: u64) -> u64 {
        let pairs = self.answered_at.iter().zip(self.answered_at.iter().skip(1));
        let within = pairs.filter(|(before, after)| **after >= from && **before <= until);
        within.map(|(before, after)| after.saturating_sub(*before)).max().unwrap_or(0)
    }
}

/// Time since the program's first look at the clock.
pub(crate) fn uptime() -> Duration {
    (clock::SYSTEM.uptime)()
}

pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

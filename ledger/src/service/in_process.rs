//! The handle's way to a ledger in this process.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::arrival::{Arrival, Read, ReplyTo, Submission, check_size};
use super::board::Board;
use super::executed::ReadJob;
use super::job_queue::JobQueue;
use super::queue::{ArrivalQueue, Refused};
use crate::disk::to_u64;
use crate::handle::{Answer, Ask, Asking, Command, LedgerError};

/// When a read that found the readers busy should come again.
pub(super) const READS_RETRY_MS: u64 = 50;

/// What a full queue is assumed to execute in a millisecond, if it did nothing slower than that: half of what one
/// core does.
const TRANSFERS_PER_MILLISECOND: u64 = 500;

/// The longest time a client is told to wait.
const RETRY_AFTER_MS_MAX: u64 = 5_000;

/// The queue of a running ledger.
#[derive(Debug)]
pub(super) struct InProcess {
    queue: Arc<ArrivalQueue>,
    board: Arc<Board>,
    jobs: Arc<JobQueue>,
}

impl InProcess {
    pub(super) const fn new(queue: Arc<ArrivalQueue>, board: Arc<Board>, jobs: Arc<JobQueue>) -> Self {
        Self { queue, board, jobs }
    }

    async fn answer(&self, command: Command) -> Result<Answer, LedgerError> {
        match command {
            Command::Submit(requests) => {
                let size = check_size(&requests)?;
                self.queued(|reply| Arrival::Submission(Submission { requests, size, reply })).await
            }
            Command::Accounts(ids) => {
                let (count, most) = (ids.len(), Command::ACCOUNTS_MAX);
                if count > most {
                    return Err(LedgerError::TooMany { count, most });
                }
                self.read(Read::Accounts(ids)).await
            }
            Command::AccountAt { account, sequence } => {
                let newest = self.board.status().sequence;
                if sequence == 0 || sequence > newest {
                    return Err(LedgerError::SequenceAhead { asked: sequence, newest });
                }
                self.read(Read::AccountAt { account, sequence }).await
            }
            Command::Allowance(id) => self.read(Read::Allowance(id)).await,
            Command::Transfer(id) => self.read(Read::Transfer(id)).await,
            Command::Statement(query) => self.read(Read::Statement(query)).await,
            Command::Prove(id) => self.read(Read::Prove(id)).await,
            Command::Entries { from } => self.entries(from).await,
            Command::Status => {
                let mut status = self.board.status();
                status.queued_transfers = to_u64(self.queue.queued_transfers());
                Ok(Answer::Status(status))
            }
        }
    }

    async fn read(&self, read: Read) -> Result<Answer, LedgerError> {
        self.queued(|reply| Arrival::Read { read, reply }).await
    }

    async fn queued(&self, arrival: impl FnOnce(ReplyTo) -> Arrival) -> Result<Answer, LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.queue.push(arrival(reply)).map_err(|refused| self.refused(refused))?;
        self.answered(answer).await
    }

    /// What is answered, or why nothing is: an answer is only dropped by a ledger that stops, which soon says why.
    async fn answered(
        &self,
        answer: oneshot::Receiver<Result<Answer, LedgerError>>,
    ) -> Result<Answer, LedgerError> {
        match answer.await {
            Ok(answer) => answer,
            Err(_) => {
                self.board.stopped_now().await;
                Err(self.board.stopped())
            }
        }
    }

    /// Entries that are durable, once the first one is.
    async fn entries(&self, from: u64) -> Result<Answer, LedgerError> {
        let mut flushed = self.board.watch_flushed();
        let wait = Duration::from_secs(Command::ENTRIES_WAIT_SECONDS);
        let came = tokio::select! {
            came = tokio::time::timeout(wait, flushed.wait_for(|sequence| *sequence >= from)) => came.is_ok(),
            () = self.board.stopped_now() => *self.board.watch_flushed().borrow() >= from,
        };
        if !came {
            return if self.board.has_stopped() {
                Err(self.board.stopped())
            } else {
                Ok(Answer::Entries(Vec::new()))
            };
        }
        let (reply, answer) = oneshot::channel();
        let busy = |_| LedgerError::Busy { retry_after_ms: READS_RETRY_MS };
        self.jobs.push(ReadJob::Entries { from }, reply).map_err(busy)?;
        self.answered(answer).await
    }

    fn refused(&self, refused: Refused) -> LedgerError {
        match refused {
            Refused::Full(transfers) => {
                let wait = to_u64(transfers).checked_div(TRANSFERS_PER_MILLISECOND).unwrap_or(0);
                LedgerError::Busy { retry_after_ms: wait.clamp(READS_RETRY_MS, RETRY_AFTER_MS_MAX) }
            }
            Refused::Closed => self.board.stopped(),
        }
    }
}

impl Ask for InProcess {
    fn ask(&self, command: Command) -> Asking<'_> {
        Box::pin(self.answer(command))
    }
}

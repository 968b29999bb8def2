//! Reads that wait for one of the reading threads: bounded, and closed when the ledger stops.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::arrival::ReplyTo;
use super::executed::ReadJob;

/// The waiting reads.
#[derive(Debug)]
pub(super) struct JobQueue {
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<(ReadJob, ReplyTo)>,
    closed: bool,
}

impl JobQueue {
    pub(super) fn new(most: usize) -> Self {
        Self { most: most.max(1), state: Mutex::default(), changed: Condvar::new() }
    }

    /// Takes a job, or gives back whom to tell that there is no room.
    pub(super) fn push(&self, job: ReadJob, reply: ReplyTo) -> Result<(), ReplyTo> {
        let mut state = self.state();
        if state.closed || state.waiting.len() >= self.most {
            return Err(reply);
        }
        state.waiting.push_back((job, reply));
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The next job; nothing once the queue is closed and empty.
    pub(super) fn next(&self) -> Option<(ReadJob, ReplyTo)> {
        let is_idle = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let state = self.changed.wait_while(self.state(), is_idle);
        state.unwrap_or_else(PoisonError::into_inner).waiting.pop_front()
    }

    /// Takes nothing more; what waits is still done.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below can panic half-way, so what a poisoned lock guards is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

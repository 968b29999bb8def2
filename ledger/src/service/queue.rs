//! The queue in front of the ledger: bounded in commands and in transfers, first come, first served.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::arrival::{Arrival, Size};

/// What waits, and whether more is taken.
#[derive(Debug)]
pub(super) struct ArrivalQueue {
    commands_max: usize,
    transfers_max: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Arrival>,
    size: Size,
    closed: bool,
}

/// Why something was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is no room; so many transfers wait.
    Full(usize),
    /// Nothing is taken any more.
    Closed,
}

/// What is executed next, as one entry.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    pub(super) list: Vec<Arrival>,
    /// Nothing more will come.
    pub(super) closed: bool,
}

impl ArrivalQueue {
    pub(super) fn new(commands_max: usize, transfers_max: usize) -> Self {
        let (state, changed) = (Mutex::default(), Condvar::new());
        Self { commands_max: commands_max.max(1), transfers_max: transfers_max.max(1), state, changed }
    }

    /// Takes something if there is room, and never waits. A single submission always fits an empty queue.
    pub(super) fn push(&self, arrival: Arrival) -> Result<(), Refused> {
        let mut state = self.state();
        if state.closed {
            return Err(Refused::Closed);
        }
        let size = state.size.plus(size_of(&arrival));
        let full = state.waiting.len() >= self.commands_max || size.transfers > self.transfers_max;
        if full && !state.waiting.is_empty() {
            return Err(Refused::Full(state.size.transfers));
        }
        state.size = size;
        state.waiting.push_back(arrival);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes what comes from the ledger itself, however full the queue is: there is one for each sealed segment.
    pub(super) fn push_own(&self, arrival: Arrival) {
        self.state().waiting.push_back(arrival);
        self.changed.notify_one();
    }

    /// As much of what waits as fits one entry, in its order; waits for it at most so long.
    pub(super) fn take_entry(&self, wait: Duration) -> Arrivals {
        let state = self.state();
        let is_idle = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let waited = self.changed.wait_timeout_while(state, wait, is_idle);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let mut size = Size::default();
        let mut list = Vec::new();
        while let Some(arrival) = state.waiting.front() {
            let next = size.plus(size_of(arrival));
            if !next.fits_entry() {
                break;
            }
            size = next;
            list.extend(state.waiting.pop_front());
        }
        state.size = state.size.minus(size);
        Arrivals { closed: state.closed && state.waiting.is_empty(), list }
    }

    /// Takes nothing more; what waits is still given out.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Takes nothing more and drops what waits, so that its askers learn of it.
    pub(super) fn abandon(&self) {
        let waiting = {
            let mut state = self.state();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        drop(waiting);
        self.changed.notify_all();
    }

    /// Transfers that wait.
    pub(super) fn queued_transfers(&self) -> usize {
        self.state().size.transfers
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below can panic half-way, so what a poisoned lock guards is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size_of(arrival: &Arrival) -> Size {
    match arrival {
        Arrival::Submission(submission) => submission.size,
        Arrival::Read { .. } | Arrival::Forget(_) => Size::default(),
    }
}

//! The sessions of a gateway: so many at a time, made when they are needed, kept while they are used.
//!
//! Invariant: sessions in use and idle ones are together never more than permits. A session is opened only by who has
//! a permit and found no idle one.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::session::Session;

/// The idle sessions and the right to use one.
pub(super) struct Pool {
    permits: Semaphore,
    /// The one used last comes last, and is used first: the others get the chance to be idle long enough.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    session: Session,
    /// Whether it has been idle since the last sweep.
    passed_over: bool,
}

impl Pool {
    pub(super) fn new(sessions: usize) -> Self {
        Self { permits: Semaphore::new(sessions), idle: Mutex::default() }
    }

    /// The right to use one session; waits until there is one.
    pub(super) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes the semaphore.
        self.permits.acquire().await.ok()
    }

    /// An idle session that is still open.
    pub(super) async fn take(&self) -> Option<Session> {
        loop {
            let mut session = self.idle().pop()?.session;
            if session.is_open().await {
                return Some(session);
            }
        }
    }

    /// Keeps a session whose exchange is complete.
    pub(super) fn put(&self, session: Session) {
        self.idle().push(Idle { session, passed_over: false });
    }

    /// Closes all idle sessions: where one was lost the others are, as a rule.
    pub(super) fn clear(&self) {
        let idle = std::mem::take(&mut *self.idle());
        drop(idle);
    }

    /// Closes the sessions that have been idle since the sweep before.
    pub(super) fn sweep(&self) {
        self.idle().retain_mut(|idle| !std::mem::replace(&mut idle.passed_over, true));
    }

    /// How many sessions are idle.
    pub(super) fn idle_count(&self) -> usize {
        self.idle().len()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // Nothing below can panic half-way, so what a poisoned lock guards is whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let free = self.permits.available_permits();
        formatter.debug_struct("Pool").field("free", &free).field("idle", &self.idle_count()).finish()
    }
}

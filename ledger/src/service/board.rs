//! What every thread of the ledger may look at: how far it is, and whether it has failed.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{Notify, watch};

use super::executed::After;
use super::figures::FigureBoard;
use super::service_error::ServiceError;
use super::settings::ServiceClock;
use crate::handle::{LedgerError, LedgerStatus};
use crate::journal::EntryHash;

/// How far the ledger is, and its first fault.
#[derive(Debug)]
pub(super) struct Board {
    status: Mutex<LedgerStatus>,
    changed: Condvar,
    /// The last durable entry, for those who wait for one.
    flushed: watch::Sender<u64>,
    fault: OnceLock<Arc<ServiceError>>,
    /// Told of the fault and of a clean stop.
    failed: Notify,
    stopping: OnceLock<()>,
    figures: FigureBoard,
}

impl Board {
    pub(super) fn new(status: LedgerStatus, clock: ServiceClock) -> Self {
        Self {
            changed: Condvar::new(),
            flushed: watch::Sender::new(status.sequence),
            status: Mutex::new(status),
            fault: OnceLock::new(),
            failed: Notify::new(),
            stopping: OnceLock::new(),
            figures: FigureBoard::new(clock),
        }
    }

    pub(super) const fn figures(&self) -> &FigureBoard {
        &self.figures
    }

    pub(super) fn status(&self) -> LedgerStatus {
        *self.locked()
    }

    /// This is durable now.
    pub(super) fn publish(&self, after: &After, hash: Option<EntryHash>) {
        let mut status = self.locked();
        status.sequence = after.sequence;
        status.timestamp = after.timestamp;
        status.hash = hash.unwrap_or(status.hash);
        status.state_root = after.root.root;
        status.state_root_sequence = after.root.sequence;
        status.accounts = after.accounts;
        status.open_pending = after.open_pending;
        status.frozen = after.frozen;
        drop(status);
        self.flushed.send_replace(after.sequence);
        self.changed.notify_all();
    }

    pub(super) fn publish_snapshot(&self, sequence: u64) {
        self.locked().snapshot_sequence = sequence;
    }

    pub(super) fn publish_sealed(&self, sequence: u64) {
        self.locked().sealed_through = sequence;
    }

    pub(super) fn watch_flushed(&self) -> watch::Receiver<u64> {
        self.flushed.subscribe()
    }

    /// Waits until an entry is durable; says whether it is, or the ledger has stopped before.
    pub(super) fn await_flushed(&self, sequence: u64) -> bool {
        let waits = |status: &mut LedgerStatus| status.sequence < sequence && !self.has_stopped();
        let status = self.changed.wait_while(self.locked(), waits);
        status.unwrap_or_else(PoisonError::into_inner).sequence >= sequence
    }

    /// The first fault counts; everything stops because of it.
    pub(super) fn fail(&self, fault: ServiceError) {
        // A later fault is a consequence of the first one.
        self.fault.get_or_init(|| Arc::new(fault));
        self.wake();
    }

    /// A clean stop: nothing more is executed.
    pub(super) fn stop(&self) {
        self.stopping.get_or_init(|| ());
        self.wake();
    }

    pub(super) fn fault(&self) -> Option<Arc<ServiceError>> {
        self.fault.get().cloned()
    }

    pub(super) fn has_stopped(&self) -> bool {
        self.fault.get().is_some() || self.stopping.get().is_some()
    }

    /// Why a command was not answered.
    pub(super) fn stopped(&self) -> LedgerError {
        let reason = self.fault().map_or_else(|| "a clean stop".to_owned(), |fault| fault.to_string());
        LedgerError::Stopped(reason)
    }

    /// Waits for the first fault.
    pub(super) async fn failed(&self) -> Arc<ServiceError> {
        loop {
            let woken = self.failed.notified();
            if let Some(fault) = self.fault() {
                return fault;
            }
            woken.await;
        }
    }

    /// Waits until nothing more is executed, for whatever reason.
    pub(super) async fn stopped_now(&self) {
        loop {
            let woken = self.failed.notified();
            if self.has_stopped() {
                return;
            }
            woken.await;
        }
    }

    fn wake(&self) {
        self.failed.notify_waiters();
        // Under the lock, so that nobody misses it between looking and waiting.
        drop(self.locked());
        self.changed.notify_all();
    }

    fn locked(&self) -> MutexGuard<'_, LedgerStatus> {
        // The status is plain figures: whatever a poisoned lock guards is whole.
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Captures: the state at the boundary between two entries, handed out in parts while entries go on being executed.
//! Snapshots are made of them, and the checkpoints of the state tree.
//!
//! An account is *dirty* from its creation or a change until a capture begins. Every capture hands out the dirty
//! ones and says so, so one of everything serves a snapshot and a checkpoint at the same time. Sequence, timestamp and
//! whether the ledger is frozen are to be read when the capture begins.

use super::capture_error::CaptureError;
use super::captured_part::CapturedPart;
use super::engine::Engine;
use super::row_capture::Wanted;

/// What is captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureScope {
    /// All accounts, open pending transfers and allowances.
    Everything,
    /// The accounts that were created or changed since the last capture began.
    DirtyAccounts,
}

impl Engine {
    /// Captures the state as it is now, between two entries. From here on no account is dirty.
    ///
    /// # Errors
    /// A [`CaptureError`] if a capture is on, or an entry failed halfway.
    pub fn begin_capture(&mut self, scope: CaptureScope) -> Result<(), CaptureError> {
        if self.failed {
            return Err(CaptureError::Failed);
        }
        if self.capturing {
            return Err(CaptureError::AlreadyOn);
        }
        self.capturing = true;
        let everything = scope == CaptureScope::Everything;
        let wanted = if everything { Wanted::All } else { Wanted::Dirty };
        self.partitions.iter_mut().for_each(|partition| partition.accounts.begin_capture(wanted));
        if everything {
            self.partitions.iter_mut().for_each(|partition| partition.allowances.begin_capture());
            self.pending.begin_capture();
        }
        Ok(())
    }

    /// Hands out at most `budget` captured rows, in no order. To be called between entries until it is complete.
    ///
    /// # Errors
    /// A [`CaptureError`] if no capture is on, or an entry failed halfway: then the capture is lost.
    pub fn capture_some(&mut self, budget: usize) -> Result<CapturedPart, CaptureError> {
        if self.failed {
            return Err(CaptureError::Failed);
        }
        if !self.capturing {
            return Err(CaptureError::NotOn);
        }
        let mut part = CapturedPart { complete: true, ..CapturedPart::default() };
        let mut budget = budget;
        for partition in &mut self.partitions {
            part.complete &= partition.accounts.capture_some(&mut budget, &mut part.accounts);
            part.complete &= partition.allowances.capture_some(&mut budget, &mut part.allowances);
        }
        part.complete &= self.pending.capture_some(&mut budget, &mut part.pending);
        if part.complete {
            self.end_capture();
        }
        Ok(part)
    }

    fn end_capture(&mut self) {
        self.capturing = false;
        for partition in &mut self.partitions {
            partition.accounts.end_capture();
            partition.allowances.end_capture();
        }
        self.pending.end_capture();
    }

    /// Whether a capture is on.
    #[must_use]
    pub const fn is_capturing(&self) -> bool {
        self.capturing
    }

    /// Ends a capture as if it had never begun, whatever of it has been handed out: what was dirty is dirty again.
    pub fn abandon_capture(&mut self) {
        self.partitions.iter_mut().for_each(|partition| partition.accounts.abandon_capture());
        self.end_capture();
    }

    /// How many accounts were created or changed since the last capture began.
    #[must_use]
    pub fn dirty_accounts(&self) -> usize {
        self.partitions.iter().fold(0, |sum, partition| sum.saturating_add(partition.accounts.dirty_len()))
    }
}

//! What legs do to pending transfers, and codes 56 and 59 to 61, in the order of the legs.

use super::admission::ended_status;
use super::finding::Finding;
use super::leg::LegKind;
use super::pending_book::PendingBook;
use super::run::Run;
use crate::{Pending, PendingEnd, TransferStatus as Status};

impl PendingBook {
    /// Why a post or void cannot end what it names, in the state as it is now.
    pub(super) fn judge(&self, run: &Run, number: u32) -> Option<Finding> {
        let leg = run.leg(number).filter(|leg| leg.kind.ends_pending())?;
        let detail = run.detail(leg)?;
        let finding = |status| Some(Finding::new(number, status));
        match self.find(detail.pending).and_then(|slot| self.get(slot)) {
            // It is of this run and was refused, since the post or void comes behind it.
            None => finding(Status::PendingNotPending),
            Some(held) => held.end.and_then(|end| finding(ended_status(end))),
        }
    }

    /// Does what an accepted leg does; says whether it did anything.
    #[inline]
    pub(super) fn execute(&mut self, run: &Run, number: u32) -> bool {
        let Some(leg) = run.leg(number) else { return false };
        match leg.kind {
            LegKind::Move | LegKind::Refund | LegKind::Refused => return false,
            LegKind::Reserve => {
                let Some(transfer) = run.transfer(leg) else { return false };
                self.insert(Pending::of(transfer, run.position(number), run.timestamp));
            }
            LegKind::Post | LegKind::Void => {
                let end = if leg.kind == LegKind::Post { PendingEnd::Posted } else { PendingEnd::Voided };
                let Some(slot) = run.detail(leg).and_then(|detail| self.find(detail.pending)) else {
                    return false;
                };
                self.end(slot, end);
            }
        }
        true
    }

    /// Undoes [`PendingBook::execute`]. Several are undone newest first.
    pub(super) fn undo(&mut self, run: &Run, number: u32) {
        let Some(leg) = run.leg(number) else { return };
        if leg.kind == LegKind::Reserve {
            run.transfer(leg).map(|transfer| transfer.id).into_iter().for_each(|id| self.undo_insert(id));
        } else if leg.kind.ends_pending() {
            let slot = run.detail(leg).and_then(|detail| self.find(detail.pending));
            slot.into_iter().for_each(|slot| self.undo_end(slot));
        }
    }
}

//! Step 1: one pass in order decides which units are live, and answers the others.
//!
//! A unit is live if its form and bytes are right and each of its ids is new. That depends on ids alone, never on
//! balances, so it can be decided before anything is executed. Posts and voids learn their accounts and amount here.

use super::cell_book::{CellBook, Owner};
use super::convert::{NONE, index, number};
use super::engine_error::EngineError;
use super::entry_outcome::{Answer, EntryOutcome};
use super::finding::Finding;
use super::intake::Intake;
use super::known_ids::KnownIds;
use super::leg::{Leg, LegDetail, LegKind};
use super::pending_book::PendingBook;
use super::run::Run;
use super::slot_index::SlotIndex;
use crate::chain::{check_chain, units};
use crate::{
    Pending, PendingEnd, Transfer, TransferFlags, TransferId, TransferStatus as Status, compare_known,
};

/// Everything the pass reads and writes.
#[derive(Debug)]
pub(super) struct Admission<'a> {
    pub(super) run: &'a mut Run,
    /// The legs of the entry by the hashes of their ids.
    pub(super) ids: &'a mut SlotIndex,
    pub(super) known: &'a KnownIds,
    pub(super) pending: &'a mut PendingBook,
    /// The cells of pending transfers that are made or ended in this run.
    pub(super) cells: &'a mut CellBook,
    /// Why legs are refused whatever the state is.
    pub(super) findings: &'a mut Vec<Finding>,
    pub(super) outcome: &'a mut EntryOutcome,
}

/// What a post or void finds under its pending id.
enum Found {
    /// Open, or ended in this entry before this run.
    Held(u32, Pending, Option<PendingEnd>),
    /// A pending transfer of this run, whose verdict is not known yet.
    InRun(u32, Pending),
    /// It cannot be ended.
    Never(Status),
}

impl Admission<'_> {
    /// Admits the run's transfers, of which these are the intakes.
    pub(super) fn admit(&mut self, mut intakes: &[Intake]) -> Result<(), EngineError> {
        let requests = std::sync::Arc::clone(&self.run.requests);
        let pieces = std::mem::take(&mut self.run.pieces);
        for piece in &pieces {
            let Some(crate::Request::Transfers(transfers)) = requests.get(piece.request) else { continue };
            let mut place = (number(piece.request), number(piece.transfers.start));
            for unit in units(transfers.get(piece.transfers.clone()).unwrap_or_default()) {
                let Some((own, rest)) = intakes.split_at_checked(unit.len()) else {
                    return Err(EngineError::WorkerLost);
                };
                self.admit_unit(unit, own, place)?;
                intakes = rest;
                place.1 = place.1.saturating_add(number(unit.len()));
            }
        }
        self.run.pieces = pieces;
        Ok(())
    }

    fn admit_unit(
        &mut self,
        unit: &[Transfer],
        intakes: &[Intake],
        place: (u32, u32),
    ) -> Result<(), EngineError> {
        if let Some((leg, status)) = fault_of(unit, intakes) {
            self.refuse(unit.len(), leg, status);
            return Ok(());
        }
        if unit.iter().zip(intakes).any(|(transfer, intake)| self.is_known(transfer.id, intake.id_hash)) {
            unit.iter().zip(intakes).for_each(|(transfer, intake)| self.answer_known(transfer, intake));
            return Ok(());
        }
        if let Some((leg, status)) = first_of(intakes, |intake| intake.age) {
            self.refuse(unit.len(), leg, status);
            return Ok(());
        }
        let first = number(self.run.legs.len());
        for (leg, (transfer, intake)) in (0..).zip(unit.iter().zip(intakes)) {
            let (request, offset) = (place.0, place.1.saturating_add(leg));
            let leg = self.leg_of(transfer, intake)?;
            self.outcome.answers.push(Answer::New(number(self.run.legs.len())));
            let constant = leg.constant.map(|status| Finding::new(number(self.run.legs.len()), status));
            self.findings.extend(constant);
            self.ids.insert(intake.id_hash, number(self.run.legs.len()));
            self.run.legs.push(Leg { request, offset, first, unit_legs: number(unit.len()), ..leg });
        }
        Ok(())
    }

    /// The failing leg carries its status, all others that a leg failed; no id is used up.
    fn refuse(&mut self, legs: usize, failed: usize, status: Status) {
        let status_of = |leg| if leg == failed { status } else { Status::LinkedTransferFailed };
        self.outcome.answers.extend((0..legs).map(|leg| Answer::Traceless(status_of(leg))));
    }

    #[inline]
    fn is_known(&self, id: TransferId, hash: u64) -> bool {
        self.leg_with(id, hash).is_some() || (!self.known.is_empty() && self.known.get(id).is_some())
    }

    /// The leg of this entry that used up an id.
    #[inline]
    fn leg_with(&self, id: TransferId, hash: u64) -> Option<u32> {
        let is_it = |leg| self.transfer_at(leg).is_some_and(|transfer| transfer.id == id);
        self.ids.find(hash, is_it)
    }

    fn transfer_at(&self, leg: u32) -> Option<&Transfer> {
        self.run.transfer(self.run.leg(leg)?)
    }

    /// In a unit with known ids nothing is executed: a known one is answered for itself.
    fn answer_known(&mut self, transfer: &Transfer, intake: &Intake) {
        let answer = if let Some(leg) = self.leg_with(transfer.id, intake.id_hash) {
            let status = self.transfer_at(leg).map_or(Status::Exists, |first| compare_known(transfer, first));
            if status == Status::Exists { Answer::Repeats(leg) } else { Answer::Traceless(status) }
        } else if let Some(known) = self.known.get(transfer.id) {
            let status = compare_known(transfer, &known.transfer);
            if status == Status::Exists {
                self.outcome.earlier.push(known.recorded);
                Answer::Exists(number(self.outcome.earlier.len().saturating_sub(1)))
            } else {
                Answer::Traceless(status)
            }
        } else {
            Answer::Traceless(Status::LinkedTransferFailed)
        };
        self.outcome.answers.push(answer);
    }

    #[inline]
    fn leg_of(&mut self, transfer: &Transfer, intake: &Intake) -> Result<Leg, EngineError> {
        if transfer.ends_pending() {
            return self.end_of(transfer);
        }
        let kind = LegKind::of_movement(transfer);
        let mut leg = Leg { kind, asset: transfer.asset, amount: transfer.amount, ..Leg::EMPTY };
        (leg.debit_hash, leg.credit_hash) = (intake.debit_hash, intake.credit_hash);
        if !transfer.allowance_id.is_none() {
            leg.detail = self.add_detail(LegDetail { allowance: transfer.allowance_id, ..LegDetail::EMPTY });
        }
        Ok(leg)
    }

    fn add_detail(&mut self, detail: LegDetail) -> u32 {
        self.run.details.push(detail);
        number(self.run.details.len().saturating_sub(1))
    }

    /// A post or void: accounts and amount are fixed by the pending request, even if its verdict is still open.
    fn end_of(&mut self, transfer: &Transfer) -> Result<Leg, EngineError> {
        let found = self.find_pending(transfer)?;
        let (pending, ended, held) = match found {
            Found::Never(status) => return Ok(Leg { constant: Some(status), ..Leg::EMPTY }),
            Found::Held(slot, pending, end) => (pending, end, Some(slot)),
            Found::InRun(_, pending) => (pending, None, None),
        };
        let constant = check_accounts(transfer, pending.debit_account, pending.credit_account)
            .or_else(|| ended.map(ended_status))
            .or_else(|| pending.is_due(self.run.timestamp).then_some(Status::PendingAlreadyExpired));
        let amount = posted_amount(transfer, &pending);
        let constant = constant.or_else(|| amount.is_none().then_some(Status::PostExceedsPending));
        let cell = match (constant, held, &found) {
            (None, Some(slot), _) => self.cell_of_held(slot),
            (None, None, Found::InRun(leg, _)) => self.cell_of_leg(*leg),
            _ => NONE,
        };
        self.cells.expect_take(cell, 1);
        let detail = self.add_detail(LegDetail { cell, ..LegDetail::of(&pending) });
        let kind = match constant {
            Some(_) => LegKind::Refused,
            None if transfer.is(TransferFlags::VOID) => LegKind::Void,
            None => LegKind::Post,
        };
        let (amount, reserved) = (amount.unwrap_or(0), pending.amount);
        let (debit_hash, credit_hash) =
            (self.hash(pending.debit_account.0), self.hash(pending.credit_account.0));
        Ok(Leg { kind, amount, reserved, detail, constant, debit_hash, credit_hash, ..Leg::EMPTY })
    }

    fn hash(&self, id: u128) -> u64 {
        self.run.key.hash(id)
    }

    fn find_pending(&self, transfer: &Transfer) -> Result<Found, EngineError> {
        let id = transfer.pending_id;
        if let Some((slot, held)) =
            self.pending.find(id).and_then(|slot| Some((slot, self.pending.get(slot)?)))
        {
            return Ok(Found::Held(slot, held.pending, held.end));
        }
        if let Some((leg, first)) =
            self.leg_with(id, self.hash(id.0)).and_then(|leg| Some((leg, self.transfer_at(leg)?)))
        {
            // One of an earlier run of the entry would be held, had it been accepted.
            let in_run = index(leg) >= self.run.start && first.is(TransferFlags::PENDING);
            let pending = Pending::of(first, self.run.position(leg), self.run.timestamp);
            return Ok(if in_run {
                Found::InRun(leg, pending)
            } else {
                Found::Never(Status::PendingNotPending)
            });
        }
        let Some(known) = self.known.get(id) else { return Ok(Found::Never(Status::PendingNotFound)) };
        let reserved =
            known.transfer.is(TransferFlags::PENDING) && known.recorded.outcome.status.is_accepted();
        if !reserved {
            return Ok(Found::Never(Status::PendingNotPending));
        }
        let pending = Pending::of(&known.transfer, known.recorded.position, known.timestamp);
        let accounts = check_accounts(transfer, pending.debit_account, pending.credit_account);
        match accounts.or_else(|| known.end.map(ended_status)) {
            Some(status) => Ok(Found::Never(status)),
            None => Err(EngineError::KnownIdsDisagree(id)),
        }
    }

    fn cell_of_held(&mut self, slot: u32) -> u32 {
        let mark = self.pending.get(slot).map_or(NONE, |held| held.mark);
        if self.cells.is_of(mark, Owner::Pending(slot)) {
            return mark;
        }
        let mark = self.cells.open(Owner::Pending(slot), 1);
        self.pending.set_mark(slot, mark);
        mark
    }

    /// The cell of a pending transfer of this run: nothing can be ended before it is made.
    fn cell_of_leg(&mut self, maker: u32) -> u32 {
        let detail = self.run.leg(maker).map_or(NONE, |leg| leg.detail);
        let kept = self.run.details.get(index(detail)).copied();
        if let Some(detail) = kept.filter(|detail| detail.cell != NONE) {
            return detail.cell;
        }
        let cell = self.cells.open(Owner::Maker(maker), 0);
        match self.run.details.get_mut(index(detail)) {
            Some(detail) => detail.cell = cell,
            None => {
                let detail = self.add_detail(LegDetail { cell, ..LegDetail::EMPTY });
                if let Some(leg) = self.run.legs.get_mut(index(maker)) {
                    leg.detail = detail;
                }
            }
        }
        cell
    }
}

/// What is wrong with a unit by its form and bytes, and at which leg.
#[inline]
fn fault_of(unit: &[Transfer], intakes: &[Intake]) -> Option<(usize, Status)> {
    let linked = unit.first().is_some_and(|first| first.is(TransferFlags::LINKED));
    let form = if linked { check_chain(unit) } else { None };
    form.or_else(|| first_of(intakes, |intake| intake.fault))
}

#[inline]
fn first_of(intakes: &[Intake], what: impl Fn(&Intake) -> Option<Status>) -> Option<(usize, Status)> {
    intakes.iter().enumerate().find_map(|(leg, intake)| Some((leg, what(intake)?)))
}

/// Codes 57 and 58.
fn check_accounts(transfer: &Transfer, debit: crate::AccountId, credit: crate::AccountId) -> Option<Status> {
    if !transfer.debit_account.is_none() && transfer.debit_account != debit {
        return Some(Status::PendingDebitAccountDiffers);
    }
    let differs = !transfer.credit_account.is_none() && transfer.credit_account != credit;
    differs.then_some(Status::PendingCreditAccountDiffers)
}

/// Codes 59 to 61.
pub(super) const fn ended_status(end: PendingEnd) -> Status {
    match end {
        PendingEnd::Posted => Status::PendingAlreadyPosted,
        PendingEnd::Voided => Status::PendingAlreadyVoided,
        PendingEnd::Expired => Status::PendingAlreadyExpired,
    }
}

/// What a post moves, or nothing for a void; `None` if it asks for more than is reserved.
fn posted_amount(transfer: &Transfer, pending: &Pending) -> Option<u64> {
    if transfer.is(TransferFlags::VOID) { Some(0) } else { pending.posted_amount(transfer.amount) }
}

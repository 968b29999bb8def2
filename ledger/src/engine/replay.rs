//! Replay: recorded outcomes are applied and never judged again. The state afterwards is that of live execution.

use super::engine::Engine;
use super::engine_error::EngineError;
use super::leg::{Leg, LegDetail, LegKind, Side};
use crate::{
    Entry, EntryPart, Outcome, Pending, PendingEnd, Position, RecordedExpiry, RecordedTransfer, Transfer,
    TransferFlags,
};

impl Engine {
    /// Applies what an entry recorded.
    ///
    /// # Errors
    /// The entry is not the next one, or says what cannot have happened in this state. After that the engine executes
    /// nothing more.
    pub fn apply_recorded(&mut self, entry: &Entry) -> Result<(), EngineError> {
        self.guard(|engine| {
            let is_next = engine.sequence.checked_add(1) == Some(entry.sequence);
            if !is_next || entry.timestamp < engine.timestamp {
                return Err(EngineError::DoesNotFollow(entry.sequence));
            }
            engine.begin(entry.sequence, entry.timestamp);
            engine.expire_recorded(&entry.expired)?;
            let mut positions = entry.positions().skip(entry.expired.len());
            for part in &entry.parts {
                engine.apply_part(part, &mut positions)?;
            }
            engine.pending.finish_entry();
            Ok(())
        })
    }

    fn expire_recorded(&mut self, expired: &[RecordedExpiry]) -> Result<(), EngineError> {
        for (index, recorded) in (0..).zip(expired) {
            let pending = self.pending.open(recorded.id).filter(|pending| pending.is_due(self.timestamp));
            let pending = *pending.ok_or(EngineError::PendingMissing(recorded.id))?;
            let expiry = self.release_expired(index, pending);
            self.check_follows(RecordedExpiry::from(&expiry) == *recorded)?;
        }
        Ok(())
    }

    /// What was recorded has to be what is found.
    fn check_follows(&self, follows: bool) -> Result<(), EngineError> {
        if follows { Ok(()) } else { Err(EngineError::DoesNotFollow(self.sequence)) }
    }

    fn apply_part(
        &mut self,
        part: &EntryPart,
        positions: &mut impl Iterator<Item = Position>,
    ) -> Result<(), EngineError> {
        match part {
            EntryPart::Administrative(request) => {
                let accepted = self.administer(request).is_accepted();
                self.check_follows(accepted)
            }
            EntryPart::Transfers(transfers) => {
                for recorded in transfers {
                    let position = positions.next().ok_or(EngineError::DoesNotFollow(self.sequence))?;
                    self.apply_transfer(recorded, position)?;
                }
                Ok(())
            }
        }
    }

    fn apply_transfer(&mut self, recorded: &RecordedTransfer, position: Position) -> Result<(), EngineError> {
        let RecordedTransfer { transfer, outcome, ended } = recorded;
        if !outcome.status.is_accepted() {
            return self.check_follows(*outcome == Outcome::refused(outcome.status) && ended.is_none());
        }
        let (leg, detail) = self.recorded_leg(transfer, outcome)?;
        let previous_debit = self.execute_side((&leg, &detail), Side::Debit, position)?;
        let previous_credit = self.execute_side((&leg, &detail), Side::Credit, position)?;
        let found = (previous_debit, previous_credit, detail.ended);
        self.check_follows(found == (outcome.previous_debit, outcome.previous_credit, *ended))?;
        self.change_pending(transfer, &leg, position);
        Ok(())
    }

    /// The leg that was executed: its amount is that of the outcome.
    fn recorded_leg(&self, transfer: &Transfer, outcome: &Outcome) -> Result<(Leg, LegDetail), EngineError> {
        let leg = Leg { amount: outcome.amount, asset: transfer.asset, ..Leg::EMPTY };
        if transfer.ends_pending() {
            let id = transfer.pending_id;
            let open = self.pending.open(id).filter(|pending| outcome.amount <= pending.amount);
            let pending = open.ok_or(EngineError::PendingMissing(id))?;
            let kind = if transfer.is(TransferFlags::VOID) { LegKind::Void } else { LegKind::Post };
            return Ok((Leg { kind, reserved: pending.amount, ..leg }, LegDetail::of(pending)));
        }
        let kind = LegKind::of_movement(transfer);
        let (debit_account, credit_account) = (transfer.debit_account, transfer.credit_account);
        let allowance = transfer.allowance_id;
        Ok((Leg { kind, ..leg }, LegDetail { debit_account, credit_account, allowance, ..LegDetail::EMPTY }))
    }

    fn execute_side(
        &mut self,
        (leg, detail): (&Leg, &LegDetail),
        side: Side,
        position: Position,
    ) -> Result<Position, EngineError> {
        let id = match side {
            Side::Debit => detail.debit_account,
            Side::Credit => detail.credit_account,
        };
        let (partition, slot) = self.find_mut(id).ok_or(EngineError::AccountMissing(id))?;
        Ok(partition.execute_leg(leg, Some(detail), (side, slot), position))
    }

    fn change_pending(&mut self, transfer: &Transfer, leg: &Leg, position: Position) {
        let ended = self.pending.find(transfer.pending_id);
        match (leg.kind, ended) {
            (LegKind::Reserve, _) => self.pending.insert(Pending::of(transfer, position, self.timestamp)),
            (LegKind::Post, Some(slot)) => self.pending.end(slot, PendingEnd::Posted),
            (LegKind::Void, Some(slot)) => self.pending.end(slot, PendingEnd::Voided),
            _ => {}
        }
    }
}

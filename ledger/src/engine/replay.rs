//! Replay: recorded outcomes are applied and never judged again. The state afterwards is that of live execution.

use super::engine::Engine;
use super::engine_error::EngineError;
use super::entry::{Entry, EntryPart};
use super::leg::{Leg, LegDetail, LegKind, Side};
use crate::{Outcome, Pending, PendingEnd, Position, Transfer, TransferFlags};

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
            engine.expire_recorded(entry)?;
            let mut index = 0;
            for part in &entry.parts {
                engine.apply_part(part, &mut index)?;
            }
            engine.pending.finish_entry();
            Ok(())
        })
    }

    fn expire_recorded(&mut self, entry: &Entry) -> Result<(), EngineError> {
        for id in &entry.expired {
            let pending = self.open(*id).copied().filter(|pending| pending.is_due(entry.timestamp));
            self.release_expired(&pending.ok_or(EngineError::PendingMissing(*id))?);
        }
        Ok(())
    }

    fn apply_part(&mut self, part: &EntryPart, index: &mut u32) -> Result<(), EngineError> {
        match part {
            EntryPart::Administrative(request) => {
                let accepted = self.administer(request).is_accepted();
                if accepted { Ok(()) } else { Err(EngineError::DoesNotFollow(self.sequence)) }
            }
            EntryPart::Transfers(transfers) => {
                for (transfer, outcome) in transfers {
                    let place = Position::new(self.sequence, *index);
                    let position = place.ok_or(EngineError::DoesNotFollow(self.sequence))?;
                    *index = index.saturating_add(1);
                    if outcome.status.is_accepted() {
                        self.apply_accepted(transfer, outcome, position)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn apply_accepted(
        &mut self,
        transfer: &Transfer,
        outcome: &Outcome,
        position: Position,
    ) -> Result<(), EngineError> {
        let (leg, detail) = self.recorded_leg(transfer, outcome)?;
        let previous_debit = self.execute_side((&leg, &detail), Side::Debit, position)?;
        let previous_credit = self.execute_side((&leg, &detail), Side::Credit, position)?;
        if (previous_debit, previous_credit) != (outcome.previous_debit, outcome.previous_credit) {
            return Err(EngineError::DoesNotFollow(self.sequence));
        }
        self.change_pending(transfer, &leg, position);
        Ok(())
    }

    /// The leg that was executed: its amount is that of the outcome.
    fn recorded_leg(&self, transfer: &Transfer, outcome: &Outcome) -> Result<(Leg, LegDetail), EngineError> {
        let leg = Leg { amount: outcome.amount, asset: transfer.asset, ..Leg::EMPTY };
        if transfer.ends_pending() {
            let id = transfer.pending_id;
            let held = self.pending.find(id).and_then(|slot| self.pending.get(slot));
            let open = held.filter(|held| held.end.is_none() && outcome.amount <= held.pending.amount);
            let pending = open.ok_or(EngineError::PendingMissing(id))?.pending;
            let kind = if transfer.is(TransferFlags::VOID) { LegKind::Void } else { LegKind::Post };
            return Ok((Leg { kind, reserved: pending.amount, ..leg }, LegDetail::of(&pending)));
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

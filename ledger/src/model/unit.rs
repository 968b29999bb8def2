//! Units: one transfer or one chain, executed as a whole or not at all.

use super::Place;
use super::rules::{Effect, Refusal};
use super::state::State;
use crate::chain::check_chain;
use crate::static_check::{check_age, check_static, compare_known};
use crate::{
    KnownTransfer, Outcome, Pending, Position, Recorded, Transfer, TransferReply, TransferStatus as Status,
};

impl State {
    /// The answers to a unit that uses up no id: it is malformed, or one of its ids is known or cannot be new.
    pub(super) fn answer_without_executing(
        &self,
        unit: &[Transfer],
        timestamp: u64,
    ) -> Option<Vec<TransferReply>> {
        if let Some((leg, status)) = check_chain(unit).or_else(|| first_failing(unit, check_static)) {
            return Some(refuse_unit(unit, leg, status));
        }
        let known: Vec<Option<&KnownTransfer>> = unit.iter().map(|leg| self.transfers.get(&leg.id)).collect();
        if known.iter().any(Option::is_some) {
            return Some(unit.iter().zip(known).map(|(leg, known)| answer_known(leg, known)).collect());
        }
        let (leg, status) = first_failing(unit, |leg| check_age(leg.id, timestamp))?;
        Some(refuse_unit(unit, leg, status))
    }

    /// Executes a unit of which every id is new, and uses them up.
    pub(super) fn execute_unit(&mut self, unit: &[Transfer], place: Place) -> Vec<TransferReply> {
        let mut done = Vec::new();
        let mut replies = Vec::new();
        for (leg, transfer) in unit.iter().enumerate() {
            let position = place.position(leg);
            match self.judge(transfer, place.timestamp) {
                Ok(effect) => {
                    done.push(self.before_leg(transfer, effect, position, place.timestamp));
                    let recorded = self.apply(transfer, effect, position, place.timestamp);
                    replies.push(reply(Status::Accepted, Some(recorded)));
                }
                Err(refusal) => {
                    done.into_iter().rev().for_each(|before| self.restore(before));
                    return self.record_refused_unit(unit, leg, refusal, place);
                }
            }
        }
        replies
    }

    fn before_leg(
        &self,
        transfer: &Transfer,
        effect: Effect,
        position: Position,
        timestamp: u64,
    ) -> super::state::Before {
        let created = Pending::of(transfer, position, timestamp);
        let (ended, allowance) = match &effect {
            Effect::Move | Effect::Reserve => (None, transfer.allowance_id),
            Effect::Post(pending, _) | Effect::Void(pending) => (Some(pending), pending.allowance_id),
        };
        self.before(created, effect.accounts(transfer), ended, allowance)
    }

    /// The refusal is the outcome of every leg, for ever.
    fn record_refused_unit(
        &mut self,
        unit: &[Transfer],
        failed: usize,
        refusal: Refusal,
        place: Place,
    ) -> Vec<TransferReply> {
        let mut replies = refuse_unit(unit, failed, refusal.status);
        for (leg, (transfer, reply)) in unit.iter().zip(&mut replies).enumerate() {
            let recorded =
                Recorded { position: place.position(leg), outcome: Outcome::refused(reply.status) };
            self.record(transfer, recorded, place.timestamp);
            reply.recorded = Some(recorded);
        }
        if let Some(reply) = replies.get_mut(failed) {
            reply.bound = refusal.bound;
        }
        replies
    }
}

/// The first leg that fails a check.
fn first_failing(unit: &[Transfer], check: impl Fn(&Transfer) -> Option<Status>) -> Option<(usize, Status)> {
    unit.iter().enumerate().find_map(|(leg, transfer)| Some((leg, check(transfer)?)))
}

/// The failing leg carries its status, all others that a leg failed.
fn refuse_unit(unit: &[Transfer], failed: usize, status: Status) -> Vec<TransferReply> {
    let status_of = |leg| if leg == failed { status } else { Status::LinkedTransferFailed };
    (0..unit.len()).map(|leg| reply(status_of(leg), None)).collect()
}

/// In a unit with known ids nothing is executed: a known one is answered for itself, a new one is not used up.
fn answer_known(transfer: &Transfer, known: Option<&KnownTransfer>) -> TransferReply {
    let Some(known) = known else {
        return reply(Status::LinkedTransferFailed, None);
    };
    let status = compare_known(transfer, &known.transfer);
    reply(status, (status == Status::Exists).then_some(known.recorded))
}

fn reply(status: Status, recorded: Option<Recorded>) -> TransferReply {
    TransferReply { status, recorded, bound: None }
}

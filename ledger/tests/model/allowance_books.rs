//! The model's books against the slices that payments are judged by elsewhere.

use std::collections::BTreeMap;

use ledger::admin::AdministrativeRequest;
use ledger::allowance::{Allowance, Restore};
use ledger::model::Model;
use ledger::{AllowanceId, Reply, Request, Transfer, TransferFlags};
use proptest::prelude::*;

use crate::workload::workloads;

proptest! {
    /// The model's books and the engine's slices say the same of every window after every entry.
    #[test]
    fn books_and_slices_agree(workload in workloads(24, 6)) {
        let mut model = Model::new();
        let mut shadow = Shadow::default();
        for (timestamp, requests) in workload.entries() {
            let result = model.execute(timestamp, &requests).unwrap();
            for pending in result.expired.iter().map(|expiry| &expiry.pending) {
                shadow.each_level(pending.allowance_id, |one| {
                    one.give_back(Restore::Expiry, pending.amount, pending.timestamp, timestamp);
                });
            }
            for (request, reply) in requests.iter().zip(&result.replies) {
                shadow.follow(&model, timestamp, request, reply);
            }
            for (id, allowance) in &shadow.allowances {
                prop_assert_eq!(model.explain(*id, timestamp), allowance.explain(timestamp).collect::<Vec<_>>());
            }
        }
    }
}

/// The allowances of a model, followed through its replies.
#[derive(Default)]
struct Shadow {
    allowances: BTreeMap<AllowanceId, Allowance>,
}

impl Shadow {
    fn each_level(&mut self, lowest: AllowanceId, mut change: impl FnMut(&mut Allowance)) {
        let mut next = lowest;
        while let Some(allowance) = self.allowances.get_mut(&next) {
            change(allowance);
            next = allowance.terms().parent;
        }
    }

    fn follow(&mut self, model: &Model, timestamp: u64, request: &Request, reply: &Reply) {
        match (request, reply) {
            (Request::Administrative(request), Reply::Administrative(status)) if status.is_accepted() => {
                self.change(timestamp, request);
            }
            (Request::Transfers(transfers), Reply::Transfers(replies)) => {
                let accepted = transfers.iter().zip(replies).filter(|(_, reply)| reply.status.is_accepted());
                accepted.for_each(|(transfer, _)| self.transfer(model, timestamp, transfer));
            }
            _ => {}
        }
    }

    fn change(&mut self, timestamp: u64, request: &AdministrativeRequest) {
        match request {
            AdministrativeRequest::CreateAllowance(create) => {
                let allowance = Allowance::new(create.terms.clone(), timestamp);
                assert!(allowance.was_created_as(&create.terms));
                self.allowances.insert(create.terms.id, allowance);
            }
            AdministrativeRequest::AlterAllowance(alter) => {
                let allowance = self.allowances.get_mut(&alter.allowance).unwrap();
                allowance.alter(alter.ends_at, alter.payment_max, &alter.caps);
            }
            AdministrativeRequest::SwitchAllowance(switch) => {
                let allowance = self.allowances.get_mut(&switch.allowance).unwrap();
                allowance.set_condition(switch.switch.after(allowance.condition()).unwrap());
            }
            _ => {}
        }
    }

    fn transfer(&mut self, model: &Model, timestamp: u64, transfer: &Transfer) {
        let amount = transfer.amount;
        if !transfer.ends_pending() {
            let refund = transfer.is(TransferFlags::RESTORE_ALLOWANCE);
            self.each_level(transfer.allowance_id, |one| {
                if refund { one.refund(amount, timestamp) } else { one.take(amount, timestamp) }
            });
            return;
        }
        let reserved = model.transfer(transfer.pending_id).unwrap();
        let moved = model.transfer(transfer.id).unwrap().recorded.outcome.amount;
        let void = transfer.is(TransferFlags::VOID);
        let end = if void { Restore::Void } else { Restore::PartialPost };
        let rest = reserved.transfer.amount - moved;
        self.each_level(reserved.transfer.allowance_id, |one| {
            one.give_back(end, rest, reserved.timestamp, timestamp);
        });
    }
}

//! Step 2: facts that no transfer of the run changes. Each side of a leg is looked at by the partition that has its
//! account; what needs both sides is put together from their traits.

use super::convert::NONE;
use super::finding::Finding;
use super::leg::{Leg, LegDetail, LegKind, Side};
use super::partition::Partition;
use super::run::Run;
use crate::{AccountFlags, TransferStatus as Status};

/// What one side of a leg knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SideFacts {
    /// Why the leg is refused whatever the state is.
    pub(super) finding: Option<Finding>,
    /// The account may not be debited, except to a system account.
    pub(super) frozen: bool,
    /// It is a system account.
    pub(super) system: bool,
}

/// What both sides know that only matters together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Freezes {
    pub(super) debit_frozen: bool,
    pub(super) debit_system: bool,
    pub(super) credit_system: bool,
}

impl Freezes {
    /// Adds what one side knows.
    pub(super) fn add(&mut self, side: Side, frozen: bool, system: bool) {
        match side {
            Side::Debit => (self.debit_frozen, self.debit_system) = (frozen, system),
            Side::Credit => self.credit_system = system,
        }
    }

    /// Codes 67 and 68, for whatever moves or reserves.
    pub(super) fn forbids(self, kind: LegKind, ledger_frozen: bool) -> Option<Status> {
        if !kind.is_movement() && kind != LegKind::Post {
            return None;
        }
        if self.debit_frozen && !self.credit_system {
            return Some(Status::DebitAccountFrozen);
        }
        (ledger_frozen && !self.credit_system && !self.debit_system).then_some(Status::LedgerFrozen)
    }
}

/// Flags that a side has to be looked at for.
const OF_INTEREST: AccountFlags = AccountFlags::CLOSED
    .with(AccountFlags::FROZEN)
    .with(AccountFlags::SYSTEM)
    .with(AccountFlags::DEBITS_NEED_ALLOWANCE);

impl Partition {
    /// The facts of one side of a leg.
    #[inline]
    pub(super) fn facts(&self, run: &Run, number: u32, (side, slot): (Side, u32)) -> SideFacts {
        let Some(leg) = run.leg(number) else { return SideFacts::default() };
        let Some(row) = self.accounts.get(slot) else {
            let missing = leg.kind.is_movement().then(|| Finding::new(number, missing(side)));
            return SideFacts { finding: missing, ..SideFacts::default() };
        };
        let usual = leg.detail == NONE && row.asset == leg.asset && !row.is_any(OF_INTEREST);
        if usual { SideFacts::default() } else { self.unusual_facts(run, number, (side, slot)) }
    }

    fn unusual_facts(&self, run: &Run, number: u32, (side, slot): (Side, u32)) -> SideFacts {
        let (Some(leg), Some(row)) = (run.leg(number), self.accounts.get(slot)) else {
            return SideFacts::default();
        };
        let detail = run.detail(leg).copied().unwrap_or(LegDetail::EMPTY);
        let finding = match leg.kind {
            LegKind::Void | LegKind::Refused => return SideFacts::default(),
            LegKind::Post => self.forbids_post(number, &detail, side),
            LegKind::Move | LegKind::Refund | LegKind::Reserve => {
                let status = self.forbids_movement(leg, &detail, (side, slot));
                let finding = status.map(|status| Finding::new(number, status));
                Finding::lower(finding, self.forbids_use(run, number, &detail, side))
            }
        };
        let frozen = side == Side::Debit && row.is(AccountFlags::FROZEN);
        SideFacts { finding, frozen, system: row.is(AccountFlags::SYSTEM) }
    }

    /// Codes 52, 65, 66 and 70.
    fn forbids_movement(&self, leg: &Leg, detail: &LegDetail, (side, slot): (Side, u32)) -> Option<Status> {
        let row = self.accounts.get(slot)?;
        if row.asset != leg.asset {
            return Some(Status::AccountAssetDiffers);
        }
        if row.is(AccountFlags::CLOSED) {
            return Some(match side {
                Side::Debit => Status::DebitAccountClosed,
                Side::Credit => Status::CreditAccountClosed,
            });
        }
        // In a refund the field names the payee's allowance.
        let none_of_payer = leg.kind == LegKind::Refund || detail.allowance.is_none();
        let needs_one = side == Side::Debit && row.is(AccountFlags::DEBITS_NEED_ALLOWANCE);
        (needs_one && none_of_payer).then_some(Status::AllowanceRequired)
    }

    /// Codes 71 to 75 and 78 of a payment, 71 and 72 of a refund.
    fn forbids_use(&self, run: &Run, number: u32, detail: &LegDetail, side: Side) -> Option<Finding> {
        let leg = run.leg(number)?;
        let owner = if leg.kind == LegKind::Refund { Side::Credit } else { Side::Debit };
        if detail.allowance.is_none() || side != owner {
            return None;
        }
        // Another partition may have it: then it is that of another account, which the merging thread finds out.
        let Some(lowest) = self.find_allowance(detail.allowance) else {
            return Some(Finding::new(number, Status::AllowanceNotFound));
        };
        if !self.allowances.is_of(lowest, run.account(leg, side)?) {
            return Some(Finding::new(number, Status::AllowanceOfOtherAccount));
        }
        if leg.kind.pays() { self.allowances.forbids_payment(number, lowest, leg.amount) } else { None }
    }

    /// Codes 73 and 78 of a post.
    fn forbids_post(&self, number: u32, detail: &LegDetail, side: Side) -> Option<Finding> {
        if side != Side::Debit {
            return None;
        }
        let lowest = self.find_allowance(detail.allowance)?;
        self.allowances.forbids_post(number, lowest)
    }
}

fn missing(side: Side) -> Status {
    match side {
        Side::Debit => Status::DebitAccountNotFound,
        Side::Credit => Status::CreditAccountNotFound,
    }
}

//! Whether a transfer can be executed in the state at its place: the checks of codes 50 to 82, in their order.

use super::state::State;
use crate::allowance::Measure;
use crate::{
    Account, AccountFlags, AccountId, Bound, Pending, PendingEnd, Transfer, TransferFlags,
    TransferStatus as Status,
};

/// What an accepted transfer does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Effect {
    /// Moves the amount.
    Move,
    /// Reserves the amount.
    Reserve,
    /// Moves this much of what is reserved, and releases the rest.
    Post(Pending, u64),
    /// Releases what is reserved.
    Void(Pending),
}

impl Effect {
    /// Payer and payee: a post or void takes them from the pending transfer.
    pub(super) const fn accounts(&self, transfer: &Transfer) -> [AccountId; 2] {
        match self {
            Self::Move | Self::Reserve => [transfer.debit_account, transfer.credit_account],
            Self::Post(pending, _) | Self::Void(pending) => [pending.debit_account, pending.credit_account],
        }
    }
}

/// Why a transfer is not executed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal {
    pub(super) status: Status,
    pub(super) bound: Option<Bound>,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self { status, bound: None }
    }
}

/// Refuses with `status` if it is so.
fn refuse_if(is_so: bool, status: Status) -> Result<(), Refusal> {
    if is_so { Err(status.into()) } else { Ok(()) }
}

/// Refuses with `status` and the bound that is not kept, if there is one.
fn refuse_beyond(bound: Option<Bound>, status: Status) -> Result<(), Refusal> {
    if bound.is_some() { Err(Refusal { status, bound }) } else { Ok(()) }
}

impl State {
    /// What the transfer does, or why it is refused.
    pub(super) fn judge(&self, transfer: &Transfer, timestamp: u64) -> Result<Effect, Refusal> {
        if transfer.ends_pending() {
            return self.judge_end(transfer, timestamp);
        }
        self.judge_movement(transfer, timestamp)?;
        Ok(if transfer.is(TransferFlags::PENDING) { Effect::Reserve } else { Effect::Move })
    }

    fn judge_movement(&self, transfer: &Transfer, timestamp: u64) -> Result<(), Refusal> {
        let debit = self.accounts.get(&transfer.debit_account).ok_or(Status::DebitAccountNotFound)?;
        let credit = self.accounts.get(&transfer.credit_account).ok_or(Status::CreditAccountNotFound)?;
        let one_asset = debit.asset == transfer.asset && credit.asset == transfer.asset;
        refuse_if(!one_asset, Status::AccountAssetDiffers)?;

        refuse_if(debit.is(AccountFlags::CLOSED), Status::DebitAccountClosed)?;
        refuse_if(credit.is(AccountFlags::CLOSED), Status::CreditAccountClosed)?;
        self.judge_freezes(debit, credit)?;

        self.judge_allowance(transfer, debit, timestamp)?;
        judge_balances(transfer.amount, debit, credit)
    }

    /// Codes 67 and 68, for whatever moves or reserves.
    fn judge_freezes(&self, debit: &Account, credit: &Account) -> Result<(), Refusal> {
        let to_system = credit.is(AccountFlags::SYSTEM);
        let with_system = to_system || debit.is(AccountFlags::SYSTEM);
        refuse_if(debit.is(AccountFlags::FROZEN) && !to_system, Status::DebitAccountFrozen)?;
        refuse_if(self.frozen && !with_system, Status::LedgerFrozen)
    }

    /// Codes 70 to 78 of a payment, 70 to 72 of a refund: that names the payee's allowance, and giving back needs
    /// nothing but the right one.
    fn judge_allowance(&self, transfer: &Transfer, debit: &Account, timestamp: u64) -> Result<(), Refusal> {
        let refund = transfer.is(TransferFlags::RESTORE_ALLOWANCE);
        let none_of_payer = refund || transfer.allowance_id.is_none();
        refuse_if(none_of_payer && debit.is(AccountFlags::DEBITS_NEED_ALLOWANCE), Status::AllowanceRequired)?;
        if transfer.allowance_id.is_none() {
            return Ok(());
        }
        let levels = self.levels(transfer.allowance_id);
        let lowest = levels.first().ok_or(Status::AllowanceNotFound)?;
        let owner = if refund { transfer.credit_account } else { transfer.debit_account };
        refuse_if(lowest.terms.account != owner, Status::AllowanceOfOtherAccount)?;
        if refund {
            return Ok(());
        }
        let amount = transfer.amount;
        refuse_if(levels.iter().any(|level| level.condition.revoked), Status::AllowanceRevoked)?;
        let time = levels.iter().find_map(|level| level.terms.outside(timestamp));
        refuse_beyond(time, Status::AllowanceNotInForce)?;
        let payment = levels.iter().find_map(|level| level.terms.payment_exceeded(amount));
        refuse_beyond(payment, Status::AllowancePaymentExceeded)?;
        let sum = levels.iter().find_map(|level| level.exceeded(Measure::Amount, amount, timestamp));
        refuse_beyond(sum, Status::AllowanceAmountExceeded)?;
        let count = levels.iter().find_map(|level| level.exceeded(Measure::Count, amount, timestamp));
        refuse_beyond(count, Status::AllowanceCountExceeded)?;
        refuse_if(levels.iter().any(|level| level.condition.frozen), Status::AllowanceFrozen)
    }

    /// A post or void. Both accounts are open, since closing one needs that nothing is pending.
    fn judge_end(&self, transfer: &Transfer, timestamp: u64) -> Result<Effect, Refusal> {
        let known = self.transfers.get(&transfer.pending_id).ok_or(Status::PendingNotFound)?;
        let reserved =
            known.transfer.is(TransferFlags::PENDING) && known.recorded.outcome.status == Status::Accepted;
        refuse_if(!reserved, Status::PendingNotPending)?;

        let (debit, credit) = (transfer.debit_account, transfer.credit_account);
        let other_debit = !debit.is_none() && debit != known.transfer.debit_account;
        let other_credit = !credit.is_none() && credit != known.transfer.credit_account;
        refuse_if(other_debit, Status::PendingDebitAccountDiffers)?;
        refuse_if(other_credit, Status::PendingCreditAccountDiffers)?;

        refuse_if(known.end == Some(PendingEnd::Posted), Status::PendingAlreadyPosted)?;
        refuse_if(known.end == Some(PendingEnd::Voided), Status::PendingAlreadyVoided)?;
        let pending = Pending::of(&known.transfer, known.recorded.position, known.timestamp);
        let expired = known.end == Some(PendingEnd::Expired) || pending.is_due(timestamp);
        refuse_if(expired, Status::PendingAlreadyExpired)?;

        if transfer.is(TransferFlags::VOID) {
            return Ok(Effect::Void(pending));
        }
        let amount = pending.posted_amount(transfer.amount).ok_or(Status::PostExceedsPending)?;
        self.judge_post(&pending)?;
        Ok(Effect::Post(pending, amount))
    }

    /// What was reserved can be posted unless something was revoked or frozen since.
    fn judge_post(&self, pending: &Pending) -> Result<(), Refusal> {
        let debit = self.accounts.get(&pending.debit_account).ok_or(Status::DebitAccountNotFound)?;
        let credit = self.accounts.get(&pending.credit_account).ok_or(Status::CreditAccountNotFound)?;
        self.judge_freezes(debit, credit)?;
        let levels = self.levels(pending.allowance_id);
        refuse_if(levels.iter().any(|level| level.condition.revoked), Status::AllowanceRevoked)?;
        refuse_if(levels.iter().any(|level| level.condition.frozen), Status::AllowanceFrozen)
    }
}

/// Codes 80 to 82: what is pending counts as taken, and not as given.
fn judge_balances(amount: u64, debit: &Account, credit: &Account) -> Result<(), Refusal> {
    let amount = u128::from(amount);
    if debit.is(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS) {
        let debits = debit.debits_posted.saturating_add(debit.debits_pending);
        let headroom = debit.credits_posted.saturating_sub(debits);
        refuse_beyond(beyond(amount, headroom), Status::DebitsWouldExceedCredits)?;
    }
    if credit.is(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS) {
        let credits = credit.credits_posted.saturating_add(credit.credits_pending);
        let headroom = credit.debits_posted.saturating_sub(credits);
        refuse_beyond(beyond(amount, headroom), Status::CreditsWouldExceedDebits)?;
    }
    let fits = |pending: u128, posted: u128| {
        pending.checked_add(posted).and_then(|total| total.checked_add(amount)).is_some()
    };
    let both_fit = fits(debit.debits_pending, debit.debits_posted)
        && fits(credit.credits_pending, credit.credits_posted);
    refuse_if(!both_fit, Status::TotalOverflow)
}

/// The headroom as a bound, if the amount is above it.
fn beyond(amount: u128, headroom: u128) -> Option<Bound> {
    let shown = |value: u128| i128::try_from(value).unwrap_or(i128::MAX);
    (amount > headroom).then(|| Bound::of_account(shown(amount), shown(headroom)))
}

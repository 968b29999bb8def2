//! The status codes: numbers, words and classes are pinned, the model gives each, and the lowest of several wins.
//!
//! A *scene* is a transfer that is accepted, with everything it needs. A *fault* changes one thing so that one code
//! applies. Every fault alone must give its code, and every two faults that can be together the lower one.

use std::collections::BTreeSet;

use crate::build::{
    START, account, account_id, administer, after, allowance_id, amounts, counts, create_allowance, submit,
    switch_allowance, terms, transfer, transfer_id,
};
use ledger::admin::{AdministrativeRequest, AllowanceSwitch, LedgerChange};
use ledger::allowance::{AllowanceTerms, Stretch};
use ledger::limits::{CHAIN_LEGS_MAX, ID_AGE_MAX_MICROS, ID_AHEAD_MAX_MICROS};
use ledger::model::Model;
use ledger::{
    Account, AccountFlags, Asset, Request, StatusClass, Transfer, TransferFlags, TransferId,
    TransferStatus as Status, id,
};
use rstest::rstest;

const PINNED: &[(u16, &str, StatusClass)] = &[
    (0, "accepted", StatusClass::Success),
    (1, "chain_open", StatusClass::Chain),
    (2, "chain_too_long", StatusClass::Chain),
    (3, "chain_repeats_id", StatusClass::Chain),
    (4, "linked_transfer_failed", StatusClass::Chain),
    (10, "reserved_not_zero", StatusClass::Static),
    (11, "flags_unknown", StatusClass::Static),
    (12, "flags_conflict", StatusClass::Static),
    (13, "id_invalid", StatusClass::Static),
    (16, "debit_account_id_invalid", StatusClass::Static),
    (17, "credit_account_id_invalid", StatusClass::Static),
    (18, "accounts_equal", StatusClass::Static),
    (19, "asset_unknown", StatusClass::Static),
    (20, "code_zero", StatusClass::Static),
    (21, "amount_out_of_range", StatusClass::Static),
    (22, "timeout_out_of_range", StatusClass::Static),
    (23, "timeout_not_allowed", StatusClass::Static),
    (24, "pending_id_missing", StatusClass::Static),
    (25, "pending_id_not_allowed", StatusClass::Static),
    (26, "field_not_allowed", StatusClass::Static),
    (27, "allowance_not_allowed", StatusClass::Static),
    (30, "exists", StatusClass::KnownId),
    (31, "exists_with_different_flags", StatusClass::KnownId),
    (32, "exists_with_different_pending_id", StatusClass::KnownId),
    (33, "exists_with_different_timeout", StatusClass::KnownId),
    (34, "exists_with_different_debit_account", StatusClass::KnownId),
    (35, "exists_with_different_credit_account", StatusClass::KnownId),
    (36, "exists_with_different_amount", StatusClass::KnownId),
    (37, "exists_with_different_asset", StatusClass::KnownId),
    (38, "exists_with_different_code", StatusClass::KnownId),
    (39, "exists_with_different_allowance", StatusClass::KnownId),
    (40, "exists_with_different_reference", StatusClass::KnownId),
    (41, "id_too_old", StatusClass::Static),
    (42, "id_in_future", StatusClass::Static),
    (50, "debit_account_not_found", StatusClass::State),
    (51, "credit_account_not_found", StatusClass::State),
    (52, "account_asset_differs", StatusClass::State),
    (55, "pending_not_found", StatusClass::State),
    (56, "pending_not_pending", StatusClass::State),
    (57, "pending_debit_account_differs", StatusClass::State),
    (58, "pending_credit_account_differs", StatusClass::State),
    (59, "pending_already_posted", StatusClass::State),
    (60, "pending_already_voided", StatusClass::State),
    (61, "pending_already_expired", StatusClass::State),
    (62, "post_exceeds_pending", StatusClass::State),
    (65, "debit_account_closed", StatusClass::State),
    (66, "credit_account_closed", StatusClass::State),
    (67, "debit_account_frozen", StatusClass::State),
    (68, "ledger_frozen", StatusClass::State),
    (70, "allowance_required", StatusClass::State),
    (71, "allowance_not_found", StatusClass::State),
    (72, "allowance_of_other_account", StatusClass::State),
    (73, "allowance_revoked", StatusClass::State),
    (74, "allowance_not_in_force", StatusClass::State),
    (75, "allowance_payment_exceeded", StatusClass::State),
    (76, "allowance_amount_exceeded", StatusClass::State),
    (77, "allowance_count_exceeded", StatusClass::State),
    (78, "allowance_frozen", StatusClass::State),
    (80, "debits_would_exceed_credits", StatusClass::State),
    (81, "credits_would_exceed_debits", StatusClass::State),
    (82, "total_overflow", StatusClass::State),
];

#[test]
fn numbers_words_and_classes_are_pinned() {
    let table: Vec<_> = Status::ALL.iter().map(|one| (one.code(), one.word(), one.class())).collect();
    assert_eq!(table, PINNED);
    assert!(Status::ALL.is_sorted(), "the order of the table is the precedence");
    for status in Status::ALL {
        assert_eq!(Status::from_code(status.code()), Some(*status));
        assert_eq!(status.to_string(), status.word());
        let consumes = matches!(status.class(), StatusClass::Success | StatusClass::State);
        assert_eq!(status.consumes_id(), consumes);
    }
    assert_eq!(Status::from_code(14), None);
}

const PAYER: u64 = 1;
const PAYEE: u64 = 2;
const THIRD: u64 = 3;
const AMOUNT: u64 = 100;
const PENDING_SECONDS: u32 = 60;
/// When the transfer in question is sent.
const NOW: u64 = after(10);

/// Which kind of transfer is in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Move,
    Reserve,
    Post,
}

/// A transfer and what it needs to be accepted.
#[derive(Debug, Clone)]
struct Scene {
    payer: Option<Account>,
    payee: Option<Account>,
    allowance: AllowanceTerms,
    /// Executed at the beginning: what the post is of.
    reserved: Option<Transfer>,
    /// Executed next: what has ended the pending transfer already.
    ended_by: Option<Transfer>,
    /// Then made.
    changes: Vec<Request>,
    /// Executed next, with the same id as the transfer in question.
    known: Option<Transfer>,
    /// Legs before and behind the transfer in question.
    chain: (Vec<Transfer>, Vec<Transfer>),
    transfer: Transfer,
    now: u64,
}

impl Scene {
    fn new(kind: Kind) -> Self {
        let limited = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
        let payer = account(PAYER, limited.with(AccountFlags::DEBITS_NEED_ALLOWANCE));
        let windows = vec![amounts(Stretch::Total, 10 * AMOUNT), counts(Stretch::Total, 10)];
        let payment = Transfer { allowance_id: allowance_id(1), ..transfer(1, PAYER, PAYEE, AMOUNT) };
        let reserve =
            |id| Transfer { id, flags: TransferFlags::PENDING, timeout_seconds: PENDING_SECONDS, ..payment };
        let post = end(1, TransferFlags::POST, AMOUNT);
        Self {
            payer: Some(Account { credits_posted: u128::from(10 * AMOUNT), ..payer }),
            payee: Some(account(PAYEE, limited)),
            allowance: AllowanceTerms { windows, ..terms(1, PAYER) },
            reserved: (kind == Kind::Post).then(|| reserve(transfer_id(9))),
            ended_by: None,
            changes: Vec::new(),
            known: None,
            chain: (Vec::new(), Vec::new()),
            transfer: match kind {
                Kind::Move => payment,
                Kind::Reserve => reserve(payment.id),
                Kind::Post => post,
            },
            now: NOW,
        }
    }

    /// The status of the transfer in question, or, in a chain, of its first failing leg.
    fn status(&self) -> Status {
        let mut model = Model::new();
        model.load_account(account(THIRD, AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS));
        if let Some(payer) = self.payer {
            let open = payer.flags.without(AccountFlags::CLOSED);
            model.load_account(Account { flags: open, asset: self.allowance.asset, ..payer });
            administer(&mut model, START, create_allowance(self.allowance.clone()));
        }
        self.payer.iter().chain(&self.payee).for_each(|account| model.load_account(*account));
        for one in self.reserved.iter().chain(&self.ended_by) {
            submit(&mut model, START, &[*one]);
        }
        let changes = self.changes.iter();
        changes.for_each(|change| drop(model.execute(self.now, std::slice::from_ref(change)).unwrap()));
        if let Some(known) = self.known {
            let status = submit(&mut model, self.now, &[known])[0].status;
            assert!(status.consumes_id(), "the known transfer was answered {status}");
        }
        let (before, behind) = &self.chain;
        let legs: Vec<_> = before.iter().chain([&self.transfer]).chain(behind).copied().collect();
        let statuses = submit(&mut model, self.now, &legs).into_iter().map(|reply| reply.status);
        statuses
            .clone()
            .find(|one| *one != Status::LinkedTransferFailed)
            .unwrap_or(Status::LinkedTransferFailed)
    }

    /// Sends the transfer as it is now before, so that its id is known.
    fn know(&mut self) -> &mut Transfer {
        self.known.get_or_insert(self.transfer);
        &mut self.transfer
    }

    fn change(&mut self, change: Request) {
        self.changes.push(change);
    }

    fn payer(&mut self) -> Option<&mut Account> {
        self.payer.as_mut()
    }

    fn payee(&mut self) -> Option<&mut Account> {
        self.payee.as_mut()
    }
}

/// A transfer that ends what a scene has reserved.
fn end(number: u64, flags: TransferFlags, amount: u64) -> Transfer {
    Transfer { id: transfer_id(number), pending_id: transfer_id(9), amount, flags, ..Transfer::default() }
}

const ALL: &[Kind] = &[Kind::Move, Kind::Reserve, Kind::Post];
const NEW_MONEY: &[Kind] = &[Kind::Move, Kind::Reserve];
const MOVE: &[Kind] = &[Kind::Move];
const RESERVE: &[Kind] = &[Kind::Reserve];
const POST: &[Kind] = &[Kind::Post];
const UNTIMED: &[Kind] = &[Kind::Move, Kind::Post];

/// The code, the kinds of transfer that can have it, and what gives it.
type Fault = (Status, &'static [Kind], fn(&mut Scene));

const FAULTS: &[Fault] = &[
    (Status::ChainOpen, ALL, |scene| {
        let last = scene.chain.1.last_mut().unwrap_or(&mut scene.transfer);
        last.flags = last.flags.with(TransferFlags::LINKED);
    }),
    (Status::ChainTooLong, ALL, |scene| {
        let leg = |number| linked(transfer(number, THIRD, PAYEE, 1));
        scene.chain.0.extend((1_000..).take(CHAIN_LEGS_MAX).map(leg));
    }),
    (Status::ChainRepeatsId, ALL, |scene| {
        let leg = linked(transfer(2_000, THIRD, PAYEE, 1));
        scene.chain.0.extend([leg, leg]);
    }),
    (Status::ReservedNotZero, ALL, |scene| scene.transfer.reserved[13] = 1),
    (Status::FlagsUnknown, ALL, |scene| {
        scene.transfer.flags = scene.transfer.flags.with(TransferFlags::from_bits(1 << 15));
    }),
    (Status::FlagsConflict, ALL, |scene| {
        let both = TransferFlags::POST.with(TransferFlags::VOID);
        scene.transfer.flags = scene.transfer.flags.with(both);
    }),
    (Status::IdInvalid, ALL, |scene| scene.transfer.id = TransferId(1)),
    (Status::DebitAccountIdInvalid, ALL, |scene| {
        let transfer = &mut scene.transfer;
        let equal = transfer.debit_account == transfer.credit_account && !transfer.debit_account.is_none();
        transfer.debit_account.0 = 5;
        if equal {
            transfer.credit_account.0 = 5;
        }
    }),
    (Status::CreditAccountIdInvalid, ALL, |scene| scene.transfer.credit_account.0 = 6),
    (Status::AccountsEqual, ALL, |scene| {
        scene.transfer.debit_account = account_id(PAYER);
        scene.transfer.credit_account = account_id(PAYER);
    }),
    (Status::AssetUnknown, NEW_MONEY, |scene| scene.transfer.asset = Asset::from_number(3)),
    (Status::CodeZero, NEW_MONEY, |scene| scene.transfer.code = 0),
    (Status::AmountOutOfRange, ALL, |scene| {
        let void = scene.transfer.is(TransferFlags::VOID);
        scene.transfer.amount = u64::from(void);
    }),
    (Status::TimeoutOutOfRange, RESERVE, |scene| scene.transfer.timeout_seconds = 90 * 86_400 + 1),
    (Status::TimeoutNotAllowed, UNTIMED, |scene| scene.transfer.timeout_seconds = 1),
    (Status::PendingIdMissing, POST, |scene| scene.transfer.pending_id = TransferId::NONE),
    (Status::PendingIdNotAllowed, NEW_MONEY, |scene| scene.transfer.pending_id = transfer_id(9)),
    (Status::FieldNotAllowed, POST, |scene| scene.transfer.code = 1),
    (Status::AllowanceNotAllowed, POST, |scene| scene.transfer.allowance_id = allowance_id(1)),
    (Status::Exists, ALL, |scene| {
        scene.know();
    }),
    (Status::ExistsWithDifferentFlags, UNTIMED, |scene| {
        let transfer = scene.know();
        if transfer.ends_pending() {
            (transfer.flags, transfer.amount) = (TransferFlags::VOID, 0);
        } else if transfer.is(TransferFlags::RESTORE_ALLOWANCE) {
            transfer.flags = TransferFlags::NONE;
        } else {
            transfer.flags = TransferFlags::RESTORE_ALLOWANCE;
        }
    }),
    (Status::ExistsWithDifferentPendingId, POST, |scene| scene.know().pending_id = transfer_id(8)),
    (Status::ExistsWithDifferentTimeout, RESERVE, |scene| scene.know().timeout_seconds += 1),
    (Status::ExistsWithDifferentDebitAccount, ALL, |scene| scene.know().debit_account = account_id(7)),
    (Status::ExistsWithDifferentCreditAccount, ALL, |scene| scene.know().credit_account = account_id(8)),
    (Status::ExistsWithDifferentAmount, ALL, |scene| scene.know().amount += 1),
    (Status::ExistsWithDifferentAsset, NEW_MONEY, |scene| scene.know().asset = Asset::BTC),
    (Status::ExistsWithDifferentCode, NEW_MONEY, |scene| scene.know().code += 1),
    (Status::ExistsWithDifferentAllowance, NEW_MONEY, |scene| scene.know().allowance_id = allowance_id(7)),
    (Status::ExistsWithDifferentReference, ALL, |scene| scene.know().reference = [1; 16]),
    (Status::IdTooOld, ALL, |scene| scene.transfer.id = made_at(scene.now - ID_AGE_MAX_MICROS - 1_000)),
    (Status::IdInFuture, ALL, |scene| scene.transfer.id = made_at(scene.now + ID_AHEAD_MAX_MICROS + 1_000)),
    (Status::DebitAccountNotFound, NEW_MONEY, |scene| scene.payer = None),
    (Status::CreditAccountNotFound, NEW_MONEY, |scene| scene.payee = None),
    (Status::AccountAssetDiffers, NEW_MONEY, |scene| {
        scene.payer().into_iter().for_each(|payer| payer.asset = Asset::BTC);
        scene.payee().into_iter().for_each(|payee| payee.asset = Asset::BTC);
    }),
    (Status::PendingNotFound, POST, |scene| scene.reserved = None),
    (Status::PendingNotPending, POST, |scene| {
        scene.reserved.iter_mut().for_each(|one| (one.flags, one.timeout_seconds) = (TransferFlags::NONE, 0));
    }),
    (Status::PendingDebitAccountDiffers, POST, |scene| scene.transfer.debit_account = account_id(5)),
    (Status::PendingCreditAccountDiffers, POST, |scene| scene.transfer.credit_account = account_id(6)),
    (Status::PendingAlreadyPosted, POST, |scene| scene.ended_by = Some(end(10, TransferFlags::POST, 1))),
    (Status::PendingAlreadyVoided, POST, |scene| scene.ended_by = Some(end(10, TransferFlags::VOID, 0))),
    (Status::PendingAlreadyExpired, POST, |scene| scene.now = after(PENDING_SECONDS.into())),
    (Status::PostExceedsPending, POST, |scene| scene.transfer.amount = AMOUNT + 1),
    (Status::DebitAccountClosed, NEW_MONEY, |scene| {
        scene.payer().into_iter().for_each(|payer| payer.flags = payer.flags.with(AccountFlags::CLOSED));
    }),
    (Status::CreditAccountClosed, NEW_MONEY, |scene| {
        scene.payee().into_iter().for_each(|payee| payee.flags = payee.flags.with(AccountFlags::CLOSED));
    }),
    (Status::DebitAccountFrozen, ALL, |scene| {
        let freeze = ledger::admin::ChangeAccount {
            account: account_id(PAYER),
            change: ledger::admin::AccountChange::Freeze,
        };
        scene.change(Request::Administrative(AdministrativeRequest::ChangeAccount(freeze)));
    }),
    (Status::LedgerFrozen, ALL, |scene| {
        scene.change(Request::Administrative(AdministrativeRequest::ChangeLedger(LedgerChange::Freeze)));
    }),
    (Status::AllowanceRequired, MOVE, |scene| scene.transfer.flags = TransferFlags::RESTORE_ALLOWANCE),
    (Status::AllowanceNotFound, NEW_MONEY, |scene| scene.transfer.allowance_id = allowance_id(8)),
    (Status::AllowanceOfOtherAccount, NEW_MONEY, |scene| scene.allowance.account = account_id(THIRD)),
    (Status::AllowanceRevoked, ALL, |scene| scene.change(switch_allowance(1, AllowanceSwitch::Revoke))),
    (Status::AllowanceNotInForce, NEW_MONEY, |scene| scene.allowance.ends_at = scene.now),
    (Status::AllowancePaymentExceeded, NEW_MONEY, |scene| scene.allowance.payment_max = AMOUNT - 1),
    (Status::AllowanceAmountExceeded, NEW_MONEY, |scene| scene.allowance.windows[0].cap = AMOUNT - 1),
    (Status::AllowanceCountExceeded, NEW_MONEY, |scene| scene.allowance.windows[1].cap = 0),
    (Status::AllowanceFrozen, ALL, |scene| scene.change(switch_allowance(1, AllowanceSwitch::Freeze))),
    (Status::DebitsWouldExceedCredits, NEW_MONEY, |scene| {
        scene.payer().into_iter().for_each(|payer| payer.credits_posted = u128::from(AMOUNT - 1));
    }),
    (Status::CreditsWouldExceedDebits, NEW_MONEY, |scene| {
        let limit = AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS;
        scene.payee().into_iter().for_each(|payee| payee.flags = limit);
    }),
    (Status::TotalOverflow, NEW_MONEY, |scene| {
        scene.payee().into_iter().for_each(|payee| payee.credits_posted = u128::MAX);
    }),
];

fn linked(transfer: Transfer) -> Transfer {
    Transfer { flags: transfer.flags.with(TransferFlags::LINKED), ..transfer }
}

fn made_at(timestamp: u64) -> TransferId {
    TransferId(id::timed(timestamp / 1_000, 77))
}

#[rstest]
fn a_scene_without_a_fault_is_accepted(#[values(Kind::Move, Kind::Reserve, Kind::Post)] kind: Kind) {
    assert_eq!(Scene::new(kind).status(), Status::Accepted);
}

#[test]
fn every_code_is_provoked() {
    for (status, kinds, fault) in FAULTS {
        for kind in *kinds {
            let mut scene = Scene::new(*kind);
            fault(&mut scene);
            assert_eq!(scene.status(), *status, "{kind:?}: {scene:#?}");
        }
    }
    // These two are no fault of one transfer: they have tests of their own.
    let elsewhere = [Status::Accepted, Status::LinkedTransferFailed];
    let provoked: BTreeSet<_> = FAULTS.iter().map(|fault| fault.0).chain(elsewhere).collect();
    assert_eq!(provoked, Status::ALL.iter().copied().collect());
}

/// Why two faults cannot be together.
fn exclude_each_other(lower: Status, higher: Status) -> bool {
    let known = 30..=40;
    let (low, high) = (lower.code(), higher.code());
    match (lower, higher) {
        // What exists has no different field.
        (Status::Exists, _) if known.contains(&high) => true,
        // An id that cannot be new is not known.
        (_, Status::IdTooOld | Status::IdInFuture) if known.contains(&low) => true,
        (Status::IdTooOld, Status::IdInFuture) => true,
        // A pending transfer ends once.
        (Status::PendingAlreadyPosted, Status::PendingAlreadyVoided) => true,
        _ => false,
    }
}

#[test]
fn the_lower_of_two_codes_wins() {
    let mut pairs = 0;
    for (index, (lower, lower_kinds, lower_fault)) in FAULTS.iter().enumerate() {
        for (higher, higher_kinds, higher_fault) in &FAULTS[index + 1..] {
            if exclude_each_other(*lower, *higher) {
                continue;
            }
            for kind in lower_kinds.iter().filter(|kind| higher_kinds.contains(kind)) {
                let mut scene = Scene::new(*kind);
                higher_fault(&mut scene);
                lower_fault(&mut scene);
                assert_eq!(scene.status(), *lower, "{kind:?} with {higher}: {scene:#?}");
                pairs += 1;
            }
        }
    }
    assert!(pairs > 2_000, "{pairs} pairs");
}

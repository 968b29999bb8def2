//! A random workload: few accounts, poor on purpose, so that refusals, waiting for credits and full windows are
//! usual.
//!
//! A [`Workload`] is a plan of small numbers, which proptest can shrink; [`Workload::entries`] makes the requests.
//! Numbers are taken modulo what there is, and name earlier transfers by how far back they are, so that a part of a
//! plan is a plan, too.

mod opening;

use ledger::admin::{
    AccountChange, AdministrativeRequest, AllowanceSwitch, AlterAllowance, ChangeAccount, LedgerChange,
    SwitchAllowance,
};
use ledger::limits::{AMOUNT_MAX, AMOUNT_WHOLE, SECOND_MICROS};
use ledger::{AllowanceId, Asset, Request, Transfer, TransferFlags, TransferId, id};
use opening::{
    ACCOUNTS, ALLOWANCES, START_MILLIS, account_id, allowance_id, create_account, create_allowance, opening,
    own_allowance, windows,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// How far back a transfer may name an earlier one.
const BACK: usize = 12;

/// What is executed, as small numbers.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    /// One entry after the other, behind the one that opens accounts.
    pub(crate) entries: Vec<EntryPlan>,
}

/// One entry.
#[derive(Debug, Clone)]
pub(crate) struct EntryPlan {
    /// How long after the entry before it is executed.
    pub(crate) seconds: u32,
    /// What it executes.
    pub(crate) requests: Vec<RequestPlan>,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) enum RequestPlan {
    /// Transfers; the last one may be left linked.
    Transfers(Vec<TransferPlan>, bool),
    /// A change of accounts, allowances or the ledger.
    Change(ChangePlan),
}

/// One transfer.
#[derive(Debug, Clone)]
pub(crate) struct TransferPlan {
    /// What is asked for.
    pub(crate) kind: TransferKind,
    /// Payer and payee.
    pub(crate) accounts: (u8, u8),
    /// How much.
    pub(crate) amount: u64,
    /// Under which allowance.
    pub(crate) allowance: AllowancePlan,
    /// Whether the next one belongs to the same chain.
    pub(crate) linked: bool,
    /// Which earlier transfer is meant, where one is.
    pub(crate) back: u8,
    /// What kind of id it gets.
    pub(crate) id: IdPlan,
}

/// What a transfer asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TransferKind {
    /// A movement.
    Move,
    /// A pending transfer, open for this many seconds.
    Reserve(u32),
    /// A post of an earlier one: all of it, or the amount.
    Post(bool),
    /// A void of an earlier one.
    Void,
    /// A refund.
    Refund,
    /// The same transfer again.
    Repeat,
    /// An earlier id with another amount.
    Reuse,
    /// Something that no transfer may be.
    Malformed(u8),
}

/// Which allowance a transfer names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AllowancePlan {
    /// None.
    None,
    /// One of its payer, or payee in a refund, if it has any.
    Own(u8),
    /// Any, or one that is not there.
    Any(u8),
}

/// What kind of id a transfer gets.
#[derive(Debug, Clone, Copy)]
pub(crate) enum IdPlan {
    /// Made when it is sent.
    Timed,
    /// Derived.
    Derived,
    /// Made eight days before.
    Old,
}

/// A change of what transfers are judged by.
#[derive(Debug, Clone)]
pub(crate) enum ChangePlan {
    /// Of an account.
    Account(u8, AccountChange),
    /// Of an allowance.
    Allowance(u8, AllowanceSwitch),
    /// Of the bounds of an allowance.
    Alter(u8, u64, bool),
    /// Of the ledger.
    Ledger(LedgerChange),
    /// A creation again, or one of an account that was not there.
    CreateAccount(u8),
    /// A creation again.
    CreateAllowance(u8),
}

/// Workloads of up to `entries` entries of up to `requests` requests.
pub(crate) fn workloads(entries: usize, requests: usize) -> impl Strategy<Value = Workload> {
    vec(entry_plan(requests), 1..=entries).prop_map(|entries| Workload { entries })
}

fn entry_plan(requests: usize) -> impl Strategy<Value = EntryPlan> {
    let seconds = prop_oneof![4 => 0_u32..3, 3 => 3_u32..90, 1 => 600_u32..100_000];
    (seconds, vec(request_plan(), 0..=requests))
        .prop_map(|(seconds, requests)| EntryPlan { seconds, requests })
}

fn request_plan() -> impl Strategy<Value = RequestPlan> {
    let transfers = (vec(transfer_plan(), 1..16), prop::bool::weighted(0.05));
    prop_oneof![
        9 => transfers.prop_map(|(transfers, open)| RequestPlan::Transfers(transfers, open)),
        1 => change_plan().prop_map(RequestPlan::Change),
    ]
}

fn transfer_plan() -> impl Strategy<Value = TransferPlan> {
    let amount = prop_oneof![30 => 1_u64..60, 1 => Just(AMOUNT_MAX)];
    let linked = prop::bool::weighted(0.2);
    let parts =
        (transfer_kind(), (party(), party()), amount, allowance_plan(), linked, any::<u8>(), id_plan());
    parts.prop_map(|(kind, accounts, amount, allowance, linked, back, id)| TransferPlan {
        kind,
        accounts,
        amount,
        allowance,
        linked,
        back,
        id,
    })
}

/// The system pays now and then; accounts 5 to 7 refuse more than they accept.
fn party() -> impl Strategy<Value = u8> {
    prop_oneof![2 => Just(0), 24 => 1..=4_u8, 2 => Just(5), 1 => 6..ACCOUNTS]
}

fn transfer_kind() -> impl Strategy<Value = TransferKind> {
    prop_oneof![
        24 => Just(TransferKind::Move),
        16 => (1_u32..120).prop_map(TransferKind::Reserve),
        12 => any::<bool>().prop_map(TransferKind::Post),
        6 => Just(TransferKind::Void),
        4 => Just(TransferKind::Refund),
        1 => Just(TransferKind::Repeat),
        1 => Just(TransferKind::Reuse),
        1 => (0_u8..6).prop_map(TransferKind::Malformed),
    ]
}

fn allowance_plan() -> impl Strategy<Value = AllowancePlan> {
    prop_oneof![
        2 => Just(AllowancePlan::None),
        16 => any::<u8>().prop_map(AllowancePlan::Own),
        1 => (0..=ALLOWANCES).prop_map(AllowancePlan::Any),
    ]
}

fn id_plan() -> impl Strategy<Value = IdPlan> {
    prop_oneof![60 => Just(IdPlan::Timed), 20 => Just(IdPlan::Derived), 1 => Just(IdPlan::Old)]
}

fn change_plan() -> impl Strategy<Value = ChangePlan> {
    use {AccountChange as Account, AllowanceSwitch as Allowance};
    let account = prop_oneof![
        1 => Just(Account::Freeze),
        2 => Just(Account::Unfreeze),
        1 => Just(Account::Close),
        2 => Just(Account::Reopen)
    ];
    let allowance = prop_oneof![4 => Just(Allowance::Freeze), 8 => Just(Allowance::Unfreeze), 1 => Just(Allowance::Revoke)];
    let ledger = prop_oneof![1 => Just(LedgerChange::Freeze), 3 => Just(LedgerChange::Unfreeze)];
    prop_oneof![
        4 => (0..ACCOUNTS, account).prop_map(|(account, change)| ChangePlan::Account(account, change)),
        4 => (0..ALLOWANCES, allowance).prop_map(|(allowance, switch)| ChangePlan::Allowance(allowance, switch)),
        4 => (0..ALLOWANCES, 0_u64..300, any::<bool>()).prop_map(|(one, cap, only)| ChangePlan::Alter(one, cap, only)),
        2 => ledger.prop_map(ChangePlan::Ledger),
        1 => (0..ACCOUNTS).prop_map(ChangePlan::CreateAccount),
        1 => (0..ALLOWANCES).prop_map(ChangePlan::CreateAllowance),
    ]
}

impl Workload {
    /// The entries: when each is executed, and what. The first opens accounts, allowances and balances.
    pub(crate) fn entries(&self) -> Vec<(u64, Vec<Request>)> {
        let mut writer = Writer::default();
        let start = START_MILLIS * 1_000;
        let mut entries = vec![(start, opening())];
        let mut timestamp = start;
        for plan in &self.entries {
            timestamp += u64::from(plan.seconds) * SECOND_MICROS;
            let requests = plan.requests.iter().map(|request| writer.request(request, timestamp)).collect();
            entries.push((timestamp, requests));
        }
        entries
    }
}

/// What has been written already, to be named again.
#[derive(Default)]
struct Writer {
    sent: Vec<Transfer>,
    reserved: Vec<Transfer>,
}

impl Writer {
    fn request(&mut self, plan: &RequestPlan, timestamp: u64) -> Request {
        match plan {
            RequestPlan::Change(change) => Request::Administrative(change_request(change)),
            RequestPlan::Transfers(plans, open) => {
                let mut transfers: Vec<_> = plans.iter().map(|plan| self.transfer(plan, timestamp)).collect();
                if let Some(last) = transfers.last_mut().filter(|_| !open) {
                    last.flags = last.flags.without(TransferFlags::LINKED);
                }
                Request::Transfers(transfers)
            }
        }
    }

    fn transfer(&mut self, plan: &TransferPlan, timestamp: u64) -> Transfer {
        let flags = if plan.linked { TransferFlags::LINKED } else { TransferFlags::NONE };
        let new = Transfer { flags, ..self.new_transfer(plan, timestamp) };
        let transfer = match plan.kind {
            TransferKind::Move => new,
            TransferKind::Reserve(timeout_seconds) => {
                Transfer { flags: flags.with(TransferFlags::PENDING), timeout_seconds, ..new }
            }
            TransferKind::Post(whole) => {
                let amount = if whole { AMOUNT_WHOLE } else { plan.amount };
                self.end(plan, new, flags.with(TransferFlags::POST), amount)
            }
            TransferKind::Void => self.end(plan, new, flags.with(TransferFlags::VOID), 0),
            TransferKind::Refund if new.allowance_id.is_none() => new,
            TransferKind::Refund => Transfer { flags: flags.with(TransferFlags::RESTORE_ALLOWANCE), ..new },
            TransferKind::Repeat => back(&self.sent, plan.back).unwrap_or(new),
            TransferKind::Reuse => {
                let sent = back(&self.sent, plan.back).unwrap_or(new);
                Transfer { amount: plan.amount, ..sent }
            }
            TransferKind::Malformed(how) => malformed(how, new),
        };
        if transfer.is(TransferFlags::PENDING) {
            self.reserved.push(transfer);
        }
        self.sent.push(transfer);
        transfer
    }

    fn new_transfer(&self, plan: &TransferPlan, timestamp: u64) -> Transfer {
        let number = self.sent.len() as u128;
        let millis = timestamp / 1_000;
        let id = match plan.id {
            IdPlan::Timed => id::timed(millis, number),
            IdPlan::Old => id::timed(millis - 8 * 86_400_000, number),
            IdPlan::Derived => id::derived("ledger workload: transfers", &[&number.to_le_bytes()]),
        };
        let (debit, credit) = plan.accounts;
        let credit = if debit == credit { (debit + 1) % ACCOUNTS } else { credit };
        let owner = if matches!(plan.kind, TransferKind::Refund) { credit } else { debit };
        Transfer {
            id: TransferId(id),
            debit_account: account_id(debit),
            credit_account: account_id(credit),
            allowance_id: match plan.allowance {
                AllowancePlan::None => AllowanceId::NONE,
                AllowancePlan::Own(which) => own_allowance(owner, which),
                AllowancePlan::Any(number) => allowance_id(number),
            },
            amount: plan.amount,
            asset: if debit == 6 { Asset::BTC } else { Asset::USDB },
            code: 1,
            ..Transfer::default()
        }
    }

    /// A post or void, now and then of what was never reserved, or with the accounts said again.
    fn end(&self, plan: &TransferPlan, new: Transfer, flags: TransferFlags, amount: u64) -> Transfer {
        let from = if plan.back.is_multiple_of(24) { &self.sent } else { &self.reserved };
        let pending = back(from, plan.back).unwrap_or(new);
        let bare = Transfer { id: new.id, pending_id: pending.id, amount, flags, ..Transfer::default() };
        match plan.back / 16 {
            0 => Transfer { debit_account: pending.debit_account, ..bare },
            1 => Transfer { debit_account: new.debit_account, ..bare },
            2 => Transfer { credit_account: new.credit_account, ..bare },
            _ => bare,
        }
    }
}

fn back(sent: &[Transfer], back: u8) -> Option<Transfer> {
    let back = usize::from(back) % BACK.min(sent.len()).max(1);
    sent.iter().rev().nth(back).copied()
}

fn malformed(how: u8, new: Transfer) -> Transfer {
    match how {
        0 => Transfer { amount: 0, ..new },
        1 => Transfer { id: TransferId(7), ..new },
        2 => Transfer { code: 0, ..new },
        3 => Transfer { timeout_seconds: 9, ..new },
        4 => Transfer { reserved: [1; 14], ..new },
        _ => Transfer { credit_account: new.debit_account, ..new },
    }
}

fn change_request(plan: &ChangePlan) -> AdministrativeRequest {
    use AdministrativeRequest as Request;
    match *plan {
        ChangePlan::Account(number, change) => {
            Request::ChangeAccount(ChangeAccount { account: account_id(number), change })
        }
        ChangePlan::Allowance(number, switch) => {
            Request::SwitchAllowance(SwitchAllowance { allowance: allowance_id(number), switch })
        }
        ChangePlan::Alter(number, cap, only_lower) => Request::AlterAllowance(AlterAllowance {
            allowance: allowance_id(number),
            only_lower,
            ends_at: u64::MAX,
            payment_max: AMOUNT_MAX,
            caps: windows(number).iter().map(|window| window.cap.min(cap)).collect(),
        }),
        ChangePlan::Ledger(change) => Request::ChangeLedger(change),
        ChangePlan::CreateAccount(number) => create_account(number),
        ChangePlan::CreateAllowance(number) => create_allowance(number),
    }
}

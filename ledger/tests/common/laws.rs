//! The laws of money, checked from requests and replies alone.
//!
//! The [`Auditor`] believes no total: it adds up what was accepted, released and expired, and compares. It takes
//! whatever executes entries, the model or another.

use std::collections::{BTreeMap, BTreeSet};

use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::allowance::{AllowanceTerms, Measure, Stretch, Window, WindowFlags};
use ledger::limits::SECOND_MICROS;
use ledger::{
    Account, AccountFlags, AccountId, AllowanceId, EntryResult, Pending, Position, Recorded, Reply, Request,
    Transfer, TransferFlags, TransferId, TransferReply, TransferStatus,
};

/// What an account should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Totals {
    debits_pending: u128,
    debits_posted: u128,
    credits_pending: u128,
    credits_posted: u128,
    last_position: Position,
}

/// Money that left an account under an allowance, or came back to it.
#[derive(Debug, Clone, Copy)]
struct Flow {
    at: u64,
    amount: i128,
    payments: i128,
    refund: bool,
    /// The transfer that paid, whose hold may move less in the end.
    id: TransferId,
}

/// An allowance as altered so far, and everything that flowed under it or one below it.
#[derive(Debug, Clone)]
struct Watched {
    terms: AllowanceTerms,
    flows: Vec<Flow>,
}

/// Follows a ledger from its first entry.
#[derive(Debug, Default)]
pub(crate) struct Auditor {
    created: BTreeMap<AccountId, CreateAccount>,
    totals: BTreeMap<AccountId, Totals>,
    known: BTreeMap<TransferId, (Transfer, Recorded)>,
    open: BTreeMap<TransferId, Pending>,
    ended: BTreeSet<TransferId>,
    allowances: BTreeMap<AllowanceId, Watched>,
}

impl Auditor {
    /// Takes in an entry, and compares every account with what it should have.
    pub(crate) fn entry<'a>(
        &mut self,
        timestamp: u64,
        requests: &[Request],
        result: &EntryResult,
        accounts: impl Iterator<Item = &'a Account>,
    ) {
        for (index, expiry) in (0..).zip(&result.expired) {
            let pending = expiry.pending;
            assert!(pending.is_due(timestamp), "{pending:?} expired at {timestamp}");
            let accounts = self.end(pending.id, 0);
            let position = Position::new(result.sequence, index).unwrap();
            self.put_on_statements(accounts, position, [expiry.previous_debit, expiry.previous_credit]);
        }
        assert_eq!(requests.len(), result.replies.len(), "every request has one reply");
        for (request, reply) in requests.iter().zip(&result.replies) {
            self.request(timestamp, request, reply);
        }
        self.compare(accounts);
    }

    fn request(&mut self, timestamp: u64, request: &Request, reply: &Reply) {
        match (request, reply) {
            (Request::Transfers(transfers), Reply::Transfers(replies)) => {
                assert_eq!(transfers.len(), replies.len(), "every transfer has one reply");
                for (transfer, reply) in transfers.iter().zip(replies) {
                    self.transfer(timestamp, transfer, reply);
                }
            }
            (Request::Administrative(request), Reply::Administrative(status)) => {
                if status.is_accepted() {
                    self.change(request);
                }
            }
            _ => panic!("{request:?} was answered {reply:?}"),
        }
    }

    fn change(&mut self, request: &AdministrativeRequest) {
        match request {
            AdministrativeRequest::CreateAccount(create) => {
                assert!(self.created.insert(create.id, *create).is_none(), "{create:?} was created before");
            }
            AdministrativeRequest::CreateAllowance(create) => {
                let watched = Watched { terms: create.terms.clone(), flows: Vec::new() };
                assert!(self.allowances.insert(create.terms.id, watched).is_none());
            }
            AdministrativeRequest::AlterAllowance(alter) => {
                let watched = self.allowances.get_mut(&alter.allowance).unwrap();
                watched.terms.alter(alter.ends_at, alter.payment_max, &alter.caps);
            }
            AdministrativeRequest::ChangeAccount(_)
            | AdministrativeRequest::SwitchAllowance(_)
            | AdministrativeRequest::ChangeLedger(_) => {}
        }
    }

    fn transfer(&mut self, timestamp: u64, transfer: &Transfer, reply: &TransferReply) {
        if reply.status == TransferStatus::Exists {
            let first = self.known.get(&transfer.id).copied();
            assert_eq!(first, reply.recorded.map(|recorded| (*transfer, recorded)), "one outcome for ever");
            return;
        }
        let Some(recorded) = reply.recorded else {
            assert!(!reply.status.consumes_id(), "{reply:?} records nothing");
            return;
        };
        assert_eq!(recorded.outcome.status, reply.status);
        let before = self.known.insert(transfer.id, (*transfer, recorded));
        assert!(before.is_none(), "{transfer:?} has the outcomes {before:?} and {recorded:?}");
        if reply.status == TransferStatus::Accepted {
            self.accepted(timestamp, transfer, recorded);
        }
    }

    fn accepted(&mut self, timestamp: u64, transfer: &Transfer, recorded: Recorded) {
        let amount = recorded.outcome.amount;
        let accounts = if transfer.ends_pending() {
            self.end(transfer.pending_id, amount)
        } else {
            self.pay(timestamp, transfer, recorded.position);
            [transfer.debit_account, transfer.credit_account]
        };
        let previous = [recorded.outcome.previous_debit, recorded.outcome.previous_credit];
        self.put_on_statements(accounts, recorded.position, previous);
    }

    /// What stands at a position points to what stood last on both statements.
    fn put_on_statements(&mut self, accounts: [AccountId; 2], position: Position, previous: [Position; 2]) {
        let before = accounts
            .map(|id| std::mem::replace(&mut self.totals.entry(id).or_default().last_position, position));
        assert_eq!(previous, before, "what stands before {position:?}");
    }

    /// A movement or a new pending transfer.
    fn pay(&mut self, timestamp: u64, transfer: &Transfer, position: Position) {
        let amount = u128::from(transfer.amount);
        let pending = transfer.is(TransferFlags::PENDING);
        let debit = self.totals.entry(transfer.debit_account).or_default();
        *(if pending { &mut debit.debits_pending } else { &mut debit.debits_posted }) += amount;
        let credit = self.totals.entry(transfer.credit_account).or_default();
        *(if pending { &mut credit.credits_pending } else { &mut credit.credits_posted }) += amount;
        if pending {
            self.open.insert(transfer.id, Pending::of(transfer, position, timestamp));
        }
        self.flow(timestamp, transfer);
    }

    /// The end of a pending transfer, which moved `amount`: its payer and payee.
    fn end(&mut self, id: TransferId, amount: u64) -> [AccountId; 2] {
        assert!(self.ended.insert(id), "{id:?} ended twice");
        let pending = self.open.remove(&id).expect("only an open pending transfer ends");
        assert!(amount <= pending.amount, "{pending:?} moved {amount}");
        let debit = self.totals.entry(pending.debit_account).or_default();
        debit.debits_pending -= u128::from(pending.amount);
        debit.debits_posted += u128::from(amount);
        let credit = self.totals.entry(pending.credit_account).or_default();
        credit.credits_pending -= u128::from(pending.amount);
        credit.credits_posted += u128::from(amount);
        let flows = self.allowances.values_mut().flat_map(|watched| &mut watched.flows);
        for flow in flows.filter(|flow| flow.id == id) {
            flow.amount = amount.into();
            flow.payments = i128::from(amount > 0);
        }
        [pending.debit_account, pending.credit_account]
    }

    /// Notes a payment or refund at every level of its allowance, and holds a payment to every cap.
    fn flow(&mut self, timestamp: u64, transfer: &Transfer) {
        let refund = transfer.is(TransferFlags::RESTORE_ALLOWANCE);
        let sign = if refund { -1 } else { 1 };
        let amount = i128::from(transfer.amount) * sign;
        let flow = Flow { at: timestamp, amount, payments: i128::from(!refund), refund, id: transfer.id };
        let mut level = transfer.allowance_id;
        while let Some(watched) = self.allowances.get_mut(&level) {
            watched.flows.push(flow);
            if !refund {
                watched.check_caps(timestamp);
                assert!(transfer.amount <= watched.terms.payment_max && watched.terms.is_in_force(timestamp));
            }
            level = watched.terms.parent;
        }
    }

    fn compare<'a>(&self, accounts: impl Iterator<Item = &'a Account>) {
        let accounts: Vec<&Account> = accounts.collect();
        check_double_entry(accounts.iter().copied());
        let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
        assert_eq!(ids, self.created.keys().copied().collect::<Vec<_>>());
        for account in accounts {
            let totals = Totals {
                debits_pending: account.debits_pending,
                debits_posted: account.debits_posted,
                credits_pending: account.credits_pending,
                credits_posted: account.credits_posted,
                last_position: account.last_position,
            };
            assert_eq!(totals, self.totals.get(&account.id).copied().unwrap_or_default(), "{:?}", account.id);
            check_limit(account);
        }
    }
}

impl Watched {
    /// Over the stretch of every window that ends now, out minus back is at most the cap.
    fn check_caps(&self, now: u64) {
        for window in &self.terms.windows {
            let flows = self.flows.iter().filter(|flow| self.counts(window, flow, now));
            let net: i128 = flows
                .map(|flow| match window.measure {
                    Measure::Amount => flow.amount,
                    Measure::Count => flow.payments,
                })
                .sum();
            assert!(net <= window.cap.into(), "{net} at {now} under {window:?} of {:?}", self.terms.id);
        }
    }

    fn counts(&self, window: &Window, flow: &Flow, now: u64) -> bool {
        let restores = window.flags.contains(WindowFlags::REFUND_RESTORES);
        let in_stretch = match window.stretch {
            Stretch::Total | Stretch::Fixed(_) => {
                self.terms.bucket(window, flow.at) == self.terms.bucket(window, now)
            }
            // A refund must not count longer than the length, a payment not shorter.
            Stretch::Rolling { length_seconds } if flow.refund => {
                now - flow.at < length_seconds * SECOND_MICROS
            }
            Stretch::Rolling { length_seconds } => now - flow.at <= length_seconds * SECOND_MICROS,
        };
        in_stretch && (restores || !flow.refund)
    }
}

/// Per asset, posted debits are posted credits, and pending likewise.
pub(crate) fn check_double_entry<'a>(accounts: impl Iterator<Item = &'a Account>) {
    let mut sums: BTreeMap<_, [u128; 4]> = BTreeMap::new();
    for account in accounts {
        let totals =
            [account.debits_posted, account.credits_posted, account.debits_pending, account.credits_pending];
        sums.entry(account.asset).or_default().iter_mut().zip(totals).for_each(|(sum, total)| *sum += total);
    }
    for (asset, [debits_posted, credits_posted, debits_pending, credits_pending]) in sums {
        assert_eq!(debits_posted, credits_posted, "posted in {asset:?}");
        assert_eq!(debits_pending, credits_pending, "pending in {asset:?}");
    }
}

/// No account is beyond its limit.
pub(crate) fn check_limit(account: &Account) {
    if account.is(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS) {
        assert!(account.debits_posted + account.debits_pending <= account.credits_posted, "{account:?}");
    }
    if account.is(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS) {
        assert!(account.credits_posted + account.credits_pending <= account.debits_posted, "{account:?}");
    }
    if account.is(AccountFlags::CLOSED) {
        assert!(!account.has_pending(), "{account:?}");
    }
}

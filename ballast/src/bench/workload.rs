//! The transfers of a run: the same from the same seed, whoever executes them and however often.
//!
//! A *unit* is a plain transfer, a chain of two, or a reservation and, half a batch later, its post. Shares are per cent
//! of all transfers. Amounts are far below what accounts hold, so that nothing is refused for want of money.

use ledger::limits::AMOUNT_WHOLE;
use ledger::{AccountId, AllowanceId, Asset, Transfer, TransferFlags, TransferId, id};

use super::distribution::{Distribution, Picker};
use super::numbers::Numbers;

const ACCOUNTS: &str = "ballast bench 2026 accounts";
const ALLOWANCES: &str = "ballast bench 2026 allowances";

/// The account that pays for everything in the beginning.
const SYSTEM: &str = "ballast bench 2026 system";

/// Where the numbers of the first phase begin.
const SEED: u64 = 0x00BA_11A5_7000_0000;

/// Amounts are from one to this.
const AMOUNT_MAX: u64 = 300;

/// How long a reservation may stay open: longer than any run, so that none expires.
const TIMEOUT_SECONDS: u32 = 86_400;

/// Ids are made at this pace, as clients would under full load; their time stays within what the ledger accepts.
const IDS_PER_MILLISECOND: u64 = 2_000;

/// How many per cent of all transfers are something else than plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Shares {
    /// In chains of two.
    pub(crate) linked: u8,
    /// Reservations and their posts.
    pub(crate) pending: u8,
    /// Plain ones under an allowance.
    pub(crate) allowance: u8,
}

/// What to execute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorkloadPlan {
    pub(crate) accounts: u64,
    pub(crate) distribution: Distribution,
    pub(crate) shares: Shares,
    /// When the first ids are made, in milliseconds UTC.
    pub(crate) made_at_millis: u64,
    /// Which part of a run: other transfers between the same accounts.
    pub(crate) phase: u64,
}

impl WorkloadPlan {
    /// How many accounts have an allowance.
    pub(crate) fn allowances(&self) -> u64 {
        if self.shares.allowance == 0 { 0 } else { self.accounts.min(100_000) }
    }

    /// What each account has in the beginning; all together fit a 64-bit total.
    pub(crate) fn funds(&self) -> u64 {
        (1_u64 << 62).checked_div(self.accounts).unwrap_or(1 << 62).min(1 << 50)
    }
}

/// The account with this number.
pub(crate) fn account_id(number: u64) -> AccountId {
    AccountId(id::derived(ACCOUNTS, &[&number.to_le_bytes()]))
}

/// The allowance of the account with this number.
pub(crate) fn allowance_id(number: u64) -> AllowanceId {
    AllowanceId(id::derived(ALLOWANCES, &[&number.to_le_bytes()]))
}

/// The account that everybody is paid from first.
pub(crate) fn system_account() -> AccountId {
    AccountId(id::derived(SYSTEM, &[]))
}

/// Makes batches of transfers, one after the other.
#[derive(Debug)]
pub(crate) struct Workload {
    plan: WorkloadPlan,
    picker: Picker,
    numbers: Numbers,
    accounts: Vec<AccountId>,
    allowances: Vec<AllowanceId>,
    made: u64,
    /// Reservations that are not posted yet.
    reserved: Vec<TransferId>,
    /// Reservations of this batch: in the next one they are posted.
    reserved_now: Vec<TransferId>,
}

impl Workload {
    pub(crate) fn new(plan: WorkloadPlan) -> Self {
        Self {
            plan,
            picker: Picker::new(plan.distribution, plan.accounts),
            numbers: Numbers::new(SEED.wrapping_add(plan.phase)),
            accounts: (0..plan.accounts).map(account_id).collect(),
            allowances: (0..plan.allowances()).map(allowance_id).collect(),
            made: 0,
            reserved: Vec::new(),
            reserved_now: Vec::new(),
        }
    }

    /// The next transfers.
    pub(crate) fn batch(&mut self, size: usize) -> Vec<Transfer> {
        let mut transfers = Vec::with_capacity(size);
        self.reserved.append(&mut self.reserved_now);
        while transfers.len() < size {
            self.unit(&mut transfers, size);
        }
        transfers
    }

    /// The next payer, payee and amount alone, for whoever knows nothing else.
    pub(crate) fn payment(&mut self) -> (u64, u64, u64) {
        let (payer, payee) = self.picker.pick(&mut self.numbers);
        (payer, payee, self.amount())
    }

    fn unit(&mut self, transfers: &mut Vec<Transfer>, size: usize) {
        let Shares { linked, pending, allowance } = self.plan.shares;
        let room = size.saturating_sub(transfers.len());
        // Chains have two transfers each, so fewer units than transfers are chains.
        if room > 1 && self.numbers.below(200_u64.saturating_sub(linked.into())) < linked.into() {
            let first = self.plain();
            transfers.push(Transfer { flags: TransferFlags::LINKED, ..first });
            let second = self.plain();
            transfers.push(second);
        } else if self.numbers.happens(pending.into()) {
            let transfer = self.two_phase();
            transfers.push(transfer);
        } else if self.numbers.happens(allowance.into()) {
            let transfer = self.allowed();
            transfers.push(transfer);
        } else {
            let transfer = self.plain();
            transfers.push(transfer);
        }
    }

    fn plain(&mut self) -> Transfer {
        let (payer, payee, amount) = self.payment();
        Transfer {
            id: self.next_id(),
            debit_account: self.account(payer),
            credit_account: self.account(payee),
            amount,
            asset: Asset::USDB,
            code: 1,
            ..Transfer::default()
        }
    }

    /// Posts a reservation of an earlier batch, every other time, or else makes one.
    fn two_phase(&mut self) -> Transfer {
        if self.numbers.happens(50)
            && let Some(pending_id) = self.reserved.pop()
        {
            let (id, flags) = (self.next_id(), TransferFlags::POST);
            return Transfer { id, flags, pending_id, amount: AMOUNT_WHOLE, ..Transfer::default() };
        }
        let (flags, timeout_seconds) = (TransferFlags::PENDING, TIMEOUT_SECONDS);
        let transfer = Transfer { flags, timeout_seconds, ..self.plain() };
        self.reserved_now.push(transfer.id);
        transfer
    }

    /// Only some accounts have an allowance: the payer is one of them.
    fn allowed(&mut self) -> Transfer {
        let plain = self.plain();
        let payer = self.numbers.below(self.plan.allowances());
        let place = usize::try_from(payer).unwrap_or(usize::MAX);
        let allowance_id = self.allowances.get(place).copied().unwrap_or_default();
        let debit_account = self.account(payer);
        if debit_account == plain.credit_account {
            return plain;
        }
        Transfer { debit_account, allowance_id, ..plain }
    }

    fn amount(&mut self) -> u64 {
        self.numbers.below(AMOUNT_MAX).saturating_add(1)
    }

    fn account(&self, number: u64) -> AccountId {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        self.accounts.get(place).copied().unwrap_or_default()
    }

    /// A new id.
    pub(crate) fn next_id(&mut self) -> TransferId {
        let later = self.made / IDS_PER_MILLISECOND;
        self.made = self.made.saturating_add(1);
        TransferId(id::timed(self.plan.made_at_millis.saturating_add(later), self.numbers.wide()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ledger::{Transfer, TransferFlags, check_static};

    use super::{Distribution, Shares, Workload, WorkloadPlan};

    const SIZE: usize = 8_190;

    fn plan(linked: u8, pending: u8, allowance: u8) -> WorkloadPlan {
        WorkloadPlan {
            accounts: 1_000,
            distribution: Distribution::Uniform,
            shares: Shares { linked, pending, allowance },
            made_at_millis: 1_770_000_000_000,
            phase: 0,
        }
    }

    fn batches(plan: WorkloadPlan, count: usize) -> Vec<Vec<Transfer>> {
        let mut workload = Workload::new(plan);
        (0..count).map(|_| workload.batch(SIZE)).collect()
    }

    #[test]
    fn the_same_plan_makes_the_same_transfers() {
        let plan = plan(10, 20, 30);
        assert_eq!(batches(plan, 3), batches(plan, 3));
        let other = WorkloadPlan { distribution: Distribution::Zipf, ..plan };
        assert_ne!(batches(plan, 1), batches(other, 1));
        assert_ne!(batches(plan, 1), batches(WorkloadPlan { phase: 1, ..plan }, 1));
    }

    #[test]
    fn every_transfer_is_well_formed_and_every_id_new() {
        let transfers = batches(plan(20, 20, 20), 5).concat();
        let ids: BTreeSet<_> = transfers.iter().map(|transfer| transfer.id).collect();
        assert_eq!(ids.len(), transfers.len());
        for transfer in &transfers {
            assert_eq!(check_static(transfer), None, "{transfer:?}");
        }
    }

    #[test]
    fn shares_are_kept() {
        let transfers = batches(plan(30, 0, 0), 5).concat();
        let chains = transfers.iter().filter(|transfer| transfer.is(TransferFlags::LINKED)).count();
        assert!((chains * 2).abs_diff(transfers.len() * 30 / 100) < 1_000, "{chains}");
        let transfers = batches(plan(0, 40, 0), 5).concat();
        let is_two_phase = |one: &&Transfer| one.ends_pending() || one.is(TransferFlags::PENDING);
        let pending = transfers.iter().filter(is_two_phase).count();
        assert!(pending.abs_diff(transfers.len() * 40 / 100) < 1_000, "{pending}");
        let transfers = batches(plan(0, 0, 25), 5).concat();
        let allowed = transfers.iter().filter(|transfer| !transfer.allowance_id.is_none()).count();
        assert!(allowed.abs_diff(transfers.len() * 25 / 100) < 1_000, "{allowed}");
    }

    #[test]
    fn chains_end_within_their_batch() {
        for batch in batches(plan(100, 0, 0), 3) {
            assert!(batch.last().is_some_and(|last| !last.is(TransferFlags::LINKED)));
        }
    }

    #[test]
    fn posts_end_reservations_of_earlier_batches_once() {
        let mut open = BTreeSet::new();
        let mut posts = 0;
        for batch in batches(plan(0, 50, 0), 5) {
            for post in batch.iter().filter(|transfer| transfer.ends_pending()) {
                assert!(open.remove(&post.pending_id));
                posts += 1;
            }
            let reserved = batch.iter().filter(|transfer| transfer.is(TransferFlags::PENDING));
            open.extend(reserved.map(|transfer| transfer.id));
        }
        assert!(posts > 5_000, "{posts}");
    }

    #[test]
    fn all_funds_together_fit_a_total() {
        for accounts in [2, 1_000, 1_000_000, 10_000_000] {
            let plan = WorkloadPlan { accounts, ..plan(0, 0, 0) };
            assert!(u128::from(plan.funds()) * u128::from(accounts) <= 1 << 62);
            assert!(plan.funds() > 1 << 38);
        }
    }
}

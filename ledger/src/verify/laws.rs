//! The laws of money, over the whole state between two entries. Amounts are minor units.

use std::collections::BTreeMap;

use super::difference::{At, DifferenceKind};
use super::report::Supply;
use super::verify_error::VerifyError;
use crate::engine::Engine;
use crate::{Account, AccountFlags, AccountId, Asset};

/// The four totals of all accounts of one asset, and what they are owed and owe.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    debits_posted: u128,
    credits_posted: u128,
    debits_pending: u128,
    credits_pending: u128,
    owed: u128,
    owed_by_system: u128,
}

/// Checks every law, and says what is owed.
pub(super) fn check_laws(engine: &Engine) -> Result<Vec<Supply>, VerifyError> {
    let reserved = reserved_by_account(engine);
    let mut sums: BTreeMap<Asset, Sums> = BTreeMap::new();
    for account in engine.accounts() {
        check_account(&account, reserved.get(&account.id).copied().unwrap_or_default(), engine.sequence())?;
        sums.entry(account.asset).or_default().add(&account).ok_or_else(|| overflow(engine.sequence()))?;
    }
    let supply = |(asset, sums): (Asset, Sums)| {
        sums.check(asset, engine.sequence())?;
        Ok(Supply { asset, owed: sums.owed, owed_by_system: sums.owed_by_system })
    };
    sums.into_iter().map(supply).collect()
}

impl Sums {
    /// Nothing if a sum does not fit.
    fn add(&mut self, account: &Account) -> Option<()> {
        let add = |sum: &mut u128, amount: u128| sum.checked_add(amount).map(|total| *sum = total);
        add(&mut self.debits_posted, account.debits_posted)?;
        add(&mut self.credits_posted, account.credits_posted)?;
        add(&mut self.debits_pending, account.debits_pending)?;
        add(&mut self.credits_pending, account.credits_pending)?;
        add(&mut self.owed, account.credits_posted.saturating_sub(account.debits_posted))?;
        let owes = account.debits_posted.saturating_sub(account.credits_posted);
        add(&mut self.owed_by_system, if account.is(AccountFlags::SYSTEM) { owes } else { 0 })
    }

    /// What is debited is credited.
    fn check(&self, asset: Asset, sequence: u64) -> Result<(), VerifyError> {
        let pairs = [
            ("posted", self.debits_posted, self.credits_posted),
            ("pending", self.debits_pending, self.credits_pending),
        ];
        for (word, debits, credits) in pairs {
            if debits != credits {
                let at = At::entry(sequence, DifferenceKind::Sums);
                let expected =
                    format!("{debits} {word} credits in asset {}, as many as debits", asset.number());
                return Err(at.differs(expected, credits));
            }
        }
        Ok(())
    }
}

/// No account is beyond its limit, and what is pending is what open pending transfers reserve. An account whose debits
/// are limited never owes; so whoever owes is `system`, or may not be owed.
fn check_account(account: &Account, reserved: [u128; 2], sequence: u64) -> Result<(), VerifyError> {
    let at = At::entry(sequence, DifferenceKind::Account);
    let pending = [account.debits_pending, account.credits_pending];
    if pending != reserved {
        let name = account.id.0;
        return Err(at.differs(
            format_args!("account {name:032x} with pending debits and credits {reserved:?}, as reserved"),
            format_args!("{pending:?}"),
        ));
    }
    let debits = account.debits_posted.checked_add(account.debits_pending);
    let credits = account.credits_posted.checked_add(account.credits_pending);
    let within = |taken: Option<u128>, given: u128| taken.is_some_and(|taken| taken <= given);
    let debits_fit =
        !account.is(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS) || within(debits, account.credits_posted);
    let credits_fit =
        !account.is(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS) || within(credits, account.debits_posted);
    if debits_fit && credits_fit {
        return Ok(());
    }
    Err(at.differs("no account beyond its limit", format_args!("{account:?}")))
}

/// What open pending transfers reserve: debits and credits of each account.
fn reserved_by_account(engine: &Engine) -> BTreeMap<AccountId, [u128; 2]> {
    let mut reserved: BTreeMap<AccountId, [u128; 2]> = BTreeMap::new();
    for pending in engine.open_pending() {
        let amount = u128::from(pending.amount);
        let [debits, _] = reserved.entry(pending.debit_account).or_default();
        *debits = debits.saturating_add(amount);
        let [_, credits] = reserved.entry(pending.credit_account).or_default();
        *credits = credits.saturating_add(amount);
    }
    reserved
}

fn overflow(sequence: u64) -> VerifyError {
    At::entry(sequence, DifferenceKind::Sums).differs("sums that fit 128 bits", "one that does not")
}

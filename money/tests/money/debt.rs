//! Minting and repaying over the fee index: exact against longhand, remainders stay in the protocol.

use money::{
    FeeIndex, MoneyError, NormalizedDebt, U256, Usd,
    debt::{debt_ceil, normalize_ceil, repay_floor},
    mul_div_ceil,
    scale::RAY,
};
use proptest::{collection::vec, prelude::*};

use crate::{
    longhand::{Longhand, is_ceil, is_floor},
    strategies::{any_u64, fee_index, normalized_debt, real_fee_index, usd},
};

fn ray() -> Longhand {
    Longhand::of(RAY)
}

/// An index above 1.05 by less than one micro-dollar of a thousand.
fn five_percent() -> FeeIndex {
    "1049999999999999999961070145".parse().unwrap()
}

proptest! {
    #[test]
    fn debt_rounds_up(normalized in normalized_debt(), index in fee_index()) {
        let product = Longhand::product([normalized.widen(), index.get()]);
        match debt_ceil(normalized, index) {
            Ok(debt) => prop_assert!(is_ceil(debt.micros(), &product, &ray())),
            Err(error) => {
                prop_assert_eq!(error, MoneyError::UsdAboveMax);
                prop_assert!(product > Longhand::of(u128::MAX).times(&ray()));
            }
        }
    }

    #[test]
    fn what_a_mint_adds_rounds_up(amount in usd(), index in fee_index()) {
        let added = normalize_ceil(amount, index).unwrap();
        let product = Longhand::of(amount.micros()).times(&ray());
        prop_assert!(is_ceil(added.micros(), &product, &Longhand::of(index)));
    }

    /// Debt rises by what is minted, and by at most the index, rounded up, more.
    #[test]
    fn a_mint_is_owed_in_full(owed in any_u64(), amount in any_u64(), index in real_fee_index()) {
        let (normalized, amount) = (NormalizedDebt::from_micros(owed.into()), Usd::from_micros(amount.into()));
        let before = debt_ceil(normalized, index).unwrap();
        let added = normalize_ceil(amount, index).unwrap();
        let after = debt_ceil(normalized.checked_add(added).unwrap(), index).unwrap();
        let least = before.checked_add(amount).unwrap();
        let slack = Usd::narrow(mul_div_ceil([index.get()], [RAY]).unwrap()).unwrap();
        prop_assert!(after >= least && after <= least.checked_add(slack).unwrap());
    }

    /// At index one there is nothing to round: what is minted is what is owed.
    #[test]
    fn at_index_one_debt_is_exact(amount in usd()) {
        let normalized = normalize_ceil(amount, FeeIndex::ONE).unwrap();
        prop_assert_eq!(normalized.micros(), amount.micros());
        prop_assert_eq!(debt_ceil(normalized, FeeIndex::ONE), Ok(amount));
    }

    /// Every repayment takes and returns what was offered, and cancels at most what it takes.
    #[test]
    fn a_repayment_loses_nothing(normalized in normalized_debt(), offered in usd(), index in fee_index()) {
        let Ok(debt) = debt_ceil(normalized, index) else {
            prop_assert_eq!(repay_floor(normalized, offered, index), Err(MoneyError::UsdAboveMax));
            return Ok(());
        };
        let repayment = repay_floor(normalized, offered, index).unwrap();
        prop_assert_eq!(repayment.taken.checked_add(repayment.returned), Ok(offered));
        prop_assert_eq!(repayment.taken, offered.min(debt));
        prop_assert_eq!(repayment.normalized_debt.is_zero(), offered >= debt);
        if offered < debt {
            let cancelled = normalized.checked_sub(repayment.normalized_debt).unwrap();
            let product = Longhand::of(offered.micros()).times(&ray());
            prop_assert!(is_floor(cancelled.micros(), &product, &Longhand::of(index)));
        }
    }

    /// Debt falls by at most what is paid, also when little of a large debt is.
    #[test]
    fn a_repayment_never_forgives(owed in 1..=u64::MAX, share in any_u64(), index in real_fee_index()) {
        let normalized = NormalizedDebt::from_micros(owed.into());
        let before = debt_ceil(normalized, index).unwrap();
        let offered = Usd::from_micros(u128::from(share) % (before.micros() + 1));
        let repayment = repay_floor(normalized, offered, index).unwrap();
        let after = debt_ceil(repayment.normalized_debt, index).unwrap();
        prop_assert!(after.checked_add(offered).unwrap() >= before && after <= before);
    }

    /// Minting and repaying the same amount leaves the debt no lower than it was.
    #[test]
    fn minting_and_repaying_earns_nothing(owed in any_u64(), amount in any_u64(), index in real_fee_index()) {
        let (normalized, amount) = (NormalizedDebt::from_micros(owed.into()), Usd::from_micros(amount.into()));
        let minted = normalized.checked_add(normalize_ceil(amount, index).unwrap()).unwrap();
        prop_assert!(repay_floor(minted, amount, index).unwrap().normalized_debt >= normalized);
    }

    /// The debts of vaults add up to that of their class, or to at most one micro-dollar each above it.
    #[test]
    fn a_class_owes_what_its_vaults_owe(vaults in vec(any_u64(), 0..20), index in real_fee_index()) {
        let vaults: Vec<_> = vaults.into_iter().map(|micros| NormalizedDebt::from_micros(micros.into())).collect();
        let count = u128::try_from(vaults.len()).unwrap();
        let debts = vaults.iter().map(|vault| debt_ceil(*vault, index).unwrap());
        let sum = debts.fold(Usd::ZERO, |sum, debt| sum.checked_add(debt).unwrap());
        let total = vaults.iter().try_fold(NormalizedDebt::ZERO, |sum, vault| sum.checked_add(*vault)).unwrap();
        let class = debt_ceil(total, index).unwrap();
        prop_assert!(sum >= class && sum.micros() - class.micros() <= count);
    }

    /// Moving a debt to a class with another index carries all of it.
    #[test]
    fn a_change_of_class_keeps_the_debt(owed in any_u64(), old in real_fee_index(), new in real_fee_index()) {
        let before = debt_ceil(NormalizedDebt::from_micros(owed.into()), old).unwrap();
        let moved = debt_ceil(normalize_ceil(before, new).unwrap(), new).unwrap();
        let slack = Usd::narrow(mul_div_ceil([new.get()], [RAY]).unwrap()).unwrap();
        prop_assert!(moved >= before && moved <= before.checked_add(slack).unwrap());
    }
}

#[test]
fn the_edges_of_a_repayment() {
    let normalized = NormalizedDebt::from_micros(1_000_000_000);
    let debt = 1_050_000_000;
    for (offered, taken, returned, left) in [
        (0, 0, 0, 1_000_000_000),
        (1, 1, 0, 1_000_000_000),
        (2, 2, 0, 999_999_999),
        (debt - 1, debt - 1, 0, 1),
        (debt, debt, 0, 0),
        (debt + 7, debt, 7, 0),
    ] {
        let repayment = repay_floor(normalized, Usd::from_micros(offered), five_percent()).unwrap();
        assert_eq!(repayment.taken.micros(), taken, "taken of {offered}");
        assert_eq!(repayment.returned.micros(), returned, "returned of {offered}");
        assert_eq!(repayment.normalized_debt.micros(), left, "left after {offered}");
    }
}

#[test]
fn nothing_owed_takes_nothing() {
    let repayment = repay_floor(NormalizedDebt::ZERO, Usd::ONE, FeeIndex::MAX).unwrap();
    assert_eq!((repayment.taken, repayment.returned), (Usd::ZERO, Usd::ONE));
    assert!(repayment.normalized_debt.is_zero());
    assert_eq!(debt_ceil(NormalizedDebt::ZERO, FeeIndex::MAX), Ok(Usd::ZERO));
    assert_eq!(normalize_ceil(Usd::ZERO, FeeIndex::MAX), Ok(NormalizedDebt::ZERO));
}

/// At the cap one unit of normalized debt is 10^18 micro-dollars, so 128 bits are full at about 3.4 * 10^20.
#[test]
fn a_debt_that_outgrows_its_type_is_named() {
    let most = u128::MAX / 10_u128.pow(18);
    assert!(debt_ceil(NormalizedDebt::from_micros(most), FeeIndex::MAX).is_ok());
    let above = NormalizedDebt::from_micros(most + 1);
    assert_eq!(debt_ceil(above, FeeIndex::MAX), Err(MoneyError::UsdAboveMax));
    assert_eq!(repay_floor(above, Usd::ONE, FeeIndex::MAX), Err(MoneyError::UsdAboveMax));
    let most = NormalizedDebt::from_micros(u128::MAX);
    assert_eq!(debt_ceil(most, FeeIndex::ONE), Ok(Usd::MAX));
    assert_eq!(most.widen(), U256::from(u128::MAX));
}

//! The newtypes: their ranges, their checked arithmetic and their way into 256 bits and back.

use money::{
    Bps, MoneyError, NormalizedDebt, Price, Sats, U256, Usd,
    limits::{FEE_INDEX_MAX, LEDGER_AMOUNT_MAX, PRICE_MICROS_MAX, SATS_MAX},
    scale::{BPS, RAY, SAT, WAD},
};
use proptest::prelude::*;
use rstest::rstest;

use crate::strategies::{any_u64, any_u128, sats, wide};

proptest! {
    /// The sum and the difference, or the name of the bound that is in the way; each undoes the other.
    #[test]
    fn sats_add_and_subtract(left in sats(), right in sats()) {
        let sum = u128::from(left.get()) + u128::from(right.get());
        match left.checked_add(right) {
            Ok(total) => {
                prop_assert_eq!(u128::from(total.get()), sum);
                prop_assert_eq!(total.checked_sub(right), Ok(left));
            }
            Err(error) => {
                prop_assert_eq!(error, MoneyError::SatsAboveMax);
                prop_assert!(sum > u128::from(SATS_MAX));
            }
        }
        prop_assert_eq!(left.checked_sub(right).is_ok(), left >= right);
    }

    #[test]
    fn usd_add_and_subtract(left in any_u128(), right in any_u128()) {
        let (a, b) = (Usd::from_micros(left), Usd::from_micros(right));
        let sum = left.checked_add(right).map(Usd::from_micros).ok_or(MoneyError::UsdAboveMax);
        let difference = left.checked_sub(right).map(Usd::from_micros).ok_or(MoneyError::UsdBelowZero);
        prop_assert_eq!(a.checked_add(b), sum);
        prop_assert_eq!(a.checked_sub(b), difference);
        prop_assert_eq!(a.saturating_sub(b), difference.unwrap_or(Usd::ZERO));
    }

    #[test]
    fn normalized_debts_add_and_subtract(left in any_u128(), right in any_u128()) {
        let (a, b) = (NormalizedDebt::from_micros(left), NormalizedDebt::from_micros(right));
        let sum = left.checked_add(right).map(NormalizedDebt::from_micros);
        let difference = left.checked_sub(right).map(NormalizedDebt::from_micros);
        prop_assert_eq!(a.checked_add(b), sum.ok_or(MoneyError::NormalizedDebtAboveMax));
        prop_assert_eq!(a.checked_sub(b), difference.ok_or(MoneyError::NormalizedDebtBelowZero));
    }

    #[test]
    fn ratios_add_and_subtract(left in any::<u32>(), right in any::<u32>()) {
        let (a, b) = (Bps::new(left), Bps::new(right));
        prop_assert_eq!(a.checked_add(b), left.checked_add(right).map(Bps::new).ok_or(MoneyError::BpsAboveMax));
        prop_assert_eq!(a.checked_sub(b), left.checked_sub(right).map(Bps::new).ok_or(MoneyError::BpsBelowZero));
        prop_assert_eq!(a.widen(), U256::from(left));
        prop_assert_eq!(a.to_string(), left.to_string());
    }

    /// Narrowing gives back what was widened and refuses everything else.
    #[test]
    fn narrow_reverses_widen(number in wide()) {
        if let Ok(sats) = Sats::narrow(number) {
            prop_assert_eq!(sats.widen(), number);
        }
        if let Ok(price) = Price::narrow(number) {
            prop_assert_eq!(price.widen(), number);
        }
        let highest = |limit: u128| number <= U256::from(limit);
        prop_assert_eq!(Sats::narrow(number).is_ok(), highest(SATS_MAX.into()));
        let in_range = highest(PRICE_MICROS_MAX.into()) && !number.is_zero();
        prop_assert_eq!(Price::narrow(number).is_ok(), in_range);
        prop_assert_eq!(Usd::narrow(number).map(Usd::widen).ok(), highest(u128::MAX).then_some(number));
        let narrowed = NormalizedDebt::narrow(number).map(NormalizedDebt::widen);
        prop_assert_eq!(narrowed.ok(), highest(u128::MAX).then_some(number));
    }

    #[test]
    fn ledger_amounts_are_micro_dollars(amount in any_u64(), micros in any_u128()) {
        match Usd::from_ledger_amount(amount) {
            Ok(usd) => prop_assert_eq!(usd.to_ledger_amount(), Ok(amount)),
            Err(error) => {
                prop_assert_eq!(error, MoneyError::LedgerAmountAboveMax);
                prop_assert!(amount > LEDGER_AMOUNT_MAX);
            }
        }
        let fits = micros <= u128::from(LEDGER_AMOUNT_MAX);
        prop_assert_eq!(Usd::from_micros(micros).to_ledger_amount().is_ok(), fits);
    }
}

#[rstest]
#[case::zero(0, true)]
#[case::all_there_is(2_100_000_000_000_000, true)]
#[case::one_more(2_100_000_000_000_001, false)]
#[case::widest(u64::MAX, false)]
fn sats_are_at_most_21_million_btc(#[case] number: u64, #[case] accepted: bool) {
    let expected = if accepted { Ok(number) } else { Err(MoneyError::SatsAboveMax) };
    assert_eq!(Sats::new(number).map(Sats::get), expected);
}

#[rstest]
#[case::zero(0, false)]
#[case::lowest(1, true)]
#[case::highest(10_000_000_000_000, true)]
#[case::one_more(10_000_000_000_001, false)]
#[case::widest(u64::MAX, false)]
fn a_price_is_in_range(#[case] micros: u64, #[case] accepted: bool) {
    let expected = if accepted { Ok(micros) } else { Err(MoneyError::PriceOutOfRange) };
    assert_eq!(Price::from_micros(micros).map(Price::micros), expected);
    assert_eq!(Price::from_usd(Usd::from_micros(micros.into())).map(Price::micros), expected);
}

#[test]
fn a_price_of_more_than_64_bits_is_refused() {
    let wrapped = Usd::from_micros(u128::from(u64::MAX) + 2);
    assert_eq!(Price::from_usd(wrapped), Err(MoneyError::PriceOutOfRange));
}

#[rstest]
#[case::zero(0, true)]
#[case::largest(9_223_372_036_854_775_807, true)]
#[case::one_more(9_223_372_036_854_775_808, false)]
#[case::widest(u64::MAX, false)]
fn a_ledger_amount_fits_63_bits(#[case] amount: u64, #[case] accepted: bool) {
    let micros = Usd::from_micros(amount.into());
    let refused = MoneyError::LedgerAmountAboveMax;
    assert_eq!(micros.to_ledger_amount(), if accepted { Ok(amount) } else { Err(refused) });
    assert_eq!(Usd::from_ledger_amount(amount), if accepted { Ok(micros) } else { Err(refused) });
}

#[test]
fn constants_are_what_they_say() {
    assert_eq!(SAT, U256::from(10_u128.pow(8)));
    assert_eq!(BPS, U256::from(10_u128.pow(4)));
    assert_eq!(WAD, U256::from(10_u128.pow(18)));
    assert_eq!(RAY, U256::from(10_u128.pow(27)));
    assert_eq!(FEE_INDEX_MAX, RAY * WAD);
    assert_eq!(Sats::ONE_BTC.widen(), SAT);
    assert_eq!(Sats::MAX.get(), 21_000_000 * Sats::ONE_BTC.get());
    assert_eq!(Bps::ONE.widen(), BPS);
    assert_eq!((Usd::ONE.micros(), Usd::ONE_MICRO.micros()), (1_000_000, 1));
    assert!(
        Sats::ZERO.is_zero() && Usd::ZERO.is_zero() && Bps::ZERO.is_zero() && NormalizedDebt::ZERO.is_zero()
    );
    assert!(!Sats::MAX.is_zero() && !Usd::ONE.is_zero() && !Bps::ONE.is_zero());
    assert!(!NormalizedDebt::from_micros(1).is_zero());
    assert_eq!((Price::MIN.micros(), Price::MAX.micros()), (1, 10_u64.pow(13)));
}

//! Values, ratios and limits: exact against longhand, and each limit is the limit.

use money::{
    Bps, LiquidationPrice, MoneyError, Price, Sats, Usd,
    collateral::{
        collateral_ratio_bps_floor, is_safe, least_collateral_ceil, liquidation_price_ceil, mintable_floor,
        value_floor,
    },
};
use proptest::prelude::*;
use rstest::rstest;

use crate::{
    longhand::{Longhand, is_ceil, is_floor},
    strategies::{price, ratio, sats, usd},
};

const SAT: u128 = 100_000_000;
const BPS: u128 = 10_000;

/// `C * P * BPS`, the side of the comparison that collateral is on.
fn held(collateral: Sats, price: Price) -> Longhand {
    Longhand::product([u128::from(collateral.get()), u128::from(price.micros()), BPS])
}

/// `D * L * SAT`, the side of the comparison that debt is on.
fn needed(debt: Usd, ratio: Bps) -> Longhand {
    Longhand::product([debt.micros(), u128::from(ratio.get()), SAT])
}

fn one_sat() -> Sats {
    Sats::new(1).unwrap()
}

proptest! {
    #[test]
    fn value_rounds_down(collateral in sats(), price in price()) {
        let value = value_floor(collateral, price).unwrap();
        let product = Longhand::product([collateral.get(), price.micros()]);
        prop_assert!(is_floor(value.micros(), &product, &Longhand::of(SAT)));
    }

    #[test]
    fn safety_is_the_exact_comparison(c in sats(), p in price(), debt in usd(), ratio in ratio()) {
        prop_assert_eq!(is_safe(c, p, debt, ratio), held(c, p) >= needed(debt, ratio));
    }

    /// Around the largest safe debt, where a rounding would show.
    #[test]
    fn safety_is_exact_at_its_edge(c in sats(), p in price(), ratio in ratio(), more in 0..=1_u128) {
        prop_assume!(!ratio.is_zero());
        let edge = mintable_floor(c, p, Usd::ZERO, ratio).unwrap();
        let debt = edge.checked_add(Usd::from_micros(more)).unwrap();
        prop_assert_eq!(is_safe(c, p, debt, ratio), more == 0);
    }

    /// What can be minted is safe and one micro-dollar more is not; who is unsafe already can mint nothing.
    #[test]
    fn mintable_is_the_limit(c in sats(), p in price(), debt in usd(), ratio in ratio()) {
        let Ok(mintable) = mintable_floor(c, p, debt, ratio) else {
            prop_assert!(ratio.is_zero());
            return Ok(());
        };
        let highest = debt.checked_add(mintable).unwrap();
        prop_assert_eq!(is_safe(c, p, highest, ratio), is_safe(c, p, debt, ratio));
        prop_assert!(is_safe(c, p, debt, ratio) || mintable.is_zero());
        if let Ok(above) = highest.checked_add(Usd::ONE_MICRO) {
            prop_assert!(!is_safe(c, p, above, ratio));
        }
    }

    #[test]
    fn least_collateral_is_the_limit(debt in usd(), p in price(), ratio in ratio()) {
        match least_collateral_ceil(p, debt, ratio) {
            Ok(least) => {
                prop_assert!(is_safe(least, p, debt, ratio));
                let divisor = Longhand::product([u128::from(p.micros()), BPS]);
                prop_assert!(is_ceil(least.get(), &needed(debt, ratio), &divisor));
                if let Ok(less) = least.checked_sub(one_sat()) {
                    prop_assert!(!is_safe(less, p, debt, ratio));
                }
            }
            Err(error) => {
                prop_assert_eq!(error, MoneyError::SatsAboveMax);
                prop_assert!(!is_safe(Sats::MAX, p, debt, ratio));
            }
        }
    }

    #[test]
    fn liquidation_price_is_the_limit(c in sats(), debt in usd(), ratio in ratio()) {
        match liquidation_price_ceil(c, debt, ratio) {
            LiquidationPrice::AlwaysSafe => prop_assert!(is_safe(Sats::ZERO, Price::MIN, debt, ratio)),
            LiquidationPrice::NeverSafe => prop_assert!(!is_safe(c, Price::MAX, debt, ratio)),
            LiquidationPrice::At(price) => {
                prop_assert!(is_safe(c, price, debt, ratio));
                let divisor = Longhand::product([u128::from(c.get()), BPS]);
                prop_assert!(is_ceil(price.micros(), &needed(debt, ratio), &divisor));
                if let Ok(lower) = Price::from_micros(price.micros() - 1) {
                    prop_assert!(!is_safe(c, lower, debt, ratio));
                }
            }
        }
    }

    #[test]
    fn the_ratio_shown_rounds_down(c in sats(), p in price(), debt in usd()) {
        match collateral_ratio_bps_floor(c, p, debt).unwrap() {
            None => prop_assert!(debt.is_zero()),
            Some(shown) => {
                let divisor = Longhand::product([debt.micros(), SAT]);
                prop_assert!(is_floor(shown, &held(c, p), &divisor));
            }
        }
    }
}

/// A vault of 1 BTC and $70,000 at 150 %: exactly at $105,000 it is safe, one micro-dollar lower it is not.
#[test]
fn exactly_at_the_liquidation_price_is_safe() {
    let (collateral, debt, ratio) = (Sats::ONE_BTC, Usd::from_micros(70_000_000_000), Bps::new(15_000));
    let price = Price::from_micros(105_000_000_000).unwrap();
    assert_eq!(liquidation_price_ceil(collateral, debt, ratio), LiquidationPrice::At(price));
    assert!(is_safe(collateral, price, debt, ratio));
    let lower = Price::from_micros(104_999_999_999).unwrap();
    assert!(!is_safe(collateral, lower, debt, ratio));
    let repaid = debt.checked_sub(Usd::ONE_MICRO).unwrap();
    assert!(is_safe(collateral, lower, repaid, ratio));
    assert_eq!(least_collateral_ceil(price, debt, ratio), Ok(collateral));
    assert_eq!(collateral_ratio_bps_floor(collateral, price, debt), Ok(Some(15_000)));
    assert_eq!(collateral_ratio_bps_floor(collateral, lower, debt), Ok(Some(14_999)));
}

/// One micro-dollar repaid is not enough where the price fell by two micro-dollars' worth of debt.
#[test]
fn a_little_repaid_leaves_a_vault_unsafe() {
    let (collateral, debt, ratio) = (Sats::ONE_BTC, Usd::from_micros(70_000_000_000), Bps::new(15_000));
    let price = Price::from_micros(104_999_999_997).unwrap();
    let repaid = debt.checked_sub(Usd::ONE_MICRO).unwrap();
    assert!(!is_safe(collateral, price, repaid, ratio));
    assert!(is_safe(collateral, price, repaid.checked_sub(Usd::ONE_MICRO).unwrap(), ratio));
}

#[rstest]
#[case::no_debt(Sats::ZERO, Usd::ZERO, Bps::ONE, LiquidationPrice::AlwaysSafe)]
#[case::no_ratio(Sats::ZERO, Usd::MAX, Bps::ZERO, LiquidationPrice::AlwaysSafe)]
#[case::no_collateral(Sats::ZERO, Usd::ONE_MICRO, Bps::ONE, LiquidationPrice::NeverSafe)]
#[case::too_much_debt(Sats::MAX, Usd::MAX, Bps::new(u32::MAX), LiquidationPrice::NeverSafe)]
#[case::lowest(Sats::MAX, Usd::ONE_MICRO, Bps::new(1), LiquidationPrice::At(Price::MIN))]
#[case::highest(one_sat(), Usd::from_micros(100_000), Bps::ONE, LiquidationPrice::At(Price::MAX))]
#[case::above_the_highest(one_sat(), Usd::from_micros(100_001), Bps::ONE, LiquidationPrice::NeverSafe)]
fn liquidation_price_at_its_edges(
    #[case] collateral: Sats,
    #[case] debt: Usd,
    #[case] ratio: Bps,
    #[case] expected: LiquidationPrice,
) {
    assert_eq!(liquidation_price_ceil(collateral, debt, ratio), expected);
}

/// The comments that say a conversion cannot fail in practice: the largest operands do not.
#[test]
fn the_largest_operands_fit() {
    let value = value_floor(Sats::MAX, Price::MAX).unwrap();
    assert_eq!(value.micros(), 210_000_000_000_000_000_000);
    let ratio = collateral_ratio_bps_floor(Sats::MAX, Price::MAX, Usd::ONE_MICRO).unwrap();
    assert_eq!(ratio, Some(2_100_000_000_000_000_000_000_000));
    assert!(!is_safe(Sats::MAX, Price::MAX, Usd::MAX, Bps::new(u32::MAX)));
}

#[test]
fn limits_that_do_not_exist_are_named() {
    let (nothing, everything) = (Bps::ZERO, Sats::MAX);
    assert_eq!(mintable_floor(everything, Price::MAX, Usd::ZERO, nothing), Err(MoneyError::ZeroDivisor));
    assert_eq!(least_collateral_ceil(Price::MIN, Usd::MAX, Bps::ONE), Err(MoneyError::SatsAboveMax));
    assert_eq!(least_collateral_ceil(Price::MIN, Usd::MAX, nothing), Ok(Sats::ZERO));
    assert_eq!(collateral_ratio_bps_floor(everything, Price::MAX, Usd::ZERO), Ok(None));
}

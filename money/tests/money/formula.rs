//! The formulas at scales of any size: each takes the scales it is given and no other.

use money::{U256, formula::Scales, rpow_half_up};
use proptest::prelude::*;

use crate::{
    longhand::{Longhand, is_ceil, is_floor},
    strategies::any_u128,
};

fn scale() -> impl Strategy<Value = U256> {
    any_u128().prop_map(|number| U256::from(number.max(1)))
}

fn scales() -> impl Strategy<Value = Scales> {
    (scale(), scale(), scale()).prop_map(|(collateral, ratio, index)| Scales { collateral, ratio, index })
}

fn product<const N: usize>(factors: [U256; N]) -> Longhand {
    Longhand::product(factors)
}

proptest! {
    #[test]
    fn debt_formulas(scales in scales(), amount in any_u128(), index in scale()) {
        let amount = U256::from(amount);
        let one = product([scales.index]);
        if let Ok(debt) = scales.debt_ceil(amount, index) {
            prop_assert!(is_ceil(debt, &product([amount, index]), &one));
        }
        if let Ok(added) = scales.normalize_ceil(amount, index) {
            prop_assert!(is_ceil(added, &product([amount, scales.index]), &product([index])));
        }
        if let Ok(cancelled) = scales.normalize_floor(amount, index) {
            prop_assert!(is_floor(cancelled, &product([amount, scales.index]), &product([index])));
        }
    }

    #[test]
    fn index_formula(scales in scales(), excess in 0..1000_u64, index in scale(), seconds in 0..1000_u64) {
        let factor = scales.index + U256::from(excess);
        if let (Ok(stepped), Ok(growth)) =
            (scales.index_step_floor(index, factor, seconds), rpow_half_up(factor, seconds, scales.index))
        {
            prop_assert!(is_floor(stepped, &product([growth, index]), &product([scales.index])));
        }
    }

    #[test]
    fn collateral_formulas(
        scales in scales(),
        (collateral, price, debt, ratio) in (scale(), scale(), scale(), scale()),
    ) {
        let held = product([collateral, price, scales.ratio]);
        let needed = product([debt, ratio, scales.collateral]);
        prop_assert_eq!(scales.is_safe(collateral, price, debt, ratio), held >= needed);
        if let Ok(value) = scales.value_floor(collateral, price) {
            prop_assert!(is_floor(value, &product([collateral, price]), &product([scales.collateral])));
        }
        if let Ok(debt_max) = scales.mintable_floor(collateral, price, U256::ZERO, ratio) {
            prop_assert!(is_floor(debt_max, &held, &product([ratio, scales.collateral])));
            let mintable = scales.mintable_floor(collateral, price, debt, ratio);
            prop_assert_eq!(mintable, Ok(debt_max.saturating_sub(debt)));
        }
        if let Ok(least) = scales.least_collateral_ceil(price, debt, ratio) {
            prop_assert!(is_ceil(least, &needed, &product([price, scales.ratio])));
        }
        if let Ok(lowest) = scales.liquidation_price_ceil(collateral, debt, ratio) {
            prop_assert!(is_ceil(lowest, &needed, &product([collateral, scales.ratio])));
        }
        if let Ok(shown) = scales.collateral_ratio_floor(collateral, price, debt) {
            prop_assert!(is_floor(shown, &held, &product([debt, scales.collateral])));
        }
    }
}

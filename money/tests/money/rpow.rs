//! Powers, against longhand squaring, against the exact power and against what a power must satisfy.

use money::{MoneyError, U256, rpow_half_up, scale::RAY};
use proptest::prelude::*;

use crate::{longhand::Longhand, strategies::wide};

const RAY_DIGITS: usize = 27;

/// One product in ray as the anchors round it: `floor((a * b + RAY / 2) / RAY)`.
fn longhand_product(left: &Longhand, right: &Longhand) -> Longhand {
    let half = Longhand::of(RAY / U256::from(2));
    left.times(right).plus(&half).without_last(RAY_DIGITS)
}

/// The definition of `rpow`, word by word.
fn longhand_rpow(x: U256, exponent: u64) -> Longhand {
    let mut x = Longhand::of(x);
    let mut z = if exponent % 2 == 1 { x.clone() } else { Longhand::of(RAY) };
    let mut n = exponent / 2;
    while n > 0 {
        x = longhand_product(&x, &x);
        if n % 2 == 1 {
            z = longhand_product(&z, &x);
        }
        n /= 2;
    }
    z
}

proptest! {
    /// Any growth up to a hundred years at 25 %, and any shrinking.
    #[test]
    fn a_power_is_that_of_its_definition(
        fee in -1_000_000_000_000_000_000_000_000_i128..=7_075_835_619_725_814_915,
        exponent in 0..=3_153_600_000_u64,
    ) {
        let x = U256::from(1_000_000_000_000_000_000_000_000_000_i128 + fee);
        prop_assert_eq!(Longhand::of(rpow_half_up(x, exponent, RAY).unwrap()), longhand_rpow(x, exponent));
    }

    /// Every square and product adds at most half a unit, which later ones at most multiply by what is left to do.
    #[test]
    fn a_power_is_close_to_the_exact_one(percent in 0..=2_u64, unit in any::<u64>(), exponent in 1..=48_u64) {
        let x = RAY + RAY * U256::from(percent) / U256::from(100) + U256::from(unit);
        let power = rpow_half_up(x, exponent, RAY).unwrap();
        let exact = (0..exponent).fold(Longhand::of(1), |product, _| product.times(&Longhand::of(x)));
        let exact = exact.without_last(RAY_DIGITS * usize::try_from(exponent - 1).unwrap());
        prop_assert!(Longhand::of(power).is_within(&exact, &Longhand::of(3 * exponent)));
    }

    /// Whatever the numbers, there is an answer or a name for there being none.
    #[test]
    fn no_operand_panics(x in wide(), exponent in any::<u64>(), scale in wide()) {
        match rpow_half_up(x, exponent, scale) {
            Ok(_) => {}
            Err(MoneyError::ZeroDivisor) => prop_assert!(scale.is_zero()),
            Err(error) => prop_assert_eq!(error, MoneyError::Overflow),
        }
    }

    /// A product that does not fit means a result far above every cap: the claim the saturating step rests on.
    #[test]
    fn an_overflow_stands_for_a_huge_power(excess in any::<u128>(), exponent in 2..=16_u64) {
        let x = RAY + U256::from(excess);
        if rpow_half_up(x, exponent, RAY).is_err() {
            let cap = Longhand::of(10_u128.pow(25)).times(&Longhand::of(10_u128.pow(25)));
            prop_assert!(longhand_rpow(x, exponent) > cap);
        }
    }
}

#[test]
fn edges_of_a_power() {
    let two = U256::from(2);
    for (x, exponent, scale, expected) in [
        (U256::ZERO, 0, RAY, Ok(RAY)),
        (U256::ZERO, 1, RAY, Ok(U256::ZERO)),
        (U256::ZERO, 6, RAY, Ok(U256::ZERO)),
        (RAY, u64::MAX, RAY, Ok(RAY)),
        (RAY * two, 10, RAY, Ok(RAY * U256::from(1024))),
        (U256::MAX, 1, RAY, Ok(U256::MAX)),
        (U256::MAX, 2, RAY, Err(MoneyError::Overflow)),
        (RAY, 2, U256::ZERO, Err(MoneyError::ZeroDivisor)),
        // A half is rounded up: 1.5 * 1.5 = 2.25 tenths are 2.3 and 1.2 * 1.2 = 1.44 are 1.4.
        (U256::from(15), 2, U256::from(10), Ok(U256::from(23))),
        (U256::from(12), 2, U256::from(10), Ok(U256::from(14))),
    ] {
        assert_eq!(rpow_half_up(x, exponent, scale), expected, "{x} to the {exponent} at scale {scale}");
    }
}

//! Quotients and comparisons of products, against longhand arithmetic.

use money::{MoneyError, U256, cmp_products, mul_div_ceil, mul_div_floor};
use proptest::prelude::*;

use crate::{
    longhand::{Longhand, is_ceil, is_floor},
    strategies::wide,
};

/// Every quotient of up to three factors by up to three divisors is exact or has overflowed 256 bits.
fn check_quotient<const N: usize, const D: usize>(
    numerators: [U256; N],
    divisors: [U256; D],
) -> Result<(), TestCaseError> {
    let (floor, ceil) = (mul_div_floor(numerators, divisors), mul_div_ceil(numerators, divisors));
    if divisors.contains(&U256::ZERO) {
        prop_assert_eq!((floor, ceil), (Err(MoneyError::ZeroDivisor), Err(MoneyError::ZeroDivisor)));
        return Ok(());
    }
    let (numerator, divisor) = (Longhand::product(numerators), Longhand::product(divisors));
    let highest = divisor.times(&Longhand::of(U256::MAX));
    match floor {
        Ok(quotient) => prop_assert!(is_floor(quotient, &numerator, &divisor)),
        Err(error) => {
            prop_assert_eq!(error, MoneyError::Overflow);
            prop_assert!(numerator >= highest.plus(&divisor));
        }
    }
    match ceil {
        Ok(quotient) => prop_assert!(is_ceil(quotient, &numerator, &divisor)),
        Err(error) => {
            prop_assert_eq!(error, MoneyError::Overflow);
            prop_assert!(numerator > highest);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn quotients_are_exact(a in wide(), b in wide(), c in wide(), d in wide(), e in wide()) {
        check_quotient([a, b], [d])?;
        check_quotient([a, b, c], [d, e])?;
        check_quotient([a], [d, e])?;
        check_quotient([a, b, c], [d])?;
    }

    #[test]
    fn an_exact_quotient_rounds_nowhere(quotient in wide(), divisor in wide()) {
        prop_assume!(!divisor.is_zero());
        prop_assert_eq!(mul_div_floor([quotient, divisor], [divisor]), Ok(quotient));
        prop_assert_eq!(mul_div_ceil([quotient, divisor], [divisor]), Ok(quotient));
    }

    #[test]
    fn products_compare_as_longhand(a in wide(), b in wide(), c in wide(), d in wide(), e in wide(), f in wide()) {
        let (left, right) = (Longhand::product([a, b, c]), Longhand::product([d, e, f]));
        prop_assert_eq!(cmp_products([a, b, c], [d, e, f]), left.cmp(&right));
        prop_assert!(cmp_products([a, b, c], [c, a, b]).is_eq());
        let (left, right) = (Longhand::product([a, b]), Longhand::product([c]));
        prop_assert_eq!(cmp_products([a, b], [c]), left.cmp(&right));
    }

    /// Products that differ by one unit, on both sides of every width the comparison tries.
    #[test]
    fn products_one_apart_are_told_apart(number in wide()) {
        let (next, one) = (number.saturating_add(U256::ONE), U256::ONE);
        prop_assert_eq!(cmp_products([number], [next]), number.cmp(&next));
        prop_assert_eq!(cmp_products([next, one], [one, number, one]), next.cmp(&number));
    }
}

#[test]
fn the_widest_operands_have_exact_answers() {
    let (zero, one, max) = (U256::ZERO, U256::ONE, U256::MAX);
    assert_eq!(mul_div_floor([max, max, max], [max, max]), Ok(max));
    assert_eq!(mul_div_ceil([max, max, max], [max, max, max]), Ok(one));
    assert_eq!(mul_div_ceil([one], [max, max, max]), Ok(one));
    assert_eq!(mul_div_floor([one], [max, max, max]), Ok(zero));
    assert_eq!(mul_div_floor([max, max], [max.wrapping_sub(one)]), Err(MoneyError::Overflow));
    assert_eq!(mul_div_floor([max, one], [one]), Ok(max));
    assert_eq!(mul_div_floor([max], [zero, one]), Err(MoneyError::ZeroDivisor));
    assert_eq!(mul_div_floor::<0, 0>([], []), Ok(one));
}

/// `(2^257 - 1) / 2` is `2^256 - 1` rounded down, the largest number there is, and one more rounded up.
#[test]
fn rounding_up_can_overflow_where_rounding_down_does_not() {
    let two = U256::from(2);
    let prime_factor = U256::from(535_006_138_814_359_u64);
    let cofactor = mul_div_ceil([U256::MAX, two], [prime_factor]).unwrap();
    assert_eq!(mul_div_floor([prime_factor, cofactor], [two]), Ok(U256::MAX));
    assert_eq!(mul_div_ceil([prime_factor, cofactor], [two]), Err(MoneyError::Overflow));
}

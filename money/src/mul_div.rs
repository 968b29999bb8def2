//! Quotients and comparisons of products, exact whatever the operands.
//!
//! Up to three factors of 256 bits are multiplied in 768, so a product never overflows; only a quotient can, and
//! then by name. Products of real amounts fit 128 bits where they are compared and 256 where they are divided, so
//! those widths are tried first, which is several times faster.

use std::cmp::Ordering;

use ruint::{
    UintTryFrom,
    aliases::{U256, U768},
};

use crate::MoneyError;

/// The product of `numerators` over the product of `divisors`, rounded down.
///
/// ```
/// use money::{U256, mul_div_floor};
///
/// let [two, three, seven] = [2, 3, 7].map(U256::from);
/// assert_eq!(mul_div_floor([seven, three], [two]), Ok(U256::from(10)));
/// ```
///
/// # Errors
/// [`MoneyError::ZeroDivisor`] if a divisor is zero; [`MoneyError::Overflow`] if the quotient exceeds 256 bits.
pub fn mul_div_floor<const N: usize, const D: usize>(
    numerators: [U256; N],
    divisors: [U256; D],
) -> Result<U256, MoneyError> {
    divide(numerators, divisors).map(|division| division.quotient)
}

/// The product of `numerators` over the product of `divisors`, rounded up.
///
/// ```
/// use money::{U256, mul_div_ceil};
///
/// let [two, three, seven] = [2, 3, 7].map(U256::from);
/// assert_eq!(mul_div_ceil([seven, three], [two]), Ok(U256::from(11)));
/// ```
///
/// # Errors
/// [`MoneyError::ZeroDivisor`] if a divisor is zero; [`MoneyError::Overflow`] if the quotient exceeds 256 bits.
pub fn mul_div_ceil<const N: usize, const D: usize>(
    numerators: [U256; N],
    divisors: [U256; D],
) -> Result<U256, MoneyError> {
    let division = divide(numerators, divisors)?;
    if division.exact {
        return Ok(division.quotient);
    }
    division.quotient.checked_add(U256::ONE).ok_or(MoneyError::Overflow)
}

/// Compares two products without dividing, so that it needs no rounding and zero needs no special case.
#[must_use]
pub fn cmp_products<const N: usize, const M: usize>(left: [U256; N], right: [U256; M]) -> Ordering {
    match (small_product(left), small_product(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => wide_product(left).cmp(&wide_product(right)),
    }
}

/// A quotient rounded down, and whether nothing was lost by that.
struct Division {
    quotient: U256,
    exact: bool,
}

fn divide<const N: usize, const D: usize>(
    numerators: [U256; N],
    divisors: [U256; D],
) -> Result<Division, MoneyError> {
    // After this line no product of divisors is zero, so `div_rem` cannot panic.
    if divisors.contains(&U256::ZERO) {
        return Err(MoneyError::ZeroDivisor);
    }
    if let (Some(numerator), Some(divisor)) = (product(numerators), product(divisors)) {
        let (quotient, remainder) = numerator.div_rem(divisor);
        return Ok(Division { quotient, exact: remainder.is_zero() });
    }
    let (quotient, remainder) = wide_product(numerators).div_rem(wide_product(divisors));
    let quotient = U256::uint_try_from(quotient).map_err(|_| MoneyError::Overflow)?;
    Ok(Division { quotient, exact: remainder.is_zero() })
}

/// The product, if it fits 128 bits.
fn small_product<const N: usize>(factors: [U256; N]) -> Option<u128> {
    factors.into_iter().try_fold(1_u128, |product, factor| product.checked_mul(u128::try_from(factor).ok()?))
}

/// The product, if it fits 256 bits and there is a factor.
fn product<const N: usize>(factors: [U256; N]) -> Option<U256> {
    let mut factors = factors.into_iter();
    let first = factors.next()?;
    factors.try_fold(first, U256::checked_mul)
}

/// The product, which always fits.
fn wide_product<const N: usize>(factors: [U256; N]) -> U768 {
    const { assert!(N <= 3, "three factors of 256 bits fill 768") };
    factors.into_iter().fold(U768::ONE, |product, factor| product.wrapping_mul(U768::from(factor)))
}

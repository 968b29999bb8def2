//! Powers of a fixed-point number, as the anchors compute them.

use ruint::aliases::U256;

use crate::MoneyError;

/// `x` to the power `exponent`, where `scale` stands for one: by squaring, each product rounded half up.
///
/// MECHANISM section 1, `rpow`; `_rpow` in makerdao/dss `jug.sol`. The roundings inside go either way, so the
/// result is close to the exact power and on no particular side of it; who charges by it rounds afterwards.
/// Zero to the power zero is one.
///
/// # Errors
/// [`MoneyError::ZeroDivisor`] if `scale` is zero; [`MoneyError::Overflow`] if a product exceeds 256 bits. Where
/// `x` is at least `scale` products only grow, so the result would be at least `2^256 / scale`.
pub fn rpow_half_up(x: U256, exponent: u64, scale: U256) -> Result<U256, MoneyError> {
    let mut square = x;
    let mut power = if is_odd(exponent) { x } else { scale };
    let mut rest = exponent >> 1_u32;
    while rest > 0 {
        square = mul_half_up(square, square, scale)?;
        if is_odd(rest) {
            power = mul_half_up(power, square, scale)?;
        }
        rest >>= 1_u32;
    }
    Ok(power)
}

/// The product of two fixed-point numbers, rounded to the nearest unit, a half upwards.
fn mul_half_up(left: U256, right: U256, scale: U256) -> Result<U256, MoneyError> {
    let half = scale.wrapping_shr(1);
    let product = left.checked_mul(right).and_then(|product| product.checked_add(half));
    product.ok_or(MoneyError::Overflow)?.checked_div(scale).ok_or(MoneyError::ZeroDivisor)
}

const fn is_odd(number: u64) -> bool {
    number & 1 == 1
}

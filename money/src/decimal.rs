//! Money as decimal text and as [`Decimal`]: the edge of the crate, where nothing is computed.
//!
//! Text is read in one strict form and written in one form; a [`Decimal`] is converted exactly or not at all.
//! This is the only file that knows `rust_decimal`.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;

use crate::{
    FeeIndex, MoneyError, ParseError, Price, Sats, Usd, fixed_point::FixedPoint, limits::USD_FRACTION_DIGITS,
};

/// Micro-dollars in one dollar.
const MICROS_PER_USD: u128 = Usd::ONE.micros();

/// Fraction digits of a micro-dollar, as [`Decimal`] counts them.
const DECIMAL_SCALE: u32 = 6;

/// Dollars: `^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`, nothing else.
impl FromStr for Usd {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Ok(Self::narrow(FixedPoint::USD.parse(text)?)?)
    }
}

/// Dollars with at least two fraction digits and no further zeros at the end: `12.50`, `0.000001`.
///
/// Width and precision of the format string are ignored, since either could cut digits off an amount.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = self.micros() / MICROS_PER_USD;
        let fraction = format!("{:0USD_FRACTION_DIGITS$}", self.micros() % MICROS_PER_USD);
        let fraction = fraction.trim_end_matches('0');
        write!(f, "{dollars}.{fraction:0<2}")
    }
}

/// Dollars for one BTC, in the form of an amount.
impl FromStr for Price {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Ok(Self::from_usd(text.parse()?)?)
    }
}

/// Dollars for one BTC, in the form of an amount.
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_usd().fmt(f)
    }
}

/// Whole sats: `^(0|[1-9][0-9]{0,15})$`, nothing else.
impl FromStr for Sats {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Ok(Self::narrow(FixedPoint::SATS.parse(text)?)?)
    }
}

/// Whole sats, as digits.
impl fmt::Display for Sats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

/// Ray units, as digits: the form in which an index is stored.
impl FromStr for FeeIndex {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Ok(Self::new(FixedPoint::FEE_INDEX.parse(text)?)?)
    }
}

/// Ray units, as digits.
impl fmt::Display for FeeIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.get())
    }
}

impl Usd {
    /// The same amount in dollars.
    ///
    /// # Errors
    /// [`MoneyError::DecimalNotExact`] above the 96 bits of a [`Decimal`].
    pub fn to_decimal(self) -> Result<Decimal, MoneyError> {
        let micros = i128::try_from(self.micros()).map_err(|_| MoneyError::DecimalNotExact)?;
        Decimal::try_from_i128_with_scale(micros, DECIMAL_SCALE).map_err(|_| MoneyError::DecimalNotExact)
    }

    /// Takes an amount in dollars.
    ///
    /// # Errors
    /// [`MoneyError::DecimalNegative`] below zero; [`MoneyError::DecimalNotExact`] if it is no whole number of
    /// micro-dollars.
    pub fn from_decimal(dollars: Decimal) -> Result<Self, MoneyError> {
        let mantissa = u128::try_from(dollars.mantissa()).map_err(|_| MoneyError::DecimalNegative)?;
        exact_micros(mantissa, dollars.scale()).map(Self::from_micros).ok_or(MoneyError::DecimalNotExact)
    }
}

/// `mantissa / 10^scale` dollars in micro-dollars, if that is a whole number of them.
fn exact_micros(mantissa: u128, scale: u32) -> Option<u128> {
    if let Some(missing_digits) = DECIMAL_SCALE.checked_sub(scale) {
        return mantissa.checked_mul(10_u128.checked_pow(missing_digits)?);
    }
    let excess = 10_u128.checked_pow(scale.checked_sub(DECIMAL_SCALE)?)?;
    if mantissa.checked_rem(excess)? != 0 {
        return None;
    }
    mantissa.checked_div(excess)
}

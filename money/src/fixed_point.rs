//! The one form in which a number of units is read.
//!
//! `^(0|[1-9][0-9]{0,w-1})(\.[0-9]{1,f})?$` and nothing else, so that a number has one spelling up to zeros at
//! the end of its fraction.

use std::iter;

use ruint::aliases::U256;

use crate::{
    ParseError,
    limits::{
        BTC_FRACTION_DIGITS, BTC_WHOLE_DIGITS_MAX, FEE_INDEX_DIGITS_MAX, SATS_DIGITS_MAX,
        USD_FRACTION_DIGITS, USD_WHOLE_DIGITS_MAX,
    },
};

/// How many digits a number may have before its dot (`w`) and after it (`f`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct FixedPoint {
    whole_digits_max: usize,
    fraction_digits: usize,
}

impl FixedPoint {
    /// Micro-dollars, written in dollars.
    pub(crate) const USD: Self = Self::new(USD_WHOLE_DIGITS_MAX, USD_FRACTION_DIGITS);
    /// Sats, written in BTC.
    pub(crate) const BTC: Self = Self::new(BTC_WHOLE_DIGITS_MAX, BTC_FRACTION_DIGITS);
    /// Sats, written as they are.
    pub(crate) const SATS: Self = Self::new(SATS_DIGITS_MAX, 0);
    /// Ray units, written as they are.
    pub(crate) const FEE_INDEX: Self = Self::new(FEE_INDEX_DIGITS_MAX, 0);

    const fn new(whole_digits_max: usize, fraction_digits: usize) -> Self {
        Self { whole_digits_max, fraction_digits }
    }

    /// The number in its smallest units.
    pub(crate) fn parse(self, text: &str) -> Result<U256, ParseError> {
        if text.is_empty() {
            return Err(ParseError::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(ParseError::Character);
        }
        let (whole, fraction) = self.split(text)?;
        let missing_digits = self.check_lengths(whole, fraction)?;
        let digits = whole.chars().chain(fraction.chars()).chain(iter::repeat_n('0', missing_digits));
        // A second dot is the one character that can still turn up here.
        digits.map(|digit| digit.to_digit(10)).try_fold(U256::ZERO, append_digit).ok_or(ParseError::Character)
    }

    /// What stands before the dot and after it.
    fn split(self, text: &str) -> Result<(&str, &str), ParseError> {
        match text.split_once('.') {
            None => Ok((text, "")),
            Some(_) if self.fraction_digits == 0 => Err(ParseError::Dot),
            Some((whole, fraction)) if whole.is_empty() || fraction.is_empty() => {
                Err(ParseError::MissingDigit)
            }
            Some(parts) => Ok(parts),
        }
    }

    /// How many digits are missing after the dot until the last one counts one unit.
    fn check_lengths(self, whole: &str, fraction: &str) -> Result<usize, ParseError> {
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(ParseError::LeadingZero);
        }
        if whole.len() > self.whole_digits_max {
            return Err(ParseError::WholeDigits { max: self.whole_digits_max });
        }
        let missing_digits = self.fraction_digits.checked_sub(fraction.len());
        missing_digits.ok_or(ParseError::FractionDigits { max: self.fraction_digits })
    }
}

/// The number with one more digit at its end, if that is one and there is room for it.
fn append_digit(number: U256, digit: Option<u32>) -> Option<U256> {
    number.checked_mul(U256::from(10))?.checked_add(U256::from(digit?))
}

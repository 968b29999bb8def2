//! Amounts as people type them at a command line: `0.01btc`, `50000sat`, `12.50usd`.
//!
//! Never a bare number: a sat and a bitcoin differ by 10^8, so whoever types an amount says which it is. The
//! number before the unit is as strict as everywhere else, and the unit is lower case and joined to it.

use crate::{ParseError, Sats, Usd, fixed_point::FixedPoint};

/// An amount of bitcoin: `0.01btc` with up to eight fraction digits, or `50000sat` with none.
///
/// # Errors
/// [`ParseError::BitcoinUnit`] for any other unit or none; else what is wrong with the number.
pub fn parse_sats(text: &str) -> Result<Sats, ParseError> {
    if let Some(number) = text.strip_suffix("btc") {
        return Ok(Sats::narrow(FixedPoint::BTC.parse(number)?)?);
    }
    text.strip_suffix("sat").ok_or(ParseError::BitcoinUnit)?.parse()
}

/// An amount of dollars: `12.50usd`, with up to six fraction digits.
///
/// # Errors
/// [`ParseError::DollarUnit`] for any other unit or none; else what is wrong with the number.
pub fn parse_usd(text: &str) -> Result<Usd, ParseError> {
    text.strip_suffix("usd").ok_or(ParseError::DollarUnit)?.parse()
}

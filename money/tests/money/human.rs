//! Amounts as people type them.

use money::{
    MoneyError, ParseError, Sats, Usd,
    human::{parse_sats, parse_usd},
};
use proptest::prelude::*;
use rstest::rstest;

use crate::strategies::sats;

#[rstest]
#[case::btc("0.01btc", Ok(1_000_000))]
#[case::whole_btc("2btc", Ok(200_000_000))]
#[case::one_sat_in_btc("0.00000001btc", Ok(1))]
#[case::all_btc("21000000btc", Ok(2_100_000_000_000_000))]
#[case::sat("50000sat", Ok(50_000))]
#[case::no_sat("0sat", Ok(0))]
#[case::above_in_btc("21000000.00000001btc", Err(ParseError::Range(MoneyError::SatsAboveMax)))]
#[case::above_in_sat("2100000000000001sat", Err(ParseError::Range(MoneyError::SatsAboveMax)))]
#[case::bare("50000", Err(ParseError::BitcoinUnit))]
#[case::bare_fraction("0.01", Err(ParseError::BitcoinUnit))]
#[case::empty("", Err(ParseError::BitcoinUnit))]
#[case::dollars("12.50usd", Err(ParseError::BitcoinUnit))]
#[case::capitals("1BTC", Err(ParseError::BitcoinUnit))]
#[case::plural("50000sats", Err(ParseError::BitcoinUnit))]
#[case::unit_alone("btc", Err(ParseError::Empty))]
#[case::sat_alone("sat", Err(ParseError::Empty))]
#[case::blank_before_the_unit("1 btc", Err(ParseError::Character))]
#[case::blank_after_the_unit("1btc ", Err(ParseError::BitcoinUnit))]
#[case::two_units("1satbtc", Err(ParseError::Character))]
#[case::unit_twice("1btcbtc", Err(ParseError::Character))]
#[case::half_a_sat("0.5sat", Err(ParseError::Dot))]
#[case::ninth_digit("0.000000001btc", Err(ParseError::FractionDigits { max: 8 }))]
#[case::nine_whole_digits("100000000btc", Err(ParseError::WholeDigits { max: 8 }))]
#[case::leading_zero("01btc", Err(ParseError::LeadingZero))]
#[case::no_whole_digit(".01btc", Err(ParseError::MissingDigit))]
#[case::sign("-1sat", Err(ParseError::Character))]
#[case::exponent("1e3sat", Err(ParseError::Character))]
fn bitcoin_says_its_unit(#[case] text: &str, #[case] expected: Result<u64, ParseError>) {
    assert_eq!(parse_sats(text).map(Sats::get), expected);
}

#[rstest]
#[case::cents("12.50usd", Ok(12_500_000))]
#[case::whole("12usd", Ok(12_000_000))]
#[case::smallest("0.000001usd", Ok(1))]
#[case::bare("12.50", Err(ParseError::DollarUnit))]
#[case::symbol("$12.50", Err(ParseError::DollarUnit))]
#[case::bitcoin("1btc", Err(ParseError::DollarUnit))]
#[case::capitals("12.50USD", Err(ParseError::DollarUnit))]
#[case::the_asset("12.50usdb", Err(ParseError::DollarUnit))]
#[case::unit_alone("usd", Err(ParseError::Empty))]
#[case::blank("12.50 usd", Err(ParseError::Character))]
#[case::seventh_digit("0.0000001usd", Err(ParseError::FractionDigits { max: 6 }))]
fn dollars_say_their_unit(#[case] text: &str, #[case] expected: Result<u128, ParseError>) {
    assert_eq!(parse_usd(text).map(Usd::micros), expected);
}

proptest! {
    /// The unit after a printed amount makes it one that people could have typed.
    #[test]
    fn a_printed_amount_with_its_unit_reads_back(sats in sats(), micros in 0..10_u128.pow(18)) {
        prop_assert_eq!(parse_sats(&format!("{sats}sat")), Ok(sats));
        let (whole, fraction) = (sats.get() / 100_000_000, sats.get() % 100_000_000);
        prop_assert_eq!(parse_sats(&format!("{whole}.{fraction:08}btc")), Ok(sats));
        let amount = Usd::from_micros(micros);
        prop_assert_eq!(parse_usd(&format!("{amount}usd")), Ok(amount));
    }
}

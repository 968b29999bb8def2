//! Reading and printing: one strict form, and whatever is printed reads back.

use money::{MoneyError, ParseError, Price, Sats, Usd, limits::LEDGER_AMOUNT_MAX};
use proptest::prelude::*;
use rstest::rstest;
use rust_decimal::Decimal;

use crate::strategies::{any_u128, price, sats};

#[rstest]
#[case::zero("0", 0, "0.00")]
#[case::zero_with_fraction("0.000000", 0, "0.00")]
#[case::smallest("0.000001", 1, "0.000001")]
#[case::tenth("0.1", 100_000, "0.10")]
#[case::two_digits("12.50", 12_500_000, "12.50")]
#[case::one_digit("12.5", 12_500_000, "12.50")]
#[case::whole("12", 12_000_000, "12.00")]
#[case::three_digits("1.005", 1_005_000, "1.005")]
#[case::zeros_inside("1.000100", 1_000_100, "1.0001")]
#[case::six_digits("0.123456", 123_456, "0.123456")]
#[case::largest("999999999999.999999", 999_999_999_999_999_999, "999999999999.999999")]
fn amounts_read_and_print(#[case] text: &str, #[case] micros: u128, #[case] printed: &str) {
    let amount: Usd = text.parse().unwrap();
    assert_eq!(amount.micros(), micros);
    assert_eq!(amount.to_string(), printed);
}

#[rstest]
#[case::empty("", ParseError::Empty)]
#[case::blank(" ", ParseError::Character)]
#[case::blank_before(" 1", ParseError::Character)]
#[case::blank_after("1 ", ParseError::Character)]
#[case::blank_inside("1 000", ParseError::Character)]
#[case::newline("1\n", ParseError::Character)]
#[case::tab("\t1", ParseError::Character)]
#[case::nul("1\0", ParseError::Character)]
#[case::plus("+1", ParseError::Character)]
#[case::minus("-1", ParseError::Character)]
#[case::minus_zero("-0", ParseError::Character)]
#[case::minus_alone("-", ParseError::Character)]
#[case::exponent("1e3", ParseError::Character)]
#[case::capital_exponent("1E3", ParseError::Character)]
#[case::negative_exponent("1e-3", ParseError::Character)]
#[case::not_a_number("NaN", ParseError::Character)]
#[case::infinity("inf", ParseError::Character)]
#[case::hexadecimal("0x10", ParseError::Character)]
#[case::underscore("1_000", ParseError::Character)]
#[case::comma("1,50", ParseError::Character)]
#[case::separator("1'000", ParseError::Character)]
#[case::symbol("$1", ParseError::Character)]
#[case::quoted("\"1\"", ParseError::Character)]
#[case::arabic_digits("\u{661}\u{662}", ParseError::Character)]
#[case::fullwidth_digits("\u{ff11}\u{ff12}", ParseError::Character)]
#[case::superscript("1\u{b2}", ParseError::Character)]
#[case::fullwidth_dot("1\u{ff0e}5", ParseError::Character)]
#[case::zero_width_blank("1\u{200b}", ParseError::Character)]
#[case::two_dots("1.2.3", ParseError::Character)]
#[case::dots_together("1..2", ParseError::Character)]
#[case::dot(".", ParseError::MissingDigit)]
#[case::nothing_before_the_dot(".5", ParseError::MissingDigit)]
#[case::nothing_after_the_dot("1.", ParseError::MissingDigit)]
#[case::leading_zero("01", ParseError::LeadingZero)]
#[case::two_zeros("00", ParseError::LeadingZero)]
#[case::leading_zero_of_a_fraction("00.5", ParseError::LeadingZero)]
#[case::seventh_digit("0.0000001", ParseError::FractionDigits { max: 6 })]
#[case::seventh_zero("1.0000000", ParseError::FractionDigits { max: 6 })]
#[case::thirteenth_digit("1000000000000", ParseError::WholeDigits { max: 12 })]
#[case::huge("340282366920938463463374607431768211456", ParseError::WholeDigits { max: 12 })]
fn what_is_no_amount_is_refused(#[case] text: &str, #[case] reason: ParseError) {
    assert_eq!(text.parse::<Usd>(), Err(reason), "{text:?} as dollars");
    assert_eq!(text.parse::<Price>(), Err(reason), "{text:?} as a price");
}

#[test]
fn a_megabyte_of_digits_is_refused() {
    for digit in ["0", "9", "."] {
        assert!(digit.repeat(1 << 20).parse::<Usd>().is_err());
        assert!(format!("1.{}", digit.repeat(1 << 20)).parse::<Usd>().is_err());
    }
}

#[rstest]
#[case::zero("0", Ok(0))]
#[case::one("1", Ok(1))]
#[case::all_there_is("2100000000000000", Ok(2_100_000_000_000_000))]
#[case::one_more("2100000000000001", Err(ParseError::Range(MoneyError::SatsAboveMax)))]
#[case::sixteen_digits("9999999999999999", Err(ParseError::Range(MoneyError::SatsAboveMax)))]
#[case::seventeen_digits("10000000000000000", Err(ParseError::WholeDigits { max: 16 }))]
#[case::fraction("1.0", Err(ParseError::Dot))]
#[case::dot("1.", Err(ParseError::Dot))]
#[case::leading_zero("07", Err(ParseError::LeadingZero))]
#[case::sign("+1", Err(ParseError::Character))]
#[case::empty("", Err(ParseError::Empty))]
fn sats_are_whole_numbers(#[case] text: &str, #[case] expected: Result<u64, ParseError>) {
    assert_eq!(text.parse::<Sats>().map(Sats::get), expected);
}

#[rstest]
#[case::usual("64321.987654", Ok(64_321_987_654))]
#[case::lowest("0.000001", Ok(1))]
#[case::highest("10000000.00", Ok(10_000_000_000_000))]
#[case::zero("0.00", Err(ParseError::Range(MoneyError::PriceOutOfRange)))]
#[case::above("10000000.000001", Err(ParseError::Range(MoneyError::PriceOutOfRange)))]
fn prices_are_dollars_for_one_btc(#[case] text: &str, #[case] expected: Result<u64, ParseError>) {
    let price = text.parse::<Price>();
    assert_eq!(price.map(Price::micros), expected);
    if let Ok(price) = price {
        assert_eq!(price.to_string(), text);
    }
}

/// Format strings that would pad or cut other values leave an amount whole.
#[test]
fn an_amount_is_never_cut_by_its_format() {
    let amount: Usd = "12.345678".parse().unwrap();
    let price: Price = "12.345678".parse().unwrap();
    assert_eq!(format!("{amount:.2}|{amount:3}|{price:.0}"), "12.345678|12.345678|12.345678");
    assert_eq!(format!("{:.1}", Sats::ONE_BTC), "100000000");
}

/// The grammar itself, written once more without looking at the parser.
fn follows_the_grammar(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(whole, 12)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(|part| digits(part, 6))
}

proptest! {
    #[test]
    fn exactly_the_grammar_is_read(text in "[0-9+. -]{0,4}[0-9]{0,14}[.]{0,1}[0-9]{0,8}[0-9.e]{0,2}") {
        prop_assert_eq!(text.parse::<Usd>().is_ok(), follows_the_grammar(&text));
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        prop_assert_eq!(text.parse::<Usd>().is_ok(), follows_the_grammar(&text));
        let _ = (text.parse::<Sats>(), text.parse::<Price>(), text.parse::<money::FeeIndex>());
        let _ = (money::human::parse_sats(&text), money::human::parse_usd(&text));
    }

    #[test]
    fn what_is_printed_reads_back(micros in 0..10_u128.pow(18), price in price(), sats in sats()) {
        let amount = Usd::from_micros(micros);
        prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        prop_assert_eq!(price.to_string().parse(), Ok(price));
        prop_assert_eq!(sats.to_string().parse(), Ok(sats));
    }

    /// Every amount prints its exact value, with two to six fraction digits and no zero to spare.
    #[test]
    fn every_amount_prints_exactly(micros in any_u128()) {
        let printed = Usd::from_micros(micros).to_string();
        let (whole, fraction) = printed.split_once('.').unwrap();
        prop_assert!((2..=6).contains(&fraction.len()));
        prop_assert!(fraction.len() == 2 || !fraction.ends_with('0'));
        let all_digits = format!("{whole}{fraction:0<6}");
        prop_assert_eq!(all_digits.parse::<u128>(), Ok(micros));
    }

    /// A decimal is the amount or is refused, whatever its scale.
    #[test]
    fn decimals_convert_exactly(micros in 0..1_u128 << 96, scale in 0..=28_u32) {
        let amount = Usd::from_micros(micros);
        prop_assert_eq!(amount.to_decimal().and_then(Usd::from_decimal), Ok(amount));
        let decimal = Decimal::try_from_i128_with_scale(i128::try_from(micros).unwrap(), scale).unwrap();
        let unit = 10_u128.pow(scale.saturating_sub(6));
        let exact = micros.is_multiple_of(unit).then(|| micros / unit * 10_u128.pow(6_u32.saturating_sub(scale)));
        let expected = exact.map(Usd::from_micros).ok_or(MoneyError::DecimalNotExact);
        prop_assert_eq!(Usd::from_decimal(decimal), expected);
    }
}

#[rstest]
#[case::zero("0", Ok(0))]
#[case::cents("12.50", Ok(12_500_000))]
#[case::zeros_at_the_end("1.0000000000", Ok(1_000_000))]
#[case::seventh_digit("0.0000001", Err(MoneyError::DecimalNotExact))]
#[case::negative("-0.01", Err(MoneyError::DecimalNegative))]
#[case::largest("79228162514264337593543950335", Ok(79_228_162_514_264_337_593_543_950_335_000_000))]
fn decimals_are_dollars(#[case] text: &str, #[case] expected: Result<u128, MoneyError>) {
    let decimal: Decimal = text.parse().unwrap();
    assert_eq!(Usd::from_decimal(decimal).map(Usd::micros), expected);
}

#[test]
fn the_sign_of_zero_and_the_width_of_a_decimal() {
    let mut minus_zero = Decimal::ZERO;
    minus_zero.set_sign_negative(true);
    assert_eq!(Usd::from_decimal(minus_zero), Ok(Usd::ZERO));
    let widest = Usd::from_micros((1 << 96) - 1);
    assert!(widest.to_decimal().is_ok());
    for above in [widest.checked_add(Usd::ONE_MICRO).unwrap(), Usd::MAX] {
        assert_eq!(above.to_decimal(), Err(MoneyError::DecimalNotExact));
    }
    let amount = Usd::from_ledger_amount(LEDGER_AMOUNT_MAX).unwrap();
    assert_eq!(amount.to_decimal().unwrap().to_string(), "9223372036854.775807");
}

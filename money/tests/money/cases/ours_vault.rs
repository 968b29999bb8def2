//! Our own rows: sats, micro-dollars, basis points, ray. They are computed with the product's types.

use money::{
    Bps, FeeFactor, FeeIndex, IndexStep, NormalizedDebt, Price, Sats, U256, Usd,
    collateral::{is_safe, mintable_floor, value_floor},
    debt::{debt_ceil, repay_floor},
};
use serde_json::Value;

use super::{
    Row::{Check, Elsewhere},
    number, run, small,
};

const REDEMPTION: &str = "Gross, fee and out of a redemption are rules of the vault (MECHANISM section 8).";
const LIQUIDATION: &str = "Sizing and splitting a liquidation are rules of the vault (MECHANISM section 7).";
const AUCTION: &str =
    "The curve and the purchase of an auction are rules of the vault (MECHANISM section 7.5).";

/// 5 % a year, in the version that these rows use.
const FACTOR: u128 = 1_000_000_001_547_125_957_863_212_448;

#[test]
fn rows_of_ours_vault() {
    run(
        include_str!("../../cases/ours_vault.json"),
        &[
            ("value 1 sat at 100k", Check(value)),
            ("value floors", Check(value)),
            ("max draw 1 BTC at 150%", Check(mintable)),
            ("draw max is safe, +1 micro-USD is not", Check(safe)),
            ("index after one year at 5%", Check(index_after)),
            ("1000 USD drawn at index 1 -> debt after a year (ceil)", Check(debt)),
            ("repay 1 micro-USD at index 1.05 cancels nothing", Check(repaid)),
            ("100 idle years do not overflow 256-bit, index", Check(idle_years)),
            ("365 daily accruals vs one yearly: never more than 365 ray units below", Check(daily_steps)),
            ("redeem 1000 USD at 100k, 0.5% fee", Elsewhere(REDEMPTION)),
            ("partial liquidation back to 170%", Elsewhere(LIQUIDATION)),
            ("full split, 140% vault, 10% penalty", Elsewhere(LIQUIDATION)),
            ("full split, underwater vault", Elsewhere(LIQUIDATION)),
            ("auction price t=0s top 102k cut 1% per 60 s", Elsewhere(AUCTION)),
            ("auction price t=59s top 102k cut 1% per 60 s", Elsewhere(AUCTION)),
            ("auction price t=600s top 102k cut 1% per 60 s", Elsewhere(AUCTION)),
            ("auction price t=3600s top 102k cut 1% per 60 s", Elsewhere(AUCTION)),
            ("buy leaving dust: pulled back to floor", Elsewhere(AUCTION)),
        ],
    );
}

fn sats(value: &Value) -> Sats {
    Sats::narrow(number(value)).unwrap()
}

fn price(value: &Value) -> Price {
    Price::narrow(number(value)).unwrap()
}

fn usd(value: &Value) -> Usd {
    Usd::narrow(number(value)).unwrap()
}

fn ratio(value: &Value) -> Bps {
    Bps::new(number(value).to())
}

fn index(value: &Value) -> FeeIndex {
    FeeIndex::new(number(value)).unwrap()
}

/// The index after this time at this factor, from one, without being cut.
fn stepped(factor: u128, seconds: i64) -> U256 {
    let IndexStep { index, saturated } =
        FeeIndex::ONE.step_floor(FeeFactor::new(factor).unwrap(), seconds).unwrap();
    assert!(!saturated);
    index.get()
}

fn value(input: &Value, expect: &Value) {
    assert_eq!(value_floor(sats(&input["sats"]), price(&input["price"])), Ok(usd(expect)));
}

fn mintable(input: &Value, expect: &Value) {
    let (collateral, price) = (sats(&input["sats"]), price(&input["price"]));
    let mintable = mintable_floor(collateral, price, usd(&input["debt"]), ratio(&input["lr_bps"]));
    assert_eq!(mintable, Ok(usd(expect)));
}

fn safe(input: &Value, expect: &Value) {
    let (collateral, price) = (sats(&input["sats"]), price(&input["price"]));
    let debts = input["debt"].as_array().unwrap();
    let safe: Vec<_> =
        debts.iter().map(|debt| is_safe(collateral, price, usd(debt), ratio(&input["lr_bps"]))).collect();
    assert_eq!(Value::from(safe), *expect);
}

fn index_after(input: &Value, expect: &Value) {
    let seconds = number(&input["dt"]).to();
    assert_eq!(stepped(small(&input["duty"]), seconds), number(expect));
}

fn idle_years(input: &Value, expect: &Value) {
    assert_eq!(stepped(FACTOR, number(&input["dt"]).to()), number(expect));
}

fn debt(input: &Value, expect: &Value) {
    let normalized_debt = NormalizedDebt::narrow(number(&input["art"])).unwrap();
    assert_eq!(debt_ceil(normalized_debt, index(&input["index"])), Ok(usd(expect)));
}

/// The row names no debt: any that is larger than the amount shows what the amount cancels.
fn repaid(input: &Value, expect: &Value) {
    let before = NormalizedDebt::from_micros(1_000_000_000);
    let repayment = repay_floor(before, usd(&input["amount"]), index(&input["index"])).unwrap();
    let cancelled = before.checked_sub(repayment.normalized_debt).unwrap();
    assert_eq!(cancelled.widen(), number(&expect["art_cancelled"]));
    assert_eq!((repayment.taken, repayment.returned), (usd(&input["amount"]), Usd::ZERO));
}

fn daily_steps(_: &Value, expect: &Value) {
    let factor = FeeFactor::new(FACTOR).unwrap();
    let daily = (0..365).fold(FeeIndex::ONE, |index, _| index.step_floor(factor, 86_400).unwrap().index);
    let yearly = stepped(FACTOR, 31_536_000);
    assert_eq!((daily.get(), yearly), (number(&expect["daily"]), number(&expect["yearly"])));
    assert_eq!(yearly - daily.get(), number(&expect["diff"]));
}

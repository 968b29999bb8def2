//! Rows of liquity/dev: collateral, debt, price and ratio all in wad.

use money::{
    MoneyError, Price, Sats, U256, Usd,
    collateral::collateral_ratio_bps_floor,
    formula::Scales,
    scale::{RAY, WAD},
};
use serde_json::Value;

use super::{
    Row::{Check, Elsewhere},
    number, run,
};

const REWARD: &str = "The liquidator's reward is a rule of the vault (MECHANISM section 7.3).";

const IN_WAD: Scales = Scales { collateral: WAD, ratio: WAD, index: RAY };

#[test]
fn rows_of_collateral_ratio() {
    run(
        include_str!("../../cases/collateral_ratio.json"),
        &[
            ("collateral_ratio-03", Check(ratio)),
            ("collateral_ratio-04", Check(ratio)),
            ("collateral_ratio-06", Check(without_debt)),
            ("collateral_ratio-07", Elsewhere(REWARD)),
            ("collateral_ratio-09", Elsewhere(REWARD)),
            ("collateral_ratio-10", Elsewhere(REWARD)),
            ("collateral_ratio-11", Elsewhere(REWARD)),
            ("collateral_ratio-12", Elsewhere(REWARD)),
        ],
    );
}

/// The ratio of a row, or why it has none.
fn ratio_of(input: &Value) -> Result<U256, MoneyError> {
    let (collateral, price) = (number(&input["collateral_wad"]), number(&input["price_wad"]));
    IN_WAD.collateral_ratio_floor(collateral, price, number(&input["debt_wad"]))
}

/// The rounded figure of the origin is met within its tolerance, the floor exactly.
fn ratio(input: &Value, expect: &Value) {
    let ratio = ratio_of(input).unwrap();
    assert_eq!(ratio, number(&expect["exact_floor"]));
    assert!(ratio.abs_diff(number(&expect["ratio_wad"])) <= number(&expect["tolerance"]));
}

/// The origin answers with its largest number; ours is that there is no ratio.
fn without_debt(input: &Value, expect: &Value) {
    assert_eq!(expect["ratio"], "MAX (2^256-1)");
    assert_eq!(ratio_of(input), Err(MoneyError::ZeroDivisor));
    assert_eq!(collateral_ratio_bps_floor(Sats::ONE_BTC, Price::MAX, Usd::ZERO), Ok(None));
}

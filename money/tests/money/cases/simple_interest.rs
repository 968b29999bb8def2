//! Rows of mezo-org/musd and liquity/bold, in wad. Simple interest is not ours; the rounding of totals is.

use money::{U256, mul_div_ceil, mul_div_floor, scale::WAD};
use serde_json::Value;

use super::{
    Row::{Check, Elsewhere},
    number, run,
};

const SIMPLE: &str = "Simple interest, paid before the principal, is no rule of ours: our fee is an index.";
const TIMELOCK: &str = "The delay of a parameter change is a rule of the vault (MECHANISM section 12).";

#[test]
fn rows_of_simple_interest() {
    run(
        include_str!("../../cases/simple_interest.json"),
        &[
            ("simple_interest-02", Elsewhere(SIMPLE)),
            ("simple_interest-03", Elsewhere(SIMPLE)),
            ("simple_interest-04", Elsewhere(TIMELOCK)),
            ("simple_interest-05", Check(totals_round_up)),
        ],
    );
}

/// What is owed in total rounds up, what one vault is told rounds down: the sum is never short of its parts.
fn totals_round_up(input: &Value, expect: &Value) {
    let (weighted_debt, seconds) = (number(&input["weighted_debt_sum"]), number(&input["seconds"]));
    let year = U256::from(31_536_000);
    let total = mul_div_ceil([weighted_debt, seconds], [year, WAD]);
    assert_eq!(total, Ok(number(&expect["aggregate_ceil"])));
    let one = mul_div_floor([weighted_debt, seconds], [year, WAD]);
    assert_eq!(one, Ok(number(&expect["individual_floor"])));
}

//! Rows of makerdao/dss `vat.t.sol`: collateral and normalized debt in wad, index and price over ratio in ray.
//!
//! Only the comparison is ours to check here. Its scales are all one: the price is already divided by the ratio,
//! and debt stays in the exact unit of wad times ray.

use money::{U256, formula::Scales};
use serde_json::Value;

use super::{
    Row::{Check, Elsewhere},
    number, run,
};

const CEILING: &str = "The debt ceiling is a rule of the vault (MECHANISM section 4).";
const FLOOR: &str = "The debt floor is a rule of the vault (MECHANISM section 4).";
const CONSENT: &str = "Who may do what is a rule of the vault (MECHANISM section 4).";

const UNSCALED: Scales = Scales { collateral: U256::ONE, ratio: U256::ONE, index: U256::ONE };

#[test]
fn rows_of_vault_operations() {
    run(
        include_str!("../../cases/vault_operations.json"),
        &[
            ("vault_operations-01", Elsewhere(CEILING)),
            ("vault_operations-03", Check(adjustments)),
            ("vault_operations-04", Check(adjustments)),
            ("vault_operations-05", Elsewhere(FLOOR)),
            ("vault_operations-06", Check(adjustments)),
            ("vault_operations-08", Elsewhere(CONSENT)),
            ("vault_operations-12", Elsewhere(CONSENT)),
            ("vault_operations-13", Elsewhere(CONSENT)),
            ("vault_operations-14", Elsewhere(CONSENT)),
            ("vault_operations-15", Elsewhere(CONSENT)),
        ],
    );
}

/// An amount moved by a signed change, if it does not fall below zero.
fn moved(amount: U256, change: &Value) -> Option<U256> {
    match change.as_str().unwrap().strip_prefix('-') {
        None => amount.checked_add(number(change)),
        Some(fall) => amount.checked_sub(fall.parse().unwrap()),
    }
}

/// Plays the steps of a row. What only improves a vault is allowed; anything else must end safe.
fn adjustments(input: &Value, expect: &Value) {
    let rate = number(&input["config"]["rate_ray"]);
    let mut price = number(&input["config"]["spot_ray"]);
    let (mut collateral, mut normalized_debt) = (U256::ZERO, U256::ZERO);
    for step in input["steps"].as_array().unwrap() {
        match (step["op"].as_str().unwrap(), step["param"].as_str()) {
            ("set", Some("spot")) => price = number(&step["value"]),
            ("adjust", None) => {
                let collateral_after = moved(collateral, &step["dcollateral_wad"]).unwrap();
                let normalized_after = moved(normalized_debt, &step["ddebt_wad"]).unwrap();
                let debt = UNSCALED.debt_ceil(normalized_after, rate).unwrap();
                let improves = collateral_after >= collateral && normalized_after <= normalized_debt;
                let allowed = improves || UNSCALED.is_safe(collateral_after, price, debt, U256::ONE);
                assert_eq!(Value::from(allowed), step["expect_ok"], "{step}");
                if allowed {
                    (collateral, normalized_debt) = (collateral_after, normalized_after);
                }
            }
            other => panic!("a step this test does not know: {other:?}"),
        }
    }
    assert_eq!(collateral, number(&expect["final_collateral"]));
    assert_eq!(normalized_debt, number(&expect["final_debt_art"]));
}

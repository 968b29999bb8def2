//! Rows of makerdao/dss `jug.t.sol` and `pot.t.sol`: debts in wad, the rest in ray.

use money::{
    U256,
    formula::Scales,
    mul_div_floor, rpow_half_up,
    scale::{RAY, WAD},
};
use serde_json::Value;

use super::{
    Row::{Check, Elsewhere},
    number, run,
};

const STALE: &str =
    "Refusing an index that was not stepped to now is a rule of the vault (MECHANISM section 2).";

const DAY: u64 = 86_400;
/// 5 % a day, and 10 % a day: the factors of the rows that describe their input in words.
const FIVE_PERCENT_DAILY: u128 = 1_000_000_564_701_133_626_865_910_626;
const TEN_PERCENT_DAILY: u128 = 1_000_001_103_127_689_513_476_993_127;

#[test]
fn rows_of_stability_fee_index() {
    run(
        include_str!("../../cases/stability_fee_index.json"),
        &[
            ("stability_fee_index-02", Check(fee_income)),
            ("stability_fee_index-03", Check(fee_income)),
            ("stability_fee_index-04", Check(fee_income)),
            ("stability_fee_index-05", Check(fee_income)),
            ("stability_fee_index-06", Check(falling_index)),
            ("stability_fee_index-07", Check(two_rates)),
            ("stability_fee_index-09", Check(power)),
            ("stability_fee_index-10", Elsewhere(STALE)),
            ("stability_fee_index-11", Check(savings)),
            ("stability_fee_index-12", Check(savings_in_two_steps)),
            ("stability_fee_index-14", Elsewhere(STALE)),
        ],
    );
}

fn step(index: U256, factor: U256, seconds: u64) -> U256 {
    Scales::BALLAST.index_step_floor(index, factor, seconds).unwrap()
}

/// The index after all periods of a row.
fn after_periods(input: &Value) -> U256 {
    let periods = input["periods"].as_array().unwrap();
    periods.iter().fold(number(&input["start_index_ray"]), |index, period| {
        step(index, number(&period["duty_per_second_ray"]), number(&period["seconds"]).to())
    })
}

/// What is owed in exact units of wad times ray, rounded down to wad as the rows show it.
fn wad_floor(normalized: U256, index: U256) -> U256 {
    mul_div_floor([normalized, index], [RAY]).unwrap()
}

fn fee_income(input: &Value, expect: &Value) {
    let (start, index) = (number(&input["start_index_ray"]), after_periods(input));
    assert_eq!(index, number(&expect["index_ray"]));
    let income = wad_floor(number(&input["principal_art_wad"]), index - start);
    assert_eq!(income, number(&expect["protocol_income_wad_floor"]));
}

/// A factor below one, which our classes never have: the formula itself does not mind.
fn falling_index(input: &Value, expect: &Value) {
    let index = after_periods(input);
    assert_eq!(index, number(&expect["index_ray"]));
    let balance = wad_floor(number(&input["principal_art_wad"]), index);
    assert_eq!(balance, number(&expect["balance_after_wad_floor"]));
}

/// The row says in words: a day at 5 %, then a day at 10 %, on a principal of 100.
fn two_rates(_: &Value, expect: &Value) {
    let after_one = step(RAY, U256::from(FIVE_PERCENT_DAILY), DAY);
    let index = step(after_one, U256::from(TEN_PERCENT_DAILY), DAY);
    assert_eq!(mul_div_floor([index, WAD], [RAY]), Ok(number(&expect["index_wad_floor"])));
    assert_eq!(wad_floor(U256::from(100) * WAD, index), number(&expect["total_debt_wad"]));
}

fn power(input: &Value, expect: &Value) {
    let exponent = number(&input["n"]).to();
    let power = rpow_half_up(number(&input["x_ray"]), exponent, number(&input["base"])).unwrap();
    assert_eq!(power, number(&expect["exact_with_round_half_up"]));
    assert_eq!(power / U256::from(10_u128.pow(17)), number(&expect["result_div_1e17"]));
}

fn savings(input: &Value, expect: &Value) {
    let index = step(RAY, number(&input["dsr_ray"]), number(&input["seconds"]).to());
    assert_eq!(index, number(&expect["chi_ray"]));
    assert_eq!(wad_floor(number(&input["deposit_pie_wad"]), index), number(&expect["withdraw_wad_floor"]));
}

/// The row says in words: 100 shares, half of them taken out after a day at 5 %, the rest after a day at 10 %.
fn savings_in_two_steps(_: &Value, expect: &Value) {
    let half = U256::from(50) * WAD;
    let after_one = step(RAY, U256::from(FIVE_PERCENT_DAILY), DAY);
    let first_exit = wad_floor(half, after_one);
    assert_eq!(first_exit, number(&expect["after_first_exit_wad"]));
    let second_exit = wad_floor(half, step(after_one, U256::from(TEN_PERCENT_DAILY), DAY));
    assert_eq!(first_exit + second_exit, number(&expect["total_wad"]));
}

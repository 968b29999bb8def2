//! Steps of the fee index: exact where they fit, cut and reported where they do not.

use money::{
    FeeFactor, FeeIndex, IndexStep, MoneyError, U256,
    limits::{FEE_FACTOR_MAX, FEE_INDEX_MAX, STEP_SECONDS_MAX},
    mul_div_floor, rpow_half_up,
    scale::RAY,
};
use proptest::prelude::*;
use rstest::rstest;

use crate::{
    longhand::{Longhand, is_floor},
    strategies::{fee_index, real_fee_factor, real_fee_index},
};

const DAY: i64 = 86_400;
const YEAR: i64 = 365 * DAY;

/// 25 % a year, the highest rate class.
const HIGHEST_FACTOR: u128 = 1_000_000_007_075_835_619_725_814_915;

fn factor(ray: u128) -> FeeFactor {
    FeeFactor::new(ray).unwrap()
}

fn step(index: FeeIndex, factor: FeeFactor, seconds: i64) -> IndexStep {
    index.step_floor(factor, seconds).unwrap()
}

proptest! {
    #[test]
    fn a_step_multiplies_and_rounds_down(
        index in real_fee_index(),
        factor in real_fee_factor(),
        seconds in 0..=100 * YEAR,
    ) {
        let stepped = step(index, factor, seconds);
        let growth = rpow_half_up(factor.widen(), u64::try_from(seconds).unwrap(), RAY).unwrap();
        let product = Longhand::product([growth, index.get()]);
        prop_assert!(!stepped.saturated);
        prop_assert!(is_floor(stepped.index, &product, &Longhand::of(RAY)));
    }

    /// Whatever is stepped, the index does not fall, stays below its cap and says so when it was cut.
    #[test]
    fn a_step_never_lowers_the_index(
        index in fee_index(),
        factor in 1_000_000_000_000_000_000_000_000_000..=FEE_FACTOR_MAX,
        seconds in 0..=i64::MAX,
    ) {
        let stepped = step(index, FeeFactor::new(factor).unwrap(), seconds);
        prop_assert!(stepped.index >= index && stepped.index <= FeeIndex::MAX);
        prop_assert!(!stepped.saturated || stepped.index == FeeIndex::MAX);
    }

    /// Whoever decides when an index is stepped gains nothing by it.
    #[test]
    fn daily_steps_are_one_yearly_step(factor in real_fee_factor()) {
        let yearly = step(FeeIndex::ONE, factor, YEAR).index;
        let daily = (0..365).fold(FeeIndex::ONE, |index, _| step(index, factor, DAY).index);
        let tolerance = Longhand::of(10_u64.pow(18));
        prop_assert!(Longhand::of(yearly).is_within(&Longhand::of(daily), &tolerance));
    }

    #[test]
    fn an_index_reads_back_as_written(index in fee_index()) {
        prop_assert_eq!(index.to_string().parse(), Ok(index));
    }

    #[test]
    fn time_going_back_is_refused(index in fee_index(), factor in real_fee_factor(), seconds in i64::MIN..0) {
        prop_assert_eq!(index.step_floor(factor, seconds), Err(MoneyError::TimeBackwards));
    }
}

#[rstest]
#[case::no_time(FeeIndex::ONE, 0)]
#[case::at_the_cap(FeeIndex::MAX, 0)]
fn no_time_changes_nothing(#[case] index: FeeIndex, #[case] seconds: i64) {
    for ray in [RAY.to::<u128>(), HIGHEST_FACTOR, FEE_FACTOR_MAX] {
        assert_eq!(step(index, factor(ray), seconds), IndexStep { index, saturated: false });
    }
}

#[test]
fn no_fee_changes_nothing() {
    for index in [FeeIndex::ONE, FeeIndex::MAX] {
        assert_eq!(step(index, FeeFactor::ONE, i64::MAX), IndexStep { index, saturated: false });
    }
}

#[test]
fn time_beyond_a_hundred_years_is_not_charged() {
    let hundred_years = i64::try_from(STEP_SECONDS_MAX).unwrap();
    assert_eq!(hundred_years, 100 * YEAR);
    let factor = factor(HIGHEST_FACTOR);
    let capped = step(FeeIndex::ONE, factor, hundred_years);
    assert!(!capped.saturated);
    assert!(capped.index > step(FeeIndex::ONE, factor, hundred_years - 1).index);
    for seconds in [hundred_years + 1, i64::MAX] {
        assert_eq!(step(FeeIndex::ONE, factor, seconds), capped);
    }
}

/// At 25 % a year the cap is met between the 185th and the 187th year, and every later step reports it again.
#[test]
fn the_highest_class_saturates_after_about_186_years() {
    let factor = factor(HIGHEST_FACTOR);
    let century = step(FeeIndex::ONE, factor, 100 * YEAR).index;
    assert!(!step(century, factor, 85 * YEAR).saturated);
    let cut = IndexStep { index: FeeIndex::MAX, saturated: true };
    assert_eq!(step(century, factor, 87 * YEAR), cut);
    assert_eq!(step(FeeIndex::MAX, factor, 1), cut);
}

/// The exact index is compared with the cap: reaching it is no cut, one unit above it is.
#[test]
fn the_cap_itself_is_not_cut() {
    let one_second = factor(1_000_000_000_000_000_000_000_000_001);
    let below = |distance: u64| FeeIndex::new(FEE_INDEX_MAX - U256::from(distance)).unwrap();
    // A factor of one ray unit above one adds 10^18 units to an index just below 10^45.
    let reaches = below(999_999_999_999_999_999);
    let exact = mul_div_floor([reaches.get(), one_second.widen()], [RAY]).unwrap();
    assert_eq!(exact, FEE_INDEX_MAX);
    assert_eq!(step(reaches, one_second, 1), IndexStep { index: FeeIndex::MAX, saturated: false });
    assert!(step(below(999_999_999_999_999_998), one_second, 1).saturated);
}

/// The square of the growth of a hundred years at the largest factor has thousands of bits.
#[test]
fn products_that_do_not_fit_saturate() {
    let seconds = STEP_SECONDS_MAX;
    assert_eq!(rpow_half_up(FeeFactor::MAX.widen(), seconds, RAY), Err(MoneyError::Overflow));
    for index in [FeeIndex::ONE, FeeIndex::MAX] {
        let stepped = step(index, FeeFactor::MAX, i64::try_from(seconds).unwrap());
        assert_eq!(stepped, IndexStep { index: FeeIndex::MAX, saturated: true });
    }
}

#[rstest]
#[case::zero(U256::ZERO, false)]
#[case::below_one(RAY - U256::ONE, false)]
#[case::one(RAY, true)]
#[case::cap(FEE_INDEX_MAX, true)]
#[case::above_the_cap(FEE_INDEX_MAX + U256::ONE, false)]
#[case::widest(U256::MAX, false)]
fn an_index_is_in_range(#[case] ray: U256, #[case] accepted: bool) {
    assert_eq!(FeeIndex::new(ray).is_ok(), accepted);
    assert_eq!(FeeIndex::new(ray).map_or(ray, FeeIndex::get), ray);
    let parsed: Result<FeeIndex, _> = ray.to_string().parse();
    assert_eq!(parsed.is_ok(), accepted);
}

#[rstest]
#[case::zero(0, false)]
#[case::below_one(999_999_999_999_999_999_999_999_999, false)]
#[case::one(1_000_000_000_000_000_000_000_000_000, true)]
#[case::highest_class(HIGHEST_FACTOR, true)]
#[case::largest(FEE_FACTOR_MAX, true)]
#[case::above(FEE_FACTOR_MAX + 1, false)]
#[case::a_yearly_factor(1_050_000_000_000_000_000_000_000_000, false)]
fn a_factor_is_in_range(#[case] ray: u128, #[case] accepted: bool) {
    assert_eq!(FeeFactor::new(ray).map(FeeFactor::get).ok(), accepted.then_some(ray));
}

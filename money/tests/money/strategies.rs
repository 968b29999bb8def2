//! Numbers of every size: each strategy draws the number of bits first, so small and huge are equally likely.

use money::{
    Bps, FeeFactor, FeeIndex, NormalizedDebt, Price, Sats, U256, Usd,
    limits::{FEE_INDEX_MAX, PRICE_MICROS_MAX, SATS_MAX},
    scale::RAY,
};
use proptest::prelude::*;

/// Any 256-bit number.
pub(crate) fn wide() -> impl Strategy<Value = U256> {
    (any::<[u64; 4]>(), 0_usize..=256)
        .prop_map(|(limbs, bits)| U256::from_limbs(limbs).wrapping_shr(256 - bits))
}

/// Any 128-bit number.
pub(crate) fn any_u128() -> impl Strategy<Value = u128> {
    (any::<u128>(), 0_u32..=128).prop_map(|(number, bits)| number.checked_shr(128 - bits).unwrap_or(0))
}

/// Any 64-bit number.
pub(crate) fn any_u64() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0_u32..=64).prop_map(|(number, bits)| number.checked_shr(64 - bits).unwrap_or(0))
}

pub(crate) fn sats() -> impl Strategy<Value = Sats> {
    any_u64().prop_map(|number| Sats::new(number.min(SATS_MAX)).unwrap())
}

pub(crate) fn price() -> impl Strategy<Value = Price> {
    any_u64().prop_map(|number| Price::from_micros(number.clamp(1, PRICE_MICROS_MAX)).unwrap())
}

pub(crate) fn usd() -> impl Strategy<Value = Usd> {
    any_u128().prop_map(Usd::from_micros)
}

/// Any ratio, zero included; most are around those in use.
pub(crate) fn ratio() -> impl Strategy<Value = Bps> {
    prop_oneof![3 => 10_000_u32..20_000, 1 => any::<u32>(), 1 => Just(0)].prop_map(Bps::new)
}

pub(crate) fn normalized_debt() -> impl Strategy<Value = NormalizedDebt> {
    any_u128().prop_map(NormalizedDebt::from_micros)
}

/// Any fee index from one to its cap.
pub(crate) fn fee_index() -> impl Strategy<Value = FeeIndex> {
    wide().prop_map(|number| FeeIndex::new(number.clamp(RAY, FEE_INDEX_MAX)).unwrap())
}

/// A fee index below two hundred, where a real one is.
pub(crate) fn real_fee_index() -> impl Strategy<Value = FeeIndex> {
    (1..200_u64, any_u64())
        .prop_map(|(whole, fraction)| FeeIndex::new(RAY * U256::from(whole) + U256::from(fraction)).unwrap())
}

/// Any factor up to that of the highest rate class, 25 % a year.
pub(crate) fn real_fee_factor() -> impl Strategy<Value = FeeFactor> {
    (0..=7_075_835_619_725_814_915_u128).prop_map(|fee| FeeFactor::new(FeeFactor::ONE.get() + fee).unwrap())
}

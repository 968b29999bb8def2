//! Between the numbers that structures keep (`u32`, to be small) and those that index slices. Everything counted
//! here has far fewer than 2^32 members, so no value is ever cut.

/// As an index.
#[inline]
pub(super) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// As a kept number.
#[inline]
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The low and the high half.
#[inline]
pub(super) fn halves(number: u128) -> (u64, u64) {
    let half = |part: u128| u64::try_from(part & u128::from(u64::MAX)).unwrap_or(0);
    (half(number), half(number >> 64))
}

/// The number with these halves.
#[inline]
pub(super) fn joined(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// No member: what a link or a slot that points nowhere holds.
pub(super) const NONE: u32 = u32::MAX;

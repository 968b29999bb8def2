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

/// No member: what a link or a slot that points nowhere holds.
pub(super) const NONE: u32 = u32::MAX;

//! What accounts are owed and what they owe, per asset.
//!
//! Units are minor units of the asset: micro-dollars of USDb (1), sats of BTC (2). Only posted totals count.
//! Both sides are unsigned and only ever added: with no negative term, no debt can be hidden behind another sum.

use super::hash::fill;

/// Numbers of the assets a tree sums up, in the order in which their sums are hashed.
///
/// Another asset makes every node longer, so it needs a new format version.
pub const ASSETS: [u16; 2] = [1, 2];

/// Encoded size of [`Sums`].
pub const SUMS_BYTES: usize = 64;

/// The two sums of one asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AssetSums {
    /// Sum of `credits_posted - debits_posted` over accounts with more credits.
    pub owed: u128,
    /// Sum of `debits_posted - credits_posted` over accounts with more debits.
    pub owing: u128,
}

impl AssetSums {
    fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self { owed: self.owed.checked_add(other.owed)?, owing: self.owing.checked_add(other.owing)? })
    }

    fn checked_sub(self, other: Self) -> Option<Self> {
        Some(Self { owed: self.owed.checked_sub(other.owed)?, owing: self.owing.checked_sub(other.owing)? })
    }
}

/// The sums of a subtree for every asset in [`ASSETS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums(pub(super) [AssetSums; ASSETS.len()]);

impl Sums {
    /// The sums of a subtree without accounts.
    pub const ZERO: Self = Self([AssetSums { owed: 0, owing: 0 }; ASSETS.len()]);

    /// Takes the sums of each asset, in the order of [`ASSETS`].
    #[must_use]
    pub const fn new(by_asset: [AssetSums; ASSETS.len()]) -> Self {
        Self(by_asset)
    }

    /// The sums of one asset, by its number.
    #[must_use]
    pub fn of(&self, asset: u16) -> Option<AssetSums> {
        self.by_asset().find_map(|(number, sums)| (number == asset).then_some(sums))
    }

    /// Asset numbers with their sums.
    pub fn by_asset(self) -> impl Iterator<Item = (u16, AssetSums)> {
        ASSETS.into_iter().zip(self.0)
    }

    /// Adds every sum, or nothing if one of them does not fit u128.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let mut total = self;
        for (mine, theirs) in total.0.iter_mut().zip(other.0) {
            *mine = mine.checked_add(theirs)?;
        }
        Some(total)
    }

    /// Subtracts every sum, or nothing if one of them is too small.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let mut rest = self;
        for (mine, theirs) in rest.0.iter_mut().zip(other.0) {
            *mine = mine.checked_sub(theirs)?;
        }
        Some(rest)
    }

    /// The bytes that are hashed: per asset `owed`, then `owing`, each u128 little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SUMS_BYTES] {
        let mut bytes = [0; SUMS_BYTES];
        let mut rest = bytes.as_mut_slice();
        for sums in &self.0 {
            rest = fill(rest, &sums.owed.to_le_bytes());
            rest = fill(rest, &sums.owing.to_le_bytes());
        }
        bytes
    }
}

/// One account's contribution to the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Balance {
    /// Index into [`ASSETS`].
    pub(super) asset_index: u8,
    pub(super) owing: bool,
    pub(super) amount: u128,
}

impl Balance {
    /// Nothing if the asset is not one of [`ASSETS`].
    pub(super) fn of(asset: u16, debits_posted: u128, credits_posted: u128) -> Option<Self> {
        let (asset_index, _) = (0_u8..).zip(ASSETS).find(|(_, number)| *number == asset)?;
        let owing = debits_posted > credits_posted;
        Some(Self { asset_index, owing, amount: debits_posted.abs_diff(credits_posted) })
    }

    pub(super) fn sums(self) -> Sums {
        let mut sums = Sums::ZERO;
        if let Some(slot) = sums.0.get_mut(usize::from(self.asset_index)) {
            *(if self.owing { &mut slot.owing } else { &mut slot.owed }) = self.amount;
        }
        sums
    }
}

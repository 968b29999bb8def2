//! The units of account. Amounts are integers in the asset's minor unit.

/// The number of an asset in a record, known or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Asset(u16);

impl Asset {
    /// The stablecoin; its minor unit is the micro-dollar.
    pub const USDB: Self = Self(1);

    /// Claims on bitcoin; the minor unit is the sat.
    pub const BTC: Self = Self(2);

    /// No asset: what a post or void carries, which take that of the pending transfer.
    pub const NONE: Self = Self(0);

    /// Every asset there is.
    pub const ALL: [Self; 2] = [Self::USDB, Self::BTC];

    /// The asset with this number in a record.
    #[inline]
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// The number as it stands in a record.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether there is such an asset.
    #[inline]
    #[must_use]
    pub const fn is_known(self) -> bool {
        matches!(self, Self::USDB | Self::BTC)
    }
}

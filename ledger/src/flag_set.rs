//! The one way flags are declared: a typed set of bits in a `u16` that knows which bits have a meaning.

/// Declares a set of flags over `u16`. A bit without a name is kept, so that it can be refused by name.
macro_rules! flag_set {
    ($(#[$doc:meta])* $name:ident { $($(#[$flag_doc:meta])* $flag:ident = $bit:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(transparent)]
        pub struct $name(u16);

        impl $name {
            $($(#[$flag_doc])* pub const $flag: Self = Self(1 << $bit);)+

            /// No flag.
            pub const NONE: Self = Self(0);

            /// Every flag that has a meaning.
            pub const KNOWN: Self = Self($(Self::$flag.0)|+);

            /// The set in a record, with bits that may have no meaning.
            #[inline]
            #[must_use]
            pub const fn from_bits(bits: u16) -> Self {
                Self(bits)
            }

            /// The set as it stands in a record.
            #[inline]
            #[must_use]
            pub const fn bits(self) -> u16 {
                self.0
            }

            /// Whether all flags of `other` are set.
            #[inline]
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether any flag of `other` is set.
            #[inline]
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// Whether no bit is set.
            #[inline]
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Whether a bit without a meaning is set.
            #[inline]
            #[must_use]
            pub const fn has_unknown(self) -> bool {
                self.0 & !Self::KNOWN.0 != 0
            }

            /// How many bits are set.
            #[must_use]
            pub const fn count(self) -> u32 {
                self.0.count_ones()
            }

            /// The flags that are in both sets.
            #[must_use]
            pub const fn intersection(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            /// This set and the flags of `other`.
            #[must_use]
            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// This set without the flags of `other`.
            #[must_use]
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }
    };
}

pub(crate) use flag_set;

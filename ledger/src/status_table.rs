//! The one way result codes are declared: a table of name, number and word, from which everything else is made.
//! Numbers and words are for ever; a test pins them.

/// Declares an enum of statuses from a table in the order of precedence, which is that of the numbers.
macro_rules! status_table {
    ($(#[$doc:meta])* $name:ident { $($(#[$status_doc:meta])* $status:ident = $code:literal $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum $name {
            $($(#[$status_doc])* $status = $code,)+
        }

        impl $name {
            /// Every status, lowest number first.
            pub const ALL: &[Self] = &[$(Self::$status),+];

            /// The number, which is also the precedence: the lowest wins.
            #[inline]
            #[must_use]
            pub const fn code(self) -> u16 {
                match self {
                    $(Self::$status => $code,)+
                }
            }

            /// The status with this number.
            #[must_use]
            pub const fn from_code(code: u16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$status),)+
                    _ => None,
                }
            }

            /// The word, as it stands in replies.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$status => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.word())
            }
        }
    };
}

pub(crate) use status_table;

//! Ids on the wire: a prefix, an underscore, and a UUID as 26 characters of Crockford's base32.
//!
//! Only the canonical form parses: lower case, 26 characters, the first at most `7` (128 bits fill 25 full
//! characters and three bits of the first). So one object has one spelling, and equal ids are equal strings.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

/// A kind of object, named by the prefix of its ids.
pub trait Kind {
    /// Three lower-case letters.
    const PREFIX: &'static str;
}

/// A request, for tracing only: it never influences a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Request {}

impl Kind for Request {
    const PREFIX: &'static str = "req";
}

/// The id the service gives to a request that came without one.
pub type RequestId = Id<Request>;

/// The id of an object of kind `K`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<K>,
}

impl<K: Kind> Id<K> {
    /// The id that holds this UUID.
    #[must_use]
    pub const fn new(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// The UUID inside.
    #[must_use]
    pub const fn uuid(&self) -> Uuid {
        self.uuid
    }
}

/// Why a text is not the id that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseIdError {
    /// The prefix is that of another kind, or there is none.
    WrongKind {
        /// The prefix that was asked for.
        expected: &'static str,
    },
    /// The prefix is right; what follows is not the canonical form.
    NotCanonical,
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongKind { expected } => write!(formatter, "the id must begin with {expected}_"),
            Self::NotCanonical => formatter.write_str(
                "the id must end in 26 characters of lower-case Crockford base32, the first 0 to 7",
            ),
        }
    }
}

impl std::error::Error for ParseIdError {}

impl<K: Kind> FromStr for Id<K> {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let digits = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(ParseIdError::WrongKind { expected: K::PREFIX })?;
        decode(digits.as_bytes())
            .map(|value| Self::new(Uuid::from_u128(value)))
            .ok_or(ParseIdError::NotCanonical)
    }
}

fn decode(digits: &[u8]) -> Option<u128> {
    let fits = digits.len() == LENGTH && digits.first().is_some_and(|first| (b'0'..=b'7').contains(first));
    fits.then_some(digits)?.iter().try_fold(0_u128, |value, digit| {
        let index = ALPHABET.iter().position(|letter| letter == digit)?;
        Some((value << 5) | u128::try_from(index).ok()?)
    })
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}_", K::PREFIX)?;
        let value = self.uuid.as_u128();
        (0..LENGTH).rev().try_for_each(|place| {
            let index = (value >> (5 * place)) & 31;
            let letter =
                usize::try_from(index).ok().and_then(|index| ALPHABET.get(index)).ok_or(fmt::Error)?;
            write!(formatter, "{}", char::from(*letter))
        })
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Payment {}
    impl Kind for Payment {
        const PREFIX: &'static str = "pay";
    }

    #[test]
    fn the_documented_example() {
        let uuid: Uuid = "0190b8f5-a000-7000-8000-00000000abcd".parse().unwrap();
        let id = Id::<Payment>::new(uuid);
        assert_eq!(id.to_string(), "pay_01j2wfb800e008000000001ayd");
        assert_eq!("pay_01j2wfb800e008000000001ayd".parse(), Ok(id));
    }

    #[test]
    fn refused_spellings() {
        let wrong_kind = Err(ParseIdError::WrongKind { expected: "pay" });
        for text in
            ["", "pay", "req_01j2wfb800e008000000001ayd", "PAY_01j2wfb800e008000000001ayd", "pay-01j2"]
        {
            assert_eq!(text.parse::<Id<Payment>>(), wrong_kind, "{text}");
        }
        for text in [
            "pay_",
            "pay_01j2wfb800e008000000001ay",
            "pay_01j2wfb800e008000000001aydd",
            "pay_01J2WFB800E008000000001AYD",
            "pay_81j2wfb800e008000000001ayd",
            "pay_01j2wfb800e00800000000iayd",
            "pay_01j2wfb800e00800000000layd",
            "pay_01j2wfb800e00800000000oayd",
            "pay_01j2wfb800e00800000000uayd",
            "pay_01j2wfb800e0080000000\u{e9}ayd",
        ] {
            assert_eq!(text.parse::<Id<Payment>>(), Err(ParseIdError::NotCanonical), "{text}");
        }
    }

    proptest! {
        #[test]
        fn round_trip_and_order(a: u128, b: u128) {
            let (first, second) = (Id::<Payment>::new(Uuid::from_u128(a)), Id::<Payment>::new(Uuid::from_u128(b)));
            prop_assert_eq!(first.to_string().parse(), Ok(first));
            prop_assert_eq!(first.to_string().cmp(&second.to_string()), a.cmp(&b));
        }

        #[test]
        fn whatever_parses_prints_the_same(text in "pay_[0-9a-zA-Z]{24,28}") {
            if let Ok(id) = text.parse::<Id<Payment>>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}

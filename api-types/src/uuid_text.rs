//! UUIDs on the wire, where an id belongs to the sender and has no prefix of ours.
//!
//! Only the canonical form parses: 32 lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12. So one id has
//! one spelling.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// A UUID that was, or will be, written in the canonical form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ToSchema)]
#[schema(value_type = String, format = "uuid", pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
pub struct UuidText(pub Uuid);

/// A text in another form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id is not a UUID in lower case with hyphens, such as 0190b8f5-a000-7000-8000-00000000abcd")]
pub struct ParseUuidError;

impl FromStr for UuidText {
    type Err = ParseUuidError;

    fn from_str(text: &str) -> Result<Self, ParseUuidError> {
        let uuid = Uuid::parse_str(text).map_err(|_| ParseUuidError)?;
        let mut buffer = Uuid::encode_buffer();
        if *uuid.hyphenated().encode_lower(&mut buffer) != *text {
            return Err(ParseUuidError);
        }
        Ok(Self(uuid))
    }
}

impl fmt::Display for UuidText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), formatter)
    }
}

impl fmt::Debug for UuidText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for UuidText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UuidText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        let text = "0190b8f5-a000-7000-8000-00000000abcd";
        assert_eq!(text.parse::<UuidText>().unwrap().to_string(), text);
        for other in [
            "",
            "0190b8f5a0007000800000000000abcd",
            "0190B8F5-A000-7000-8000-00000000ABCD",
            "{0190b8f5-a000-7000-8000-00000000abcd}",
            "urn:uuid:0190b8f5-a000-7000-8000-00000000abcd",
            "0190b8f5-a000-7000-8000-00000000abc",
            " 0190b8f5-a000-7000-8000-00000000abcd",
        ] {
            assert_eq!(other.parse::<UuidText>(), Err(ParseUuidError), "{other}");
        }
    }
}

//! The configuration file. TOML's types are taken as they are written: no number is rounded, no text is a switch.

use super::{Config, without_value};
use crate::Failure;
use std::path::Path;

pub(super) fn read(path: &Path) -> Result<Config, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::setup(format!(
            "configuration file {name} cannot be read: {error}; name another with --config"
        ))
    })?;
    parse(&text).map_err(|why| {
        Failure::setup(format!(
            "configuration file {name}, {why}; contrib/ballast.example.toml describes every key"
        ))
    })
}

/// The error is the place, the key and what belongs there; never the text that is there.
fn parse(text: &str) -> Result<Config, String> {
    let document = toml::Deserializer::parse(text)
        .map_err(|error| format!("{}: {}", place(text, &error), error.message()))?;
    serde_path_to_error::deserialize(document).map_err(|error| {
        let (key, cause) = (error.path().to_string(), error.inner());
        format!("{}: {key}: {}", place(text, cause), without_value(cause.message()))
    })
}

fn place(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.split('\n').count();
    let column = before.split('\n').next_back().unwrap_or_default().chars().count().saturating_add(1);
    format!("line {line}, column {column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_named_and_never_what_stands_there() {
        for (text, expected) in [
            ("mainnet_confirmed = 7", "line 1, column 21: mainnet_confirmed: expected a boolean"),
            ("\n[http]\nconcurrency = 5.7", "line 3, column 15: http.concurrency: expected a whole number"),
            ("[http]\nconcurrency = true", "http.concurrency: expected a whole number"),
            ("[http]\nconcurrency = -1", "http.concurrency: expected a whole number"),
            ("[http]\nconcurrency = \"12\"", "http.concurrency: expected a whole number"),
            ("[http]\npublic_requests_per_minute = 5.7", "expected a whole number above 0"),
            ("[http]\npublic_requests_per_minute = 0", "expected a whole number above 0"),
            ("network = \"canary\"", "network: expected one of `regtest`"),
            ("[database]\npassword = \"canary\"", "database.password: a secret is given by reference"),
            ("[database]\npassword = 4711", "database.password: expected a string"),
            ("[database]\nurl = [\"canary\"]", "database.url: expected a string"),
            ("database = \"postgres://u:canary@h/d\"", "database: expected a section"),
            ("[database]\npassword = canary", "line 2, column 12"),
            ("[database]\npassword = \"canary", "line 2"),
            ("[database]\npassword \"canary\"", "line 2"),
            ("[database]\npassword = \"canary\" \"canary\"", "line 2"),
            ("[database]\npassword = \"\\qcanary\"", "line 2"),
            ("lisen = 1", "line 1, column 1: lisen: unknown field `lisen`, expected one of"),
            ("[http]\nlisen = 1", "http.lisen: unknown field"),
        ] {
            let why = parse(text).unwrap_err();
            assert!(why.contains(expected), "{text:?}: {why}");
            assert!(!why.contains("canary") && !why.contains("4711"), "{text:?}: {why}");
        }
    }
}

//! Variables of the environment, `BALLAST__SECTION__KEY`, over what the file says.
//!
//! A variable is text, so the key it sets says which type is read from it: a whole number, `true` or `false`,
//! a list with commas, or the text itself. A variable of ours that sets nothing is misspelt, and refused.

use super::{Config, without_value};
use crate::Failure;
use serde::Deserialize;
use std::ffi::{OsStr, OsString};
use toml::{Table, Value};

/// What the name of every variable of ours begins with.
const OURS: &[u8] = b"BALLAST_";
/// What the name of a variable begins with that sets a key.
const KEY: &str = "BALLAST__";
/// Variables of ours that set no key: of the command line, of the build, of tests.
const OTHERS: [&str; 5] =
    ["BALLAST_CONFIG", "BALLAST_COMMIT", "BALLAST_REQUIRE", "BALLAST_SEED", "BALLAST_SHARED_DIR"];

pub(super) fn apply(
    config: Config,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Config, Failure> {
    let ours = variables.filter(|(name, _)| {
        name.as_encoded_bytes().starts_with(OURS) && !OTHERS.iter().any(|other| name == other)
    });
    ours.into_iter().try_fold(config, |config, (name, value)| {
        set(&config, &name, &value).map_err(|why| {
            let name = name.to_string_lossy();
            Failure::setup(format!(
                "environment variable {name}: {why}; contrib/ballast.example.toml describes every key"
            ))
        })
    })
}

fn set(config: &Config, name: &OsStr, value: &OsStr) -> Result<Config, String> {
    const UNKNOWN: &str = "not known; a key is set by BALLAST__SECTION__KEY in capitals";
    let key = name.to_str().and_then(|name| name.strip_prefix(KEY)).ok_or(UNKNOWN)?;
    if key.contains(|c: char| c.is_ascii_lowercase()) {
        return Err(UNKNOWN.to_owned());
    }
    let text = value.to_str().ok_or("its value is not UTF-8")?;
    let mut table = Table::try_from(config).map_err(|error| error.to_string())?;
    let path: Vec<_> = key.split("__").map(str::to_ascii_lowercase).collect();
    put(&mut table, &path, text)?;
    Config::deserialize(table).map_err(|error| without_value(error.message()))
}

fn put(table: &mut Table, path: &[String], text: &str) -> Result<(), String> {
    match path {
        [key] => {
            let value = typed(table.get(key), text)?;
            table.insert(key.clone(), value);
            Ok(())
        }
        [section, rest @ ..] => match table.get_mut(section) {
            Some(Value::Table(inner)) => put(inner, rest, text),
            _ => Err(format!("there is no section `{section}`")),
        },
        [] => Err("it names no key".to_owned()),
    }
}

/// The text as a value of the type that the key has now. A key without a value is optional, and those are texts.
fn typed(now: Option<&Value>, text: &str) -> Result<Value, String> {
    match now {
        Some(Value::Integer(_)) => {
            text.parse().map(Value::Integer).map_err(|_| "expected a whole number".to_owned())
        }
        Some(Value::Boolean(_)) => {
            text.parse().map(Value::Boolean).map_err(|_| "expected true or false".to_owned())
        }
        Some(Value::Array(_)) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(items.map(Value::from).collect::<Vec<_>>().into())
        }
        Some(Value::Table(_)) => Err("it names a section; add __ and a key of it".to_owned()),
        _ => Ok(Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn applied(name: &str, value: impl Into<OsString>) -> Result<Config, String> {
        let variables = [(OsString::from(name), value.into()), ("HOME".into(), "/".into())];
        apply(Config::default(), variables.into_iter()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_key_says_which_type_is_read() {
        assert_eq!(applied("BALLAST__HTTP__CONCURRENCY", "7").unwrap().http.concurrency, 7);
        assert!(applied("BALLAST__MAINNET_CONFIRMED", "true").unwrap().mainnet_confirmed);
        assert_eq!(applied("BALLAST__DATA_DIR", "7").unwrap().data_dir.to_str(), Some("7"));
        assert_eq!(applied("BALLAST__HTTP__PUBLIC_URL", "7").unwrap().http.public_url.as_deref(), Some("7"));
        let proxies =
            applied("BALLAST__HTTP__TRUSTED_PROXIES", "::1, 10.0.0.1").unwrap().http.trusted_proxies;
        assert_eq!(proxies, ["::1".parse::<std::net::IpAddr>().unwrap(), "10.0.0.1".parse().unwrap()]);
        for other in OTHERS {
            assert_eq!(applied(other, "x").unwrap(), Config::default());
        }
    }

    #[test]
    fn everything_else_is_refused_by_its_name_and_not_repeated() {
        for (name, value, word) in [
            ("BALLAST__HTTP__CONCURRENCY", "5.7", "a whole number"),
            ("BALLAST__HTTP__CONCURRENCY", "true", "a whole number"),
            ("BALLAST__MAINNET_CONFIRMED", "1", "true or false"),
            ("BALLAST__NETWORK", "canary", "expected one of"),
            ("BALLAST__DATABASE__PASSWORD", "canary", "by reference"),
            ("BALLAST__DATABASE", "canary", "a section"),
            ("BALLAST__HTTP__LISEN", "canary", "unknown field `lisen`"),
            ("BALLAST__NOTHING__X", "canary", "no section `nothing`"),
            ("BALLAST__NETWORK__X", "canary", "no section `network`"),
            ("BALLAST__", "canary", "unknown field"),
            ("BALLAST__network", "regtest", "in capitals"),
            ("BALLAST_HTTP_LISTEN", "canary", "not known"),
            ("BALLAST_COMMITS", "canary", "not known"),
        ] {
            let message = applied(name, value).unwrap_err();
            assert!(message.starts_with(&format!("environment variable {name}: ")), "{message}");
            assert!(message.contains(word) && !message.contains("canary"), "{message}");
        }
        let message = applied("BALLAST__DATA_DIR", OsString::from_vec(vec![0xff])).unwrap_err();
        assert!(message.contains("BALLAST__DATA_DIR: its value is not UTF-8"), "{message}");
    }
}

//! The example file lists every key with its default, no more and no less; every released one still parses.

#![cfg(test)]

use ballast::config::{Config, load};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../contrib/ballast.example.toml")
}

/// `section.key` of every value in a table, tables in it included.
fn keys(table: &toml::Table, prefix: &str) -> BTreeSet<String> {
    table
        .iter()
        .flat_map(|(key, value)| match value {
            toml::Value::Table(inner) => keys(inner, &format!("{prefix}{key}.")),
            _ => BTreeSet::from([format!("{prefix}{key}")]),
        })
        .collect()
}

#[test]
fn the_example_holds_the_defaults() {
    assert_eq!(load(Some(&example()), |_| ()).unwrap(), Config::default());
}

#[test]
fn the_example_describes_every_key() {
    // With the commented keys in force every option has a value; the type says which keys there are.
    let text = std::fs::read_to_string(example()).unwrap();
    let uncommented: String = text
        .lines()
        .map(|line| if is_option(line) { line.trim_start_matches('#') } else { line })
        .flat_map(|line| [line, "\n"])
        .collect();
    let written: toml::Table = uncommented.parse().unwrap();
    let config: Config = written.clone().try_into().unwrap();
    let known = toml::Table::try_from(&config).unwrap();
    assert_eq!(keys(&written, ""), keys(&known, ""));
    let lines = text.lines().map(str::trim_start).collect::<Vec<_>>();
    for pair in lines.windows(2).filter(|pair| is_option(pair[1])) {
        assert!(pair[0].starts_with("# "), "{} has no comment above it", pair[1]);
    }
}

/// `key = value`, in force or commented out. Prose follows its `#` with a space.
fn is_option(line: &str) -> bool {
    line.trim_start_matches('#').starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" = ")
}

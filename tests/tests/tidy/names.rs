//! One word per concept: the words that other systems use for our concepts are not names here.
//!
//! The table holds the glossary's unambiguous ones. A word counts when it is a whole part of a snake_case or
//! CamelCase name, in the singular or the plural.

use crate::lexer::{self, Kind};
use crate::tree::{File, Tree};
use crate::{Violation, assert_finds, assert_kept};
use std::collections::BTreeSet;

/// A foreign word and ours.
const FOREIGN: [(&str, &str); 26] = [
    ("art", "normalized_debt"),
    ("bark", "liquidation"),
    ("bidder", "liquidator"),
    ("bite", "liquidation"),
    ("blacklist", "credential status"),
    ("borrower", "owner"),
    ("ccr", "mint_ratio_bps"),
    ("cdp", "vault"),
    ("chargeback", "refund"),
    ("chi", "fee_index"),
    ("chop", "liquidation_penalty_bps"),
    ("cvl", "collateral_ratio_bps"),
    ("dart", "a change of normalized_debt"),
    ("hump", "surplus_buffer"),
    ("icr", "collateral_ratio_bps"),
    ("ink", "collateral_sats"),
    ("keeper", "liquidator"),
    ("ltv", "collateral_ratio_bps"),
    ("mcr", "liquidation_ratio_bps"),
    ("msat", "sats"),
    ("satoshi", "sats"),
    ("trove", "vault"),
    ("tvl", "supply"),
    ("urn", "vault"),
    ("vow", "surplus_buffer"),
    ("wipe", "repay"),
];

/// No name in Rust or SQL, and no file name, has a foreign word in it. Each is told once per file.
fn foreign_words(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.files().filter(|file| file.path.ends_with(".rs") || file.path.ends_with(".sql")) {
        let path = file.path.split('/').map(|part| (1, part));
        let mut seen = BTreeSet::new();
        for (line, name) in path.chain(names(file)).filter(|(_, name)| seen.insert(*name)) {
            let parts = parts(name);
            for (word, ours) in
                FOREIGN.iter().filter(|(word, _)| parts.iter().any(|part| is_word(part, word)))
            {
                let advice = format!("`{name}`: for \"{word}\" say \"{ours}\"");
                violations.push(file.violation(line, "one word per concept", advice));
            }
        }
    }
    violations
}

/// The names in a Rust or SQL file, with their lines.
fn names(file: &File) -> Vec<(usize, &str)> {
    if file.path.ends_with(".rs") {
        let words = lexer::tokens(&file.text).into_iter().filter(|token| token.kind == Kind::Word);
        return words.map(|token| (token.line, token.text)).collect();
    }
    let mut names = Vec::new();
    for (text, line) in file.text.lines().zip(1..) {
        let statement = text.split_once("--").map_or(text, |(statement, _)| statement);
        let words = statement.split(|next: char| !next.is_alphanumeric() && next != '_');
        names.extend(words.map(|word| (line, word)));
    }
    names
}

/// A name's parts in lower case: `VaultIDList` is `vault`, `id`, `list`.
fn parts(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut parts = vec![String::new()];
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| characters.get(index));
        let after = characters.get(index.saturating_add(1));
        let begins = character.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase())
                || after.is_some_and(|after| after.is_lowercase()));
        if begins || !character.is_alphanumeric() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| character.is_alphanumeric()) {
            part.extend(character.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn is_word(part: &str, word: &str) -> bool {
    part == word || part.strip_suffix('s') == Some(word)
}

#[test]
fn this_tree_uses_the_words_of_the_glossary() {
    assert_kept(foreign_words);
}

#[test]
fn foreign_words_are_found_in_every_spelling() {
    let code = "struct Trove;\nfn count_urns() {}\nconst CDP_MAX: u8 = 1;\n// wipe\nlet ink = \"keeper\";\nink();\nlet link = start;";
    let table = "-- the trove\nCREATE TABLE vault (art BYTEA NOT NULL);";
    let files = [("vault/src/a.rs", code), ("vault/src/keeper.rs", ""), ("migrations/0001.sql", table)];
    let places = [
        "migrations/0001.sql:2",
        "vault/src/a.rs:1",
        "vault/src/a.rs:2",
        "vault/src/a.rs:3",
        "vault/src/a.rs:5",
        "vault/src/keeper.rs:1",
    ];
    assert_finds(foreign_words, &files, &places);
}

#[test]
fn a_name_falls_into_its_parts() {
    let cases: [(&str, &[&str]); 4] = [
        ("fee_index", &["fee", "index"]),
        ("VaultId", &["vault", "id"]),
        ("HTTPServer", &["http", "server"]),
        ("DEBT_FLOOR", &["debt", "floor"]),
    ];
    for (name, expected) in cases {
        assert_eq!(parts(name), expected, "{name}");
    }
}

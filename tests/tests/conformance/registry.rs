//! No statement escapes the suite: every `store.rs` is in [`CRATES`], and sends only what it declares.

use std::fs;
use std::path::{Path, PathBuf};

use crate::CRATES;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The baseline that the ledger is measured against: it speaks to PostgreSQL alone and keeps nothing.
const BASELINE: &str = "ballast/src/bench/store.rs";

/// Every `store.rs` below a crate's `src`, by its path from the root.
fn store_files() -> Vec<String> {
    let root = Path::new(ROOT);
    let crates = children(root).into_iter().filter(|path| path.join("Cargo.toml").is_file());
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = crates.map(|path| path.join("src")).collect();
    while let Some(folder) = folders.pop() {
        for path in children(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "store.rs") {
                files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    files.retain(|file| file != BASELINE);
    files.sort();
    files
}

fn children(folder: &Path) -> Vec<PathBuf> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    }
}

/// Lines that give sqlx a statement's text instead of its name.
fn undeclared(text: &str) -> Vec<usize> {
    text.lines().zip(1..).filter(|(line, _)| gives_text(line)).map(|(_, number)| number).collect()
}

fn gives_text(line: &str) -> bool {
    let compact: String = line.split_whitespace().collect();
    let mut calls = ["query", "query_as", "query_scalar", "raw_sql"].into_iter();
    calls.any(|call| compact.split(call).skip(1).any(|rest| is_text(argument(rest))))
}

/// What follows the bracket of a call, with or without types before it.
fn argument(rest: &str) -> &str {
    match rest.strip_prefix("::<") {
        Some(types) => types.split_once(">(").map_or("", |(_, argument)| argument),
        None => rest.strip_prefix('(').unwrap_or_default(),
    }
}

fn is_text(argument: &str) -> bool {
    ["\"", "r\"", "r#"].iter().any(|quote| argument.starts_with(quote))
}

#[test]
fn every_store_file_is_in_the_list() {
    let listed: Vec<_> = CRATES.iter().map(|each| each.file).collect();
    assert_eq!(
        store_files(),
        listed,
        "add the crate's statements and scenarios to main.rs, in the order of names"
    );
}

#[test]
fn every_statement_has_a_name() {
    for file in store_files() {
        let lines = undeclared(&fs::read_to_string(Path::new(ROOT).join(&file)).unwrap());
        assert_eq!(lines, [0; 0], "{file}: declare these in statements!");
    }
}

#[test]
fn names_and_texts_are_unique_within_a_crate() {
    for each in CRATES {
        for (index, (name, text)) in each.statements.iter().enumerate() {
            let same = |(other, repeated): &&(&str, &str)| other == name || repeated == text;
            assert_eq!(each.statements.iter().skip(index + 1).find(same), None, "{}: {name}", each.file);
        }
    }
}

#[test]
fn a_statement_without_a_name_is_found() {
    let text = "sqlx::query(NAME)\nsqlx::query(\"SELECT 1\")\nsqlx::query_as::<_, (i64, Vec<u8>)>(\"SELECT\")\n\
                sqlx::query_scalar(r\"x\")\nsqlx::query_as::<_, (i64,)>(NAME)\nlet a = \"query\";";
    assert_eq!(undeclared(text), [2, 3, 4]);
}

//! Core files decide and do nothing else: no I/O, clock, randomness, floats, async or unordered iteration.

use crate::lexer::lines_with;
use crate::tree::{File, Tree};
use crate::{Violation, assert_finds, assert_kept};

const RULE: &str = "pure core";

/// Core files: everything whose path begins so ...
const CORE: [&str; 4] = ["money/src/", "ledger/src/", "oracle/src/aggregate", "vault/src/rules"];

/// ... except the shell among them, which loads before and persists after.
const SHELL: [&str; 15] = [
    "ledger/src/disk/",                 // files
    "ledger/src/engine/crew",           // the worker threads
    "ledger/src/engine/engine_error",   // why a thread could not start
    "ledger/src/handle/entry_stream",   // waiting for answers
    "ledger/src/handle/handle",         // waiting for answers
    "ledger/src/projection/read/",      // SQL
    "ledger/src/projection/run",        // follows the ledger
    "ledger/src/projection/store",      // SQL
    "ledger/src/remote/",               // connections between processes
    "ledger/src/service/arrival",       // who is answered
    "ledger/src/service/board",         // who waits for what
    "ledger/src/service/in_process",    // waiting for answers
    "ledger/src/service/running",       // the threads
    "ledger/src/service/service_error", // why a thread could not start
    "ledger/src/service/simulation",    // a test that prints its seed
];

/// What a core file must not mention, and what to do instead.
const FORBIDDEN: [(&str, &str); 20] = [
    ("async", "decide synchronously; the shell awaits before and after"),
    ("await", "decide synchronously; the shell awaits before and after"),
    ("tokio", "decide synchronously; the shell awaits before and after"),
    ("sqlx", "return the change; the shell stores it"),
    ("axum", "return a typed outcome; the gateway answers HTTP"),
    ("hyper", "return a typed outcome; the gateway answers HTTP"),
    ("reqwest", "take the document as an argument; the shell fetches it"),
    ("fs::", "take bytes, return bytes; the shell reads and writes"),
    ("io::", "take bytes, return bytes; the shell reads and writes"),
    ("net::", "take bytes, return bytes; the shell talks to others"),
    ("env::", "take the setting as an argument"),
    ("process::", "return an error; the shell decides about the process"),
    ("thread::", "one thread per call; the shell has the workers"),
    ("SystemTime", "take the time as an argument"),
    ("Instant", "take the time as an argument"),
    ("rand::", "take the random bytes as an argument"),
    ("getrandom", "take the random bytes as an argument"),
    ("f32", "count in integers"),
    ("f64", "count in integers"),
    ("println", "return it; the shell prints"),
];

fn is_core(file: &File) -> bool {
    let under = |place: &&str| file.path.starts_with(*place);
    CORE.iter().any(under) && !SHELL.iter().any(under)
}

/// Core files keep clear of everything in [`FORBIDDEN`].
fn purity(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.rust().filter(|file| is_core(file)) {
        let code = file.code();
        for (piece, advice) in FORBIDDEN {
            let found = lines_with(&code, piece).into_iter();
            violations.extend(
                found.map(|line| file.violation(line, RULE, format!("`{piece}` in a core file: {advice}"))),
            );
        }
    }
    violations
}

/// Both lists name files that exist, once their crate does: a renamed file must not slip out of the rule.
fn lists(tree: &Tree) -> Vec<Violation> {
    CORE.iter().chain(&SHELL).filter_map(|place| stale(tree, place)).collect()
}

fn stale(tree: &Tree, place: &str) -> Option<Violation> {
    let crate_folder = place.split('/').next()?;
    tree.file(&format!("{crate_folder}/Cargo.toml"))?;
    let advice = "the lists in core_files.rs name no file here any more: correct them".to_owned();
    let named = tree.rust().any(|file| file.path.starts_with(place));
    (!named).then(|| Violation { path: place.to_owned(), line: 1, rule: RULE, advice })
}

#[test]
fn this_tree_keeps_its_core_pure() {
    assert_kept(purity);
}

#[test]
fn the_lists_of_core_and_shell_name_files() {
    assert_kept(lists);
}

#[test]
fn a_core_file_that_does_more_than_decide_is_found() {
    let code = "use std::{fs, fmt};\n// async\nasync fn fee(rate: f64) {}\nlet a = fs::read(operand);";
    let files =
        [("money/src/fee.rs", code), ("ledger/src/disk/real.rs", code), ("ballast/src/main.rs", code)];
    assert_finds(purity, &files, &["money/src/fee.rs:3", "money/src/fee.rs:3", "money/src/fee.rs:4"]);
}

#[test]
fn a_list_that_names_nothing_is_found() {
    let tree = Tree::of(&[("money/Cargo.toml", ""), ("ledger/Cargo.toml", ""), ("ledger/src/apply.rs", "")]);
    let cases = [
        ("ledger/src/apply", false),
        ("ledger/src/disk/", true),
        ("money/src/", true),
        ("vault/src/", false),
    ];
    for (place, expected) in cases {
        assert_eq!(stale(&tree, place).is_some(), expected, "{place}");
    }
}

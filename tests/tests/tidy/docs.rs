//! Every file says what it is, every crate's README is its documentation, every test runs.

use crate::lexer::lines_with;
use crate::tree::Tree;
use crate::{Violation, assert_finds, assert_kept};

const README: &str = "#![doc = include_str!(\"../README.md\")]";

/// A Rust file begins with its documentation.
fn module_docs(tree: &Tree) -> Vec<Violation> {
    let bare = tree.rust().filter(|file| !file.text.starts_with("//!") && !file.text.starts_with(README));
    bare.map(|file| {
        file.violation(1, "module documentation", "begin with `//!`: what it is, its invariant, its units")
    })
    .collect()
}

/// A crate's first file includes its README.
fn readmes(tree: &Tree) -> Vec<Violation> {
    let libraries = tree.rust().filter(|file| file.path.split('/').skip(1).eq(["src", "lib.rs"]));
    let bare = libraries.filter(|file| !file.text.starts_with(README));
    bare.map(|file| file.violation(1, "README is documentation", format!("begin with `{README}`"))).collect()
}

/// No test is switched off: one that needs something says what it skips, and fails where that is required.
fn switched_off(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.rust() {
        for line in lines_with(&file.code(), "#[ignore") {
            violations.push(file.violation(
                line,
                "tests run",
                "let it run; a child process asks a variable for its part, a measurement is a benchmark",
            ));
        }
    }
    violations
}

#[test]
fn this_tree_documents_its_modules() {
    assert_kept(module_docs);
}

#[test]
fn this_tree_documents_its_crates() {
    assert_kept(readmes);
}

#[test]
fn this_tree_runs_its_tests() {
    assert_kept(switched_off);
}

#[test]
fn an_undocumented_file_is_found() {
    let files = [("a/src/b.rs", "//! B."), ("a/src/c.rs", "// C.\nfn c() {}"), ("a/src/lib.rs", README)];
    assert_finds(module_docs, &files, &["a/src/c.rs:1"]);
}

#[test]
fn a_crate_without_its_readme_is_found() {
    assert_finds(readmes, &[("a/src/lib.rs", "//! A."), ("b/src/lib.rs", README)], &["a/src/lib.rs:1"]);
}

#[test]
fn a_test_that_is_switched_off_is_found() {
    let code = "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n// #[ignore]";
    assert_finds(switched_off, &[("a/src/b.rs", code)], &["a/src/b.rs:2"]);
}

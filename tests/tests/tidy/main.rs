//! The tidy test: rules about the whole tree that no compiler checks.
//!
//! A rule is a function from the [`Tree`] to the [`Violation`]s in it. Every module here holds one subject: its
//! rules, the lists they read, a test that this tree keeps them, and tests that a tree which breaks them is found
//! out. The lists are the documentation: which crate may depend on which, which files are core, which words are
//! foreign. A violation names the place and what to do about it.

mod boundaries;
mod core_files;
mod dependencies;
mod docs;
mod layers;
mod lexer;
mod migrations;
mod names;
mod operations;
mod sizes;
mod spdx;
mod text;
mod tree;

use std::fmt;
use std::path::Path;
use std::sync::LazyLock;
use tree::Tree;

/// The root of the tree.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A place in the tree that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Path from the root of the tree.
    pub(crate) path: String,
    /// Line, counted from one.
    pub(crate) line: usize,
    /// The rule's name.
    pub(crate) rule: &'static str,
    /// What to do.
    pub(crate) advice: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, advice } = self;
        write!(formatter, "{path}:{line}: {rule}: {advice}")
    }
}

/// A rule about the tree.
pub(crate) type Rule = fn(&Tree) -> Vec<Violation>;

/// Fails with every place of this tree that breaks `rule`.
#[track_caller]
pub(crate) fn assert_kept(rule: Rule) {
    #[expect(clippy::expect_used, reason = "a tree that cannot be read fails every rule")]
    static TREE: LazyLock<Tree> =
        LazyLock::new(|| Tree::load(Path::new(ROOT)).expect("the tree can be read"));
    let places: Vec<String> = violations(rule, &TREE).iter().map(Violation::to_string).collect();
    assert!(places.is_empty(), "\n\n{}\n\n", places.join("\n"));
}

/// Fails unless `rule` finds exactly these `path:line` places in a tree of these `(path, text)` files.
#[track_caller]
pub(crate) fn assert_finds(rule: Rule, files: &[(&str, &str)], places: &[&str]) {
    let violations = violations(rule, &Tree::of(files));
    let found: Vec<String> =
        violations.iter().map(|found| format!("{}:{}", found.path, found.line)).collect();
    assert_eq!(found, places, "\n{violations:#?}");
}

/// In the order of paths and lines, whatever order the rule looks in.
fn violations(rule: Rule, tree: &Tree) -> Vec<Violation> {
    let mut violations = rule(tree);
    violations.sort_by(|left, right| (&left.path, left.line).cmp(&(&right.path, right.line)));
    violations
}

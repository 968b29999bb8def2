//! What no file may say: unfinished work, a path of somebody's machine, the address of a package registry.

use crate::tree::{File, Tree};
use crate::{Violation, assert_finds, assert_kept};

/// Marks of unfinished work. In two halves, so that this file does not find itself; the same below.
const UNFINISHED: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Beginnings of paths that exist on one machine only.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// Package registries. Which of them serves a machine is that machine's configuration.
const REGISTRIES: [&str; 8] = [
    concat!("crates", ".io"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("yarnpkg", ".com"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("deb.debian", ".org"),
    concat!("archive.ubuntu", ".com"),
];

fn unfinished(tree: &Tree) -> Vec<Violation> {
    find(tree, "unfinished", "finish it, or write an issue", |line| {
        UNFINISHED.iter().any(|mark| has_word(line, mark))
    })
}

fn machine_paths(tree: &Tree) -> Vec<Violation> {
    let advice = "take the path from an argument, the environment or the place of the file";
    find(tree, "machine path", advice, |line| MACHINE_PATHS.iter().any(|path| begins_path(line, path)))
}

fn registries(tree: &Tree) -> Vec<Violation> {
    let advice = "name the package only; its registry is configured on the machine";
    find(tree, "registry address", advice, |line| REGISTRIES.iter().any(|host| line.contains(host)))
}

fn find(tree: &Tree, rule: &'static str, advice: &str, says: impl Fn(&str) -> bool) -> Vec<Violation> {
    let lines = |file: &File| {
        let found = file.text.lines().zip(1..).filter(|(line, _)| says(line));
        found.map(|(_, line)| file.violation(line, rule, advice)).collect::<Vec<_>>()
    };
    tree.files().flat_map(lines).collect()
}

/// Whether `word` stands in `line` by itself.
fn has_word(line: &str, word: &str) -> bool {
    line.split(|next: char| !next.is_alphanumeric() && next != '_').any(|part| part == word)
}

/// Whether an absolute path begins so: nothing of a longer path or of an address stands before it.
fn begins_path(line: &str, path: &str) -> bool {
    let part_of_path = |before: char| before.is_alphanumeric() || "._-}/".contains(before);
    line.match_indices(path)
        .any(|(index, _)| !line.get(..index).is_some_and(|before| before.ends_with(part_of_path)))
}

#[test]
fn this_tree_is_finished() {
    assert_kept(unfinished);
}

#[test]
fn this_tree_names_no_machine_path() {
    assert_kept(machine_paths);
}

#[test]
fn this_tree_names_no_registry() {
    assert_kept(registries);
}

#[test]
fn each_of_them_is_found() {
    for mark in UNFINISHED {
        let text = format!("fine {mark}S\n# {mark}: later\n");
        assert_finds(unfinished, &[("a.md", &text)], &["a.md:2"]);
    }
    for path in MACHINE_PATHS {
        let text = format!("example.org{path}a\nlet a = \"{path}a\";");
        assert_finds(machine_paths, &[("a.rs", &text)], &["a.rs:2"]);
    }
    for host in REGISTRIES {
        let text = format!("\nhttps://{host}/a");
        assert_finds(registries, &[("a.yml", &text), ("Cargo.lock", &text)], &["a.yml:2"]);
    }
}

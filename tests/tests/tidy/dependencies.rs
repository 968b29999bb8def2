//! Packages of others: their licences, the banned ones, where they come from. The lists are `deny.toml`, which
//! cargo-deny reads as well; here they are held without it.

use crate::tree::{File, Tree};
use crate::{ROOT, Violation, assert_finds, assert_kept, spdx};
use std::process::Command;
use toml::{Table, Value};

const LISTS: &str = "deny.toml";
const LOCK: &str = "Cargo.lock";

/// A package that is built, for any target of the lists.
struct Package {
    name: String,
    licence: String,
}

/// What Cargo resolves for this tree, held to the lists.
fn packages(tree: &Tree) -> Vec<Violation> {
    let (Some(lists), Some(lock)) = (tree.file(LISTS), tree.file(LOCK)) else {
        let advice = format!("commit {LISTS} and {LOCK}");
        return vec![Violation { path: LISTS.to_owned(), line: 1, rule: "licence", advice }];
    };
    match resolved(lists) {
        Ok(packages) => banned_or_unlicensed(lists, lock, &packages),
        Err(error) => vec![lock.violation(1, "licence", format!("cargo cannot list the packages: {error}"))],
    }
}

/// Packages that are banned, or under a licence that is not on the list.
fn banned_or_unlicensed(lists: &File, lock: &File, packages: &[Package]) -> Vec<Violation> {
    let table = lists.toml();
    let allowed: Vec<&str> = list(&table, "licenses", "allow").filter_map(Value::as_str).collect();
    let mut violations = Vec::new();
    for Package { name, licence } in packages {
        let line = lock.line_of(&format!("name = \"{name}\""));
        if let Some(entry) = list(&table, "bans", "deny").find(|entry| text(entry, "crate") == name) {
            let advice =
                format!("{name}: {}; `cargo tree -i {name}` says who brings it", text(entry, "reason"));
            violations.push(lock.violation(line, "banned package", advice));
        }
        if !spdx::is_allowed(licence, &allowed) {
            let advice = format!("{name} is under \"{licence}\": do without it, or allow that in {LISTS}");
            violations.push(lock.violation(line, "licence", advice));
        }
    }
    violations
}

/// Every package in the lock file comes from one registry: none from a repository, none from a second registry.
fn sources(tree: &Tree) -> Vec<Violation> {
    let Some(lock) = tree.file(LOCK) else { return Vec::new() };
    let sources = lock
        .text
        .lines()
        .zip(1..)
        .filter_map(|(line, number)| Some((line.strip_prefix("source = ")?, number)));
    let registry = sources.clone().map(|(source, _)| source).find(|source| source.starts_with("\"registry+"));
    let others = sources.filter(|(source, _)| Some(*source) != registry);
    others
        .map(|(source, line)| {
            lock.violation(line, "package source", format!("{source}: use a released version"))
        })
        .collect()
}

/// The packages that Cargo builds for the targets in the lists, with tests and build scripts.
fn resolved(lists: &File) -> Result<Vec<Package>, String> {
    let table = lists.toml();
    let targets =
        list(&table, "graph", "targets").filter_map(Value::as_str).flat_map(|target| ["--target", target]);
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--locked", "--prefix=none", "--format={p}|{l}"])
        .args(targets)
        .current_dir(ROOT)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Lines of `name version ...|licence`, with a mark after packages that were shown before.
fn parse(output: &str) -> Vec<Package> {
    let package = |line: &str| {
        let (package, licence) = line.trim_end_matches(" (*)").split_once('|')?;
        Some(Package { name: package.split(' ').next()?.to_owned(), licence: licence.to_owned() })
    };
    let mut packages: Vec<Package> = output.lines().filter_map(package).collect();
    packages.sort_by(|left, right| left.name.cmp(&right.name));
    packages.dedup_by(|left, right| left.name == right.name && left.licence == right.licence);
    packages
}

fn list<'a>(table: &'a Table, section: &str, name: &str) -> impl Iterator<Item = &'a Value> {
    table.get(section).and_then(|section| section.get(name)).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn this_tree_uses_allowed_packages() {
    assert_kept(packages);
}

#[test]
fn this_tree_uses_one_registry() {
    assert_kept(sources);
}

#[test]
fn cargo_lists_our_packages_and_others() {
    let tree = Tree::of(&[(LISTS, "")]);
    let packages = tree.files().flat_map(|lists| resolved(lists).unwrap()).collect::<Vec<_>>();
    for name in ["tests", "toml"] {
        assert!(
            packages.iter().any(|package| package.name == name && package.licence == "MIT OR Apache-2.0"),
            "{name}"
        );
    }
}

#[test]
fn banned_packages_and_foreign_licences_are_found() {
    let lists =
        "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"ring\", reason = \"one provider\" }]";
    let lock = "name = \"ring\"\nname = \"rings\"\nname = \"gnu\"\nname = \"bare\"";
    let output = "ring v1.0.0|MIT\nrings v1.0.0|MIT (*)\ngnu v1.0.0 (proc-macro)|GPL-3.0\nbare v2.0.0|\n\n";
    let tree = Tree::of(&[(LISTS, lists), (LOCK, lock)]);
    let (lists, lock) = (tree.file(LISTS).unwrap(), tree.file(LOCK).unwrap());
    let violations = banned_or_unlicensed(lists, lock, &parse(output));
    let found: Vec<_> = violations.iter().map(|violation| (violation.line, violation.rule)).collect();
    assert_eq!(found, [(4, "licence"), (3, "licence"), (1, "banned package")]);
}

#[test]
fn missing_lists_are_found() {
    assert_finds(packages, &[(LOCK, "")], &["deny.toml:1"]);
}

#[test]
fn a_second_source_is_found() {
    let lock = "source = \"git+https://example.org/a\"\nsource = \"registry+a\"\nsource = \"registry+b\"\nsource = \"registry+a\"";
    assert_finds(sources, &[(LOCK, lock)], &["Cargo.lock:1", "Cargo.lock:3"]);
}

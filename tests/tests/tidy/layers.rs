//! Crates depend on crates above them in the root member list, and only as this table allows.

use crate::tree::{File, Tree};
use crate::{Violation, assert_finds, assert_kept};
use toml::{Table, Value};

const RULE: &str = "crate layers";

/// A crate and what of ours it may depend on, in the order of the member list.
const MAY_DEPEND_ON: [(&str, Allowed); 13] = [
    ("money", Allowed::Only(&[])),
    ("store", Allowed::Only(&[])),
    ("api-types", Allowed::Only(&["money"])),
    ("ledger", Allowed::Only(&["money", "store"])),
    ("oracle", Allowed::Only(&["money", "store"])),
    ("did-resolver", Allowed::Only(&["store"])),
    ("vault", Allowed::Only(&["money", "store", "ledger", "oracle"])),
    ("agent-gateway", Allowed::AllAbove),
    ("client", Allowed::Only(&["api-types"])),
    ("dashboard", Allowed::Only(&["client", "api-types"])),
    ("regtest", Allowed::Only(&[])),
    ("ballast", Allowed::AllAbove),
    ("tests", Allowed::AllAbove),
];

#[derive(Clone, Copy)]
enum Allowed {
    Only(&'static [&'static str]),
    AllAbove,
}

/// The member list and every crate's own list, held to the table.
fn layers(tree: &Tree) -> Vec<Violation> {
    let Some(root) = tree.file("Cargo.toml") else { return Vec::new() };
    let members = members(root);
    let mut violations = out_of_order(root, &members);
    for (place, member) in members.iter().enumerate() {
        let above = members.get(..place).unwrap_or_default();
        if let Some(manifest) = tree.file(&format!("{member}/Cargo.toml")) {
            violations.extend(wrong_dependencies(manifest, member, &members, above));
        }
    }
    violations
}

/// Members that are not in the table, or come in another order than there.
fn out_of_order(root: &File, members: &[String]) -> Vec<Violation> {
    let place = |member: &String| MAY_DEPEND_ON.iter().position(|(name, _)| name == member);
    let mut last = 0;
    let mut violations = Vec::new();
    for member in members {
        let line = root.line_of(&format!("\"{member}\""));
        match place(member) {
            None => violations.push(root.violation(
                line,
                RULE,
                "add the crate to the table in layers.rs, from DESIGN",
            )),
            Some(place) if place < last => {
                violations.push(root.violation(
                    line,
                    RULE,
                    "list members bottom up, as in the table in layers.rs",
                ));
            }
            Some(place) => last = place,
        }
    }
    violations
}

/// Our crates that `member` depends on and may not. Its tests may use any crate above it.
fn wrong_dependencies(manifest: &File, member: &str, members: &[String], above: &[String]) -> Vec<Violation> {
    let allowed = MAY_DEPEND_ON.iter().find(|(name, _)| *name == member).map(|(_, allowed)| *allowed);
    let fits = |name: &String, in_tests: bool| match allowed {
        Some(Allowed::Only(list)) if !in_tests => list.contains(&name.as_str()),
        _ => above.contains(name),
    };
    let manifest_table = manifest.toml();
    let mut violations = Vec::new();
    for (section, in_tests) in
        [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
    {
        let names = manifest_table.get(section).and_then(Value::as_table).into_iter().flat_map(Table::keys);
        for name in names.filter(|name| members.contains(name) && !fits(name, in_tests)) {
            let advice =
                format!("{member} may not depend on {name}: move what it needs up, or ask for it by a trait");
            violations.push(manifest.violation(manifest.line_of(&format!("{name}.")), RULE, advice));
        }
    }
    violations
}

fn members(root: &File) -> Vec<String> {
    let table = root.toml();
    let members =
        table.get("workspace").and_then(|workspace| workspace.get("members")).and_then(Value::as_array);
    members.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn this_tree_keeps_its_layers() {
    assert_kept(layers);
}

#[test]
fn a_dependency_downwards_or_beside_the_table_is_found() {
    let root = "[workspace]\nmembers = [\n\"money\",\n\"store\",\n\"ledger\",\n\"client\",\n\"ballast\"]";
    let ledger = "[dependencies]\nmoney.workspace = true\nclient.workspace = true\n[dev-dependencies]\nstore.workspace = true";
    let client = "[dependencies]\nledger.workspace = true\nserde.workspace = true";
    let store = "[dev-dependencies]\nledger.workspace = true";
    let files = [
        ("Cargo.toml", root),
        ("ledger/Cargo.toml", ledger),
        ("client/Cargo.toml", client),
        ("store/Cargo.toml", store),
        ("ballast/Cargo.toml", "[dependencies]\nledger.workspace = true"),
    ];
    assert_finds(layers, &files, &["client/Cargo.toml:2", "ledger/Cargo.toml:3", "store/Cargo.toml:2"]);
}

#[test]
fn a_member_out_of_order_or_unknown_is_found() {
    let root = "[workspace]\nmembers = [\n\"ledger\",\n\"money\",\n\"helpers\"]";
    assert_finds(layers, &[("Cargo.toml", root)], &["Cargo.toml:4", "Cargo.toml:5"]);
}

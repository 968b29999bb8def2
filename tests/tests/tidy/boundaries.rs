//! What only certain files may know: SQL, JSON, the wall clock.

use crate::lexer::lines_with;
use crate::tree::{File, Tree};
use crate::{Violation, assert_finds, assert_kept};

/// Files that speak SQL: the crate that opens databases, each crate's `store.rs`, tests.
fn may_know_sql(file: &File) -> bool {
    file.folder() == "store" || file.name() == "store.rs" || file.is_test()
}

/// The words a query begins with. Capitals tell a query from a sentence.
const QUERY_STARTS: [&str; 11] = [
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "WITH ",
    "CREATE ",
    "ALTER ",
    "DROP ",
    "PRAGMA ",
    "BEGIN",
    "VACUUM",
];

/// SQL and the crate that sends it appear only where [`may_know_sql`] says.
fn sql(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in tree.rust().filter(|file| !may_know_sql(file)) {
        let code = file.code();
        let queries =
            code.iter().filter(|token| token.string().is_some_and(is_query)).map(|token| token.line);
        for line in lines_with(&code, "sqlx").into_iter().chain(queries) {
            violations.push(file.violation(
                line,
                "SQL in store.rs",
                "move the query into this crate's store.rs",
            ));
        }
    }
    violations
}

fn is_query(text: &str) -> bool {
    QUERY_STARTS.iter().any(|start| text.trim_start().starts_with(start))
}

/// Places that know JSON, beside tests and build scripts.
const JSON_PLACES: [&str; 6] = [
    "api-types/",                  // the wire format of our API ...
    "agent-gateway/src/http/",     // ... as it is served,
    "client/",                     // ... and as it is called
    "agent-gateway/src/adapters/", // the protocols of others
    "ballast/src/bench/",          // what was measured
    "ballast/src/demo/",           // the story's own report
];

/// JSON values and parsers appear only in [`JSON_PLACES`].
fn json(tree: &Tree) -> Vec<Violation> {
    let at_edge = |file: &&File| JSON_PLACES.iter().any(|place| file.path.starts_with(place));
    let exempt = |file: &&File| at_edge(file) || file.is_test() || file.name() == "build.rs";
    let found = tree.rust().filter(|file| !exempt(file)).flat_map(|file| {
        let advice = "pass a typed value; JSON is read and written at the edge";
        lines_with(&file.code(), "serde_json")
            .into_iter()
            .map(move |line| file.violation(line, "JSON at the edge", advice))
    });
    found.collect()
}

/// The one file that reads the time.
const CLOCK: &str = "ballast/src/clock.rs";

/// Ways to read the time that clippy's list of methods names too, and those it cannot name.
const READS_TIME: [&str; 4] = ["::now(", "::now_v7(", "::now_v1(", ".elapsed("];

/// The time is read in [`CLOCK`], and by benchmarks and examples that measure it.
fn clock(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    let exempt = |file: &&File| {
        file.path == CLOCK || file.path.contains("/benches/") || file.path.contains("/examples/")
    };
    for file in tree.rust().filter(|file| !exempt(file)) {
        let code = file.code();
        for line in READS_TIME.iter().flat_map(|call| lines_with(&code, call)) {
            violations.push(file.violation(
                line,
                "one clock",
                format!("take the time as an argument; only {CLOCK} reads it"),
            ));
        }
    }
    violations
}

#[test]
fn this_tree_keeps_sql_in_store_files() {
    assert_kept(sql);
}

#[test]
fn this_tree_keeps_json_at_the_edge() {
    assert_kept(json);
}

#[test]
fn this_tree_reads_the_time_in_one_file() {
    assert_kept(clock);
}

#[test]
fn sql_elsewhere_is_found() {
    let query =
        "use sqlx::Row;\nconst A: &str = r\"\n SELECT id FROM vault\";\nconst B: &str = \"Select one\";";
    let files = [("vault/src/flows.rs", query), ("vault/src/store.rs", query), ("store/src/open.rs", query)];
    assert_finds(sql, &files, &["vault/src/flows.rs:1", "vault/src/flows.rs:2"]);
}

#[test]
fn json_elsewhere_is_found() {
    let code = "\nuse serde_json::Value;";
    let files = [("api-types/src/id.rs", code), ("money/src/usd.rs", code), ("money/tests/cases.rs", code)];
    assert_finds(json, &files, &["money/src/usd.rs:2"]);
}

#[test]
fn a_second_clock_is_found() {
    let code =
        "let a = SystemTime::now();\nlet b = start.elapsed();\nlet c = clock.now();\nlet d = Uuid::now_v7();";
    let files = [(CLOCK, code), ("ledger/src/apply.rs", code), ("ledger/benches/batch.rs", code)];
    let places = ["ledger/src/apply.rs:1", "ledger/src/apply.rs:2", "ledger/src/apply.rs:4"];
    assert_finds(clock, &files, &places);
}

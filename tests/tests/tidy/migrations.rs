//! Columns have the four types that mean the same on SQLite and on PostgreSQL.

use crate::tree::{File, Tree};
use crate::{Violation, assert_finds, assert_kept};

const RULE: &str = "column types";
const TYPES: [&str; 4] = ["BIGINT", "INTEGER", "TEXT", "BYTEA"];

/// First words of what stands beside columns in `CREATE TABLE`.
const CONSTRAINTS: [&str; 5] = ["PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT"];

fn column_types(tree: &Tree) -> Vec<Violation> {
    tree.files()
        .filter(|file| file.path.starts_with("migrations/") && file.path.ends_with(".sql"))
        .flat_map(wrong_columns)
        .collect()
}

/// The columns of a migration that have another type, or one that is not written in capitals.
fn wrong_columns(file: &File) -> Vec<Violation> {
    let wrong = columns(&words(&file.text)).into_iter().filter(|(_, _, kind)| !TYPES.contains(kind));
    wrong
        .map(|(line, name, kind)| {
            file.violation(line, RULE, format!("`{name} {kind}`: use one of {}", TYPES.join(", ")))
        })
        .collect()
}

/// Words, brackets, commas and semicolons with their lines; comments left out.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let statement = line.split_once("--").map_or(line, |(statement, _)| statement);
        for run in statement.split_whitespace().flat_map(|word| word.split_inclusive(['(', ')', ',', ';'])) {
            let bare = run.trim_end_matches(['(', ')', ',', ';']);
            let mark = run.strip_prefix(bare).unwrap_or_default();
            words.extend([bare, mark].into_iter().filter(|word| !word.is_empty()).map(|word| (number, word)));
        }
    }
    words
}

/// Line, name and type of every column that is created or added.
fn columns<'a>(words: &[(usize, &'a str)]) -> Vec<(usize, &'a str, &'a str)> {
    let mut columns = Vec::new();
    let mut depth: usize = 0;
    let mut in_table = false;
    for window in words.windows(3) {
        let &[(_, before), (line, name), (_, kind)] = window else { continue };
        match before {
            "TABLE" => in_table = true,
            ";" => in_table = false,
            "(" => depth = depth.saturating_add(1),
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let begins_item = in_table && depth == 1 && matches!(before, "(" | ",");
        if (begins_item && !CONSTRAINTS.contains(&name)) || before == "COLUMN" {
            columns.push((line, name, kind));
        }
    }
    columns
}

#[test]
fn this_tree_has_portable_columns() {
    assert_kept(column_types);
}

#[test]
fn a_column_that_one_database_reads_otherwise_is_found() {
    let table = "CREATE TABLE vault (
        id BYTEA NOT NULL PRIMARY KEY, -- a BOOLEAN, in words
        debt BIGINT NOT NULL CHECK (debt >= 0, debt < 5),
        open BOOLEAN,
        label varchar(5),
        PRIMARY KEY (id, debt),
        CHECK (debt > 0)
    );
    CREATE INDEX vault_open ON vault (open, label);
    ALTER TABLE vault ADD COLUMN at TIMESTAMP;
    CREATE TABLE empty (a TEXT);";
    let places = ["migrations/1.sql:4", "migrations/1.sql:5", "migrations/1.sql:10"];
    assert_finds(column_types, &[("migrations/1.sql", table), ("docs/a.sql", table)], &places);
}

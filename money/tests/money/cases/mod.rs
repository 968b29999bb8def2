//! Known answers: the case files, row by row.
//!
//! Each file has a table that names every row of it, either with the check that computes its answer or with the
//! reason why the row is not money arithmetic. A row that the table does not name, or a name that is no row,
//! fails. The files keep the field names of the systems they come from.

mod collateral_ratio;
mod ours_vault;
mod simple_interest;
mod stability_fee_index;
mod vault_operations;

use std::collections::BTreeSet;

use money::U256;
use serde_json::Value;

/// What a table says about a row.
enum Row {
    /// Checked here, from its `input` and `expect`.
    Check(fn(&Value, &Value)),
    /// Belongs elsewhere, for this reason.
    Elsewhere(&'static str),
}

/// Runs every row of a file by its table.
fn run(file: &str, table: &[(&str, Row)]) {
    let file: Value = serde_json::from_str(file).unwrap();
    let rows = file["cases"].as_array().unwrap();
    let in_file: BTreeSet<_> = rows.iter().map(key).collect();
    let in_table: BTreeSet<_> = table.iter().map(|(key, _)| *key).collect();
    assert_eq!((in_file.len(), in_table.len()), (rows.len(), table.len()), "a row is there twice");
    assert_eq!(in_file, in_table, "the table names other rows than the file has");
    for (name, row) in table {
        let case = rows.iter().find(|case| key(case) == *name).unwrap();
        match row {
            Row::Check(check) => check(&case["input"], &case["expect"]),
            Row::Elsewhere(reason) => assert!(reason.ends_with('.'), "{name} needs a reason in a sentence"),
        }
    }
}

/// What a row is called: its id, or its name in the file that has no ids.
fn key(case: &Value) -> &str {
    case.get("id").unwrap_or(&case["name"]).as_str().unwrap()
}

/// A number of a row, which is a decimal string.
fn number(value: &Value) -> U256 {
    value.as_str().unwrap_or_else(|| panic!("{value} is no decimal string")).parse().unwrap()
}

/// A number of a row that fits 128 bits.
fn small(value: &Value) -> u128 {
    number(value).to()
}

#[test]
#[should_panic(expected = "the table names other rows than the file has")]
fn a_row_that_no_table_names_fails() {
    run(
        r#"{"cases": [{"id": "new-01"}, {"id": "new-02"}]}"#,
        &[("new-01", Row::Elsewhere("Here.")), ("old-02", Row::Elsewhere("There."))],
    );
}

#[test]
#[should_panic(expected = "a row is there twice")]
fn a_row_that_is_missing_fails() {
    run(r#"{"cases": [{"id": "new-01"}, {"id": "new-01"}]}"#, &[("new-01", Row::Elsewhere("Here."))]);
}

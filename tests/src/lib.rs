#![doc = include_str!("../README.md")]

use std::io::Write;

/// Says what is skipped and why, past the test runner's capture.
///
/// # Panics
/// When the variable `BALLAST_REQUIRE`, a list with commas, names `what`: then a skip is a failure.
pub fn skip(what: &str, why: impl std::fmt::Display) {
    let required = std::env::var("BALLAST_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|name| name == what), "{what} is required: {why}");
    // Standard error of a test that nobody reads any more is no reason to fail it.
    // One write, so that lines of tests that run beside it do not mix with this one.
    drop(std::io::stderr().write_all(format!("SKIP {what}: {why}\n").as_bytes()));
}

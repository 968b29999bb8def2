//! The committed API document under Redocly and Spectral, with the rules in `tests/tools`.
//!
//! The linters are npm packages that `./dev test` installs from their lock file; without them these tests say what
//! they skip, or fail when `BALLAST_REQUIRE` names `npm`. Neither linter opens a connection.

use std::path::Path;
use std::process::{Command, Output};
use std::{fs, io};

const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tools");
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");

/// A linter's program and arguments.
type Linter = (&'static str, &'static [&'static str]);
const REDOCLY: Linter = ("redocly", &["lint", "--config=redocly.yaml", "--format=stylish"]);
const SPECTRAL: Linter =
    ("spectral", &["lint", "--ruleset=.spectral.yaml", "--format=text", "--fail-severity=warn"]);

/// Breaks one rule after the other; the names are those of the rules in [`REDOCLY_FINDS`] and [`SPECTRAL_FINDS`].
const FAULTY: &str = r##"{
  "openapi": "3.1.0",
  "info": { "title": "Faulty", "version": "1", "license": { "name": "MIT", "identifier": "MIT" } },
  "tags": [{ "name": "health", "description": "Health" }],
  "paths": {
    "/v1/someThing": {
      "get": {
        "operationId": "health",
        "tags": ["health", "other"],
        "responses": {
          "200": { "description": "Alive", "content": { "application/json": { "schema": { "type": "string" }, "example": 3 } } },
          "503": { "description": "Fault", "content": { "text/plain": {} } }
        }
      },
      "post": {
        "operationId": "health",
        "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
        "responses": { "200": { "description": "Done", "content": { "application/json": { "schema": { "type": "string" } } } } }
      }
    }
  },
  "components": { "schemas": { "Thing": { "type": "object", "properties": { "badName": { "type": "string" } } } } }
}"##;

const REDOCLY_FINDS: [&str; 6] = [
    "operation-summary",
    "operation-description",
    "operation-operationId-unique",
    "operation-4xx-response",
    "operation-singular-tag",
    "no-invalid-media-type-examples",
];

const SPECTRAL_FINDS: [&str; 8] = [
    "operation-id-verb-noun",
    "operation-rate-class",
    "operation-tag-defined",
    "request-example",
    "response-example",
    "error-is-problem",
    "path-kebab-case",
    "member-snake-case",
];

/// Runs a linter on a document; nothing when the linters are not installed and need not be.
fn lint((program, arguments): Linter, document: &Path) -> io::Result<Option<Output>> {
    let program = Path::new(TOOLS).join("node_modules/.bin").join(program);
    if !program.exists() {
        tests::skip("npm", "the linters are not installed; ./dev test installs them");
        return Ok(None);
    }
    let mut command = Command::new(program);
    command.args(arguments).arg(document).current_dir(TOOLS).env("NO_COLOR", "1");
    command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    command.output().map(Some)
}

fn assert_passes(linter: Linter) -> io::Result<()> {
    let Some(output) = lint(linter, Path::new(DOCUMENT))? else { return Ok(()) };
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    Ok(())
}

fn assert_finds(linter: Linter, rules: &[&str]) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let document = folder.path().join("openapi.json");
    fs::write(&document, FAULTY)?;
    let Some(output) = lint(linter, &document)? else { return Ok(()) };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success());
    for rule in rules {
        assert!(said.contains(rule), "{rule} found nothing:\n{said}");
    }
    Ok(())
}

#[test]
fn the_document_passes_redocly() -> io::Result<()> {
    assert_passes(REDOCLY)
}

#[test]
fn the_document_passes_spectral() -> io::Result<()> {
    assert_passes(SPECTRAL)
}

#[test]
fn redocly_finds_faults() -> io::Result<()> {
    assert_finds(REDOCLY, &REDOCLY_FINDS)
}

#[test]
fn spectral_finds_faults() -> io::Result<()> {
    assert_finds(SPECTRAL, &SPECTRAL_FINDS)
}

//! The committed document is the one the code produces, and it says what every operation can answer.

#![cfg(test)]

use agent_gateway::http::document_json;
use api_types::ErrorCode;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn document() -> Value {
    serde_json::from_str(&document_json().unwrap()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let item = item.as_object().unwrap().clone();
        let path = path.clone();
        item.into_iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn the_committed_document_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == document_json().unwrap(),
        "openapi/openapi.json differs from the code: run `cargo run -p ballast -- openapi > openapi/openapi.json`, \
         read the difference, commit it"
    );
}

#[test]
fn the_document_is_version_3_1() {
    assert_eq!(document()["openapi"], "3.1.0");
}

#[test]
fn every_operation_is_described_in_full() {
    let document = document();
    let operations = operations(&document);
    assert!(operations.len() >= 3);
    let mut ids = BTreeSet::new();
    for (name, operation) in &operations {
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no operationId"));
        assert!(ids.insert(id.to_owned()), "{id} is used twice");
        for member in ["summary", "description", "x-rate-class"] {
            assert!(
                operation[member].as_str().is_some_and(|text| !text.is_empty()),
                "{name} has no {member}"
            );
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name} has not exactly one tag");
        assert!(operation["security"].is_array(), "{name} does not say who may call it");
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        for status in ["400", "414", "429", "431", "500", "503"] {
            assert!(answers.contains_key(status), "{name} does not say that the layers may answer {status}");
        }
        for (status, answer) in answers.iter().filter(|(status, _)| !status.starts_with('2')) {
            let content = answer["content"].as_object().unwrap();
            assert_eq!(content.keys().collect::<Vec<_>>(), ["application/problem+json"], "{name} {status}");
            let described = answer["description"].as_str().unwrap();
            let known = ErrorCode::ALL.iter().filter(|code| code.status().to_string() == *status);
            assert!(
                known.into_iter().any(|code| described.contains(code.as_str())),
                "{name} {status} names no code"
            );
        }
    }
}

#[test]
fn every_code_is_in_the_document() {
    let listed = document()["components"]["schemas"]["ErrorCode"]["enum"].clone();
    let words: Vec<_> = ErrorCode::ALL.iter().map(|code| Value::from(code.as_str())).collect();
    assert_eq!(listed, Value::from(words));
}

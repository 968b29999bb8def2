//! Every scenario gives the same answers everywhere, and together they execute every statement.

use tracing::Instrument;

use crate::{CRATES, SCENARIOS, engines, executed};

#[tokio::test]
async fn engines_and_model_agree_and_every_statement_is_executed() {
    let mut engines = Vec::new();
    for scenario in SCENARIOS {
        let expected = (scenario.on_model)();
        assert!(!expected.is_empty(), "{} does nothing", scenario.name);
        for fixture in engines::fresh().await {
            let run = (scenario.on_store)(fixture.store.clone());
            let found = run.instrument(executed::span(fixture.engine)).await;
            assert_same(&expected, &found, &format!("{} on {}", scenario.name, fixture.engine));
            engines.push(fixture.engine);
        }
    }
    for engine in engines {
        let missing = executed::missing(CRATES, engine);
        assert!(missing.is_empty(), "no scenario executes these on {engine}: {missing:#?}");
    }
}

/// Shows the first line that differs and the three before it.
fn assert_same(expected: &[String], found: &[String], title: &str) {
    let length = expected.len().max(found.len());
    let Some(first) = (0..length).find(|&line| expected.get(line) != found.get(line)) else { return };
    let before = &expected[first.saturating_sub(3)..first.min(expected.len())];
    panic!(
        "{title}, line {first}\nbefore: {before:#?}\nmodel:  {:?}\nstore:  {:?}",
        expected.get(first),
        found.get(first)
    );
}

#[test]
#[should_panic(expected = "model:  Some(\"b\")\nstore:  Some(\"c\")")]
fn another_answer_is_found() {
    assert_same(&["a".to_owned(), "b".to_owned()], &["a".to_owned(), "c".to_owned()], "test");
}

#[test]
#[should_panic(expected = "model:  Some(\"b\")\nstore:  None")]
fn a_missing_answer_is_found() {
    assert_same(&["a".to_owned(), "b".to_owned()], &["a".to_owned()], "test");
}

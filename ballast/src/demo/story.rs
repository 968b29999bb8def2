//! The steps of the demo: what was done, what came of it, how long it took.

use crate::{Failure, clock};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;
use std::fmt::Display;
use std::future::Future;
use std::io::{IsTerminal, Write};

/// How a step ended without a result.
#[derive(Debug)]
pub(super) enum Skip {
    /// It went wrong.
    Failed(String),
    /// It could not be tried here.
    Skipped(String),
}

impl Skip {
    pub(super) fn failed(why: impl Display) -> Self {
        Self::Failed(why.to_string())
    }

    pub(super) fn skipped(why: impl Display) -> Self {
        Self::Skipped(why.to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Ok,
    Skipped,
    Failed,
}

#[derive(Debug, Serialize)]
struct Step {
    step: &'static str,
    outcome: Outcome,
    result: String,
    milliseconds: u64,
}

/// What has been told so far.
#[derive(Debug, Serialize)]
pub(super) struct Story {
    steps: Vec<Step>,
}

impl Story {
    pub(super) fn new() -> Self {
        Self { steps: Vec::new() }
    }

    /// A step whose failure ends the story, because nothing can follow it.
    pub(super) async fn first<T>(
        &mut self,
        name: &'static str,
        doing: impl Future<Output = Result<(String, T), Failure>>,
    ) -> Result<T, Failure> {
        let started = (clock::SYSTEM.uptime)();
        show_progress(name);
        let (result, value) = doing.await?;
        self.record(name, Ok(result), started);
        Ok(value)
    }

    /// A step like the others.
    pub(super) async fn step(
        &mut self,
        name: &'static str,
        doing: impl Future<Output = Result<String, Skip>>,
    ) {
        let started = (clock::SYSTEM.uptime)();
        show_progress(name);
        let result = doing.await;
        self.record(name, result, started);
    }

    fn record(&mut self, step: &'static str, result: Result<String, Skip>, started: std::time::Duration) {
        let (outcome, result) = match result {
            Ok(result) => (Outcome::Ok, result),
            Err(Skip::Skipped(why)) => (Outcome::Skipped, why),
            Err(Skip::Failed(why)) => (Outcome::Failed, why),
        };
        let took = (clock::SYSTEM.uptime)().saturating_sub(started);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.steps.push(Step { step, outcome, result, milliseconds });
    }

    pub(super) fn failures(&self) -> usize {
        self.steps.iter().filter(|step| step.outcome == Outcome::Failed).count()
    }

    /// The steps for a person.
    pub(super) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["step", "", "result", "ms"]);
        for step in &self.steps {
            let mark = match step.outcome {
                Outcome::Ok => "ok",
                Outcome::Skipped => "skipped",
                Outcome::Failed => "FAILED",
            };
            table.add_row([step.step, mark, &step.result, &step.milliseconds.to_string()]);
        }
        format!("{table}\n")
    }

    /// The steps for a program.
    pub(super) fn json(&self) -> Result<String, Failure> {
        to_json(self)
    }
}

/// A report as one JSON document.
pub(crate) fn to_json(report: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(report).map(|text| text + "\n").map_err(Failure::run)
}

/// Says on a terminal what is being done. Standard output stays for the result.
fn show_progress(name: &str) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        // A terminal that is gone shows nothing, and nothing else depends on it.
        drop(writeln!(terminal, "... {name}"));
    }
}

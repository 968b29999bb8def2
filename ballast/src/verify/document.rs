//! What verification found, as a table and as a document. Amounts are minor units of their asset.

use crate::Failure;
use crate::demo::to_json;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use ledger::verify::{Difference, VerifyReport};
use ledger::{Asset, TransferStatus};
use serde::Serialize;
use std::collections::BTreeMap;

/// A verification that came to its end, or to the first difference.
#[derive(Debug, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub(super) enum Document {
    /// Nothing differs.
    Verified(Box<Figures>),
    /// Something does.
    Difference(Found),
}

/// The figures, by their names in the document.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    entries: u64,
    transfers: u64,
    accepted: u64,
    refused: u64,
    by_status: BTreeMap<&'static str, u64>,
    administrative_requests: u64,
    expiries: u64,
    open_pending: u64,
    accounts: u64,
    allowances: u64,
    supply: BTreeMap<&'static str, Owed>,
    journal_bytes: u64,
    sealed_segments: u64,
    sealed_ids: u64,
    state_roots_compared: u64,
    snapshots_compared: u64,
    statements_walked: u64,
    statements_left_out: u64,
    torn_entries: u64,
    with_model: bool,
    last_entry_hash: String,
    state_root: String,
    milliseconds: u64,
    transfers_per_second: u64,
}

/// What is owed in one asset. Text, since the numbers may be longer than those of other programs.
#[derive(Debug, Serialize)]
struct Owed {
    owed: String,
    owed_by_system: String,
}

/// The first difference.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    entry: u64,
    index: Option<u64>,
    what: &'static str,
    expected: String,
    found: String,
    advice: &'static str,
}

impl Document {
    pub(super) fn of(report: &VerifyReport, elapsed_micros: u64) -> Self {
        let word = |(status, count): (&TransferStatus, &u64)| (status.word(), *count);
        let owed = |supply: &ledger::verify::Supply| {
            let (owed, owed_by_system) = (supply.owed.to_string(), supply.owed_by_system.to_string());
            (name_of(supply.asset), Owed { owed, owed_by_system })
        };
        Self::Verified(Box::new(Figures {
            entries: report.entries,
            transfers: report.transfers,
            accepted: report.accepted(),
            refused: report.refused(),
            by_status: report.by_status.iter().map(word).collect(),
            administrative_requests: report.requests,
            expiries: report.expiries,
            open_pending: report.open_pending,
            accounts: report.accounts,
            allowances: report.allowances,
            supply: report.supply.iter().map(owed).collect(),
            journal_bytes: report.bytes,
            sealed_segments: report.sealed_segments,
            sealed_ids: report.sealed_ids,
            state_roots_compared: report.roots_compared,
            snapshots_compared: report.snapshots_compared,
            statements_walked: report.statements_walked,
            statements_left_out: report.statements_left_out,
            torn_entries: report.torn_entries,
            with_model: report.with_model,
            last_entry_hash: hex(&report.last_hash.0),
            state_root: report.state_root.map(|root| root.to_string()).unwrap_or_default(),
            milliseconds: elapsed_micros / 1_000,
            transfers_per_second: report.transfers_per_second(elapsed_micros),
        }))
    }

    pub(super) fn of_difference(difference: &Difference) -> Self {
        Self::Difference(Found {
            entry: difference.sequence,
            index: difference.index,
            what: difference.kind.words(),
            expected: difference.expected.clone(),
            found: difference.found.clone(),
            advice: difference.advice(),
        })
    }

    /// For a program.
    pub(super) fn json(&self) -> Result<String, Failure> {
        to_json(self)
    }

    /// For a person. A difference is one line, which is said on standard error.
    pub(super) fn table(&self) -> String {
        let Self::Verified(figures) = self else { return String::new() };
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(["verified", ""]);
        figures.rows().into_iter().for_each(|(name, value)| {
            table.add_row([name, value]);
        });
        format!("{table}\n")
    }
}

impl Figures {
    fn rows(&self) -> Vec<(String, String)> {
        let row = |name: &str, value: u64| (name.to_owned(), value.to_string());
        let mut rows = vec![row("entries", self.entries), row("transfers", self.transfers)];
        rows.extend(self.by_status.iter().map(|(word, count)| row(&format!("  {word}"), *count)));
        rows.extend([
            row("administrative requests", self.administrative_requests),
            row("expiries", self.expiries),
            row("open pending transfers", self.open_pending),
            row("accounts", self.accounts),
            row("allowances", self.allowances),
        ]);
        let supply =
            |(asset, owed): (&&str, &Owed)| (format!("supply of {asset}, minor units"), owed.owed.clone());
        rows.extend(self.supply.iter().map(supply));
        rows.extend([
            row("bytes of journal", self.journal_bytes),
            row("sealed segments", self.sealed_segments),
            row("sealed ids looked up", self.sealed_ids),
            row("state roots compared", self.state_roots_compared),
            row("snapshots compared", self.snapshots_compared),
            row("statements walked", self.statements_walked),
            row("statements left out", self.statements_left_out),
            row("torn entries a start will cut", self.torn_entries),
        ]);
        let model = if self.with_model { "agrees" } else { "not asked" };
        rows.extend([
            ("sequential model".to_owned(), model.to_owned()),
            ("hash of the last entry".to_owned(), self.last_entry_hash.clone()),
            ("state root".to_owned(), self.state_root.clone()),
            row("milliseconds", self.milliseconds),
            row("transfers per second", self.transfers_per_second),
        ]);
        rows
    }
}

fn name_of(asset: Asset) -> &'static str {
    match asset {
        Asset::USDB => "USDb",
        Asset::BTC => "BTC",
        _ => "unknown asset",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

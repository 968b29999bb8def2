//! The core of the ledger: codes, records, allowances, and the sequential model.
#![cfg(test)]

mod administration;
mod allowance_books;
mod allowance_rules;
mod allowance_windows;
mod build;
mod calendar;
mod chains;
mod conditions;
#[path = "../common/laws.rs"]
mod laws;
mod money_laws;
mod pending;
mod records;
mod refunds;
#[path = "../common/statements.rs"]
mod statements;
mod static_bounds;
mod status_codes;
#[path = "../common/workload.rs"]
mod workload;

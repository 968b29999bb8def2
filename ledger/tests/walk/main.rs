//! The byte form of entries, and walks through the journal that holds them: statements and earlier states.

#![cfg(test)]

mod body;
mod body_hostile;
mod build;
mod cursors;
mod earlier_states;
mod hostile_journal;
mod ledger_history;
mod pages;
mod reads;
mod reencode;
mod statement_model;
#[path = "../common/workload.rs"]
mod workload;

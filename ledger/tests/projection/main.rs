//! The projection: exactly the rows that the ledger's entries lead to, whatever happens on the way.
#![cfg(test)]

mod databases;
mod exactly_once;
mod fold;
mod journal;
mod refusals;
mod rows;
mod running;
#[path = "../common/workload.rs"]
mod workload;

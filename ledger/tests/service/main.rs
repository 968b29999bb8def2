//! The running ledger: whole, with its threads, on disks that lose power, fail and fill.
#![cfg(test)]

#[path = "../common/workload.rs"]
mod workload;

mod answers;
mod concurrency;
mod crashes;
mod differential;
mod faults;
mod restarts;
mod script;
mod support;
mod upkeep;

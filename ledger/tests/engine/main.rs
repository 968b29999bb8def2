//! The partitioned engine: the same as the sequential model, whatever it is divided into.
#![cfg(test)]

mod allowance;
mod build;
mod capture;
mod differential;
mod harness;
mod metamorphic;
mod rounds;
mod state;
mod statement_walks;
#[path = "../common/statements.rs"]
mod statements;
#[path = "../common/workload.rs"]
mod workload;

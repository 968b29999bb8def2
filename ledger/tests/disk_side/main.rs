//! The disk side of the ledger: file layer, journal, snapshots and id index, on a fake disk that crashes, fails
//! and fills up. Every random choice follows from a seed, which a failing test prints.

#![cfg(test)]

mod disk;
mod id_index;
mod id_index_model;
mod journal;
mod journal_recovery;
mod journal_refusals;
mod snapshot;
mod support;

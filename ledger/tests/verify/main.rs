//! Verification: directories that hold verify in every mode and after every crash, and whatever is changed in one is
//! named.
#![cfg(test)]

#[path = "../service/script.rs"]
#[expect(dead_code, reason = "shared with the tests of the running ledger, which use the rest")]
mod script;
#[path = "../service/support.rs"]
#[expect(dead_code, reason = "shared with the tests of the running ledger, which use the rest")]
mod support;
#[path = "../common/workload.rs"]
mod workload;

mod crashes;
mod damage;
mod directories;
mod good;
mod read_only;
mod tampering;

//! The partitioned execution engine: what an entry does, on as many threads as there are, with the results of a
//! plain loop.
//!
//! The outcome of an entry (every status, amount, bound, position, back-pointer and total) is exactly that of
//! [`crate::model::Model`]: what is due expires, then the requests one after the other. It does not depend on the
//! number of partitions, on threads, on timing, on the key or on the machine. The only time is the entry's timestamp.
//!
//! # Words
//! A *unit* is one transfer or one chain. A *cell* is something with headroom: a limited account, an allowance
//! window, a pending transfer. A unit *takes* from some cells and *gives* to others, and is accepted if and only if
//! every take fits at its place. A *run* is transfers between two administrative requests, at most
//! about [`RUN_MAX`] of them: whoever comes later finds the earlier ones executed.
//!
//! # Steps
//!
//! | step | who | file |
//! |---|---|---|
//! | hashes, static codes | every partition a share | `intake` |
//! | ids: which units are live | one thread | `admission` |
//! | accounts, facts, sums of takes | the partition of the account | `route`, `facts` |
//! | rounds of votes over tight cells | the partition of the cell | `cell_book`, `verdicts` |
//! | what is open after the last round | one thread | `remainder` |
//! | totals, back-pointers, codes | the partition of the account | `settle` |
//! | outcomes in order, pending transfers | one thread | `settle` |
//!
//! Before the first run what is due expires (`expire`); behind the last one the outcome is what the journal records
//! (`recording`), and `replay` applies that without judging anything again. Between entries the state can be captured
//! and is then handed out in parts, whatever is executed meanwhile (`capture`, `rows`).
//!
//! A cell whose opening headroom covers the sum of its takes is never walked, so a batch of covered payments needs
//! one pass, however many of them pay the same payee: credits are not takes.
//!
//! Amounts are minor units, times microseconds UTC. No I/O, no clock, no randomness, no floats, and no order of a
//! hash table.

mod account_book;
mod account_detail;
mod account_row;
mod administer;
mod admission;
mod allowance_book;
mod allowance_use;
mod capture;
mod capture_error;
mod captured_part;
mod cell_book;
mod convert;
mod crew;
mod desk;
#[expect(clippy::module_inception, reason = "the engine is what this module is about")]
mod engine;
mod engine_error;
mod entry_outcome;
mod expire;
mod facts;
mod finding;
mod halves;
mod intake;
mod known_ids;
mod leg;
mod pages;
mod partition;
mod partition_key;
mod partitioned;
mod pending_book;
mod pending_effects;
mod reads;
mod recording;
mod remainder;
mod replay;
mod route;
mod row_capture;
mod rows;
mod run;
mod sequential;
mod settings;
mod settle;
mod slot_bits;
mod slot_index;
mod verdicts;

pub use capture::CaptureScope;
pub use capture_error::CaptureError;
pub use captured_part::{CapturedAccount, CapturedPart};
pub use engine::Engine;
pub use engine_error::EngineError;
pub use entry_outcome::{EntryOutcome, RoundStatistics};
pub use known_ids::KnownIds;
pub use partition_key::PartitionKey;
pub use settings::{EngineSettings, PARTITIONED_MIN, PARTITIONS_MAX, ROUNDS_MAX, RUN_MAX};

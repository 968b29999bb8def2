//! A ledger that runs: commands come in at a queue, entries are executed, made durable and answered, and beside that
//! snapshots, state roots and sealing go on.
//!
//! | stage | what it owns | file |
//! |---|---|---|
//! | gather | nothing; reads what an entry needs from the disk | `gather` |
//! | execute | the state and the recent ids; gives the order and the time | `execute` |
//! | commit | the journal; flushes, then answers | `commit` |
//! | upkeep | the state tree, snapshots, sealed ids | `upkeep` |
//! | readers | nothing; read the journal for lookups and statements | `read` |
//!
//! Each stage is a plain state machine; `running` gives it a thread and joins them with bounded queues.
//!
//! # What always holds
//! - An answer is given after everything it says is durable.
//! - Reads take their place in the order behind what was answered before they came.
//! - Execution waits for no disk and for no reader; it runs ahead of the journal by a bounded number of entries.
//! - After a fault nothing more is executed or acknowledged.

mod arrival;
mod beside;
mod board;
mod commit;
mod execute;
mod executed;
mod figures;
mod gather;
mod ids;
mod in_process;
mod job_queue;
mod known;
mod queue;
mod read;
mod recover;
mod running;
mod secret;
mod service_error;
mod settings;
#[cfg(test)]
mod simulation;
mod snapshot_state;
mod upkeep;
mod upkeep_desk;

pub use figures::{Figures, SnapshotTimes, StageMicros};
pub(crate) use ids::{IdChange, for_each_recorded};
pub(crate) use known::known_at;
pub use recover::RecoveryReport;
pub(crate) use recover::update_tree;
pub use running::{Environment, Running};
pub use secret::SECRET_BYTES;
pub(crate) use secret::Secret;
pub use service_error::ServiceError;
pub use settings::{ServiceClock, ServiceSettings};
pub(crate) use snapshot_state::load_state;

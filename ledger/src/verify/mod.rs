//! Verification: the whole journal of a data directory is executed again, from its first entry, and everything that
//! is kept beside it is compared with what comes out.
//!
//! | what | against what | file |
//! |---|---|---|
//! | every entry of sealed and live segments | its hash, the chain, the archive's own table | `entries` |
//! | ids | used once for ever | `used_ids` |
//! | outcomes, ends, expiries, administrative requests | the engine, which executes the requests again | `compare` |
//! | the same, and every total touched | the sequential model, if asked for | `second_opinion` |
//! | state roots in headers | the state tree of the state executed again | `roots` |
//! | the laws of money | every account and open pending transfer | `laws` |
//! | every snapshot kept | the state executed again | `snapshots` |
//! | the sealed part of the id index | the ids that were executed | `sealed_ids` |
//! | statements of some accounts | their totals | `statements` |
//!
//! # What always holds
//! - Nothing in the directory is changed: it is read through a [`crate::disk::ReadOnlyDisk`]. A torn tail is cut in
//!   memory alone and is a figure of the report, since what was never acknowledged is no difference.
//! - The first difference ends the verification and is named: the entry, the index in it, what was expected, what was
//!   found and what to do next. What keeps a ledger from starting at all (a live segment, the id index's files) is
//!   found before anything is executed; everything else in the order of the journal.
//! - It depends on nothing but the directory: no clock, no randomness.
//!
//! Not compared, because the journal does not say it: traceless answers, the bounds in replies, and when an account
//! was read.

mod compare;
mod difference;
mod directory;
mod entries;
mod execution;
mod laws;
mod progress;
mod report;
mod roots;
mod sealed_ids;
mod second_opinion;
mod settings;
mod snapshots;
mod statements;
mod used_ids;
mod verification;
mod verify_error;

pub use difference::{Difference, DifferenceKind};
pub use progress::{VerifyProgress, VerifyStage};
pub use report::{Supply, VerifyReport};
pub use settings::VerifySettings;
pub use verification::verify;
pub use verify_error::VerifyError;

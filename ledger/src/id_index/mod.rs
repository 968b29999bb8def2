//! The id index: every id that was ever used, with the position of its outcome and how a pending one ended.
//!
//! Ids of entries in live segments are *recent* and in memory ([`RecentIds`]). When a segment is sealed its ids
//! become sorted *runs* on disk and are never forgotten. An id is a UUID as a number, so ids of version 7 sort by
//! time: their runs are nearly disjoint and a lookup reads one or two. Ids of version 8 are spread, so their runs
//! are merged to at most eight, with filters in memory, and a new one costs no read as a rule.
//!
//! A pending transfer may end long after its id was sealed. Such a *late end* goes to runs of its own, which are
//! only looked at for an id that was sealed as open.
//!
//! # Invariants
//! - An id is found from the moment it is inserted, for ever: it enters the runs before it leaves the recent ids.
//! - The manifest names the runs that count. It is replaced as a whole, so a crash leaves the runs before or after
//!   a seal or merge, never a mixture.
//! - After a start the owner feeds the ids of every entry after [`IdSealer::sealed_through`], in order.
//!
//! Nothing here depends on the hash key but speed; it is handed in.

mod id_filter;
mod id_hash;
mod id_index_error;
mod id_record;
mod index;
mod manifest;
mod merge;
mod merge_policy;
mod pending_state;
mod recent_ids;
mod recent_part;
mod run;
mod run_page;
mod run_trailer;
mod run_writer;
mod sealed;
mod sealer;

pub(crate) use id_filter::IdFilter;
pub use id_hash::HashKey;
pub use id_index_error::IdIndexError;
pub use id_record::IdRecord;
pub(crate) use id_record::RunFamily;
pub use index::{IdIndex, Lookup};
pub(crate) use merge::RunStream;
pub use pending_state::PendingState;
pub use recent_ids::RecentIds;
pub use recent_part::RecentPart;
pub(crate) use run::{Run, RunReader};
pub use sealed::{SealedIndex, SealedLookup};
pub use sealer::{IdSealer, SealedBatch};

//! How a running ledger is set up. None of it changes what an entry does.

use std::fmt;
use std::sync::Arc;

use crate::disk::limits::SEGMENT_BYTES;
use crate::engine::PARTITIONED_MIN;
use crate::limits::ENTRY_TRANSFERS_MAX;

/// Tells the time, in microseconds UTC. It may go back; the ledger's time does not.
#[derive(Clone)]
pub struct ServiceClock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl ServiceClock {
    /// A clock that asks this function.
    pub fn new(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> u64 {
        (self.0)()
    }
}

impl fmt::Debug for ServiceClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServiceClock")
    }
}

/// Sizes and paces of a running ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Partitions of the engine.
    pub partitions: usize,
    /// Threads that execute, that of the sequencer included.
    pub threads: usize,
    /// Runs of transfers with fewer of them are executed one after the other.
    pub partitioned_min: usize,
    /// The length of a journal segment in bytes; the same at every start.
    pub segment_bytes: u64,
    /// Commands that may wait to be executed.
    pub queued_commands_max: usize,
    /// Transfers that may wait to be executed.
    pub queued_transfers_max: usize,
    /// Entries that may be executed and not yet flushed.
    pub entries_ahead_max: usize,
    /// The shortest time between two state roots, in microseconds.
    pub checkpoint_micros: u64,
    /// A state root is computed again at the earliest after so many times what the last one took, so that under load
    /// roots cost at most this share of one core.
    pub checkpoint_rest: u64,
    /// Bytes of journal between two snapshots: what a start has to replay at most.
    pub snapshot_bytes: u64,
    /// Threads that read the journal for statements and lookups.
    pub readers: usize,
    /// Reads that may wait for one of them.
    pub queued_reads_max: usize,
}

impl ServiceSettings {
    /// One partition and one thread, which executes one transfer after the other: what partitions are compared with.
    #[must_use]
    pub const fn sequential() -> Self {
        Self { partitioned_min: usize::MAX, ..Self::for_threads(1) }
    }

    /// As many partitions as threads.
    #[must_use]
    pub const fn for_threads(threads: usize) -> Self {
        Self {
            partitions: threads,
            threads,
            partitioned_min: PARTITIONED_MIN,
            segment_bytes: SEGMENT_BYTES,
            queued_commands_max: 4_096,
            queued_transfers_max: 16 * ENTRY_TRANSFERS_MAX,
            entries_ahead_max: 8,
            checkpoint_micros: 1_000_000,
            checkpoint_rest: 10,
            snapshot_bytes: 16 * SEGMENT_BYTES,
            readers: 1,
            queued_reads_max: 1_024,
        }
    }
}

//! How the engine divides its work. Results never depend on it.

use super::partition_key::PartitionKey;

/// Rounds of votes before the remainder: what is open after four is open because of long dependencies.
pub const ROUNDS_MAX: u32 = 4;

/// Transfers from which on a run is worth dividing.
pub const PARTITIONED_MIN: usize = 256;

/// Transfers of one run: few enough that what the first step fetched is still near when the last one changes it.
pub const RUN_MAX: usize = 2_048;

/// Partitions of one engine: more than any machine has cores, few enough for each to have its tables.
pub const PARTITIONS_MAX: usize = 1_024;

/// The engine's settings.
#[derive(Debug, Clone, Copy)]
pub struct EngineSettings {
    /// How many partitions there are: as a rule one for each thread.
    pub partitions: usize,
    /// How many threads execute, that of the caller included; one is none beside it.
    pub threads: usize,
    /// How many rounds of votes there are at most.
    pub rounds_max: u32,
    /// Runs with fewer transfers are executed one after the other.
    pub partitioned_min: usize,
    /// Longer runs are cut into runs of about this many transfers.
    pub run_max: usize,
    /// The key of the hash that divides accounts, random for each process.
    pub key: PartitionKey,
}

impl EngineSettings {
    /// One partition and one thread.
    #[must_use]
    pub const fn sequential(key: PartitionKey) -> Self {
        Self {
            partitions: 1,
            threads: 1,
            rounds_max: ROUNDS_MAX,
            partitioned_min: usize::MAX,
            run_max: RUN_MAX,
            key,
        }
    }

    /// One partition for each of `threads`.
    #[must_use]
    pub const fn partitioned(threads: usize, key: PartitionKey) -> Self {
        Self {
            partitions: threads,
            threads,
            rounds_max: ROUNDS_MAX,
            partitioned_min: PARTITIONED_MIN,
            run_max: RUN_MAX,
            key,
        }
    }
}

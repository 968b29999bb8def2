//! Every bound of the ledger's files, in one place, each with its reason.
//!
//! No decoder allocates more than the bound of what it reads, whatever the bytes say.

/// The unit of every layout and of a torn write: what ext4 and the disks below it write as one.
pub const PAGE_BYTES: u64 = 4_096;

/// A segment of the journal: long enough that sealing is rare, short enough to write with zeros in a moment.
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// The longest entry, header and padding included: 8,190 transfers with outcomes and as many expiries take
/// 1.5 MB, so this leaves room and bounds what one reader holds.
pub const ENTRY_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The highest sequence: a position keeps 44 bits for it. At 10,000 entries a second it lasts 55 years.
pub const SEQUENCE_MAX: u64 = (1 << 44) - 1;

/// Segments that wait to be sealed: 16 GiB of journal, 16 MiB of entry locations. More means that sealing
/// has stopped, and the journal refuses to grow without bound.
pub const LIVE_SEGMENTS_MAX: usize = 256;

/// Recycled segments kept ready beyond the current one; further ones are removed.
pub const READY_SEGMENTS_MAX: usize = 4;

/// What recovery and archiving read at once: the longest entry.
pub const SCAN_WINDOW_BYTES: u64 = ENTRY_BYTES_MAX;

/// What a forward reader reads at once, unless one entry is longer.
pub const CURSOR_WINDOW_BYTES: u64 = 256 * 1024;

/// What a sequential writer collects before it writes.
pub const WRITE_BUFFER_BYTES: usize = 1024 * 1024;

/// Sections of a snapshot: the 4,096 virtual shards and room beside them; a table of 576 KiB.
pub const SNAPSHOT_SECTIONS_MAX: u32 = 8_192;

/// Snapshots kept: the newest, and one in case its hashes do not hold.
pub const SNAPSHOTS_KEPT: usize = 2;

/// Parts of the recent ids. Each grows by itself, so that a growing one holds up a batch for one part's time.
pub const RECENT_PARTS: usize = 256;

/// Slots of one part, 26 bytes each: one thousand million in all parts, far more than live segments hold ids.
pub const RECENT_PART_SLOTS_MAX: usize = 4 * 1024 * 1024;

/// Ids of one run: 6.8 GB on disk, 27 MB of page starts in memory. Larger ones are not merged further.
pub const RUN_IDS_MAX: u64 = 1 << 28;

/// Runs in the manifest; with merging there are a few dozen.
pub const RUNS_MAX: u32 = 4_096;

/// Runs of the ids without time, and of the late ends: each costs a lookup one filter.
pub const SPREAD_RUNS_MAX: usize = 8;

/// Runs of ids with time that are merged into one.
pub const TIMED_MERGE_WIDTH: usize = 8;

/// Memory for the filters of runs of ids with time, newest first; older runs are looked up without.
pub const TIMED_FILTER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Ids, or ends, of one sealed segment: as many as it could hold if each took 8 bytes.
pub const SEALED_IDS_MAX: usize = 1 << 23;

//! Every bound of the ledger's core, in one place, each with its reason. Those of its files are in
//! [`crate::disk::limits`].
//!
//! Units: times and durations in microseconds unless the name says seconds; amounts in minor units.

/// One second in the unit of all times.
pub const SECOND_MICROS: u64 = 1_000_000;

/// One day in the unit of all times. Civil time under a fixed offset has no leap seconds.
pub const DAY_MICROS: u64 = 86_400 * SECOND_MICROS;

/// The largest amount of one transfer: it fits a signed 64-bit column of SQL.
pub const AMOUNT_MAX: u64 = (1 << 63) - 1;

/// The amount of a post that means all of the pending transfer.
pub const AMOUNT_WHOLE: u64 = u64::MAX;

/// The shortest pending transfer: expiry is judged in entries, and a shorter one could end in the entry that
/// made it.
pub const TIMEOUT_SECONDS_MIN: u32 = 1;

/// The longest pending transfer: no money is reserved without an end.
pub const TIMEOUT_SECONDS_MAX: u32 = 90 * 86_400;

/// How old the time in a new version 7 id may be: a retry within a week gets its first outcome, a later one
/// that finds nothing knows that nothing happened.
pub const ID_AGE_MAX_MICROS: u64 = 7 * DAY_MICROS;

/// How far the time in a new version 7 id may lie ahead: clocks of honest clients differ by less.
pub const ID_AHEAD_MAX_MICROS: u64 = 300 * SECOND_MICROS;

/// The latest time the ledger can name: that of the highest version 7 id, in the year 10889.
pub const TIMESTAMP_MAX: u64 = ((1 << 48) - 1) * 1_000;

/// Legs of a chain: enough for a payment with its fees and splits, few enough to judge as one unit.
pub const CHAIN_LEGS_MAX: usize = 64;

/// Transfers of one entry, so that its requests fit 1 MiB.
pub const ENTRY_TRANSFERS_MAX: usize = 8_190;

/// Administrative requests of one entry: each stops the parallel run of transfers around it.
pub const ENTRY_ADMINISTRATIVE_MAX: usize = 1_024;

/// Pending transfers released at the start of one entry; later ones wait for the next.
pub const ENTRY_EXPIRIES_MAX: usize = 8_190;

/// Statement entries that one walk through the journal reads: 200 of the longest pages, and about a second of a reading
/// thread's time, so that nobody's statement keeps the others waiting.
pub const WALK_STEPS_MAX: u64 = 200_000;

/// Levels of an allowance, root included: one for each hop of the longest mandate chain.
pub const ALLOWANCE_LEVELS_MAX: usize = 4;

/// Windows of one allowance; with the levels it bounds what one payment has to fit.
pub const ALLOWANCE_WINDOWS_MAX: usize = 8;

/// Slices a rolling window's length is divided into: it frees at most 1/60 of its length late.
pub const ROLLING_SLICES: u64 = 60;

/// Slices a rolling window keeps: 60 whole ones overlap 61.
pub const ROLLING_SLICES_KEPT: usize = 61;

/// The longest window with a length of its own, ten years: what is longer is a total.
pub const WINDOW_SECONDS_MAX: u64 = 3_660 * 86_400;

/// How far a fixed offset may lie from UTC, in seconds: time zones lie within 14 hours, laws may change it.
pub const UTC_OFFSET_SECONDS_MAX: i32 = 18 * 3_600;

//! The periods of fixed windows: half-open, one after the other, each with a number.
//!
//! Periods with a length of their own begin at `anchor + n * length`. Civil periods begin at midnight under one
//! fixed UTC offset; weeks begin on Monday. The ledger holds no time-zone data, so a civil day always has 24
//! hours. Times are microseconds UTC.

use crate::limits::{DAY_MICROS, SECOND_MICROS};

/// Days of the Gregorian calendar repeat after 400 years.
const DAYS_PER_400_YEARS: i64 = 146_097;
/// From the first of March of the year 0, where a leap day ends a year, to the first of January 1970.
const DAYS_BEFORE_1970: i64 = 719_468;
/// The first of January 1970 was a Thursday.
const DAYS_FROM_MONDAY_TO_1970: i64 = 3;

/// Where a period begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// At `anchor`, and every `length_seconds` before and after.
    Length {
        /// The beginning of one period, in microseconds UTC.
        anchor: u64,
        /// The length of every period.
        length_seconds: u64,
    },
    /// At every midnight.
    Day,
    /// At the midnight before every Monday.
    Week,
    /// At the midnight before every first of a month.
    Month,
}

impl Period {
    /// The number of the period that `timestamp` lies in. Later periods have higher numbers; the numbers of
    /// different kinds of period have nothing to do with each other.
    #[must_use]
    pub fn number(self, timestamp: u64, utc_offset_seconds: i32) -> i64 {
        let civil_day = || civil_day(timestamp, utc_offset_seconds);
        match self {
            Self::Length { anchor, length_seconds } => {
                let since_anchor = signed(timestamp).saturating_sub(signed(anchor));
                floor_div(since_anchor, signed(length_seconds.saturating_mul(SECOND_MICROS)))
            }
            Self::Day => civil_day(),
            Self::Week => floor_div(civil_day().saturating_add(DAYS_FROM_MONDAY_TO_1970), 7),
            Self::Month => month_of(civil_day()),
        }
    }
}

/// Days since the first of January 1970, under the offset.
fn civil_day(timestamp: u64, utc_offset_seconds: i32) -> i64 {
    let offset = i64::from(utc_offset_seconds).saturating_mul(signed(SECOND_MICROS));
    floor_div(signed(timestamp).saturating_add(offset), signed(DAY_MICROS))
}

/// Months since the March of the year 0. Years that begin in March have their leap day at the end, so the month
/// follows from the day of the year alone: every five months have 153 days.
fn month_of(civil_day: i64) -> i64 {
    let day = civil_day.saturating_add(DAYS_BEFORE_1970);
    let era = floor_div(day, DAYS_PER_400_YEARS);
    let day_of_era = day.saturating_sub(era.saturating_mul(DAYS_PER_400_YEARS));
    // Without the leap days that have passed, every year has 365 days.
    let leap_days = floor_div(day_of_era, 1_460)
        .saturating_sub(floor_div(day_of_era, 36_524))
        .saturating_add(floor_div(day_of_era, 146_096));
    let year_of_era = floor_div(day_of_era.saturating_sub(leap_days), 365);
    let days_before_year = year_of_era
        .saturating_mul(365)
        .saturating_add(floor_div(year_of_era, 4))
        .saturating_sub(floor_div(year_of_era, 100));
    let day_of_year = day_of_era.saturating_sub(days_before_year);
    let month_of_year = floor_div(day_of_year.saturating_mul(5).saturating_add(2), 153);
    let year = era.saturating_mul(400).saturating_add(year_of_era);
    year.saturating_mul(12).saturating_add(month_of_year)
}

/// Rounds towards the past. A divisor of zero is refused where windows are checked.
fn floor_div(dividend: i64, divisor: i64) -> i64 {
    dividend.checked_div_euclid(divisor).unwrap_or(0)
}

/// Times end far below the largest signed number; see [`crate::limits::TIMESTAMP_MAX`].
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

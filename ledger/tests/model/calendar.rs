//! Civil periods against a calendar library.

use jiff::civil::{Date, date};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp, Unit};
use ledger::allowance::Period;
use ledger::limits::{DAY_MICROS, SECOND_MICROS, UTC_OFFSET_SECONDS_MAX};
use proptest::prelude::*;
use rstest::rstest;

/// The civil date under an offset.
fn civil(timestamp: u64, offset_seconds: i32) -> Date {
    let zone = TimeZone::fixed(Offset::from_seconds(offset_seconds).unwrap());
    Timestamp::from_microsecond(timestamp.try_into().unwrap()).unwrap().to_zoned(zone).date()
}

proptest! {
    #[test]
    fn civil_periods_are_those_of_the_calendar(
        timestamp in 0_u64..250_000_000_000_000_000,
        later in 0_u64..100 * DAY_MICROS,
        offset in -UTC_OFFSET_SECONDS_MAX..=UTC_OFFSET_SECONDS_MAX,
    ) {
        let [now, then] = [timestamp, timestamp + later].map(|one| civil(one, offset));
        let apart = |period: Period| {
            period.number(timestamp + later, offset) - period.number(timestamp, offset)
        };
        let days = now.until((Unit::Day, then)).unwrap().get_days();
        prop_assert_eq!(apart(Period::Day), i64::from(days));
        let monday = |date: Date| date.saturating_sub(Span::new().days(date.weekday().to_monday_zero_offset()));
        let weeks = monday(now).until((Unit::Day, monday(then))).unwrap().get_days() / 7;
        prop_assert_eq!(apart(Period::Week), i64::from(weeks));
        let month = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
        prop_assert_eq!(apart(Period::Month), month(then) - month(now));
    }

    #[test]
    fn a_length_begins_at_every_multiple_from_its_anchor(
        anchor in 0_u64..1_000_000_000,
        length in 1_u64..1_000_000,
        number in -900_i64..900,
        into in 0_u64..1_000_000,
    ) {
        let micros = length * SECOND_MICROS;
        let base = anchor + 1_000 * micros;
        let begins = base.checked_add_signed(number * i64::try_from(micros).unwrap()).unwrap();
        let period = Period::Length { anchor: base, length_seconds: length };
        prop_assert_eq!(period.number(begins + into * length, 0), number);
        prop_assert_eq!(period.number(begins - 1, 0), number - 1);
    }
}

#[rstest]
#[case::end_of_february(date(2026, 2, 28), 0, true)]
#[case::leap_day(date(2028, 2, 28), 0, false)]
#[case::end_of_a_leap_february(date(2028, 2, 29), 0, true)]
#[case::no_leap_year(date(2100, 2, 28), 0, true)]
#[case::leap_year_of_the_century(date(2000, 2, 28), 0, false)]
#[case::end_of_year(date(2026, 12, 31), 0, true)]
#[case::east(date(2026, 12, 31), 14 * 3_600, true)]
#[case::west(date(2026, 12, 31), -12 * 3_600, true)]
#[case::half_hours(date(2026, 4, 30), 19_800, true)]
fn a_month_ends_at_its_local_midnight(#[case] day: Date, #[case] offset: i32, #[case] last: bool) {
    let zone = TimeZone::fixed(Offset::from_seconds(offset).unwrap());
    let midnight = day.tomorrow().unwrap().to_zoned(zone).unwrap().timestamp().as_microsecond();
    let midnight = u64::try_from(midnight).unwrap();
    let number = |timestamp| Period::Month.number(timestamp, offset);
    assert_eq!(number(midnight) - number(midnight - 1), i64::from(last));
    assert_eq!(Period::Day.number(midnight, offset) - Period::Day.number(midnight - 1, offset), 1);
}

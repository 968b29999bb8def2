//! What is given back, at every boundary; and what an allowance says beside its windows.

use ledger::admin::AllowanceSwitch;
use ledger::allowance::{
    AllowanceCondition, AllowanceTerms, Measure, Period, Restore, Stretch, Window, WindowFlags,
};
use rstest::rstest;

use crate::build::{START, after, amounts, counts, terms, used, with_window};

const DAY: u64 = 86_400;

/// Every way to give back, with the flag that allows it.
const RESTORES: [(Restore, WindowFlags); 3] = [
    (Restore::Void, WindowFlags::RESTORE_ON_VOID),
    (Restore::Expiry, WindowFlags::RESTORE_ON_EXPIRE),
    (Restore::PartialPost, WindowFlags::RESTORE_ON_PARTIAL_POST),
];

/// The beginning is at 2026-02-02 02:40 UTC. The seconds are the last in the bucket, and the first beyond it.
#[rstest]
#[case::length(Stretch::Fixed(Period::Length { anchor: START, length_seconds: 10 }), 0, Some(9))]
#[case::length_from_its_middle(Stretch::Fixed(Period::Length { anchor: START, length_seconds: 10 }), 7, Some(9))]
#[case::day(Stretch::Fixed(Period::Day), 0, Some(76_799))]
#[case::week(Stretch::Fixed(Period::Week), 0, Some(6 * DAY + 76_799))]
#[case::month(Stretch::Fixed(Period::Month), 0, Some(26 * DAY + 76_799))]
#[case::rolling(Stretch::Rolling { length_seconds: 600 }, 0, Some(609))]
#[case::rolling_from_the_middle_of_a_slice(Stretch::Rolling { length_seconds: 600 }, 7, Some(609))]
#[case::total(Stretch::Total, 0, None)]
fn what_is_given_back_goes_where_it_was_taken(
    #[case] stretch: Stretch,
    #[case] taken: u64,
    #[case] last: Option<u64>,
) {
    for (end, flag) in RESTORES {
        for allowed in [true, false] {
            let flags = WindowFlags::AMOUNT_DEFAULT;
            let flags = if allowed { flags } else { flags.without(flag) };
            let window = Window { stretch, measure: Measure::Amount, cap: 100, flags };
            let at = |ended: u64| {
                let mut allowance = with_window(window);
                allowance.take(100, after(taken));
                allowance.give_back(end, 30, after(taken), ended);
                used(&allowance, ended)
            };
            let rest = if allowed { 70 } else { 100 };
            assert_eq!(at(after(taken)), rest, "{end:?} at once");
            match last {
                Some(last) => {
                    assert_eq!(at(after(last + 1) - 1), rest, "{end:?} in the last moment");
                    assert_eq!(at(after(last + 1)), 0, "{end:?} one moment later");
                }
                None => assert_eq!(at(after(10_000 * DAY)), rest, "{end:?} at any time"),
            }
        }
    }
}

#[test]
fn counts_are_given_back_by_void_and_expiry_only() {
    for (end, left) in [(Restore::Void, 0), (Restore::Expiry, 0), (Restore::PartialPost, 1)] {
        let mut allowance = with_window(counts(Stretch::Total, 5));
        allowance.take(100, START);
        allowance.give_back(end, 30, START, START);
        assert_eq!(used(&allowance, START), left, "{end:?}");
    }
    let mut allowance = with_window(counts(Stretch::Total, 5));
    allowance.take(100, START);
    allowance.refund(100, START);
    assert_eq!(used(&allowance, START), 1);
    let never = counts(Stretch::Total, 5);
    for flag in [WindowFlags::RESTORE_ON_PARTIAL_POST, WindowFlags::REFUND_RESTORES] {
        assert!(!Window { flags: never.flags.with(flag), ..never }.is_valid());
    }
}

#[test]
fn a_refund_gives_back_only_where_the_mandate_says_so_and_below_zero() {
    let window = amounts(Stretch::Total, 100);
    let mut keeps = with_window(window);
    keeps.refund(40, START);
    assert_eq!(used(&keeps, START), 0);
    let mut restores = with_window(Window { flags: WindowFlags::REFUND_RESTORES, ..window });
    restores.refund(40, START);
    assert_eq!(used(&restores, START), -40);
    assert_eq!(restores.explain(START).next().unwrap().left(), 140);
    assert_eq!(restores.exceeded(Measure::Amount, 140, START), None);
    assert!(restores.exceeded(Measure::Amount, 141, START).is_some());
}

#[test]
fn a_refund_stops_counting_in_a_rolling_window_before_its_length_is_over() {
    let window = Window {
        flags: WindowFlags::REFUND_RESTORES,
        ..amounts(Stretch::Rolling { length_seconds: 600 }, 100)
    };
    for begins in [0, 1, 9] {
        let mut allowance = with_window(window);
        allowance.refund(40, after(begins));
        assert_eq!(used(&allowance, after(begins)), -40);
        assert_eq!(used(&allowance, after(600) - 1), -40);
        assert_eq!(used(&allowance, after(600)), 0, "sent {begins} seconds into its slice");
    }
}

#[test]
fn a_lowered_cap_keeps_what_is_used() {
    let mut allowance = with_window(amounts(Stretch::Total, 100));
    allowance.take(80, START);
    allowance.alter(u64::MAX, 50, &[60]);
    let one = allowance.explain(START).next().unwrap();
    assert_eq!((one.used, one.window.cap, one.left()), (80, 60, -20));
    let bound = allowance.exceeded(Measure::Amount, 1, START).unwrap();
    assert_eq!((bound.window, bound.observed, bound.limit), (Some(0), 81, 60));
    assert_eq!(allowance.terms().payment_exceeded(51).unwrap().limit, 50);
}

#[test]
fn an_allowance_is_in_force_from_its_start_until_before_its_end() {
    let terms = AllowanceTerms { starts_at: after(1), ends_at: after(2), ..terms(1, 1) };
    let moments = [after(1) - 1, after(1), after(2) - 1, after(2)];
    assert_eq!(moments.map(|moment| terms.is_in_force(moment)), [false, true, true, false]);
    assert_eq!(
        moments.map(|moment| terms.outside(moment).map(|bound| bound.limit)),
        [Some(after(1).into()), None, None, Some(after(2).into())]
    );
}

#[test]
fn a_switch_says_whether_it_changes_anything() {
    let (open, revoked) =
        (AllowanceCondition::default(), AllowanceCondition { revoked: true, frozen: false });
    let frozen = AllowanceCondition { revoked: false, frozen: true };
    let cases = [
        (AllowanceSwitch::Revoke, open, Some(revoked)),
        (AllowanceSwitch::Revoke, revoked, None),
        (AllowanceSwitch::Freeze, open, Some(frozen)),
        (AllowanceSwitch::Freeze, frozen, None),
        (AllowanceSwitch::Unfreeze, frozen, Some(open)),
        (AllowanceSwitch::Unfreeze, revoked, None),
    ];
    for (switch, before, expected) in cases {
        assert_eq!(switch.after(before), expected, "{switch:?} of {before:?}");
    }
}

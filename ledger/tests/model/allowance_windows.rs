//! Windows against a list of every event: what is used, the cap of every real window, and the law of refunds.

use ledger::allowance::{Allowance, Measure, Period, Restore, Stretch, Window, WindowFlags};
use ledger::limits::{AMOUNT_MAX, SECOND_MICROS};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::build::{START, amounts, used, with_window};

/// What happens to a window.
#[derive(Debug, Clone, Copy)]
enum Event {
    Take(u64),
    /// Gives a part of the take this many takes back, back.
    GiveBack(usize),
    Refund(u64),
}

/// Everything that was written into a window, by the time whose bucket it went to.
#[derive(Debug, Default)]
struct History {
    takes: Vec<(u64, u64)>,
    written: Vec<(u64, i128)>,
}

fn stretches() -> impl Strategy<Value = Stretch> {
    prop_oneof![
        Just(Stretch::Total),
        (0_u64..100 * SECOND_MICROS, 1_u64..500).prop_map(|(anchor, length_seconds)| {
            Stretch::Fixed(Period::Length { anchor, length_seconds })
        }),
        Just(Stretch::Fixed(Period::Day)),
        (1_u64..20).prop_map(|minutes| Stretch::Rolling { length_seconds: minutes * 60 }),
    ]
}

fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
    let event = prop_oneof![
        6 => (1_u64..1_000).prop_map(Event::Take),
        3 => (0_usize..6).prop_map(Event::GiveBack),
        2 => (1_u64..1_000).prop_map(Event::Refund),
    ];
    let gap = prop_oneof![3 => 0_u64..3, 6 => 0_u64..60, 1 => 0_u64..100_000];
    let micros = 0_u64..SECOND_MICROS;
    vec(((gap, micros).prop_map(|(seconds, micros)| seconds * SECOND_MICROS + micros), event), 1..80)
}

/// The first moment of the slice that `timestamp` lies in.
fn slice_start(length_seconds: u64, timestamp: u64) -> u64 {
    let slice = length_seconds / 60 * SECOND_MICROS;
    timestamp / slice * slice
}

impl History {
    /// What is used by definition: the sum of everything written into buckets that count.
    fn used(&self, window: &Window, now: u64) -> i128 {
        let counts = |at: u64| match window.stretch {
            Stretch::Total => true,
            Stretch::Fixed(period) => period.number(at, 0) == period.number(now, 0),
            // Slices that overlap the last `length`.
            Stretch::Rolling { length_seconds } => {
                let slice = length_seconds / 60 * SECOND_MICROS;
                slice_start(length_seconds, at) + slice > now - length_seconds * SECOND_MICROS
            }
        };
        self.written.iter().filter(|(at, _)| counts(*at)).map(|(_, change)| change).sum()
    }
}

proptest! {
    #[test]
    fn a_window_is_the_sum_of_what_its_history_says(stretch in stretches(), events in events()) {
        let flags = WindowFlags::AMOUNT_DEFAULT.with(WindowFlags::REFUND_RESTORES);
        let window = Window { stretch, measure: Measure::Amount, cap: AMOUNT_MAX, flags };
        let mut allowance = with_window(window);
        let mut history = History::default();
        let mut now = START;
        for (gap, event) in events {
            now += gap;
            match event {
                Event::Take(amount) => {
                    allowance.take(amount, now);
                    history.takes.push((now, amount));
                    history.written.push((now, amount.into()));
                }
                Event::GiveBack(back) => {
                    let Some((at, amount)) = history.takes.iter().rev().nth(back).copied() else { continue };
                    let end = [Restore::Void, Restore::Expiry, Restore::PartialPost][back % 3];
                    allowance.give_back(end, amount / 2, at, now);
                    history.written.push((at, -i128::from(amount / 2)));
                }
                Event::Refund(amount) => {
                    allowance.refund(amount, now);
                    let at = match stretch {
                        Stretch::Rolling { length_seconds } => slice_start(length_seconds, now) - 1,
                        _ => now,
                    };
                    history.written.push((at, -i128::from(amount)));
                }
            }
            prop_assert_eq!(used(&allowance, now), history.used(&window, now));
            // Looking ahead changes nothing and sees what passes.
            for ahead in [1, 59, 61, 3_600, 100_000].map(|seconds| now + seconds * SECOND_MICROS) {
                prop_assert_eq!(used(&allowance, ahead), history.used(&window, ahead));
            }
            let mut record = Vec::new();
            allowance.encode(&mut record);
            prop_assert_eq!(Allowance::decode(&record), Some((allowance.clone(), [].as_slice())));
        }
    }

    #[test]
    fn a_rolling_window_is_never_above_its_cap_and_at_most_one_slice_late(
        minutes in 1_u64..10,
        cap in 1_u64..2_000,
        events in events(),
    ) {
        let length_seconds = minutes * 60;
        let (length, slice) = (length_seconds * SECOND_MICROS, minutes * SECOND_MICROS);
        let mut allowance = with_window(amounts(Stretch::Rolling { length_seconds }, cap));
        let mut paid: Vec<(u64, u64)> = Vec::new();
        let mut now = START;
        for (gap, event) in events {
            now += gap;
            let Event::Take(amount) = event else { continue };
            let sum = |since: u64| -> u64 {
                paid.iter().filter(|(at, _)| *at >= since).map(|(_, amount)| amount).sum()
            };
            // What lies within the length, both ends included, and what lies within it and one slice more.
            let (least, most) = (sum(now - length) + amount, sum(now - length - slice) + amount);
            let fits = allowance.exceeded(Measure::Amount, amount, now).is_none();
            prop_assert!(!fits || least <= cap, "{} accepted above {}", least, cap);
            prop_assert!(fits || most > cap, "{} refused under {}", most, cap);
            if fits {
                allowance.take(amount, now);
                paid.push((now, amount));
            }
        }
    }

    #[test]
    fn money_out_minus_money_back_is_at_most_the_cap(stretch in stretches(), cap in 1_u64..2_000, events in events()) {
        let window = Window {
            stretch,
            measure: Measure::Amount,
            cap,
            flags: WindowFlags::AMOUNT_DEFAULT.with(WindowFlags::REFUND_RESTORES),
        };
        let mut allowance = with_window(window);
        let mut flows: Vec<(u64, i128)> = Vec::new();
        let mut now = START;
        for (gap, event) in events {
            now += gap;
            match event {
                Event::Take(amount) if allowance.exceeded(Measure::Amount, amount, now).is_none() => {
                    allowance.take(amount, now);
                    flows.push((now, amount.into()));
                    let counts = |at: u64, refund: bool| match stretch {
                        Stretch::Total => true,
                        Stretch::Fixed(period) => period.number(at, 0) == period.number(now, 0),
                        Stretch::Rolling { length_seconds } if refund => now - at < length_seconds * SECOND_MICROS,
                        Stretch::Rolling { length_seconds } => now - at <= length_seconds * SECOND_MICROS,
                    };
                    let net: i128 = flows.iter().filter(|(at, one)| counts(*at, *one < 0)).map(|(_, one)| one).sum();
                    prop_assert!(net <= cap.into(), "{} out under {}", net, cap);
                }
                Event::Refund(amount) => {
                    allowance.refund(amount, now);
                    flows.push((now, -i128::from(amount)));
                }
                _ => {}
            }
        }
    }
}

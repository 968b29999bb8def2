//! How long a gateway waits before it tries again: twice as long each time up to a bound, and a part of it left off
//! so that gateways which lost the ledger together do not come back together.
//!
//! A function of counters: no clock and no randomness.

use std::time::Duration;

/// The pauses of one gateway.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pauses {
    pub(super) first: Duration,
    pub(super) most: Duration,
    pub(super) spread: u64,
}

impl Pauses {
    /// The pause after this many lost tries, at least one, of the command with this number: between one half and all
    /// of the doubled first one.
    pub(super) fn after(&self, tries: u32, number: u64) -> Duration {
        let doublings = tries.saturating_sub(1).min(31);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let whole = self.first.saturating_mul(factor).min(self.most);
        let half = whole.checked_div(2).unwrap_or(whole);
        half.saturating_add(part(half, mix(self.spread ^ mix(number ^ mix(u64::from(tries))))))
    }
}

/// The part of a time that a number stands for: zero for zero, nearly all for the largest.
fn part(time: Duration, number: u64) -> Duration {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let scaled = u128::from(micros).saturating_mul(u128::from(number)) >> 64;
    Duration::from_micros(u64::try_from(scaled).unwrap_or(micros))
}

/// Spreads numbers that lie close together over all numbers: the finaliser of SplitMix64.
const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::Pauses;
    use std::time::Duration;

    const PAUSES: Pauses =
        Pauses { first: Duration::from_millis(10), most: Duration::from_millis(500), spread: 7 };

    #[test]
    fn a_pause_doubles_up_to_its_bound_and_keeps_at_least_half() {
        for (tries, whole) in
            [(1, 10), (2, 20), (3, 40), (6, 320), (7, 500), (8, 500), (40, 500), (u32::MAX, 500)]
        {
            for number in 0..100 {
                let pause = PAUSES.after(tries, number);
                let whole = Duration::from_millis(whole);
                assert!(pause >= whole / 2 && pause <= whole, "{tries} {number}: {pause:?}");
            }
        }
    }

    #[test]
    fn commands_and_gateways_are_spread() {
        let other = Pauses { spread: 8, ..PAUSES };
        let pauses = |pauses: Pauses| (0..100).map(move |number| pauses.after(6, number));
        let distinct: std::collections::BTreeSet<_> = pauses(PAUSES).chain(pauses(other)).collect();
        assert!(distinct.len() > 190, "{} of 200", distinct.len());
        let mean = pauses(PAUSES).sum::<Duration>() / 100;
        assert!(mean > Duration::from_millis(210) && mean < Duration::from_millis(270), "{mean:?}");
    }
}

//! Chains: a run of transfers with the flag `linked`, and the one behind it.
//!
//! A *unit* is one transfer or one chain. It is executed as a whole at the place of its first leg, or not at all,
//! and never reaches from one request into the next.

use crate::limits::CHAIN_LEGS_MAX;
use crate::status::TransferStatus;
use crate::transfer::Transfer;
use crate::transfer_flags::TransferFlags;

/// The units of one request, in order.
#[must_use]
pub const fn units(request: &[Transfer]) -> Units<'_> {
    Units { rest: request }
}

/// An iterator over the units of a request.
#[derive(Debug, Clone)]
pub struct Units<'a> {
    rest: &'a [Transfer],
}

impl<'a> Iterator for Units<'a> {
    type Item = &'a [Transfer];

    fn next(&mut self) -> Option<Self::Item> {
        let linked = self.rest.iter().take_while(|leg| leg.is(TransferFlags::LINKED)).count();
        // The leg that ends the chain belongs to it; a request that ends first leaves the chain open.
        let legs = linked.saturating_add(1).min(self.rest.len());
        let (unit, rest) = self.rest.split_at_checked(legs)?;
        self.rest = rest;
        (!unit.is_empty()).then_some(unit)
    }
}

/// What is wrong with the form of a unit, and at which leg; `None` if nothing is. Judged before any leg.
#[must_use]
pub fn check_chain(unit: &[Transfer]) -> Option<(usize, TransferStatus)> {
    let (last, others) = unit.split_last()?;
    if last.is(TransferFlags::LINKED) {
        return Some((others.len(), TransferStatus::ChainOpen));
    }
    if unit.len() > CHAIN_LEGS_MAX {
        return Some((CHAIN_LEGS_MAX, TransferStatus::ChainTooLong));
    }
    let repeats = |leg: &usize| {
        let (earlier, from_leg) = unit.split_at(*leg);
        from_leg.first().is_some_and(|one| earlier.iter().any(|other| other.id == one.id))
    };
    (1..unit.len()).find(repeats).map(|leg| (leg, TransferStatus::ChainRepeatsId))
}

#[cfg(test)]
mod tests {
    use super::{check_chain, units};
    use crate::limits::CHAIN_LEGS_MAX;
    use crate::{Transfer, TransferFlags, TransferId, TransferStatus};

    /// A request of transfers with these ids; `true` is linked.
    fn request(legs: &[(u128, bool)]) -> Vec<Transfer> {
        let flags = |linked| if linked { TransferFlags::LINKED } else { TransferFlags::NONE };
        let leg =
            |&(id, linked)| Transfer { id: TransferId(id), flags: flags(linked), ..Transfer::default() };
        legs.iter().map(leg).collect()
    }

    #[test]
    fn a_unit_ends_behind_its_last_link_or_with_the_request() {
        let request = request(&[(1, false), (2, true), (3, true), (4, false), (5, false), (6, true)]);
        let lengths: Vec<_> = units(&request).map(<[_]>::len).collect();
        assert_eq!(lengths, [1, 3, 1, 1]);
        assert_eq!(units(&[]).count(), 0);
    }

    #[test]
    fn the_form_is_judged_open_before_long_before_repeating() {
        let long = |count: usize| -> Vec<(u128, bool)> {
            (1..=count).map(|leg| (u128::try_from(leg).unwrap(), leg < count)).collect()
        };
        let most = CHAIN_LEGS_MAX;
        let mut repeating = long(3);
        repeating[2].0 = 1;
        let mut long_and_repeating = long(most + 2);
        long_and_repeating[1].0 = 1;
        let mut open_and_long = long(most + 2);
        open_and_long[most + 1].1 = true;
        let cases = [
            (long(1), None),
            (long(most), None),
            (vec![(1, true)], Some((0, TransferStatus::ChainOpen))),
            (vec![(1, true), (1, true)], Some((1, TransferStatus::ChainOpen))),
            (long(most + 1), Some((most, TransferStatus::ChainTooLong))),
            (repeating, Some((2, TransferStatus::ChainRepeatsId))),
            (long_and_repeating, Some((most, TransferStatus::ChainTooLong))),
            (open_and_long, Some((most + 1, TransferStatus::ChainOpen))),
        ];
        for (legs, expected) in cases {
            assert_eq!(check_chain(&request(&legs)), expected, "{legs:?}");
        }
    }
}

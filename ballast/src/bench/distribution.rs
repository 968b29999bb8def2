//! Who pays whom.

use std::fmt;
use std::str::FromStr;

use super::numbers::Numbers;
use super::zipf::Zipf;

/// A prime that scatters ranks over the accounts, so that those who pay often do not lie side by side.
const SCATTER: u64 = 2_654_435_761;

/// How the parties of a payment are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distribution {
    /// All accounts alike.
    Uniform,
    /// By rank, with the exponent 0.99, both of them.
    Zipf,
    /// So many per cent of all payments go to one account, the others are uniform.
    HotPayee(u8),
    /// So many per cent of all payments come from one account, the others are uniform.
    HotPayer(u8),
}

impl FromStr for Distribution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let per_cent = |text: &str| text.parse().ok().filter(|per_cent| *per_cent <= 100);
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let found = match (name, value) {
            ("uniform", "") => Some(Self::Uniform),
            ("zipf", "0.99") => Some(Self::Zipf),
            ("hot-payee", value) => per_cent(value).map(Self::HotPayee),
            ("hot-payer", value) => per_cent(value).map(Self::HotPayer),
            _ => None,
        };
        found.ok_or_else(|| {
            "use uniform, zipf:0.99, or hot-payee:N or hot-payer:N with N from 0 to 100".to_owned()
        })
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform => formatter.write_str("uniform"),
            Self::Zipf => formatter.write_str("zipf:0.99"),
            Self::HotPayee(per_cent) => write!(formatter, "hot-payee:{per_cent}"),
            Self::HotPayer(per_cent) => write!(formatter, "hot-payer:{per_cent}"),
        }
    }
}

/// Chooses parties among accounts that are numbered from zero.
#[derive(Debug)]
pub(crate) struct Picker {
    distribution: Distribution,
    accounts: u64,
    zipf: Option<Zipf>,
}

impl Picker {
    /// At least two accounts: nobody pays himself.
    pub(crate) fn new(distribution: Distribution, accounts: u64) -> Self {
        let accounts = accounts.max(2);
        let zipf = (distribution == Distribution::Zipf).then(|| Zipf::new(accounts));
        Self { distribution, accounts, zipf }
    }

    /// Payer and payee.
    pub(crate) fn pick(&self, numbers: &mut Numbers) -> (u64, u64) {
        let (mut payer, mut payee) = (self.one(numbers), self.one(numbers));
        match self.distribution {
            Distribution::HotPayee(per_cent) if numbers.happens(per_cent.into()) => payee = 0,
            Distribution::HotPayer(per_cent) if numbers.happens(per_cent.into()) => payer = 0,
            _ => {}
        }
        if payer != payee {
            return (payer, payee);
        }
        let next = payer.saturating_add(1);
        let next = if next < self.accounts { next } else { 0 };
        // The hot account stays what it is.
        if matches!(self.distribution, Distribution::HotPayee(_)) { (next, payee) } else { (payer, next) }
    }

    fn one(&self, numbers: &mut Numbers) -> u64 {
        let Some(zipf) = &self.zipf else { return numbers.below(self.accounts) };
        let scattered = u128::from(zipf.rank(numbers)).saturating_mul(u128::from(SCATTER));
        let account = scattered.checked_rem(u128::from(self.accounts));
        account.and_then(|account| u64::try_from(account).ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Distribution, Numbers, Picker};

    const DRAWS: u64 = 20_000;

    fn draw(distribution: &str, accounts: u64) -> Vec<(u64, u64)> {
        let picker = Picker::new(distribution.parse().unwrap(), accounts);
        let mut numbers = Numbers::new(11);
        (0..DRAWS).map(|_| picker.pick(&mut numbers)).collect()
    }

    fn most_frequent(parties: impl Iterator<Item = u64>) -> (u64, u64) {
        let mut counts = BTreeMap::<u64, u64>::new();
        parties.for_each(|party| *counts.entry(party).or_default() += 1);
        counts.into_iter().max_by_key(|(_, count)| *count).unwrap()
    }

    #[test]
    fn nobody_pays_himself_and_everybody_exists() {
        for distribution in ["uniform", "zipf:0.99", "hot-payee:90", "hot-payer:90"] {
            for accounts in [2, 3, 1_000] {
                for (payer, payee) in draw(distribution, accounts) {
                    assert!(payer != payee && payer < accounts && payee < accounts, "{distribution}");
                }
            }
        }
    }

    #[test]
    fn the_hot_account_has_its_share() {
        let (account, count) = most_frequent(draw("hot-payee:90", 1_000).into_iter().map(|pair| pair.1));
        assert!(account == 0 && count.abs_diff(DRAWS * 9 / 10) < 200, "{account} {count}");
        let (account, count) = most_frequent(draw("hot-payer:90", 1_000).into_iter().map(|pair| pair.0));
        assert!(account == 0 && count.abs_diff(DRAWS * 9 / 10) < 200, "{account} {count}");
    }

    #[test]
    fn uniform_has_no_favourite_and_zipf_has_one() {
        let (_, count) = most_frequent(draw("uniform", 100).into_iter().map(|pair| pair.0));
        assert!(count < 300, "{count}");
        let (_, count) = most_frequent(draw("zipf:0.99", 100).into_iter().map(|pair| pair.0));
        // One over the sum of the weights of 100 ranks, about 19 per cent.
        assert!((3_500..4_200).contains(&count), "{count}");
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in ["uniform", "zipf:0.99", "hot-payee:90", "hot-payer:5"] {
            assert_eq!(name.parse::<Distribution>().unwrap().to_string(), name);
        }
        for name in ["", "zipf", "zipf:1", "hot-payee", "hot-payee:101", "uniform:1", "hot"] {
            assert!(name.parse::<Distribution>().is_err(), "{name}");
        }
    }
}

//! Holds what was acknowledged against what the ledger says after the next start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ledger::TransferId;
use ledger::handle::Handle;

use crate::load::{ACCOUNTS, WorkTime, account_id, start};

/// Position, status and amount, as they were acknowledged.
type Told = (u64, u16, u64);

pub(crate) struct Auditor {
    folder: PathBuf,
    told: BTreeMap<u128, Told>,
    fresh: Vec<u128>,
}

impl Auditor {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), told: BTreeMap::new(), fresh: Vec::new() }
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.told.len()
    }

    /// Takes acknowledgements; the same id is never told two things.
    pub(crate) fn hear(&mut self, lines: &[String]) -> usize {
        self.fresh.clear();
        for line in lines {
            let fields: Vec<u128> = line.split(' ').map(|field| field.parse().unwrap()).collect();
            let [id, position, status, amount] = fields[..] else { panic!("{line:?} is no acknowledgement") };
            let told = (
                u64::try_from(position).unwrap(),
                u16::try_from(status).unwrap(),
                u64::try_from(amount).unwrap(),
            );
            let first = *self.told.entry(id).or_insert(told);
            assert_eq!(first, told, "transfer {id:032x} was told two outcomes");
            self.fresh.push(id);
        }
        self.fresh.len()
    }

    /// Starts the ledger and looks everything up that was acknowledged since the last time, and some of the rest.
    pub(crate) fn check(&self, seed: u64) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let ledger = start(&self.folder, &WorkTime::of(seed));
            let sample = self.told.keys().step_by(17).take(2_000);
            for id in self.fresh.iter().chain(sample) {
                self.check_one(&ledger.handle(), *id).await;
            }
            check_money(&ledger.handle()).await;
            // Every other time the next load begins after a clean stop.
            if seed.is_multiple_of(2) {
                ledger.stop().unwrap();
            }
        });
    }

    async fn check_one(&self, handle: &Handle, id: u128) {
        let found = handle.transfer(TransferId(id)).await.unwrap();
        let found = found.unwrap_or_else(|| panic!("transfer {id:032x} was acknowledged and is lost"));
        let now = (found.position.bits(), found.outcome.status.code(), found.outcome.amount);
        assert_eq!(self.told.get(&id), Some(&now), "transfer {id:032x} has another outcome");
    }

    /// Everything once more, after the last round.
    pub(crate) fn finish(&mut self, seed: u64) {
        self.fresh = self.told.keys().copied().collect();
        self.check(seed);
    }
}

async fn check_money(handle: &Handle) {
    let ids = (0..ACCOUNTS).map(account_id).collect();
    let accounts: Vec<_> = handle.accounts(ids).await.unwrap().into_iter().flatten().collect();
    let sum = |total: fn(&ledger::Account) -> u128| accounts.iter().map(total).sum::<u128>();
    assert_eq!(sum(|one| one.debits_posted), sum(|one| one.credits_posted));
    assert_eq!(sum(|one| one.debits_pending), sum(|one| one.credits_pending));
    assert!(accounts.iter().skip(1).all(|one| one.credits_posted >= one.debits_posted + one.debits_pending));
}

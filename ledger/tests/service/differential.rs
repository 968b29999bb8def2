//! The running ledger answers what the sequential model does, restarts and all.

use ledger::admin::AdministrativeStatus;
use ledger::disk::FakeDisk;
use ledger::model::Model;
use ledger::{Bound, Reply, TransferStatus};
use proptest::prelude::*;

use crate::support::{TestClock, settings, start};
use crate::workload::workloads;

/// What a client is told, without where it stands: the ledger makes entries of its own, for what expires while
/// nobody asks.
#[derive(Debug, PartialEq)]
enum Told {
    Transfers(Vec<ToldTransfer>),
    Administrative(AdministrativeStatus),
}

/// Status, recorded status and amount, and the bound that was not kept.
type ToldTransfer = (TransferStatus, Option<(TransferStatus, u64)>, Option<Bound>);

fn told(replies: Vec<Reply>) -> Vec<Told> {
    let told = |reply| match reply {
        Reply::Administrative(status) => Told::Administrative(status),
        Reply::Transfers(replies) => {
            let outcome = |reply: ledger::TransferReply| {
                let recorded = reply.recorded.map(|one| (one.outcome.status, one.outcome.amount));
                (reply.status, recorded, reply.bound)
            };
            Told::Transfers(replies.into_iter().map(outcome).collect())
        }
    };
    replies.into_iter().map(told).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_answers_are_those_of_the_model(
        workload in workloads(40, 12),
        restarts in proptest::collection::vec(any::<bool>(), 41),
        seed in any::<u64>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let entries = workload.entries();
            let (disk, clock) = (FakeDisk::new(seed), TestClock::at(entries[0].0));
            let mut ledger = start(&disk, &clock, settings()).unwrap();
            let mut model = Model::new();
            for ((timestamp, requests), restarts) in entries.iter().zip(&restarts) {
                clock.set(*timestamp);
                let expected = told(model.execute(*timestamp, requests).unwrap().replies);
                let answered = told(ledger.handle().submit(requests.clone()).await.unwrap());
                assert_eq!(answered, expected);
                if *restarts {
                    drop(ledger);
                    disk.crash();
                    ledger = start(&disk, &clock, settings()).unwrap();
                }
            }
            let ids: Vec<_> = model.accounts().map(|account| account.id).collect();
            let accounts = ledger.handle().accounts(ids).await.unwrap();
            for (expected, account) in model.accounts().zip(accounts) {
                let account = account.unwrap();
                let totals = |one: &ledger::Account| {
                    (one.debits_pending, one.debits_posted, one.credits_pending, one.credits_posted, one.flags)
                };
                assert_eq!(totals(&account), totals(expected));
            }
        });
    }
}

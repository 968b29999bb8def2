//! Random workloads: every status, amount, bound, back-pointer, expiry and total is that of the model.

use ledger::Request;
use proptest::prelude::*;

use crate::harness::{Division, PARTITIONS, ROUNDS, cases, compare_all};
use crate::workload::workloads;

/// One division of each number of rounds, and the plain loop.
fn divisions(partitions: usize, threads: usize) -> Vec<Division> {
    let rounds = ROUNDS.map(|rounds| Division::partitioned(partitions, threads, rounds));
    let sequential = Division::sequential(partitions);
    rounds.into_iter().chain([sequential]).collect()
}

/// The same requests in entries of other lengths: whether an entry ends is asked before each request.
fn cut(entries: &[(u64, Vec<Request>)], ends: &[bool]) -> Vec<(u64, Vec<Request>)> {
    let mut ends = ends.iter().cycle();
    let mut cut: Vec<(u64, Vec<Request>)> = Vec::new();
    for (timestamp, requests) in entries {
        cut.push((*timestamp, Vec::new()));
        for request in requests {
            if ends.next() == Some(&true) {
                cut.push((*timestamp, Vec::new()));
            }
            cut.last_mut().unwrap().1.push(request.clone());
        }
    }
    cut
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(700), ..ProptestConfig::default() })]

    #[test]
    fn engine_does_what_the_model_does(
        workload in workloads(4, 6),
        partitions in prop::sample::select(&PARTITIONS[..]),
    ) {
        compare_all(&workload.entries(), &divisions(partitions, 1));
    }

    #[test]
    fn runs_may_be_cut_anywhere(
        workload in workloads(3, 6),
        run_max in 1_usize..12,
        partitions in prop::sample::select(&PARTITIONS[..]),
    ) {
        let divisions = divisions(partitions, 1).into_iter().map(|one| Division { run_max, ..one });
        compare_all(&workload.entries(), &divisions.skip(1).collect::<Vec<_>>());
    }

    #[test]
    fn batches_may_be_cut_anywhere(
        workload in workloads(3, 6),
        ends in prop::collection::vec(any::<bool>(), 1..12),
        partitions in prop::sample::select(&PARTITIONS[..]),
    ) {
        compare_all(&cut(&workload.entries(), &ends), &divisions(partitions, 1)[1..3]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(120), ..ProptestConfig::default() })]

    #[test]
    fn threads_change_nothing(
        workload in workloads(4, 6),
        partitions in prop::sample::select(&PARTITIONS[..]),
        threads in 2_usize..5,
    ) {
        compare_all(&workload.entries(), &divisions(partitions, threads)[1..3]);
    }

    #[test]
    fn long_batches_of_poor_accounts_need_rounds_and_a_remainder(
        workload in workloads(1, 40),
        partitions in prop::sample::select(&PARTITIONS[..]),
    ) {
        compare_all(&workload.entries(), &divisions(partitions, 1));
    }
}

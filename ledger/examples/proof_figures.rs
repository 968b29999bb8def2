//! Prints what it costs to keep the state tree. Run it alone, in release, on a quiet machine:
//! `cargo run --release -p ledger --example proof_figures`.

#![expect(clippy::print_stdout, reason = "printing is all this program is for")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot be made ends")]
#![expect(clippy::indexing_slicing, reason = "the parts of a cost are four")]

use ledger::proof::{Change, Leaf, StateTree, TreeKey};

const ACCOUNTS: u64 = 1_000_000;

/// Splitmix64: spreads a counter over all 64 bits.
fn spread(counter: u64) -> u64 {
    let mut word = counter.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn leaf(account: u64, version: u64) -> Leaf {
    Leaf {
        id: u128::from(account) << 64 | 7,
        credits_posted: u128::from(spread(account ^ version) >> 24),
        asset: if account.is_multiple_of(4) { 2 } else { 1 },
        code: 1,
        ..Leaf::default()
    }
}

/// Nanoseconds this thread has run on a processor, as the kernel counts them; other load does not enter.
fn now() -> u64 {
    let counters = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts this");
    counters.split(' ').next().unwrap().parse().unwrap()
}

fn main() {
    let key = TreeKey::new(&[7; 32]);
    let start = now();
    let mut all: Vec<Change> = (0..ACCOUNTS).map(|id| Change::created(&key, &leaf(id, 0)).unwrap()).collect();
    let made = now() - start;
    let mut tree = StateTree::build(&mut all).unwrap();
    println!(
        "build of {ACCOUNTS} accounts: {} ns each, of it {} for the leaf",
        (now() - start) / ACCOUNTS,
        made / ACCOUNTS
    );
    println!("memory: {} bytes per account", tree.heap_bytes() as u64 / ACCOUNTS);
    for (touched, rounds) in [(1_000, 50), (8_190, 20), (65_536, 5), (262_144, 3), (524_288, 3)] {
        let costs: Vec<[u64; 4]> =
            (1..=rounds).map(|version| update(&mut tree, &key, touched, version)).collect();
        let mean = |part: usize| {
            costs.iter().map(|cost| cost[part]).sum::<u64>() / costs.iter().map(|cost| cost[0]).sum::<u64>()
        };
        println!(
            "{touched:>7} picks: {:>5} ns per touched account (leaf {}, shard {}, upper tree {})",
            mean(1) + mean(2) + mean(3),
            mean(1),
            mean(2),
            mean(3)
        );
    }
}

fn update(tree: &mut StateTree, key: &TreeKey, touched: u64, version: u64) -> [u64; 4] {
    let mut picks: Vec<u64> = (0..touched).map(|pick| spread(pick + (version << 32)) % ACCOUNTS).collect();
    picks.sort_unstable();
    picks.dedup();
    let leaves: Vec<Leaf> = picks.iter().map(|id| leaf(*id, version)).collect();
    let count = leaves.len() as u64;
    let start = now();
    let mut changes: Vec<Change> = leaves.iter().map(|leaf| Change::updated(key, leaf).unwrap()).collect();
    let made = now();
    tree.works(&mut changes).into_iter().for_each(|work| work.update().unwrap());
    let shards = now();
    tree.seal().unwrap();
    let sealed = now();
    [count, made - start, shards - made, sealed - shards]
}

//! The state root as `FORMAT.md` defines it, recomputed from nothing at every call.
//!
//! Written with `blake3` and lists alone, so that it shares no code with what it checks.

use ledger::proof::Leaf;

pub(crate) type Digest = [u8; 32];

/// Per asset 1 and 2: owed, owing.
pub(crate) type Sums = [u128; 4];

struct Entry {
    key: Digest,
    leaf: Digest,
    sums: Sums,
}

fn keyed(domain: &str, parts: &[&[u8]]) -> Digest {
    let mut key = [0; 32];
    key[..domain.len()].copy_from_slice(domain.as_bytes());
    *blake3::keyed_hash(&key, &parts.concat()).as_bytes()
}

fn sums_bytes(sums: &Sums) -> Vec<u8> {
    sums.iter().flat_map(|sum| sum.to_le_bytes()).collect()
}

fn entry(secret: &[u8; 32], leaf: &Leaf) -> Entry {
    let id = leaf.id.to_le_bytes();
    let key = *blake3::hash(&id).as_bytes();
    let salt_key = blake3::derive_key("ballast ledger state tree, account salt, v1", secret);
    let salt = blake3::keyed_hash(&salt_key, &id);
    let totals = [leaf.debits_pending, leaf.debits_posted, leaf.credits_pending, leaf.credits_posted];
    let record = [
        &id[..],
        &totals.map(u128::to_le_bytes).concat(),
        &leaf.reference,
        &leaf.asset.to_le_bytes(),
        &leaf.code.to_le_bytes(),
        &leaf.flags.to_le_bytes(),
        &salt.as_bytes()[..16],
    ];
    let commitment = keyed("ballast state account v1", &record);
    let mut sums = [0; 4];
    let first = if leaf.asset == 1 { 0 } else { 2 };
    if leaf.credits_posted >= leaf.debits_posted {
        sums[first] = leaf.credits_posted - leaf.debits_posted;
    } else {
        sums[first + 1] = leaf.debits_posted - leaf.credits_posted;
    }
    Entry { key, leaf: keyed("ballast state leaf v1", &[&key, &commitment]), sums }
}

fn subtree(entries: &[Entry], level: usize) -> (Digest, Sums) {
    match entries {
        [] if level >= 12 => ([0; 32], [0; 4]),
        [only] if level >= 12 => (only.leaf, only.sums),
        _ => {
            let middle = entries.partition_point(|entry| entry.key[level / 8] & (0x80 >> (level % 8)) == 0);
            let (left, left_sums) = subtree(&entries[..middle], level + 1);
            let (right, right_sums) = subtree(&entries[middle..], level + 1);
            let mut sums = left_sums;
            sums.iter_mut().zip(right_sums).for_each(|(sum, more)| *sum += more);
            (keyed("ballast state node v1", &[&left, &right, &sums_bytes(&left_sums)]), sums)
        }
    }
}

/// The state root and the totals.
pub(crate) fn root<'a>(secret: &[u8; 32], leaves: impl IntoIterator<Item = &'a Leaf>) -> (Digest, Sums) {
    let mut entries: Vec<Entry> = leaves.into_iter().map(|leaf| entry(secret, leaf)).collect();
    entries.sort_by_key(|entry| entry.key);
    let (hash, sums) = subtree(&entries, 0);
    (keyed("ballast state root v1", &[&hash, &sums_bytes(&sums)]), sums)
}

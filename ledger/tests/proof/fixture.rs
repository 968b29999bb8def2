//! Accounts to prove things about.

use std::sync::LazyLock;

use ledger::proof::{AccountKey, Change, Leaf, StateRoot, StateTree, TreeKey};

pub(crate) const SECRET: [u8; 32] = [42; 32];

/// Account that issues asset 1, and so owes what others are owed.
pub(crate) const ISSUANCE: u128 = 1;

/// Account that owes asset 2.
pub(crate) const VAULT: u128 = 2;

pub(crate) fn tree_key() -> TreeKey {
    TreeKey::new(&SECRET)
}

/// Two ids whose keys agree on the first 68 bits, which is all that the tree remembers of a key.
pub(crate) const SHARED_PLACE: [u128; 2] = [0x803b_9ebe_5a83_1e58_7c81, 0x8037_b3a4_4614_5374_b08b];

/// Ids of which many share a virtual shard: forty in each of the first eight, and two hundred in the last one.
pub(crate) static CROWDED_IDS: LazyLock<Vec<u128>> = LazyLock::new(|| {
    let mut room = [0; 4096];
    room[..8].fill(40);
    room[4095] = 200;
    let fits = |id: &u128| {
        let room = &mut room[usize::from(AccountKey::of(*id).shard())];
        let fits = *room > 0;
        *room -= i32::from(fits);
        fits
    };
    (1_000..).filter(fits).take(8 * 40 + 200).collect()
});

/// An account of asset 1 or 2 with a balance on the credit side.
pub(crate) fn holder(id: u128, asset: u16, owed: u128) -> Leaf {
    Leaf {
        id,
        debits_pending: owed / 3,
        debits_posted: 17,
        credits_pending: 5,
        credits_posted: owed + 17,
        reference: (id ^ 0x5555).to_le_bytes(),
        asset,
        code: 7,
        flags: 1,
    }
}

pub(crate) fn system(id: u128, asset: u16, owing: u128) -> Leaf {
    Leaf { id, debits_posted: owing, asset, code: 1, flags: 8, ..Leaf::default() }
}

/// Accounts whose books balance: two system accounts, and holders with 1,000, 1,001 .. units in turn of both assets.
pub(crate) fn books(holders: &[u128]) -> Vec<Leaf> {
    let mut issued = [0; 2];
    let mut leaves: Vec<Leaf> = (1_000..)
        .zip(holders)
        .map(|(owed, id)| {
            let asset = if owed % 2 == 0 { 1 } else { 2 };
            issued[usize::from(asset) - 1] += owed;
            holder(*id, asset, owed)
        })
        .collect();
    leaves.push(system(ISSUANCE, 1, issued[0]));
    leaves.push(system(VAULT, 2, issued[1]));
    leaves
}

pub(crate) fn changes<'a>(leaves: impl IntoIterator<Item = &'a Leaf>) -> Vec<Change> {
    let key = tree_key();
    leaves.into_iter().map(|leaf| Change::created(&key, leaf).unwrap()).collect()
}

pub(crate) fn build<'a>(leaves: impl IntoIterator<Item = &'a Leaf>) -> (StateTree, StateRoot) {
    let tree = StateTree::build(&mut changes(leaves)).unwrap();
    let root = tree.root().state_root();
    (tree, root)
}

//! Pinned answers: if one of these changes, every published root and proof becomes unreadable.

use ledger::proof::{StateTree, verify_account};

use crate::fixture::{CROWDED_IDS, SECRET, books, build, tree_key};
use crate::model;

const EMPTY: &str = "43672783ca46e0c6032cfad2bad02e638f2ba921346a0f1badd9c51e9374b2cf";
const THREE_ACCOUNTS: &str = "88f6e49ee73656ed91989c953f9ada9882b089989711dacb2b92d65b4172e134";
const CROWD: &str = "9056aaeb2bb6e2378033ada1ea07fb6421cd4e705f47c208f50cde16661b1e2d";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_root_of_no_accounts() {
    assert_eq!(StateTree::new().root().state_root().to_string(), EMPTY);
}

#[test]
fn the_root_and_a_proof_of_three_accounts() {
    let leaves = books(&[0x0190_0000_0000_7000_8000_0000_0000_0001]);
    let (tree, root) = build(&leaves);
    assert_eq!(root.to_string(), THREE_ACCOUNTS);
    assert_eq!(hex(&model::root(&SECRET, &leaves).0), THREE_ACCOUNTS);
    let proof = tree.prove(&tree_key(), &leaves[0]).unwrap();
    assert_eq!(hex(&proof.salt.0), "06699b0a77e0bbfcc7c63a23c7f49bc4");
    let bytes = proof.encode();
    assert_eq!(
        (bytes.len(), blake3::hash(&bytes).to_string().as_str()),
        (1_373, "9682f093b28b82f09e2bf3f92b5364d823e70c4b0e49eacd6380939651b2e18e")
    );
    assert!(verify_account(&proof, root).is_ok());
}

#[test]
fn the_root_of_a_crowd() {
    let (_, root) = build(&books(&CROWDED_IDS));
    assert_eq!(root.to_string(), CROWD);
}

//! Proofs as bytes: one encoding each, and no input that panics.

use ledger::proof::{
    AbsenceProof, AccountProof, DecodeError, PATH_LEVELS_MAX, PROOF_BYTES_MAX, Path, PathEnd, RootNode, Salt,
    Subtree, Sums, verify_absence, verify_account,
};
use proptest::prelude::*;

use crate::fixture::{CROWDED_IDS, books, build, holder, tree_key};

fn some_proof() -> AccountProof {
    let leaves = books(&CROWDED_IDS);
    build(&leaves).0.prove(&tree_key(), &leaves[CROWDED_IDS.len() - 1]).unwrap()
}

/// The longest proofs there can be.
fn longest() -> (AccountProof, AbsenceProof) {
    let path = Path::new(vec![Subtree::EMPTY; PATH_LEVELS_MAX]).unwrap();
    let root = RootNode(Subtree::EMPTY);
    let account = AccountProof { leaf: holder(1, 1, 5), salt: Salt([9; 16]), path: path.clone(), root };
    let key = ledger::proof::AccountKey::of(3);
    let end = PathEnd::Other { key, commitment: [1; 32], sums: Sums::ZERO };
    (account, AbsenceProof { id: 4, end, path, root })
}

#[test]
fn what_is_written_is_read() {
    let proof = some_proof();
    assert_eq!(AccountProof::decode(&proof.encode()), Ok(proof));
    let (account, absence) = longest();
    assert_eq!(AccountProof::decode(&account.encode()), Ok(account));
    assert_eq!(absence.encode().len(), PROOF_BYTES_MAX);
    let nobody = AbsenceProof { end: PathEnd::Nobody, ..absence.clone() };
    for proof in [absence, nobody] {
        assert_eq!(AbsenceProof::decode(&proof.encode()), Ok(proof));
    }
}

#[test]
fn every_cut_and_every_longer_input_is_refused() {
    let whole = some_proof().encode();
    for length in 0..whole.len() {
        assert_eq!(AccountProof::decode(&whole[..length]), Err(DecodeError::WrongLength { length }));
        assert!(AbsenceProof::decode(&whole[..length]).is_err());
    }
    for more in [1, 95, 96, 97, 30_000] {
        let length = whole.len() + more;
        let longer = [&whole[..], &vec![0; more]].concat();
        assert_eq!(AccountProof::decode(&longer), Err(DecodeError::WrongLength { length }));
    }
}

#[test]
fn the_header_is_checked() {
    let whole = some_proof().encode();
    let (_, absence) = longest();
    let edited = |position: usize, byte| {
        let mut bytes = whole.clone();
        bytes[position] = byte;
        bytes
    };
    let count = 6 + 102 + 16;
    let cases = [
        (edited(0, b'X'), DecodeError::NotAProof),
        (edited(4, 2), DecodeError::UnknownVersion { version: 2 }),
        (edited(5, 2), DecodeError::WrongKind { kind: 2 }),
        (edited(5, 9), DecodeError::WrongKind { kind: 9 }),
        (edited(count, 245), DecodeError::PathTooLong),
        (edited(count, 255), DecodeError::PathTooLong),
        (edited(count, 244), DecodeError::WrongLength { length: whole.len() }),
        (absence.encode(), DecodeError::WrongKind { kind: 3 }),
    ];
    for (bytes, error) in cases {
        assert_eq!(AccountProof::decode(&bytes), Err(error));
    }
    assert_eq!(AbsenceProof::decode(&whole), Err(DecodeError::WrongKind { kind: 1 }));
}

proptest! {
    #[test]
    fn no_input_panics(mut bytes in prop::collection::vec(any::<u8>(), 0..4_000), kind in 0_u8..5, pretend: bool) {
        if let (true, Some(header)) = (pretend, bytes.get_mut(..6)) {
            header.copy_from_slice(&[b'B', b'S', b'T', b'P', 1, kind]);
        }
        if let Ok(proof) = AccountProof::decode(&bytes) {
            prop_assert_eq!(&proof.encode(), &bytes);
            prop_assert!(verify_account(&proof, proof.root.state_root()).is_err());
        }
        if let Ok(proof) = AbsenceProof::decode(&bytes) {
            prop_assert_eq!(&proof.encode(), &bytes);
            prop_assert!(verify_absence(&proof, proof.root.state_root()).is_err());
        }
    }

    #[test]
    fn no_well_formed_noise_is_accepted(inside in 0_usize..30, noise in any::<[u8; 32]>(), kind in 1_u8..=3) {
        let fixed = [102 + 16, 16, 16 + 32 + 32 + 64][usize::from(kind) - 1];
        let mut body = vec![0; fixed + 1 + (12 + inside + 1) * 96];
        blake3::Hasher::new_keyed(&noise).finalize_xof().fill(&mut body);
        body[fixed] = u8::try_from(inside).unwrap();
        // Books that balance, and an asset that exists, so that the path is looked at.
        let sums = body.len() - 64;
        body[sums..].fill(0);
        body[96..98].copy_from_slice(&[1, 0]);
        let bytes = [&[b'B', b'S', b'T', b'P', 1, kind], &body[..]].concat();
        if kind == 1 {
            let proof = AccountProof::decode(&bytes).unwrap();
            prop_assert_eq!(proof.encode(), bytes);
            prop_assert!(verify_account(&proof, proof.root.state_root()).is_err());
        } else {
            let proof = AbsenceProof::decode(&bytes).unwrap();
            prop_assert_eq!(proof.encode(), bytes);
            prop_assert!(verify_absence(&proof, proof.root.state_root()).is_err());
        }
    }
}

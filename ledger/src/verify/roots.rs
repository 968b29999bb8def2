//! State roots: each that a header carries is computed again after the entry it belongs to.
//!
//! A root travels in a later entry, so headers are read beforehand. That reading believes no hash; a header that says
//! something else when its entry's turn comes, or whose hash does not hold, is found then.

use std::collections::BTreeMap;

use super::difference::{At, DifferenceKind};
use super::verify_error::{VerifyError, of_journal, of_service};
use crate::engine::Engine;
use crate::journal::{EntryHeader, JournalReader};
use crate::proof::{RootNode, StateRoot, StateTree, TreeKey};
use crate::service::update_tree;

/// A root as a header says it.
#[derive(Debug, Clone, Copy)]
struct Carried {
    root: [u8; 32],
    /// The first entry that carries it.
    by: u64,
}

/// The roots that are expected, and the tree they are compared with.
#[derive(Debug)]
pub(super) struct Roots {
    carried: BTreeMap<u64, Carried>,
    tree: StateTree,
    key: TreeKey,
}

impl Roots {
    pub(super) fn new(key: TreeKey) -> Self {
        Self { carried: BTreeMap::new(), tree: StateTree::new(), key }
    }

    /// Notes the roots of all headers up to this entry, and stops at one that cannot be read: its turn comes.
    pub(super) fn collect(&mut self, reader: &mut JournalReader, last_sequence: u64) {
        for sequence in 1..=last_sequence {
            let Ok(header) = reader.read_header(sequence) else { return };
            let carried = Carried { root: header.fields.state_root, by: sequence };
            self.carried.entry(header.fields.state_root_sequence).or_insert(carried);
        }
    }

    /// An entry, its hash checked, carries the root that was noted, and no root if it says so.
    pub(super) fn check_header(&self, header: &EntryHeader) -> Result<(), VerifyError> {
        let (root, of) = (header.fields.state_root, header.fields.state_root_sequence);
        let noted = if of == 0 { Some([0; 32]) } else { self.carried.get(&of).map(|carried| carried.root) };
        if noted == Some(root) {
            return Ok(());
        }
        let at = At::entry(header.fields.sequence, DifferenceKind::StateRoot);
        let expected = noted.map_or("none".to_owned(), |root| StateRoot(root).to_string());
        Err(at.differs(format_args!("{expected} for entry {of}"), StateRoot(root)))
    }

    /// Whether a header carries the root after this entry.
    pub(super) fn is_expected(&self, sequence: u64) -> bool {
        self.carried.contains_key(&sequence)
    }

    /// Compares the root after this entry with what a header carries. Nothing is left to compare afterwards.
    pub(super) fn compare(
        &self,
        sequence: u64,
        root: StateRoot,
        reader: &mut JournalReader,
    ) -> Result<(), VerifyError> {
        let Some(carried) = self.carried.get(&sequence) else { return Ok(()) };
        if carried.root == root.0 {
            return Ok(());
        }
        // The header may be what is wrong; then its hash does not hold.
        reader.read(carried.by).map_err(of_journal)?;
        let at = At::entry(carried.by, DifferenceKind::StateRoot);
        Err(at.differs(format_args!("{root} after entry {sequence}"), StateRoot(carried.root)))
    }

    /// The root of the state as it is now, whose sums have to be equal.
    pub(super) fn compute(&mut self, engine: &mut Engine) -> Result<RootNode, VerifyError> {
        let sequence = engine.sequence();
        let at = At::entry(sequence, DifferenceKind::StateRoot);
        update_tree(engine, &mut self.tree, &self.key).map_err(|error| of_service(at, error))?;
        let root = self.tree.root();
        for (asset, sums) in root.totals().by_asset() {
            if sums.owed != sums.owing {
                let at = At::entry(sequence, DifferenceKind::Sums);
                let expected = format!("as much owing as owed in asset {asset}, {}", sums.owed);
                return Err(at.differs(expected, sums.owing));
            }
        }
        Ok(root)
    }
}

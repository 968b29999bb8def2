//! The record of an allowance with what is used of it, as a snapshot keeps it.
//!
//! ```text
//! terms        80 + 32 each
//! created_as   32
//! state         2   1 revoked, 2 frozen
//! usages       24 each, or 984 of a rolling window: newest bucket 8, then what is used, or every slice, 16 each
//! ```

use super::{Allowance, AllowanceCondition, AllowanceTerms, Stretch, Usage, Window};
use crate::limits::ROLLING_SLICES_KEPT;

const REVOKED: u16 = 1;
const FROZEN: u16 = 2;

impl Allowance {
    /// Writes the record behind `bytes`.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        let revoked = if self.condition.revoked { REVOKED } else { 0 };
        let frozen = if self.condition.frozen { FROZEN } else { 0 };
        self.terms.encode(bytes);
        bytes.extend_from_slice(&self.created_as);
        bytes.extend_from_slice(&(revoked | frozen).to_le_bytes());
        self.usages.iter().for_each(|usage| usage.encode(bytes));
    }

    /// Reads a record from the front of `bytes`, and says what is behind it; `None` if it is cut or malformed.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (terms, rest) = AllowanceTerms::decode(bytes)?;
        let (created_as, rest) = rest.split_first_chunk()?;
        let (state, mut rest) = rest.split_first_chunk()?;
        let state = u16::from_le_bytes(*state);
        if state & !(REVOKED | FROZEN) != 0 {
            return None;
        }
        let mut usages = Vec::with_capacity(terms.windows.len());
        for window in &terms.windows {
            let (usage, behind) = Usage::decode(window, rest)?;
            usages.push(usage);
            rest = behind;
        }
        let condition = AllowanceCondition { revoked: state & REVOKED != 0, frozen: state & FROZEN != 0 };
        Some((Self { terms, condition, created_as: *created_as, usages }, rest))
    }
}

impl Usage {
    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.newest.to_le_bytes());
        match &self.slices {
            None => bytes.extend_from_slice(&self.used.to_le_bytes()),
            Some(slices) => slices.iter().for_each(|slice| bytes.extend_from_slice(&slice.to_le_bytes())),
        }
    }

    fn decode<'a>(window: &Window, bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (newest, mut rest) = bytes.split_first_chunk()?;
        let newest = i64::from_le_bytes(*newest);
        if !matches!(window.stretch, Stretch::Rolling { .. }) {
            let (used, rest) = rest.split_first_chunk()?;
            return Some((Self { newest, used: i128::from_le_bytes(*used), slices: None }, rest));
        }
        let mut slices = [0; ROLLING_SLICES_KEPT];
        let mut used = 0_i128;
        for slice in &mut slices {
            let (field, behind) = rest.split_first_chunk()?;
            *slice = i128::from_le_bytes(*field);
            used = used.checked_add(*slice)?;
            rest = behind;
        }
        Some((Self { newest, used, slices: Some(Box::new(slices)) }, rest))
    }
}

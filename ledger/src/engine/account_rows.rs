//! The rows of a partition, in pages, so that growing copies none of them.

use super::account_row::AccountRow;
use super::convert::{index, number};

const PAGE_BITS: u32 = 10;
const PAGE_ROWS: usize = 1 << PAGE_BITS;
const PAGE_MASK: usize = PAGE_ROWS - 1;

/// Rows by dense slots. A row never moves to another slot.
#[derive(Debug, Default)]
pub(super) struct AccountRows {
    pages: Vec<Vec<AccountRow>>,
}

impl AccountRows {
    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&AccountRow> {
        let slot = index(slot);
        self.pages.get(slot >> PAGE_BITS)?.get(slot & PAGE_MASK)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut AccountRow> {
        let slot = index(slot);
        self.pages.get_mut(slot >> PAGE_BITS)?.get_mut(slot & PAGE_MASK)
    }

    /// Adds a row and says where it lies.
    pub(super) fn push(&mut self, row: AccountRow) -> u32 {
        let slot = number(self.len());
        match self.pages.last_mut() {
            Some(page) if page.len() < PAGE_ROWS => page.push(row),
            Some(_) => {
                let mut page = Vec::with_capacity(PAGE_ROWS);
                page.push(row);
                self.pages.push(page);
            }
            // The first page grows by itself, so that an empty ledger takes next to no memory.
            None => self.pages.push(vec![row]),
        }
        slot
    }

    pub(super) fn len(&self) -> usize {
        let full = self.pages.len().saturating_sub(1).saturating_mul(PAGE_ROWS);
        full.saturating_add(self.pages.last().map_or(0, Vec::len))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &AccountRow> {
        self.pages.iter().flatten()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let rows = self.pages.iter().fold(0_usize, |sum, page| sum.saturating_add(page.capacity()));
        rows.saturating_mul(size_of::<AccountRow>())
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountRows, PAGE_ROWS};
    use crate::engine::account_row::AccountRow;
    use crate::{Account, AccountFlags, AccountId, Asset, Position};

    fn row(id: usize) -> AccountRow {
        AccountRow::new(&Account {
            id: AccountId(u128::try_from(id).unwrap()),
            debits_pending: 0,
            debits_posted: 0,
            credits_pending: 0,
            credits_posted: 0,
            reference: [0; 16],
            last_position: Position::NONE,
            timestamp: 0,
            asset: Asset::BTC,
            code: 1,
            flags: AccountFlags::SYSTEM,
        })
    }

    #[test]
    fn rows_stay_where_they_were_put_over_page_ends() {
        let mut rows = AccountRows::default();
        for id in 0..2 * PAGE_ROWS + 1 {
            let slot = rows.push(row(id));
            assert_eq!(usize::try_from(slot).unwrap(), id);
        }
        assert_eq!(rows.len(), 2 * PAGE_ROWS + 1);
        assert!(rows.iter().enumerate().all(|(slot, row)| {
            let found = rows.get(u32::try_from(slot).unwrap()).unwrap();
            found.id == row.id && row.id.0 == u128::try_from(slot).unwrap()
        }));
    }
}

//! Rows in pages by dense slots, so that growing copies none of them. A row never moves to another slot.

use super::convert::{index, number};

const PAGE_BITS: u32 = 10;
pub(super) const PAGE_ROWS: usize = 1 << PAGE_BITS;
const PAGE_MASK: usize = PAGE_ROWS - 1;

/// Rows of one kind.
#[derive(Debug)]
pub(super) struct Pages<T> {
    pages: Vec<Vec<T>>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T> Pages<T> {
    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&T> {
        let slot = index(slot);
        self.pages.get(slot >> PAGE_BITS)?.get(slot & PAGE_MASK)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        let slot = index(slot);
        self.pages.get_mut(slot >> PAGE_BITS)?.get_mut(slot & PAGE_MASK)
    }

    /// Adds a row and says where it lies.
    pub(super) fn push(&mut self, row: T) -> u32 {
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

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter().flatten()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let rows = self.pages.iter().fold(0_usize, |sum, page| sum.saturating_add(page.capacity()));
        rows.saturating_mul(size_of::<T>())
    }
}

#[cfg(test)]
mod tests {
    use super::{PAGE_ROWS, Pages};

    #[test]
    fn rows_stay_where_they_were_put_over_page_ends() {
        let mut rows = Pages::default();
        for row in 0..2 * PAGE_ROWS + 1 {
            let slot = rows.push(row);
            assert_eq!(usize::try_from(slot).unwrap(), row);
        }
        assert_eq!(rows.len(), 2 * PAGE_ROWS + 1);
        let found = |slot: usize| rows.get(u32::try_from(slot).unwrap());
        assert!(rows.iter().enumerate().all(|(slot, row)| *row == slot && found(slot) == Some(row)));
        assert_eq!(found(rows.len()), None);
    }
}

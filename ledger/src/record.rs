//! Little-endian fields at fixed places of a fixed record.
//!
//! Every place is a constant that is checked against the record's length when the program is compiled, so
//! reading and writing cannot fail, and costs one load or store.

/// The field of `LENGTH` bytes at `AT`.
#[inline]
pub(crate) fn field<const AT: usize, const LENGTH: usize, const RECORD: usize>(
    record: &[u8; RECORD],
) -> [u8; LENGTH] {
    const { assert!(AT <= RECORD && LENGTH <= RECORD - AT) };
    // The assertion above leaves no record without the field, so the default is never taken.
    record.split_at(AT).1.first_chunk().copied().unwrap_or([0; LENGTH])
}

/// Puts a field of `LENGTH` bytes at `AT`.
#[inline]
pub(crate) fn put<const AT: usize, const LENGTH: usize, const RECORD: usize>(
    record: &mut [u8; RECORD],
    field: [u8; LENGTH],
) {
    const { assert!(AT <= RECORD && LENGTH <= RECORD - AT) };
    if let Some(place) = record.split_at_mut(AT).1.first_chunk_mut() {
        *place = field;
    }
}

/// Whether every byte of a reserved field is zero.
#[inline]
pub(crate) fn is_zero<const LENGTH: usize>(field: &[u8; LENGTH]) -> bool {
    *field == [0; LENGTH]
}

#[cfg(test)]
mod tests {
    use super::{field, is_zero, put};

    #[test]
    fn a_field_comes_back_from_its_place_and_from_no_other() {
        let mut record = [0_u8; 8];
        put::<2, 4, _>(&mut record, 0x0403_0201_u32.to_le_bytes());
        assert_eq!(record, [0, 0, 1, 2, 3, 4, 0, 0]);
        assert_eq!(u32::from_le_bytes(field::<2, 4, _>(&record)), 0x0403_0201);
        assert!(is_zero(&field::<6, 2, _>(&record)));
        assert!(!is_zero(&field::<4, 3, _>(&record)));
    }
}

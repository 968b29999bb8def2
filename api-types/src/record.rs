//! Little-endian fields at fixed places of a fixed record. Every place is checked against the record's length when
//! the program is compiled, so reading and writing cannot fail.

/// The field of `LENGTH` bytes at `AT`.
pub(crate) fn field<const AT: usize, const LENGTH: usize, const RECORD: usize>(
    record: &[u8; RECORD],
) -> [u8; LENGTH] {
    const { assert!(AT <= RECORD && LENGTH <= RECORD - AT) };
    // The assertion above leaves no record without the field, so the default is never taken.
    record.split_at(AT).1.first_chunk().copied().unwrap_or([0; LENGTH])
}

/// Puts a field of `LENGTH` bytes at `AT`.
pub(crate) fn put<const AT: usize, const LENGTH: usize, const RECORD: usize>(
    record: &mut [u8; RECORD],
    field: [u8; LENGTH],
) {
    const { assert!(AT <= RECORD && LENGTH <= RECORD - AT) };
    if let Some(place) = record.split_at_mut(AT).1.first_chunk_mut() {
        *place = field;
    }
}

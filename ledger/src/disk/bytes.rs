//! Little-endian fields in fixed records, read and written in order without a panic.

/// Takes fields from the front of a record; `None` when it is too short.
pub(crate) struct FieldReader<'a> {
    rest: &'a [u8],
}

impl<'a> FieldReader<'a> {
    pub(crate) fn new(record: &'a [u8]) -> Self {
        Self { rest: record }
    }

    pub(crate) fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (field, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*field)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn u128(&mut self) -> Option<u128> {
        self.array().map(u128::from_le_bytes)
    }

    /// A reserved field: `None` unless it is zero, so that a later format can use it.
    pub(crate) fn zeros<const LENGTH: usize>(&mut self) -> Option<()> {
        self.array().filter(|field: &[u8; LENGTH]| field.iter().all(|byte| *byte == 0)).map(|_| ())
    }
}

/// Puts fields behind each other into a buffer that grows.
#[derive(Default)]
pub(crate) struct FieldWriter {
    bytes: Vec<u8>,
}

impl FieldWriter {
    pub(crate) fn array(mut self, field: &[u8]) -> Self {
        self.bytes.extend_from_slice(field);
        self
    }

    pub(crate) fn u8(self, field: u8) -> Self {
        self.array(&[field])
    }

    pub(crate) fn u16(self, field: u16) -> Self {
        self.array(&field.to_le_bytes())
    }

    pub(crate) fn u32(self, field: u32) -> Self {
        self.array(&field.to_le_bytes())
    }

    pub(crate) fn u64(self, field: u64) -> Self {
        self.array(&field.to_le_bytes())
    }

    pub(crate) fn u128(self, field: u128) -> Self {
        self.array(&field.to_le_bytes())
    }

    /// Ends the record with the hash of everything before it.
    pub(crate) fn hash(self) -> Self {
        let hash = blake3::hash(&self.bytes);
        self.array(hash.as_bytes())
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// A length in memory as a number on disk; on every supported machine the same number.
pub(crate) fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A length on disk as one in memory; what does not fit is larger than any bound and is refused there.
pub(crate) fn to_usize(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// A length that its bound keeps below 4 GiB.
pub(crate) fn to_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

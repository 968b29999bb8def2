//! How a value stands on the wire: its fields one after the other, little-endian, nothing between them.
//!
//! Reading is total: bytes that no writer makes are `None`, and nothing is allocated for a count before the bytes it
//! announces have been seen to be there.

use crate::disk::{to_u32, to_u64, to_usize};

/// A value with one form on the wire.
pub(super) trait Wire: Sized {
    /// The fewest bytes it takes, so that a count can be held against the bytes that are there.
    const LEAST: usize;

    /// Writes the value behind `bytes`.
    fn put(&self, bytes: &mut Vec<u8>);

    /// Takes the value off the front; `None` if it is cut or malformed.
    fn take(reader: &mut WireReader<'_>) -> Option<Self>;
}

/// What is left to be read.
#[derive(Debug)]
pub(super) struct WireReader<'a> {
    rest: &'a [u8],
}

impl<'a> WireReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Reads one value that is all there is.
    pub(super) fn whole<T>(bytes: &'a [u8], take: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut reader = Self::new(bytes);
        let value = take(&mut reader)?;
        reader.rest.is_empty().then_some(value)
    }

    pub(super) fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (field, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*field)
    }

    /// The next `length` bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    /// A record that says itself how long it is.
    pub(super) fn record<T>(&mut self, decode: impl FnOnce(&'a [u8]) -> Option<(T, &'a [u8])>) -> Option<T> {
        let (record, rest) = decode(self.rest)?;
        self.rest = rest;
        Some(record)
    }

    /// How many values of at least `least` bytes follow: at most `most`, and no more than the bytes can hold.
    pub(super) fn count(&mut self, least: usize, most: usize) -> Option<usize> {
        let count = to_usize(u64::from(u32::take(self)?));
        let fits = count <= most && count.saturating_mul(least) <= self.rest.len();
        fits.then_some(count)
    }

    /// A count, then so many values.
    pub(super) fn list<T: Wire>(&mut self, most: usize) -> Option<Vec<T>> {
        let count = self.count(T::LEAST, most)?;
        let mut list = Vec::with_capacity(count);
        for _ in 0..count {
            list.push(T::take(self)?);
        }
        Some(list)
    }
}

/// Writes a count, then so many values.
pub(super) fn put_list<T: Wire>(bytes: &mut Vec<u8>, list: &[T]) {
    to_u32(list.len()).put(bytes);
    list.iter().for_each(|one| one.put(bytes));
}

macro_rules! numbers {
    ($($number:ty)+) => {$(
        impl Wire for $number {
            const LEAST: usize = size_of::<$number>();

            fn put(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }

            fn take(reader: &mut WireReader<'_>) -> Option<Self> {
                reader.array().map(Self::from_le_bytes)
            }
        }
    )+};
}

numbers!(u8 u16 u32 u64 u128 i128);

/// A number of things, 8 bytes.
impl Wire for usize {
    const LEAST: usize = 8;

    fn put(&self, bytes: &mut Vec<u8>) {
        to_u64(*self).put(bytes);
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        Self::try_from(u64::take(reader)?).ok()
    }
}

impl Wire for bool {
    const LEAST: usize = 1;

    fn put(&self, bytes: &mut Vec<u8>) {
        u8::from(*self).put(bytes);
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        match u8::take(reader)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<const LENGTH: usize> Wire for [u8; LENGTH] {
    const LEAST: usize = LENGTH;

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self);
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        reader.array()
    }
}

/// A byte that says whether the value follows.
impl<T: Wire> Wire for Option<T> {
    const LEAST: usize = 1;

    fn put(&self, bytes: &mut Vec<u8>) {
        self.is_some().put(bytes);
        if let Some(value) = self {
            value.put(bytes);
        }
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        if bool::take(reader)? { T::take(reader).map(Some) } else { Some(None) }
    }
}

/// A struct as its fields, in the order written here.
macro_rules! wire_struct {
    ($name:ty { $($field:ident: $kind:ty),+ $(,)? }) => {
        impl Wire for $name {
            const LEAST: usize = 0 $(+ <$kind as Wire>::LEAST)+;

            fn put(&self, bytes: &mut Vec<u8>) {
                $(self.$field.put(bytes);)+
            }

            fn take(reader: &mut WireReader<'_>) -> Option<Self> {
                Some(Self { $($field: <$kind as Wire>::take(reader)?),+ })
            }
        }
    };
}

/// A value that another module turns into a number or record of fixed length and back.
macro_rules! wire_through {
    ($name:ty, $form:ty, $put:expr, $take:expr) => {
        impl Wire for $name {
            const LEAST: usize = <$form as Wire>::LEAST;

            fn put(&self, bytes: &mut Vec<u8>) {
                let put: fn(&Self) -> $form = $put;
                put(self).put(bytes);
            }

            fn take(reader: &mut WireReader<'_>) -> Option<Self> {
                let take: fn($form) -> Option<Self> = $take;
                take(<$form as Wire>::take(reader)?)
            }
        }
    };
}

pub(super) use {wire_struct, wire_through};

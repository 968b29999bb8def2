//! The record that stands before every signed batch: whose money it moves, which key signed it, when, and the
//! signature over everything else.
//!
//! ```text
//!   0  magic        8   "BALBATCH"
//!   8  version      2   1
//!  10  kind         2   1: transfer records; 2: JSON payments
//!  12  count        4   transfers or payments in the body
//!  16  account     16   whose money it moves
//!  32  key         16   the id under which the public key is registered
//!  48  made_at      8   microseconds UTC
//!  56  reserved     8   zero
//!  64  signature   64   Ed25519 over the digest
//! ```
//!
//! Numbers are little-endian; an id is the number whose big-endian bytes are its UUID's, as in the records of
//! transfers. The digest is BLAKE3 in key derivation mode, with [`DIGEST_CONTEXT`], over the BLAKE3 hash of the
//! network's word, the 16 bytes of the instance, the first 64 bytes of this record, and the body. So a batch for
//! one ledger is worth nothing at another one, and one kind is never taken for the other.
//!
//! Invariant: what decodes encodes to the same bytes.

use crate::record::{field, put};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

const MAGIC: [u8; 8] = *b"BALBATCH";
const VERSION: u16 = 1;
const UNSIGNED_BYTES: usize = 64;
/// What sets these digests apart from every other use of BLAKE3.
const DIGEST_CONTEXT: &str = "ballast 2026-12 signed batch v1";

/// What the body of a batch is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchKind {
    /// Records of 128 bytes, one for each transfer.
    Transfers,
    /// A JSON document with payments.
    Payments,
}

impl BatchKind {
    const fn number(self) -> u16 {
        match self {
            Self::Transfers => 1,
            Self::Payments => 2,
        }
    }

    const fn from_number(number: u16) -> Option<Self> {
        match number {
            1 => Some(Self::Transfers),
            2 => Some(Self::Payments),
            _ => None,
        }
    }
}

/// The ledger that a batch is for. `/version` of the service says both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchDomain {
    /// The Bitcoin network's word.
    pub network: String,
    /// The instance of the service.
    pub instance: Uuid,
}

/// Whose batch it is, with what, when. All but the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    /// What the body is made of.
    pub kind: BatchKind,
    /// Transfers or payments in the body.
    pub count: u32,
    /// Whose money it moves.
    pub account: Uuid,
    /// The id of the key.
    pub key: Uuid,
    /// When it was made, in microseconds UTC.
    pub made_at: u64,
}

/// Why bytes are no header of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchHeaderError {
    /// The first bytes are others.
    #[error("it does not begin with BALBATCH; send the header record first")]
    Magic,
    /// A version that is not known here.
    #[error("version {0} of the header is not known; this service reads version 1")]
    Version(u16),
    /// A kind that is not known.
    #[error("kind {0} is not known; write 1 for transfer records, 2 for JSON payments")]
    Kind(u16),
    /// Bytes that have no meaning are set.
    #[error("reserved bytes of the header are not zero; clear them")]
    Reserved,
    /// The text is not the record in base64url.
    #[error("it is not 128 bytes in base64url without padding; encode the header record so")]
    Text,
}

impl BatchHeader {
    /// The length of the record.
    pub const BYTES: usize = 128;

    /// The header field that carries the record, in base64url without padding, where the body is JSON.
    pub const FIELD: &'static str = "ballast-batch";

    /// What is signed.
    #[must_use]
    pub fn digest(&self, domain: &BatchDomain, body: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_derive_key(DIGEST_CONTEXT);
        hasher.update(blake3::hash(domain.network.as_bytes()).as_bytes()).update(domain.instance.as_bytes());
        hasher.update(&field::<0, UNSIGNED_BYTES, _>(&self.encode(&[0; 64]))).update(body);
        *hasher.finalize().as_bytes()
    }

    /// Writes the record.
    #[must_use]
    pub fn encode(&self, signature: &[u8; 64]) -> [u8; Self::BYTES] {
        let mut record = [0; Self::BYTES];
        put::<0, 8, _>(&mut record, MAGIC);
        put::<8, 2, _>(&mut record, VERSION.to_le_bytes());
        put::<10, 2, _>(&mut record, self.kind.number().to_le_bytes());
        put::<12, 4, _>(&mut record, self.count.to_le_bytes());
        put::<16, 16, _>(&mut record, self.account.as_u128().to_le_bytes());
        put::<32, 16, _>(&mut record, self.key.as_u128().to_le_bytes());
        put::<48, 8, _>(&mut record, self.made_at.to_le_bytes());
        put::<64, 64, _>(&mut record, *signature);
        record
    }

    /// Reads a record, and the signature in it.
    ///
    /// # Errors
    /// [`BatchHeaderError`] for every record that [`BatchHeader::encode`] does not write.
    pub fn decode(record: &[u8; Self::BYTES]) -> Result<(Self, [u8; 64]), BatchHeaderError> {
        if field::<0, 8, _>(record) != MAGIC {
            return Err(BatchHeaderError::Magic);
        }
        let version = u16::from_le_bytes(field::<8, 2, _>(record));
        if version != VERSION {
            return Err(BatchHeaderError::Version(version));
        }
        let kind = u16::from_le_bytes(field::<10, 2, _>(record));
        let kind = BatchKind::from_number(kind).ok_or(BatchHeaderError::Kind(kind))?;
        if field::<56, 8, _>(record) != [0; 8] {
            return Err(BatchHeaderError::Reserved);
        }
        let header = Self {
            kind,
            count: u32::from_le_bytes(field::<12, 4, _>(record)),
            account: Uuid::from_u128(u128::from_le_bytes(field::<16, 16, _>(record))),
            key: Uuid::from_u128(u128::from_le_bytes(field::<32, 16, _>(record))),
            made_at: u64::from_le_bytes(field::<48, 8, _>(record)),
        };
        Ok((header, field::<64, 64, _>(record)))
    }

    /// The record as the value of [`BatchHeader::FIELD`].
    #[must_use]
    pub fn to_text(record: &[u8; Self::BYTES]) -> String {
        URL_SAFE_NO_PAD.encode(record)
    }

    /// Reads the value of [`BatchHeader::FIELD`].
    ///
    /// # Errors
    /// [`BatchHeaderError::Text`] if it is not the one text of a record.
    pub fn from_text(text: &str) -> Result<[u8; Self::BYTES], BatchHeaderError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BatchHeaderError::Text)?;
        bytes.try_into().map_err(|_| BatchHeaderError::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header() -> BatchHeader {
        BatchHeader {
            kind: BatchKind::Transfers,
            count: 2,
            account: Uuid::from_u128(0x0190_b8f5_a000_7000_8000_0000_0000_abcd),
            key: Uuid::from_u128(0x0190_b8f5_a000_7000_8000_0000_0000_0001),
            made_at: 1_796_000_000_000_000,
        }
    }

    fn domain() -> BatchDomain {
        BatchDomain { network: "regtest".to_owned(), instance: Uuid::from_u128(7) }
    }

    #[test]
    fn whatever_else_is_signed_has_another_digest() {
        let (signed, body) = (header(), b"body");
        let same = signed.digest(&domain(), body);
        assert_eq!(signed.digest(&domain(), body), same);
        let others = [
            BatchHeader { kind: BatchKind::Payments, ..signed },
            BatchHeader { count: 3, ..signed },
            BatchHeader { account: signed.key, ..signed },
            BatchHeader { key: signed.account, ..signed },
            BatchHeader { made_at: signed.made_at + 1, ..signed },
        ];
        for other in others {
            assert_ne!(other.digest(&domain(), body), same, "{other:?}");
        }
        let elsewhere = BatchDomain { network: "signet".to_owned(), ..domain() };
        assert_ne!(signed.digest(&elsewhere, body), same);
        let another = BatchDomain { instance: Uuid::from_u128(8), ..domain() };
        assert_ne!(signed.digest(&another, body), same);
        assert_ne!(signed.digest(&domain(), b"bodY"), same);
        assert_ne!(signed.digest(&domain(), b""), same);
    }

    #[test]
    fn every_other_record_is_refused_by_name() {
        let good = header().encode(&[9; 64]);
        for (at, byte, error) in [
            (0, b'b', BatchHeaderError::Magic),
            (8, 2, BatchHeaderError::Version(2)),
            (9, 1, BatchHeaderError::Version(257)),
            (10, 0, BatchHeaderError::Kind(0)),
            (10, 3, BatchHeaderError::Kind(3)),
            (56, 1, BatchHeaderError::Reserved),
            (63, 1, BatchHeaderError::Reserved),
        ] {
            let mut record = good;
            record[at] = byte;
            assert_eq!(BatchHeader::decode(&record), Err(error), "byte {at}");
        }
        for text in ["", "AA", &"A".repeat(170), &"A".repeat(172), &"=".repeat(171), &"+".repeat(171)] {
            assert_eq!(BatchHeader::from_text(text), Err(BatchHeaderError::Text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_the_same(mut record: [u8; 64], rest: [u8; 64], form: bool) {
            if form {
                record[..12].copy_from_slice(&header().encode(&[0; 64])[..12]);
                record[56..].fill(0);
            }
            let record: [u8; 128] = [record, rest].concat().try_into().unwrap();
            let decoded = BatchHeader::decode(&record);
            prop_assert_eq!(decoded.is_ok(), form);
            if let Ok((header, signature)) = decoded {
                prop_assert_eq!(header.encode(&signature), record);
            }
            prop_assert_eq!(BatchHeader::from_text(&BatchHeader::to_text(&record)), Ok(record));
        }
    }
}

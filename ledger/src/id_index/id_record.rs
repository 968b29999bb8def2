//! What is remembered of an id.

use crate::Position;
use crate::disk::{FieldReader, FieldWriter};

/// Id, position and end, as they lie in a run.
pub(super) const RECORD_BYTES: usize = 25;

/// How a pending transfer ended. The end stays answerable for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum PendingEnd {
    /// The id is not that of an accepted pending transfer.
    #[default]
    NotPending,
    /// It has not ended.
    Open,
    /// Posted, whole or in part.
    Posted,
    /// Voided.
    Voided,
    /// Released because its time was over.
    Expired,
}

impl PendingEnd {
    pub(super) fn code(self) -> u8 {
        match self {
            Self::NotPending => 0,
            Self::Open => 1,
            Self::Posted => 2,
            Self::Voided => 3,
            Self::Expired => 4,
        }
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::NotPending),
            1 => Some(Self::Open),
            2 => Some(Self::Posted),
            3 => Some(Self::Voided),
            4 => Some(Self::Expired),
            _ => None,
        }
    }
}

/// An id, where its outcome is, and how it ended if it was pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRecord {
    /// The id: a UUID whose big-endian bytes are this number's.
    pub id: u128,
    /// Where the outcome is.
    pub position: Position,
    /// How a pending one ended.
    pub end: PendingEnd,
}

impl IdRecord {
    pub(super) fn encode(&self, fields: FieldWriter) -> FieldWriter {
        fields.u128(self.id).u64(self.position.bits()).u8(self.end.code())
    }

    pub(super) fn decode(reader: &mut FieldReader<'_>) -> Option<Self> {
        let (id, position) = (reader.u128()?, Position::from_bits(reader.u64()?));
        Some(Self { id, position, end: PendingEnd::from_code(reader.u8()?)? })
    }
}

/// Which runs an id belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunFamily {
    /// Ids of version 7, which begin with time.
    Timed,
    /// All other ids.
    Spread,
    /// Ends of pending transfers whose ids were sealed as open.
    LateEnd,
}

impl RunFamily {
    pub(super) const ALL: [Self; 3] = [Self::Timed, Self::Spread, Self::LateEnd];

    /// The family of an id itself.
    pub(super) fn of(id: u128) -> Self {
        if (id >> 76) & 0xf == 7 { Self::Timed } else { Self::Spread }
    }

    pub(super) fn code(self) -> u8 {
        match self {
            Self::Timed => 1,
            Self::Spread => 2,
            Self::LateEnd => 3,
        }
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.code() == code)
    }
}

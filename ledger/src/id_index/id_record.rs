//! What is remembered of an id.

use super::pending_state::PendingState;
use crate::Position;
use crate::disk::{FieldReader, FieldWriter};

/// Id, position and state, as they lie in a run.
pub(super) const RECORD_BYTES: usize = 25;

/// An id, where its outcome is, and what became of it if it was pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRecord {
    /// The id: a UUID whose big-endian bytes are this number's.
    pub id: u128,
    /// Where the outcome is.
    pub position: Position,
    /// Whether it was pending, and how that ended.
    pub state: PendingState,
}

impl IdRecord {
    pub(super) fn encode(&self, fields: FieldWriter) -> FieldWriter {
        fields.u128(self.id).u64(self.position.bits()).u8(self.state.code())
    }

    pub(super) fn decode(reader: &mut FieldReader<'_>) -> Option<Self> {
        let (id, position) = (reader.u128()?, Position::from_bits(reader.u64()?));
        Some(Self { id, position, state: PendingState::from_code(reader.u8()?)? })
    }
}

/// Which runs an id belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunFamily {
    /// Ids of version 7, which begin with time.
    Timed,
    /// All other ids.
    Spread,
    /// Ends of pending transfers whose ids were sealed as open.
    LateEnd,
}

impl RunFamily {
    pub(crate) const ALL: [Self; 3] = [Self::Timed, Self::Spread, Self::LateEnd];

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

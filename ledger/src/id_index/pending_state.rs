//! Whether a transfer that used up an id was pending, and how that ended. The end stays answerable for ever.

use crate::PendingEnd;

/// What is remembered of an id beside its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum PendingState {
    /// The id is not that of an accepted pending transfer.
    #[default]
    NotPending,
    /// It has not ended.
    Open,
    /// It has ended.
    Ended(PendingEnd),
}

impl PendingState {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::NotPending => 0,
            Self::Open => 1,
            Self::Ended(PendingEnd::Posted) => 2,
            Self::Ended(PendingEnd::Voided) => 3,
            Self::Ended(PendingEnd::Expired) => 4,
        }
    }

    pub(super) const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::NotPending),
            1 => Some(Self::Open),
            2 => Some(Self::Ended(PendingEnd::Posted)),
            3 => Some(Self::Ended(PendingEnd::Voided)),
            4 => Some(Self::Ended(PendingEnd::Expired)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PendingState;
    use crate::PendingEnd;

    #[test]
    fn codes_are_those_of_the_runs_on_disk() {
        let ended = [PendingEnd::Posted, PendingEnd::Voided, PendingEnd::Expired].map(PendingState::Ended);
        let states = [PendingState::NotPending, PendingState::Open].into_iter().chain(ended);
        for (code, state) in (0..).zip(states) {
            assert_eq!((state.code(), PendingState::from_code(code)), (code, Some(state)));
        }
        assert_eq!(PendingState::from_code(5), None);
    }
}

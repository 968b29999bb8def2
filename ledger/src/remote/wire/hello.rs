//! The hello: what both sides say first, so that a gateway never talks to something else, to another version, or,
//! after a reconnect, to another ledger.
//!
//! ```text
//!   gateway                        ledger
//!   0  magic      8                0  magic      8
//!   8  version    2                8  version    2
//!  10  zero       6               10  verdict    2   1 welcome, 2 another version, 3 another ledger
//!  16  ledger    16   zeros: any  12  zero       4
//!                                 16  ledger    16
//! ```
//!
//! Magic, version and lengths are the same in every version of the protocol, so that two of them part with a reason.

use std::fmt;

use super::codec::{Wire, WireReader};
use crate::journal::JournalId;

/// The length of a hello.
pub const HELLO_BYTES: usize = 32;

/// The version of everything behind the hello.
pub const PROTOCOL_VERSION: u16 = 1;

const MAGIC: [u8; 8] = *b"BALLASTL";
const WELCOME: u16 = 1;
const VERSION_DIFFERS: u16 = 2;
const OTHER_LEDGER: u16 = 3;
const DOMAIN: &str = "ballast ledger remote, ledger id, v1";

/// Names one ledger, across restarts of its process: no two data folders have the same one. It is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerId([u8; 16]);

impl LedgerId {
    /// The id of the ledger with this journal. The journal's own id cannot be told from it.
    #[must_use]
    pub fn of_journal(journal: JournalId) -> Self {
        let derived = blake3::derive_key(DOMAIN, &journal.0);
        Self(derived.first_chunk().copied().unwrap_or([1; 16]))
    }

    /// The id in these bytes; `None` if they are zeros, which stand for any ledger.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// Its bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for LedgerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Why two sides do not talk to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HelloFault {
    /// What answers is something else.
    #[error("what answers there is no ledger; check the address")]
    NotALedger,
    /// Another version of the protocol.
    #[error("the other side speaks version {0} of the protocol, this one {PROTOCOL_VERSION}")]
    VersionDiffers(u16),
    /// Another ledger than the one asked for.
    #[error("the ledger there is {found}, not {expected}; check the address")]
    OtherLedger {
        /// The one asked for.
        expected: LedgerId,
        /// The one that answered.
        found: LedgerId,
    },
    /// A field has a value that no version gives it.
    #[error("the hello is malformed")]
    Malformed,
}

/// What a gateway says first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientHello {
    /// The ledger it wants; `None` if any will do.
    pub ledger: Option<LedgerId>,
}

impl ClientHello {
    /// Writes the hello.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let ledger = self.ledger.map_or([0; 16], LedgerId::to_bytes);
        hello([0; 6], ledger)
    }

    /// Reads a hello.
    ///
    /// # Errors
    /// A [`HelloFault`]; [`HelloFault::VersionDiffers`] is worth an answer.
    pub fn decode(bytes: &[u8; HELLO_BYTES]) -> Result<Self, HelloFault> {
        let (zeros, ledger) = open::<6>(bytes)?;
        if zeros != [0; 6] {
            return Err(HelloFault::Malformed);
        }
        Ok(Self { ledger: LedgerId::from_bytes(ledger) })
    }
}

/// What the ledger answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerHello {
    /// Why it will not talk; `None` if it will.
    pub refused: Option<Refusal>,
    /// Which ledger it is.
    pub ledger: LedgerId,
}

/// Why a ledger will not talk to a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The gateway speaks another version of the protocol.
    VersionDiffers,
    /// The gateway wants another ledger.
    OtherLedger,
}

impl ServerHello {
    /// What this ledger answers to what a gateway said; `None` if that was no hello.
    #[must_use]
    pub fn answer(ledger: LedgerId, said: &[u8; HELLO_BYTES]) -> Option<Self> {
        let refused = match ClientHello::decode(said) {
            Ok(ClientHello { ledger: wanted }) => {
                let other = wanted.is_some_and(|wanted| wanted != ledger);
                other.then_some(Refusal::OtherLedger)
            }
            Err(HelloFault::VersionDiffers(_)) => Some(Refusal::VersionDiffers),
            Err(_) => return None,
        };
        Some(Self { refused, ledger })
    }

    /// Writes the hello.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let verdict = match self.refused {
            None => WELCOME,
            Some(Refusal::VersionDiffers) => VERSION_DIFFERS,
            Some(Refusal::OtherLedger) => OTHER_LEDGER,
        };
        let [low, high] = verdict.to_le_bytes();
        hello([low, high, 0, 0, 0, 0], self.ledger.to_bytes())
    }

    /// Reads a hello.
    ///
    /// # Errors
    /// A [`HelloFault`].
    pub fn decode(bytes: &[u8; HELLO_BYTES]) -> Result<Self, HelloFault> {
        let ([low, high, zeros @ ..], ledger) = open::<6>(bytes)?;
        let ledger = LedgerId::from_bytes(ledger).ok_or(HelloFault::Malformed)?;
        let refused = match u16::from_le_bytes([low, high]) {
            WELCOME => None,
            VERSION_DIFFERS => Some(Refusal::VersionDiffers),
            OTHER_LEDGER => Some(Refusal::OtherLedger),
            _ => return Err(HelloFault::Malformed),
        };
        if zeros == [0; 4] { Ok(Self { refused, ledger }) } else { Err(HelloFault::Malformed) }
    }

    /// The ledger that a gateway which wanted `expected` may talk to now.
    ///
    /// # Errors
    /// A [`HelloFault`] if it may not.
    pub fn welcome(self, expected: Option<LedgerId>) -> Result<LedgerId, HelloFault> {
        let found = self.ledger;
        match (self.refused, expected) {
            (_, Some(expected)) if expected != found => Err(HelloFault::OtherLedger { expected, found }),
            (None, _) => Ok(found),
            // A refusal without its reason: the version is the same, and so is the ledger.
            (Some(_), _) => Err(HelloFault::Malformed),
        }
    }
}

fn hello(middle: [u8; 6], ledger: [u8; 16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HELLO_BYTES);
    MAGIC.put(&mut bytes);
    PROTOCOL_VERSION.put(&mut bytes);
    middle.put(&mut bytes);
    ledger.put(&mut bytes);
    bytes
}

/// What stands between the version and the ledger, and the ledger.
fn open<const MIDDLE: usize>(bytes: &[u8; HELLO_BYTES]) -> Result<([u8; MIDDLE], [u8; 16]), HelloFault> {
    let mut reader = WireReader::new(bytes);
    if reader.array() != Some(MAGIC) {
        return Err(HelloFault::NotALedger);
    }
    match u16::take(&mut reader) {
        Some(PROTOCOL_VERSION) => {}
        version => return Err(HelloFault::VersionDiffers(version.unwrap_or(0))),
    }
    let middle = reader.array().ok_or(HelloFault::Malformed)?;
    Ok((middle, reader.array().ok_or(HelloFault::Malformed)?))
}

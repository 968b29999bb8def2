//! How both ends of a connection are set up, each value with its bounds. None of it changes what a command does.

use std::time::Duration;

use super::wire::LedgerId;

/// A setting outside of its bounds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is {value}; set it between {least} and {most}")]
pub struct SettingsError {
    /// Which one.
    pub name: &'static str,
    /// What it is.
    pub value: String,
    /// The least it may be.
    pub least: String,
    /// The most it may be.
    pub most: String,
}

/// The ledger's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerSettings {
    /// Which ledger this is.
    pub ledger: LedgerId,
    /// Connections at a time, 1 to 4,096: the sessions of all gateways together. One more is closed instead of being
    /// welcomed. Each holds at most a command and its answer, some 10 MiB at the very worst. As many again may be
    /// saying hello; of more than that the oldest gives way, so that nobody keeps gateways out by saying nothing.
    pub connections: usize,
    /// How long TLS and the hello may take, 10 ms to 1 minute.
    pub handshake_within: Duration,
    /// How long a connection may be silent between two commands, 1 second to 1 day. Longer than gateways keep theirs.
    pub idle_within: Duration,
    /// How long a command may take to come in once it has begun, and an answer to be taken, 10 ms to 5 minutes.
    pub frame_within: Duration,
    /// How long a stop waits for commands in flight, at most 10 minutes.
    pub drain_within: Duration,
}

impl ServerSettings {
    /// What fits a ledger with a handful of gateways.
    #[must_use]
    pub const fn new(ledger: LedgerId) -> Self {
        Self {
            ledger,
            connections: 256,
            handshake_within: Duration::from_secs(5),
            idle_within: Duration::from_secs(300),
            frame_within: Duration::from_secs(10),
            drain_within: Duration::from_secs(30),
        }
    }

    /// Holds every value against its bounds.
    ///
    /// # Errors
    /// The first one that does not keep them.
    pub fn check(&self) -> Result<(), SettingsError> {
        number("connections", self.connections, (1, 4_096))?;
        time("handshake_within", self.handshake_within, (SHORTEST, Duration::from_mins(1)))?;
        time("idle_within", self.idle_within, (Duration::from_secs(1), Duration::from_hours(24)))?;
        time("frame_within", self.frame_within, (SHORTEST, Duration::from_mins(5)))?;
        time("drain_within", self.drain_within, (Duration::ZERO, Duration::from_mins(10)))
    }
}

/// The gateway's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteSettings {
    /// Which ledger is wanted; `None` for the first one that is met, and that one from then on.
    pub ledger: Option<LedgerId>,
    /// Sessions, and so commands in flight, 1 to 1,024. Whoever follows the journal has one nearly all the time.
    pub sessions: usize,
    /// How long a command waits for a session to be free before it is answered `Busy`, at most 1 minute.
    pub session_within: Duration,
    /// How long connecting, TLS and the hello may take together, 10 ms to 1 minute.
    pub connect_within: Duration,
    /// How long one try waits for its answer, 10 ms to 10 minutes. A command that waits for an entry has
    /// [`crate::handle::Command::ENTRIES_WAIT_SECONDS`] more.
    pub answer_within: Duration,
    /// How long a command is tried over and over, 10 ms to 1 hour; the same remark holds.
    pub give_up_after: Duration,
    /// How often a command is tried in that time, 1 to 1,000.
    pub tries: u32,
    /// A session unused for so long is closed, at the latest after twice the time, 10 ms to 1 day. Shorter than the
    /// server's.
    pub idle_within: Duration,
    /// The pause after the first lost try, doubled with each further one, 1 ms to 1 minute.
    pub pause_first: Duration,
    /// The longest pause, 1 ms to 1 minute.
    pub pause_most: Duration,
    /// What the pauses of this process are spread by: another number in each, its process id for instance, so that
    /// gateways do not come back all at once.
    pub spread: u64,
}

impl RemoteSettings {
    /// What fits a gateway, with pauses spread by this number.
    #[must_use]
    pub const fn new(spread: u64) -> Self {
        Self {
            ledger: None,
            sessions: 16,
            session_within: Duration::from_secs(1),
            connect_within: Duration::from_secs(5),
            answer_within: Duration::from_secs(10),
            give_up_after: Duration::from_secs(30),
            tries: 100,
            idle_within: Duration::from_mins(1),
            pause_first: Duration::from_millis(10),
            pause_most: Duration::from_secs(1),
            spread,
        }
    }

    /// Holds every value against its bounds.
    ///
    /// # Errors
    /// The first one that does not keep them.
    pub fn check(&self) -> Result<(), SettingsError> {
        let (millisecond, minute) = (Duration::from_millis(1), Duration::from_mins(1));
        number("sessions", self.sessions, (1, 1_024))?;
        time("session_within", self.session_within, (Duration::ZERO, minute))?;
        time("connect_within", self.connect_within, (SHORTEST, minute))?;
        time("answer_within", self.answer_within, (SHORTEST, Duration::from_mins(10)))?;
        time("give_up_after", self.give_up_after, (SHORTEST, Duration::from_hours(1)))?;
        number("tries", self.tries, (1, 1_000))?;
        time("idle_within", self.idle_within, (SHORTEST, Duration::from_hours(24)))?;
        time("pause_first", self.pause_first, (millisecond, minute))?;
        time("pause_most", self.pause_most, (millisecond, minute))
    }
}

/// The shortest time that is not a slip of the pen.
const SHORTEST: Duration = Duration::from_millis(10);

fn number<T: PartialOrd + ToString>(
    name: &'static str,
    value: T,
    (least, most): (T, T),
) -> Result<(), SettingsError> {
    if value >= least && value <= most {
        return Ok(());
    }
    let (value, least, most) = (value.to_string(), least.to_string(), most.to_string());
    Err(SettingsError { name, value, least, most })
}

fn time(
    name: &'static str,
    value: Duration,
    (least, most): (Duration, Duration),
) -> Result<(), SettingsError> {
    if value >= least && value <= most {
        return Ok(());
    }
    let [value, least, most] = [value, least, most].map(|time| format!("{time:?}"));
    Err(SettingsError { name, value, least, most })
}

//! The gateway's end: a ledger in another process that answers as if it were in this one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::course::{Course, Step};
use super::endpoint::Endpoint;
use super::pause::Pauses;
use super::pool::Pool;
use super::session::{Session, SessionFault};
use super::settings::{RemoteSettings, SettingsError};
use super::wire::{LedgerId, encode_command};
use crate::handle::{Answer, Ask, Asking, Command, LedgerError};

/// A ledger in another process. What a caller sees when connections are lost stands at the [module](super).
///
/// It connects when it is first asked. Give it to [`Handle::new`](crate::handle::Handle::new); where it is asked there
/// must be a runtime with time and I/O.
#[derive(Debug)]
pub struct Remote {
    endpoint: Endpoint,
    settings: RemoteSettings,
    pool: Arc<Pool>,
    /// The ledger that was met first, if none was asked for.
    met: OnceLock<LedgerId>,
    numbers: AtomicU64,
    sweeper: OnceLock<AbortHandle>,
}

/// A command ready to be sent, as often as it takes: it is the same bytes each time.
#[derive(Debug)]
struct Asked {
    number: u64,
    frame: Vec<u8>,
    /// How long the ledger itself may wait before it answers.
    waits: Duration,
}

impl Remote {
    /// A gateway's way to the ledger at `endpoint`.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(endpoint: Endpoint, settings: RemoteSettings) -> Result<Self, SettingsError> {
        settings.check()?;
        Ok(Self {
            endpoint,
            settings,
            pool: Arc::new(Pool::new(settings.sessions)),
            met: OnceLock::new(),
            numbers: AtomicU64::new(1),
            sweeper: OnceLock::new(),
        })
    }

    /// How many sessions are open and not in use.
    #[must_use]
    pub fn idle_sessions(&self) -> usize {
        self.pool.idle_count()
    }

    async fn answer(&self, command: Command) -> Result<Answer, LedgerError> {
        let asked = self.prepare(&command)?;
        let mut course = Course::of(&command);
        drop(command);
        self.sweeper.get_or_init(|| start_sweeper(&self.pool, self.settings.idle_within));
        let _permit = match timeout(self.settings.session_within, self.pool.permit()).await {
            Ok(Some(permit)) => permit,
            _ => return Err(self.no_session()),
        };
        let within = self.settings.give_up_after.saturating_add(asked.waits);
        let done = timeout(within, self.try_until_done(&asked, &mut course)).await;
        done.unwrap_or_else(|_| Err(course.given_up()))
    }

    fn prepare(&self, command: &Command) -> Result<Asked, LedgerError> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let waits = match command {
            Command::Entries { .. } => Duration::from_secs(Command::ENTRIES_WAIT_SECONDS),
            _ => Duration::ZERO,
        };
        Ok(Asked { number, frame: encode_command(number, command)?, waits })
    }

    /// All sessions are in use, and the command was not sent.
    fn no_session(&self) -> LedgerError {
        let wait = self.settings.session_within.as_millis();
        LedgerError::Busy { retry_after_ms: u64::try_from(wait).unwrap_or(u64::MAX).max(1) }
    }

    async fn try_until_done(&self, asked: &Asked, course: &mut Course) -> Result<Answer, LedgerError> {
        let RemoteSettings { pause_first: first, pause_most: most, spread, .. } = self.settings;
        let pauses = Pauses { first, most, spread };
        for tries in 1..=self.settings.tries {
            let step = match self.try_once(asked, course).await {
                Ok(answered) => course.answered(answered),
                Err(SessionFault::Refused(reason)) => course.refused(reason),
                Err(SessionFault::Lost(reason)) => {
                    self.pool.clear();
                    course.lost(reason)
                }
            };
            match step {
                Step::Break(done) => return done,
                Step::Continue(pause) => {
                    sleep(pause.unwrap_or_else(|| pauses.after(tries, asked.number))).await
                }
            }
        }
        Err(course.given_up())
    }

    /// Sends the command once. The session is kept only if the answer has come whole: whatever ends this earlier,
    /// dropping it included, closes the session.
    async fn try_once(
        &self,
        asked: &Asked,
        course: &mut Course,
    ) -> Result<Result<Answer, LedgerError>, SessionFault> {
        let mut session = match self.pool.take().await {
            Some(session) => session,
            None => in_time(self.settings.connect_within, "no welcome", self.open()).await?,
        };
        course.sending();
        let within = self.settings.answer_within.saturating_add(asked.waits);
        let answered = in_time(within, "no answer", session.exchange(asked.number, &asked.frame)).await?;
        self.pool.put(session);
        Ok(answered)
    }

    /// A new session, with the ledger that is asked for or was met first.
    async fn open(&self) -> Result<Session, SessionFault> {
        let wanted = self.settings.ledger.or_else(|| self.met.get().copied());
        let (session, found) = Session::open(&self.endpoint, wanted).await?;
        let first = *self.met.get_or_init(|| found);
        if first != found {
            let reason = format!("{} was ledger {first} and is now {found}", self.endpoint);
            return Err(SessionFault::Refused(reason));
        }
        Ok(session)
    }
}

impl Ask for Remote {
    fn ask(&self, command: Command) -> Asking<'_> {
        Box::pin(self.answer(command))
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        if let Some(sweeper) = self.sweeper.get() {
            sweeper.abort();
        }
    }
}

async fn in_time<T>(
    within: Duration,
    missing: &'static str,
    work: impl Future<Output = Result<T, SessionFault>>,
) -> Result<T, SessionFault> {
    match timeout(within, work).await {
        Ok(done) => done,
        Err(_) => Err(SessionFault::Lost(format!("{missing} within {within:?}"))),
    }
}

/// Closes idle sessions for as long as there is a pool.
fn start_sweeper(pool: &Arc<Pool>, every: Duration) -> AbortHandle {
    let pool = Arc::downgrade(pool);
    tokio::spawn(sweep(pool, every)).abort_handle()
}

async fn sweep(pool: Weak<Pool>, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        pool.sweep();
    }
}

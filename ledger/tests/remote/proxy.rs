//! A proxy between gateways and a ledger that cuts connections where it is told to.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::remote::wire::{FRAME_HEAD_BYTES, FrameHead, HELLO_BYTES};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// Where a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before anything was said.
    BeforeHello,
    /// The command has left the gateway and not reached the ledger.
    BeforeRequest,
    /// A part of the command has reached the ledger.
    MidRequest,
    /// The command has reached the ledger, which has not answered.
    AfterRequest,
    /// The ledger has answered, and the gateway has nothing of it.
    BeforeAnswer,
    /// The gateway has a part of the answer.
    MidAnswer,
}

impl Cut {
    pub(crate) const ALL: [Self; 6] = [
        Self::BeforeHello,
        Self::BeforeRequest,
        Self::MidRequest,
        Self::AfterRequest,
        Self::BeforeAnswer,
        Self::MidAnswer,
    ];
}

/// Says where the connection or command with this number is cut, and at which part of what is cut in the middle.
pub(crate) type Plan = Box<dyn Fn(u64) -> (Option<Cut>, u64) + Send + Sync>;

/// A plan that is the same for the same seed: about every third command is cut.
pub(crate) fn seeded(seed: u64) -> Plan {
    Box::new(move |number| {
        let random = mix(seed ^ mix(number));
        let cut = Cut::ALL.get(usize::try_from(random % 18).unwrap()).copied();
        (cut, random >> 8)
    })
}

/// These cuts of commands one after the other, then none.
pub(crate) fn scripted(cuts: &[Option<Cut>]) -> Plan {
    let cuts = cuts.to_vec();
    Box::new(move |number| (cuts.get(usize::try_from(number).unwrap()).copied().flatten(), 1_000_003))
}

fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// The proxy, which runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    carrier: Arc<Carrier>,
    listening: JoinHandle<()>,
}

struct Carrier {
    ledger: PathBuf,
    plan: Plan,
    /// Whether connections are numbered, too, or commands alone.
    counts_connections: bool,
    number: AtomicU64,
    cuts: [AtomicU64; Cut::ALL.len()],
}

impl std::fmt::Debug for Carrier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Carrier({:?})", self.cuts)
    }
}

impl Proxy {
    /// Listens at `path` and carries everything to the ledger, cut after this plan.
    pub(crate) fn start(path: &Path, ledger: &Path, plan: Plan, counts_connections: bool) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let carrier = Arc::new(Carrier {
            ledger: ledger.to_owned(),
            plan,
            counts_connections,
            number: AtomicU64::new(0),
            cuts: Default::default(),
        });
        let listening = tokio::spawn({
            let carrier = Arc::clone(&carrier);
            async move {
                loop {
                    let (near, _) = listener.accept().await.unwrap();
                    let carrier = Arc::clone(&carrier);
                    // A connection that breaks is what this is about.
                    tokio::spawn(async move { carrier.carry(near).await.ok() });
                }
            }
        });
        Self { carrier, listening }
    }

    /// How often a connection was cut there.
    pub(crate) fn cuts(&self, cut: Cut) -> u64 {
        self.carrier.count(cut).load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Carrier {
    fn count(&self, cut: Cut) -> &AtomicU64 {
        &self.cuts[Cut::ALL.iter().position(|one| *one == cut).unwrap()]
    }

    /// The next cut of the plan, as far as it is one of these.
    fn next(&self, of: &[Cut]) -> (Option<Cut>, u64) {
        let (cut, part) = (self.plan)(self.number.fetch_add(1, Ordering::SeqCst));
        let cut = cut.filter(|cut| of.contains(cut));
        if let Some(cut) = cut {
            self.count(cut).fetch_add(1, Ordering::SeqCst);
        }
        (cut, part)
    }

    async fn carry(&self, mut near: UnixStream) -> io::Result<()> {
        if self.counts_connections && self.next(&[Cut::BeforeHello]).0.is_some() {
            return Ok(());
        }
        let mut far = UnixStream::connect(&self.ledger).await?;
        let mut hello = [0; HELLO_BYTES];
        near.read_exact(&mut hello).await?;
        far.write_all(&hello).await?;
        far.read_exact(&mut hello).await?;
        near.write_all(&hello).await?;
        while self.exchange(&mut near, &mut far).await? {}
        Ok(())
    }

    /// Carries one command and its answer; says whether the connection goes on.
    async fn exchange(&self, near: &mut UnixStream, far: &mut UnixStream) -> io::Result<bool> {
        let request = read_frame(near).await?;
        let (cut, part) = self.next(&Cut::ALL[1..]);
        match cut {
            Some(Cut::BeforeRequest) => return Ok(false),
            Some(Cut::MidRequest) => {
                far.write_all(some_of(&request, part)).await?;
                return Ok(false);
            }
            _ => far.write_all(&request).await?,
        }
        if cut == Some(Cut::AfterRequest) {
            return Ok(false);
        }
        let answer = read_frame(far).await?;
        match cut {
            Some(Cut::BeforeAnswer) => return Ok(false),
            Some(Cut::MidAnswer) => {
                near.write_all(some_of(&answer, part)).await?;
                return Ok(false);
            }
            _ => near.write_all(&answer).await?,
        }
        Ok(true)
    }
}

/// At least one byte of a frame and not all of it.
fn some_of(frame: &[u8], part: u64) -> &[u8] {
    let length = u64::try_from(frame.len()).unwrap() - 1;
    &frame[..usize::try_from(1 + part % length).unwrap()]
}

async fn read_frame(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut head = [0; FRAME_HEAD_BYTES];
    stream.read_exact(&mut head).await?;
    let length = usize::try_from(FrameHead::decode(&head).length).unwrap();
    let mut frame = head.to_vec();
    frame.resize(FRAME_HEAD_BYTES + length, 0);
    stream.read_exact(&mut frame[FRAME_HEAD_BYTES..]).await?;
    Ok(frame)
}

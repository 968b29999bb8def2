//! Where a ledger is reached: a Unix socket, or TCP with mutual TLS. There is no third way.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use super::limits::SOCKET_PATH_BYTES_MAX;
use super::socket_file::SocketFile;
use super::stream::{Connected, Stream};
use super::tls::ServerTls;

/// Why nothing can be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The system has no room for the path.
    #[error(
        "the path {0:?} is longer than the {SOCKET_PATH_BYTES_MAX} bytes of a socket; choose a shorter one"
    )]
    PathTooLong(PathBuf),
    /// Another process serves there.
    #[error("another process serves at {0:?}; stop it, or choose another path")]
    InUse(PathBuf),
    /// What is there is no socket.
    #[error("{0:?} is there and no socket; remove it, or choose another path")]
    NotASocket(PathBuf),
    /// The system refused.
    #[error("cannot listen on {place} ({source}); check the address, the folder and its owner")]
    Failed {
        /// The address or file.
        place: String,
        /// What the system said.
        source: io::Error,
    },
}

/// What gateways connect to.
#[derive(Debug)]
pub struct Listener(Door);

#[derive(Debug)]
enum Door {
    Unix { listener: UnixListener, _file: SocketFile },
    Tcp { listener: TcpListener, tls: ServerTls },
}

/// A connection that nothing was read from yet.
#[derive(Debug)]
pub(super) enum Arrival {
    Unix(UnixStream),
    Tcp(TcpStream, ServerTls),
}

impl Listener {
    /// A Unix socket that only the owner of this process can connect to. The file is replaced if the process that
    /// left it has ended, and removed when the listener is dropped; an empty file with `.lock` at its end stays.
    ///
    /// # Errors
    /// A [`ListenError`].
    pub async fn unix(path: &Path) -> Result<Self, ListenError> {
        let (listener, file) = SocketFile::listen(path).await?;
        Ok(Self(Door::Unix { listener, _file: file }))
    }

    /// TCP with TLS on both sides.
    ///
    /// # Errors
    /// A [`ListenError`].
    pub async fn tcp(address: SocketAddr, tls: ServerTls) -> Result<Self, ListenError> {
        let listener = TcpListener::bind(address).await;
        let listener =
            listener.map_err(|source| ListenError::Failed { place: address.to_string(), source })?;
        Ok(Self(Door::Tcp { listener, tls }))
    }

    /// The address of a TCP listener, with the port that the system chose if it was asked to.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.0 {
            Door::Unix { .. } => None,
            Door::Tcp { listener, .. } => listener.local_addr().ok(),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Arrival> {
        match &self.0 {
            Door::Unix { listener, .. } => Ok(Arrival::Unix(listener.accept().await?.0)),
            Door::Tcp { listener, tls } => Ok(Arrival::Tcp(listener.accept().await?.0, tls.clone())),
        }
    }
}

impl Arrival {
    /// The connection as it is used; over TCP the other side has shown its certificate.
    pub(super) async fn open(self) -> io::Result<Stream> {
        let stream: Box<dyn Connected> = match self {
            Self::Unix(stream) => Box::new(stream),
            Self::Tcp(stream, tls) => {
                stream.set_nodelay(true)?;
                match tls.0.accept(stream).into_fallible().await {
                    Ok(stream) => Box::new(stream),
                    Err((error, stream)) => return Err(let_read(stream, error).await),
                }
            }
        };
        Ok(BufReader::new(stream))
    }
}

/// Waits until the other side has read why it was refused, and closed. Closing first, with something of it unread,
/// would take the reason back. Whoever calls this bounds how long it may take.
async fn let_read(mut stream: TcpStream, reason: io::Error) -> io::Error {
    // How this ends makes no difference: the reason is what is told.
    if stream.shutdown().await.is_ok() {
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.ok();
    }
    reason
}

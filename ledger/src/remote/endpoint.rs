//! Where a gateway reaches its ledger.

use std::fmt;
use std::io;
use std::path::PathBuf;

use tokio::io::BufReader;
use tokio::net::{TcpStream, UnixStream};

use super::stream::{Connected, Stream};
use super::tls::ClientTls;

/// The address of a ledger.
#[derive(Debug, Clone)]
pub enum Endpoint {
    /// A Unix socket on the same machine, of the same owner, in a folder where nobody else can put another one.
    Unix(PathBuf),
    /// TCP with mutual TLS.
    Tcp {
        /// `host:port`, looked up at each connection.
        address: String,
        /// What this side shows, and what it expects.
        tls: ClientTls,
    },
}

impl Endpoint {
    /// Connects; over TCP the ledger has shown its certificate.
    pub(super) async fn connect(&self) -> io::Result<Stream> {
        let stream: Box<dyn Connected> = match self {
            Self::Unix(path) => Box::new(UnixStream::connect(path).await?),
            Self::Tcp { address, tls } => {
                let stream = TcpStream::connect(address.as_str()).await?;
                stream.set_nodelay(true)?;
                Box::new(tls.connector.connect(tls.server_name.clone(), stream).await?)
            }
        };
        Ok(BufReader::new(stream))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(formatter, "{}", path.display()),
            Self::Tcp { address, .. } => formatter.write_str(address),
        }
    }
}

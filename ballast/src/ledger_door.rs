//! The ways between processes to one ledger: the door that a ledger opens, and the handle of a gateway outside.

use crate::Failure;
use crate::config::{Ledger, LedgerAddress, LedgerTls};
use ledger::handle::Handle;
use ledger::remote::{
    ClientTls, Endpoint, LedgerId, Listener, Remote, RemoteSettings, ServerSettings, ServerTls, TlsIdentity,
    serve,
};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Serves the ledger of this process to others, until it is closed.
#[derive(Debug)]
pub(crate) struct LedgerDoor {
    stop: CancellationToken,
    serving: JoinHandle<Result<(), Failure>>,
}

impl LedgerDoor {
    /// Opens the door at `ledger.listen`.
    pub(crate) async fn open(
        config: &Ledger,
        address: &LedgerAddress,
        ledger: (Handle, LedgerId),
    ) -> Result<Self, Failure> {
        let listener = match address {
            LedgerAddress::Unix(path) => Listener::unix(path).await.map_err(refuse)?,
            LedgerAddress::Tcp(address) => {
                let address: SocketAddr = address.parse().map_err(|_| {
                    refuse(format!(
                        "ledger.listen = tcp:{address}: give an address of this machine and a port"
                    ))
                })?;
                let files = Files::read(tls(config)?)?;
                Listener::tcp(address, ServerTls::new(files.identity()).map_err(refuse)?)
                    .await
                    .map_err(refuse)?
            }
        };
        tracing::info!(%address, "the ledger listens for other processes");
        let (handle, id) = ledger;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let serving = tokio::spawn(async move {
            serve(listener, handle, ServerSettings::new(id), stopped.cancelled_owned()).await.map_err(refuse)
        });
        Ok(Self { stop, serving })
    }

    /// Lets nobody in any more and answers what is under way.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        self.stop.cancel();
        self.serving.await.map_err(refuse)?
    }
}

/// A handle to the ledger of another process. Nothing is connected before something is asked.
pub(crate) fn remote(config: &Ledger, address: &LedgerAddress) -> Result<Handle, Failure> {
    let endpoint = match address {
        LedgerAddress::Unix(path) => Endpoint::Unix(path.clone()),
        LedgerAddress::Tcp(address) => {
            let tls = tls(config)?;
            let name = tls.server_name.clone();
            let name =
                name.ok_or_else(|| refuse("set ledger.tls.server_name to the name in its certificate"))?;
            let files = Files::read(tls)?;
            let tls = ClientTls::new(files.identity(), &name).map_err(refuse)?;
            Endpoint::Tcp { address: address.clone(), tls }
        }
    };
    let settings = RemoteSettings::new(u64::from(std::process::id()));
    Ok(Handle::new(Arc::new(Remote::new(endpoint, settings).map_err(refuse)?)))
}

fn tls(config: &Ledger) -> Result<&LedgerTls, Failure> {
    config.tls.as_ref().ok_or_else(|| refuse("a ledger over TCP needs [ledger.tls]"))
}

/// The files of `[ledger.tls]`.
struct Files {
    authority: Vec<u8>,
    certificates: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(tls: &LedgerTls) -> Result<Self, Failure> {
        Ok(Self {
            authority: read(&tls.authority)?,
            certificates: read(&tls.certificates)?,
            key: read(&tls.key)?,
        })
    }

    fn identity(&self) -> TlsIdentity<'_> {
        TlsIdentity { authority: &self.authority, certificates: &self.certificates, key: &self.key }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| refuse(format!("{}: {error}", path.display())))
}

fn refuse(error: impl std::fmt::Display) -> Failure {
    Failure::setup(format!("ledger: {error}"))
}

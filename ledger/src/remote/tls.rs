//! TLS for both ends: version 1.3 only, and each side shows a certificate of one private authority.
//!
//! Whoever holds a certificate of that authority may do everything with the ledger, so it signs for gateways and
//! ledgers and for nothing else. Nothing is resumed: every connection checks the certificates anew, and no command can
//! be sent before that.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// What one side shows and whom it trusts, as PEM.
#[derive(Clone, Copy)]
pub struct TlsIdentity<'a> {
    /// The certificates of the authority that signs for the other side.
    pub authority: &'a [u8],
    /// This side's certificate, and those between it and the authority.
    pub certificates: &'a [u8],
    /// The key of the first of them.
    pub key: &'a [u8],
}

impl fmt::Debug for TlsIdentity<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TlsIdentity(***)")
    }
}

/// Why TLS cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A file without what it is for.
    #[error("there is no {0} in the file that is set for it; give it one in PEM")]
    Missing(&'static str),
    /// PEM that cannot be read.
    #[error("the {what} cannot be read ({reason}); give it in PEM")]
    Malformed {
        /// Of what.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The library refuses the combination.
    #[error("certificate, key and authority do not work together ({0}); set those that belong together")]
    Unusable(String),
    /// A name that no certificate can have.
    #[error("`{0}` is no name of a server; set the one in the ledger's certificate")]
    NameInvalid(String),
}

/// The ledger's side.
#[derive(Clone)]
pub struct ServerTls(pub(super) TlsAcceptor);

/// The gateway's side, and the name it expects in the ledger's certificate.
#[derive(Clone)]
pub struct ClientTls {
    pub(super) connector: TlsConnector,
    pub(super) server_name: ServerName<'static>,
}

impl ServerTls {
    /// Refuses whoever shows no certificate of the authority.
    ///
    /// # Errors
    /// A [`TlsError`].
    pub fn new(identity: TlsIdentity<'_>) -> Result<Self, TlsError> {
        let roots = Arc::new(authority(identity.authority)?);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
        let verifier = verifier.map_err(|error| TlsError::Unusable(error.to_string()))?;
        let (certificates, key) = own(identity)?;
        let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13]);
        let builder = builder.map_err(unusable)?.with_client_cert_verifier(verifier);
        let mut config = builder.with_single_cert(certificates, key).map_err(unusable)?;
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

impl ClientTls {
    /// Talks only to a ledger with this name in a certificate of the authority.
    ///
    /// # Errors
    /// A [`TlsError`].
    pub fn new(identity: TlsIdentity<'_>, server_name: &str) -> Result<Self, TlsError> {
        let name = ServerName::try_from(server_name.to_owned());
        let server_name = name.map_err(|_| TlsError::NameInvalid(server_name.to_owned()))?;
        let (certificates, key) = own(identity)?;
        let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13]);
        let builder = builder.map_err(unusable)?.with_root_certificates(authority(identity.authority)?);
        let mut config = builder.with_client_auth_cert(certificates, key).map_err(unusable)?;
        config.resumption = Resumption::disabled();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), server_name })
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServerTls(***)")
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ClientTls({:?})", self.server_name)
    }
}

/// The one provider of cryptography, named here so that no other one can be meant.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn authority(pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let what = "certificate of the authority";
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem, what)? {
        roots.add(certificate).map_err(unusable)?;
    }
    Ok(roots)
}

fn own(
    identity: TlsIdentity<'_>,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let certificates = certificates(identity.certificates, "certificate")?;
    let key = PrivateKeyDer::from_pem_slice(identity.key);
    let key = key.map_err(|error| TlsError::Malformed { what: "key", reason: error.to_string() })?;
    Ok((certificates, key))
}

fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let read = read.map_err(|error| TlsError::Malformed { what, reason: error.to_string() })?;
    if read.is_empty() { Err(TlsError::Missing(what)) } else { Ok(read) }
}

fn unusable(error: Error) -> TlsError {
    TlsError::Unusable(error.to_string())
}

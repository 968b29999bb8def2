//! TCP with mutual TLS: who has a certificate of the authority gets in, in both directions, and nobody else does.

use std::net::SocketAddr;
use std::time::Duration;

use ledger::TransferStatus;
use ledger::handle::{Handle, LedgerError};
use ledger::remote::{
    ClientTls, Endpoint, Listener, Remote, ServerSettings, ServerTls, TlsError, TlsIdentity,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{ModelLedger, Server, account_id, remote_settings, server_settings, transfer};

const NAME: &str = "ledger.test";

/// An authority that signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, with the authority that whoever has it trusts.
struct Identity {
    authority: String,
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn sign(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        Identity { authority: self.0.pem(), certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

impl Identity {
    /// The same one, trusting another authority.
    fn trusting(self, authority: &Authority) -> Self {
        Self { authority: authority.0.pem(), ..self }
    }

    fn pem(&self) -> TlsIdentity<'_> {
        TlsIdentity {
            authority: self.authority.as_bytes(),
            certificates: self.certificate.as_bytes(),
            key: self.key.as_bytes(),
        }
    }
}

async fn start(identity: &Identity, ledger: &std::sync::Arc<ModelLedger>) -> (Server, SocketAddr) {
    let tls = ServerTls::new(identity.pem()).unwrap();
    let listener = Listener::tcp(SocketAddr::from(([127, 0, 0, 1], 0)), tls).await.unwrap();
    let address = listener.address().unwrap();
    (Server::start(listener, ledger.clone(), server_settings()), address)
}

fn gateway(address: SocketAddr, identity: &Identity, name: &str) -> Handle {
    let tls = ClientTls::new(identity.pem(), name).unwrap();
    let endpoint = Endpoint::Tcp { address: address.to_string(), tls };
    Handle::new(std::sync::Arc::new(Remote::new(endpoint, remote_settings()).unwrap()))
}

#[tokio::test]
async fn two_sides_of_one_authority_talk() {
    let (authority, ledger) = (Authority::new(), ModelLedger::new());
    let (server, address) = start(&authority.sign(NAME), &ledger).await;
    let handle = gateway(address, &authority.sign("gateway.test"), NAME);
    let transfers: Vec<_> = (0..2_000).map(|number| transfer(number, 1, 1)).collect();
    let replies = handle.submit_transfers(transfers.clone()).await.unwrap();
    assert!(replies.len() == 2_000 && replies.iter().all(|reply| reply.status == TransferStatus::Accepted));
    let again = handle.submit_transfers(transfers).await.unwrap();
    assert!(again.iter().all(|reply| reply.status == TransferStatus::Exists));
    assert_eq!(handle.account(account_id(1)).await.unwrap().unwrap().credits_posted, 2_000);
    server.stop().await;
}

/// Not tried again, told by name, and the ledger never hears of it.
async fn check_refused(handle: &Handle, ledger: &ModelLedger, why: &str) {
    let refused = handle.submit_transfers(vec![transfer(1, 1, 1)]).await;
    assert!(
        matches!(&refused, Err(LedgerError::Protocol(text)) if text.contains("TLS")),
        "{why}: {refused:?}"
    );
    assert_eq!(ledger.asked(), 0, "{why}");
}

#[tokio::test]
async fn a_gateway_of_another_authority_is_refused() {
    let (authority, other, ledger) = (Authority::new(), Authority::new(), ModelLedger::new());
    let (server, address) = start(&authority.sign(NAME), &ledger).await;
    let foreign = other.sign("gateway.test").trusting(&authority);
    check_refused(&gateway(address, &foreign, NAME), &ledger, "a foreign certificate").await;
    // It costs nobody else anything.
    let own = gateway(address, &authority.sign("gateway.test"), NAME);
    assert_eq!(own.status().await.unwrap().accounts, 4);
    server.stop().await;
}

#[tokio::test]
async fn a_ledger_of_another_authority_or_name_is_not_talked_to() {
    let (authority, other, ledger) = (Authority::new(), Authority::new(), ModelLedger::new());
    let (server, address) = start(&other.sign(NAME).trusting(&authority), &ledger).await;
    check_refused(&gateway(address, &authority.sign("gateway.test"), NAME), &ledger, "a foreign ledger")
        .await;
    server.stop().await;

    let (server, address) = start(&authority.sign("other.test"), &ledger).await;
    check_refused(&gateway(address, &authority.sign("gateway.test"), NAME), &ledger, "another name").await;
    server.stop().await;
}

/// A client that trusts the ledger and shows no certificate: the handshake ends with an alert.
#[tokio::test]
async fn a_gateway_without_a_certificate_is_refused() {
    use tokio_rustls::rustls::crypto::aws_lc_rs;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{AlertDescription, ClientConfig, Error, RootCertStore};

    let (authority, ledger) = (Authority::new(), ModelLedger::new());
    let identity = authority.sign(NAME);
    let (server, address) = start(&identity, &ledger).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(identity.authority.as_bytes()).unwrap()).unwrap();
    let provider = std::sync::Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(NAME).unwrap();
    // The server judges the certificate after this side is done with its part.
    let mut stream = connector.connect(name, stream).await.unwrap();
    let error = stream.read_u8().await.unwrap_err();
    let refused = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).unwrap();
    assert_eq!(*refused, Error::AlertReceived(AlertDescription::CertificateRequired));
    assert_eq!(ledger.asked(), 0);
    server.stop().await;
}

#[tokio::test]
async fn what_speaks_no_tls_is_refused() {
    let (authority, ledger) = (Authority::new(), ModelLedger::new());
    let (server, address) = start(&authority.sign(NAME), &ledger).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"BALLASTL\x01\0\0\0\0\0\0\0aaaaaaaaaaaaaaaa").await.unwrap();
    let mut answer = Vec::new();
    // An alert, and the end; a reset if the alert was overtaken by it.
    stream.read_to_end(&mut answer).await.ok();
    assert!(!answer.windows(8).any(|bytes| bytes == b"BALLASTL"), "it was answered");
    assert_eq!(ledger.asked(), 0);
    server.stop().await;
}

/// A stop and a start on the same port, as a new version of the program is rolled out.
#[tokio::test]
async fn a_gateway_comes_back_over_tls() {
    let (authority, ledger) = (Authority::new(), ModelLedger::new());
    let (server, address) = start(&authority.sign(NAME), &ledger).await;
    let handle = gateway(address, &authority.sign("gateway.test"), NAME);
    handle.submit_transfers(vec![transfer(1, 1, 1)]).await.unwrap();
    server.stop().await;
    let submitting = tokio::spawn({
        let handle = handle.clone();
        async move { handle.submit_transfers(vec![transfer(2, 1, 1)]).await }
    });
    let listener = Listener::tcp(address, ServerTls::new(authority.sign(NAME).pem()).unwrap()).await.unwrap();
    let server = Server::start(listener, ledger.clone(), server_settings());
    assert_eq!(submitting.await.unwrap().unwrap()[0].status, TransferStatus::Accepted);
    server.stop().await;
}

#[test]
fn what_is_no_identity_is_refused_by_name() {
    let (authority, other) = (Authority::new(), Authority::new());
    let (good, foreign) = (authority.sign(NAME), other.sign(NAME));
    let none = b"".as_slice();
    let server = |identity| ServerTls::new(identity).map(|_| ()).unwrap_err();
    assert_eq!(
        server(TlsIdentity { authority: none, ..good.pem() }),
        TlsError::Missing("certificate of the authority")
    );
    assert_eq!(server(TlsIdentity { certificates: none, ..good.pem() }), TlsError::Missing("certificate"));
    let malformed = server(TlsIdentity { key: b"-----BEGIN PRIVATE KEY-----\nx", ..good.pem() });
    assert!(matches!(malformed, TlsError::Malformed { what: "key", .. }), "{malformed:?}");
    let mixed = server(TlsIdentity { key: foreign.key.as_bytes(), ..good.pem() });
    assert!(matches!(mixed, TlsError::Unusable(_)), "{mixed:?}");
    let name = ClientTls::new(good.pem(), "not a name").map(|_| ()).unwrap_err();
    assert_eq!(name, TlsError::NameInvalid("not a name".to_owned()));
    assert!(!format!("{:?}", good.pem()).contains("PRIVATE"));
}

/// Nobody may hold a place with a handshake that never ends.
#[tokio::test]
async fn a_silent_client_gives_its_place_up() {
    let (authority, ledger) = (Authority::new(), ModelLedger::new());
    let tls = ServerTls::new(authority.sign(NAME).pem()).unwrap();
    let listener = Listener::tcp(SocketAddr::from(([127, 0, 0, 1], 0)), tls).await.unwrap();
    let address = listener.address().unwrap();
    let handshake_within = Duration::from_millis(10);
    let settings = ServerSettings { connections: 1, handshake_within, ..server_settings() };
    let server = Server::start(listener, ledger.clone(), settings);
    let mut silent = TcpStream::connect(address).await.unwrap();
    assert_eq!(silent.read(&mut [0; 1]).await.unwrap(), 0, "closed without a word");
    server.stop().await;
}

//! A batch whose every byte is known, for those who write a client in another language. The values were computed by
//! another implementation of BLAKE3 and Ed25519, written from their specifications.

use crate::support::*;
use agent_gateway::integrator_keys::PublicKey;
use api_types::{BatchDomain, BatchHeader, BatchKind};
use uuid::Uuid;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn known() -> (BatchHeader, BatchDomain) {
    let header = BatchHeader {
        kind: BatchKind::Payments,
        count: 1,
        account: "0190b8f5-a000-7000-8000-00000000abcd".parse().unwrap(),
        key: "0190b8f5-a000-7000-8000-000000000001".parse().unwrap(),
        made_at: 1_796_000_000_000_000,
    };
    let instance: Uuid = "0190b8f5-a000-7000-8000-0000000000ff".parse().unwrap();
    (header, BatchDomain { network: "regtest".to_owned(), instance })
}

const BODY: &[u8] = br#"{"payments":[]}"#;

#[test]
fn the_header_the_digest_and_the_signature() {
    use ed25519_dalek::Signer;
    let (header, domain) = known();
    let digest = header.digest(&domain, BODY);
    let signature = signing_key().sign(&digest).to_bytes();
    assert_eq!(hex(&header.encode(&signature)[..64]), HEADER);
    assert_eq!(hex(signing_key().verifying_key().as_bytes()), PUBLIC_KEY);
    assert_eq!(hex(&digest), DIGEST);
    assert_eq!(hex(&signature), SIGNATURE);
    let key = PublicKey::from_bytes(signing_key().verifying_key().as_bytes()).unwrap();
    assert!(key.verifies(&digest, &signature));
}

/// The first 64 bytes of the header.
const HEADER: &str = "42414c42415443480100020001000000cdab000000000080007000a0f5b89001\
                      0100000000000080007000a0f5b89001004004d6736106000000000000000000";
/// Of the secret key with 32 bytes of 7.
const PUBLIC_KEY: &str = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
const DIGEST: &str = "8fc6a2dc86d17fe9fa737ae645cf9adc0a2c8baa34b8ec1ba166994233f24c8f";
const SIGNATURE: &str = "b1d58b7cfea4479147682699ea400cdd4a92e26c34d88aa1e1eacf8042b639a9\
                         95b638138c5d234c65300031a6220989ca7d01dbfc8b8c6ee5c0a70770949f0c";

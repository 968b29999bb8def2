//! A public key that can vouch for something.

use ed25519_dalek::{Signature, VerifyingKey};

/// An Ed25519 key: a point of the curve in its one encoding, and none of the few for which signatures can be made
/// that hold for any message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// Bytes that are no usable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these 32 bytes are no Ed25519 public key; generate a new pair")]
pub struct PublicKeyError;

impl PublicKey {
    /// The key with these bytes.
    ///
    /// # Errors
    /// [`PublicKeyError`] for bytes that are no point, a weak one, or one in another encoding.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, PublicKeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| PublicKeyError)?;
        let canonical = key.to_edwards().compress().as_bytes() == bytes;
        if key.is_weak() || !canonical {
            return Err(PublicKeyError);
        }
        Ok(Self(key))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether the signature is this key's over these bytes, by the strict rules: each has one signature only.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
        let digits: Vec<_> = text.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
        std::array::from_fn(|byte| u8::try_from(digits[2 * byte] * 16 + digits[2 * byte + 1]).unwrap())
    }

    /// RFC 8032, section 7.1, tests 1 to 3.
    #[test]
    fn known_answers() {
        for (key, message, signature) in [
            (
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                &[][..],
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b\
                 d25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                &[0x72],
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c\
                 387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                &[0xaf, 0x82],
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659\
                 4a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let key = PublicKey::from_bytes(&hex(key)).unwrap();
            let signature: [u8; 64] = hex(signature);
            assert!(key.verifies(message, &signature));
            assert!(!key.verifies(b"other", &signature));
            let mut changed = signature;
            changed[63] ^= 1;
            assert!(!key.verifies(message, &changed));
        }
    }

    /// The identity, a point of order 8, a number that is no point, and two encodings of no canonical form.
    #[test]
    fn weak_keys_and_no_keys_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut two = [0; 32];
        two[0] = 2;
        let order_eight = hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
        let zero_again = hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
        let one_again = hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
        for bytes in [identity, [0; 32], two, order_eight, zero_again, one_again, [0xff; 32]] {
            assert_eq!(PublicKey::from_bytes(&bytes), Err(PublicKeyError), "{bytes:?}");
        }
    }
}

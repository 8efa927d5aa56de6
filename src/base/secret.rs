//! Secrets: sealed at rest, hashed when they only need to be recognised, never printed.

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Generate, Key, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The version byte before every sealed value, so that a later scheme can be told apart.
const VERSION: u8 = 1;

/// A sealed value could not be opened or made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Wrong key, wrong place (the label), or damaged bytes.
    #[error("sealed value does not open with this key in this place")]
    DoesNotOpen,
    /// The cipher refused.
    #[error("value could not be sealed")]
    DoesNotSeal,
}

/// Seals and opens values with the instance key (XChaCha20-Poly1305, random nonce). Debug shows no key.
#[derive(Clone)]
pub struct Seal {
    key: Arc<[u8; 32]>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// A seal with this 32-byte key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key: Arc::new(key) }
    }

    /// What the database keeps to recognise the key, without telling it.
    pub fn fingerprint(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(b"leadrelay key fingerprint 1");
        hash.update(self.key.as_slice());
        hash.finalize().to_vec()
    }

    /// Seals `plain`. `label` names the place (such as `network:<id>:secrets`): the value opens nowhere else.
    pub fn seal(&self, label: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let cipher = XChaCha20Poly1305::new(&Key::<XChaCha20Poly1305>::from(*self.key));
        let nonce = XNonce::generate();
        let sealed = cipher
            .encrypt(&nonce, Payload { msg: plain, aad: label.as_bytes() })
            .map_err(|_| SealError::DoesNotSeal)?;
        let mut out = Vec::with_capacity(1 + nonce.len() + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`Seal::seal`] made with the same label.
    pub fn open(&self, label: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (Some(&VERSION), Some(nonce), Some(msg)) = (sealed.first(), sealed.get(1..25), sealed.get(25..)) else {
            return Err(SealError::DoesNotOpen);
        };
        let nonce = XNonce::try_from(nonce).map_err(|_| SealError::DoesNotOpen)?;
        let cipher = XChaCha20Poly1305::new(&Key::<XChaCha20Poly1305>::from(*self.key));
        cipher.decrypt(&nonce, Payload { msg, aad: label.as_bytes() }).map_err(|_| SealError::DoesNotOpen)
    }
}

/// SHA-256 of a secret with enough randomness of its own (tokens, paths): what is stored to recognise it.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Compares in constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    bool::from(a.ct_eq(b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_sealed_opens_only_in_its_place(key in any::<[u8; 32]>(), plain in any::<Vec<u8>>()) {
            let seal = Seal::new(key);
            let sealed = seal.seal("network:1", &plain).unwrap();
            prop_assert_eq!(seal.open("network:1", &sealed).unwrap(), plain);
            prop_assert!(seal.open("network:2", &sealed).is_err());
        }

        #[test]
        fn damaged_values_do_not_open(bytes in any::<Vec<u8>>()) {
            prop_assert!(Seal::new([7; 32]).open("x", &bytes).is_err());
        }
    }
}

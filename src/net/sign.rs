//! Signatures of Standard Webhooks (standardwebhooks.com), version 1: HMAC-SHA-256 over `id.timestamp.body`.
//! The id stays the same over retries, so that a receiver can drop repeats; while a secret is being changed,
//! both sign.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// Seconds by which a timestamp may differ from the receiver's clock.
pub const TOLERANCE: i64 = 300;

/// Padding may be there or not.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The timestamp is no number or too far from now.
    #[error("the timestamp is missing or too old or too new")]
    Timestamp,
    /// No signature of the header fits any secret.
    #[error("no signature fits")]
    Signature,
}

/// A new secret from random bytes (24 to 64 of them).
pub fn new_secret(random: &[u8]) -> String {
    format!("{PREFIX}{}", general_purpose::STANDARD.encode(random))
}

/// The headers that sign `body`: `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature` with one
/// signature for each secret. None without a secret.
pub fn headers(secrets: &[String], id: &str, timestamp: i64, body: &[u8]) -> Vec<(String, String)> {
    let signatures: Vec<String> =
        secrets.iter().filter_map(|secret| signature(secret, id, &timestamp.to_string(), body)).collect();
    if signatures.is_empty() {
        return Vec::new();
    }
    vec![
        ("webhook-id".to_owned(), id.to_owned()),
        ("webhook-timestamp".to_owned(), timestamp.to_string()),
        ("webhook-signature".to_owned(), signatures.join(" ")),
    ]
}

/// What a receiver is given: the three headers and the body.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signature: &'a str,
    /// As it came.
    pub body: &'a [u8],
}

/// Checks a signed message against the secrets at `now` (seconds).
pub fn verify(secrets: &[String], signed: &Signed<'_>, now: i64) -> Result<(), VerifyError> {
    let sent_at: i64 = signed.timestamp.parse().map_err(|_| VerifyError::Timestamp)?;
    if now.abs_diff(sent_at) > TOLERANCE.unsigned_abs() {
        return Err(VerifyError::Timestamp);
    }
    let fits = |secret: &String| {
        let Some(expected) = signature(secret, signed.id, signed.timestamp, signed.body) else { return false };
        signed.signature.split(' ').any(|given| crate::base::secret::same(given.as_bytes(), expected.as_bytes()))
    };
    if secrets.iter().any(fits) { Ok(()) } else { Err(VerifyError::Signature) }
}

fn signature(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    if secret.is_empty() {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(format!("v1,{}", general_purpose::STANDARD.encode(mac.finalize().into_bytes())))
}

/// `whsec_` and base64 is the standard's form; anything else is taken as it is.
fn key(secret: &str) -> Vec<u8> {
    let decoded = secret.strip_prefix(PREFIX).and_then(|text| LENIENT.decode(text).ok());
    decoded.filter(|key| !key.is_empty()).unwrap_or_else(|| secret.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn value<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
        &headers.iter().find(|(key, _)| key == name).unwrap().1
    }

    #[test]
    fn the_published_vector() {
        let headers = headers(&[SECRET.to_owned()], ID, 1_614_265_330, BODY);
        assert_eq!(value(&headers, "webhook-id"), ID);
        assert_eq!(value(&headers, "webhook-timestamp"), "1614265330");
        assert_eq!(value(&headers, "webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_sign_and_either_verifies() {
        let (old, new) = (SECRET.to_owned(), "a plain secret".to_owned());
        let headers = headers(&[new.clone(), old.clone()], ID, 100, BODY);
        let signed = Signed { id: ID, timestamp: "100", signature: value(&headers, "webhook-signature"), body: BODY };
        assert_eq!(signed.signature.split(' ').count(), 2);
        for secret in [old, new] {
            assert_eq!(verify(&[secret], &signed, 100 + TOLERANCE), Ok(()));
        }
        assert_eq!(verify(&["other".to_owned()], &signed, 100), Err(VerifyError::Signature));
        assert_eq!(verify(&[SECRET.to_owned()], &signed, 101 + TOLERANCE), Err(VerifyError::Timestamp));
        assert_eq!(
            verify(&[SECRET.to_owned()], &Signed { timestamp: "x", ..signed }, 100),
            Err(VerifyError::Timestamp)
        );
    }

    #[test]
    fn no_secret_signs_nothing() {
        assert!(headers(&[], ID, 1, BODY).is_empty());
        assert!(headers(&[String::new()], ID, 1, BODY).is_empty());
    }

    proptest! {
        #[test]
        fn a_new_secret_signs_and_a_changed_message_does_not_verify(
            random in proptest::collection::vec(any::<u8>(), 24..64), body in any::<Vec<u8>>(), at in 0..4_000_000_000_i64,
        ) {
            let secrets = [new_secret(&random)];
            prop_assert_eq!(key(&secrets[0]), random);
            let made = headers(&secrets, "m1", at, &body);
            let timestamp = at.to_string();
            let signed = Signed { id: "m1", timestamp: &timestamp, signature: value(&made, "webhook-signature"), body: &body };
            prop_assert_eq!(verify(&secrets, &signed, at), Ok(()));
            let mut other = body.clone();
            other.push(0);
            for changed in [Signed { body: &other, ..signed }, Signed { id: "m2", ..signed }] {
                prop_assert_eq!(verify(&secrets, &changed, at), Err(VerifyError::Signature));
            }
        }
    }
}

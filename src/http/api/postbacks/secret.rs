//! Signing secrets of a postback: the newest first, the one before kept until it is dropped, so that a receiver
//! can change over without losing a call. Sealed as one JSON array.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::ids::Ids;
use crate::http::error::Error;

/// Secrets that are valid at once.
const MOST: usize = 2;

/// What a request asks to happen to the secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Keep,
    /// Calls are not signed any more.
    Clear,
    /// This one is put first; it is answered once when we have made it.
    Add { secret: String, is_generated: bool },
}

impl Change {
    /// What the value of the field `secret` means.
    pub fn read(value: Option<&Value>, ids: &Ids) -> Result<Self, FieldError> {
        match value {
            None | Some(Value::Bool(false)) => Ok(Self::Keep),
            Some(Value::Null) => Ok(Self::Clear),
            Some(Value::Bool(true)) => Ok(Self::Add { secret: generate(ids), is_generated: true }),
            Some(Value::String(word)) if word == "generate" => {
                Ok(Self::Add { secret: generate(ids), is_generated: true })
            }
            Some(Value::String(own)) => check_own(own).map(|()| Self::Add { secret: own.clone(), is_generated: false }),
            Some(_) => Err(FieldError::invalid("secret", "must be a text, true, or null")),
        }
    }

    /// The secrets after the change, newest first.
    pub fn apply(&self, mut secrets: Vec<String>, drop_old: bool) -> Vec<String> {
        match self {
            Self::Keep => {}
            Self::Clear => secrets.clear(),
            Self::Add { secret, .. } => {
                secrets.retain(|old| old != secret);
                secrets.insert(0, secret.clone());
            }
        }
        secrets.truncate(if drop_old { 1 } else { MOST });
        secrets
    }

    /// The secret to answer, once.
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Add { secret, is_generated: true } => Some(secret.clone()),
            _ => None,
        }
    }
}

/// A secret in the form of Standard Webhooks.
fn generate(ids: &Ids) -> String {
    format!("whsec_{}", STANDARD.encode(ids.secret(36)))
}

fn check_own(own: &str) -> Result<(), FieldError> {
    if own.len() < 16 || own.len() > 200 || !own.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(FieldError::invalid("secret", "must be 16 to 200 visible ASCII characters"));
    }
    if own.strip_prefix("whsec_").is_some_and(|key| STANDARD.decode(key).is_err()) {
        return Err(FieldError::invalid("secret", "must be base64 after whsec_"));
    }
    Ok(())
}

fn label(postback_id: Uuid) -> String {
    format!("postback:{postback_id}:secret")
}

/// Opens the stored secrets.
pub fn open(app: &App, postback_id: Uuid, sealed: Option<&[u8]>) -> Result<Vec<String>, Error> {
    let Some(sealed) = sealed else { return Ok(Vec::new()) };
    let plain = app
        .seal
        .open(&label(postback_id), sealed)
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("open the secrets of a postback")))?;
    // The parse error would quote the secret.
    serde_json::from_slice(&plain).map_err(|_| Error::Internal(anyhow::anyhow!("secrets of a postback are no list")))
}

/// Seals them; none: nothing to keep.
pub fn seal(app: &App, postback_id: Uuid, secrets: &[String]) -> Result<Option<Vec<u8>>, Error> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let plain = serde_json::to_vec(secrets).map_err(|error| Error::Internal(error.into()))?;
    let sealed = app.seal.seal(&label(postback_id), &plain);
    sealed.map(Some).map_err(|error| Error::Internal(anyhow::Error::new(error).context("seal secrets")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_secret_stands_first_and_the_one_before_stays_until_dropped() {
        let add = |secret: &str| Change::Add { secret: secret.into(), is_generated: false };
        let first = add("one").apply(Vec::new(), false);
        let second = add("two").apply(first, false);
        assert_eq!(second, ["two", "one"]);
        assert_eq!(add("three").apply(second.clone(), false), ["three", "two"]);
        assert_eq!(Change::Keep.apply(second.clone(), true), ["two"]);
        assert_eq!(add("three").apply(second.clone(), true), ["three"]);
        assert_eq!(add("two").apply(second.clone(), false), ["two", "one"]);
        assert!(Change::Clear.apply(second, false).is_empty());
    }

    #[test]
    fn what_the_field_means() {
        assert_eq!(Change::read(None, &Ids).unwrap(), Change::Keep);
        assert_eq!(Change::read(Some(&Value::Null), &Ids).unwrap(), Change::Clear);
        for made in [json!(true), json!("generate")] {
            let shown = Change::read(Some(&made), &Ids).unwrap().shown().unwrap();
            let key = STANDARD.decode(shown.strip_prefix("whsec_").unwrap()).unwrap();
            assert!(key.len() >= 24);
        }
        let own = Change::read(Some(&json!("a secret of ours")), &Ids);
        assert_eq!(own.unwrap_err().field, "secret");
        assert_eq!(Change::read(Some(&json!("a-secret-of-ours")), &Ids).unwrap().shown(), None);
        for bad in [json!(5), json!("short"), json!("whsec_not*base64*at*all")] {
            assert!(Change::read(Some(&bad), &Ids).is_err(), "{bad}");
        }
    }
}

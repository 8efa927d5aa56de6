//! Hashes as lower-case hex, for what partners call a signature or a token.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use minijinja::value::Value;
use minijinja::{Environment, Error};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{nothing, on_text, text_of, wrong};

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("md5", |value: Value| on_text(&value, |text| hex::encode(Md5::digest(text.as_bytes()))));
    env.add_filter("sha1", |value: Value| on_text(&value, |text| hex::encode(Sha1::digest(text.as_bytes()))));
    env.add_filter("sha256", |value: Value| on_text(&value, |text| hex::encode(Sha256::digest(text.as_bytes()))));
    env.add_filter("hmac_sha256", hmac_sha256);
}

fn hmac_sha256(value: Value, key: String) -> Result<Value, Error> {
    let Some(text) = text_of(&value) else { return Ok(nothing()) };
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| wrong("hmac_sha256: key cannot be used"))?;
    mac.update(text.as_bytes());
    Ok(Value::from(hex::encode(mac.finalize().into_bytes())))
}

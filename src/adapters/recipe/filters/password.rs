//! A password for partners that open an account for each lead. It is made of the value it is applied to, so that a
//! retry sends the same one. Who knows the value knows the password, so a secret belongs into it:
//! `{{ (settings.token ~ lead.id) | password(12) }}`.

use minijinja::value::Value;
use minijinja::{Environment, Error};
use sha2::{Digest, Sha256};

use super::{nothing, text_of, wrong};

const SHORTEST: usize = 4;
const LONGEST: usize = 64;
// Without those that are taken for one another.
const UPPER: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijkmnopqrstuvwxyz";
const DIGITS: &str = "23456789";

pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("password", |value: Value, length: usize, specials: Option<String>| {
        password(&value, length, specials.as_deref().unwrap_or_default())
    });
}

/// At least one of each kind: capitals, small letters, digits, and of the specials when there are any.
fn password(value: &Value, length: usize, specials: &str) -> Result<Value, Error> {
    let Some(seed) = text_of(value) else { return Ok(nothing()) };
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(wrong("password: the length must be from 4 to 64"));
    }
    let kinds: Vec<Vec<char>> = [UPPER, LOWER, DIGITS, specials]
        .into_iter()
        .map(|kind| kind.chars().collect::<Vec<_>>())
        .filter(|kind| !kind.is_empty())
        .collect();
    let bytes = (0_u8..).flat_map(|round| Sha256::new().chain_update([round]).chain_update(&seed).finalize());
    // A byte for the kind and one for which of it; the first ones take each kind once.
    let mut bytes = bytes.map(usize::from);
    let mut text = String::with_capacity(length);
    for at in 0..length {
        let (which_kind, which) = (bytes.next().unwrap_or_default(), bytes.next().unwrap_or_default());
        let kind = if at < kinds.len() { at } else { which_kind % kinds.len() };
        text.extend(kinds.get(kind).and_then(|kind| kind.get(which % kind.len())));
    }
    Ok(Value::from(text))
}

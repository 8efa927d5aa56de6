//! Lists in settings: a TOML list in a file, words separated by commas in the environment.

use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// Any words.
pub(super) fn words<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    items(from, "a list of words", |word| Ok(word.to_owned()))
}

/// Whole numbers, not negative.
pub(super) fn numbers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u64>, D::Error> {
    items(from, "a list of whole numbers", |word| word.parse().map_err(|_| format!("{word:?} is not a whole number")))
}

/// Networks in CIDR form; a bare address stands for itself alone.
pub(super) fn networks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    items(from, "a list of networks", |word| {
        word.parse::<IpNet>()
            .or_else(|_| word.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("{word:?} is not an address or a network such as 10.0.0.0/8"))
    })
}

fn items<'de, D, T, F>(from: D, expected: &'static str, parse: F) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    F: Fn(&str) -> Result<T, String>,
{
    from.deserialize_any(Items { expected, parse, of: PhantomData })
}

struct Items<T, F> {
    expected: &'static str,
    parse: F,
    of: PhantomData<T>,
}

impl<'de, T, F: Fn(&str) -> Result<T, String>> Visitor<'de> for Items<T, F> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
        text.split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(|word| (self.parse)(word).map_err(E::custom))
            .collect()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut out = Vec::new();
        // The settings' reader turns numbers into text where text is asked for.
        while let Some(word) = seq.next_element::<String>()? {
            out.push((self.parse)(word.trim()).map_err(A::Error::custom)?);
        }
        Ok(out)
    }
}

//! Pages of lists: a limit that is clamped, and a cursor that names the last row of a page. Cursors are opaque
//! to callers (base64url of a small JSON value) but hold nothing secret: what they say is checked like any input.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Longest cursor that is looked at.
const MAX_CURSOR: usize = 1024;

/// How many rows a page may have: 50 unless asked, at most 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "i64")]
pub struct Limit(u16);

impl Limit {
    /// The largest page.
    pub const MAX: i64 = 500;

    /// The limit asked for, clamped to 1..=500.
    pub fn new(asked: i64) -> Self {
        Self(u16::try_from(asked.clamp(1, Self::MAX)).unwrap_or(1))
    }

    /// Rows on the page.
    pub fn rows(self) -> usize {
        usize::from(self.0)
    }

    /// What to ask the database for: one row more than the page, to know whether another page follows.
    pub fn fetch(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl From<i64> for Limit {
    fn from(asked: i64) -> Self {
        Self::new(asked)
    }
}

/// In which direction a list is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// What came last stands first.
    #[default]
    Newest,
    /// What came first stands first.
    Oldest,
}

impl Direction {
    /// What a key must be to stand after another.
    pub const fn beyond(self) -> &'static str {
        match self {
            Self::Newest => " < ",
            Self::Oldest => " > ",
        }
    }

    /// The word of an order.
    pub const fn order(self) -> &'static str {
        match self {
            Self::Newest => " desc",
            Self::Oldest => " asc",
        }
    }
}

/// The cursor was not made by us for this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the next_cursor of an earlier page of this list")]
pub struct BadCursor;

/// Writes a cursor from the sort key of the last row (a tuple, usually).
pub fn encode<K: Serialize>(key: &K) -> String {
    // Keys are tuples of numbers, ids, times: they always write. Were one not to, its empty cursor would be refused.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

/// Reads a cursor back.
pub fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K, BadCursor> {
    if cursor.len() > MAX_CURSOR {
        return Err(BadCursor);
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| BadCursor)?;
    serde_json::from_slice(&bytes).map_err(|_| BadCursor)
}

/// One page of a list, as every list of the API is answered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; null on the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page from rows fetched with [`Limit::fetch`]; `key` is the sort key of a row.
    pub fn of<K: Serialize>(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit.rows();
        rows.truncate(limit.rows());
        let next_cursor = rows.last().filter(|_| more).map(|row| encode(&key(row)));
        Self { items: rows, next_cursor }
    }

    /// The same page with each row turned into another form.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next_cursor: self.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_read_back(number in any::<i64>(), text in any::<String>()) {
            prop_assume!(text.len() < 100);
            let key = (number, text);
            prop_assert_eq!(decode::<(i64, String)>(&encode(&key)), Ok(key));
        }

        #[test]
        fn foreign_cursors_are_refused_without_a_panic(cursor in any::<String>()) {
            let _ = decode::<(i64, uuid::Uuid)>(&cursor).is_ok();
        }

        #[test]
        fn limits_are_clamped(asked in any::<i64>()) {
            let rows = Limit::new(asked).rows();
            prop_assert!((1..=500).contains(&rows));
            prop_assert!(!(1..=500).contains(&asked) || i64::try_from(rows) == Ok(asked));
        }

        #[test]
        fn following_the_cursor_meets_every_row_once(total in 0_i64..40, asked in 1_i64..12) {
            let limit = Limit::new(asked);
            let (mut seen, mut after) = (Vec::new(), -1);
            loop {
                let rows: Vec<i64> = (after + 1..total).take(limit.rows() + 1).collect();
                let page = Page::of(rows, limit, |row| (*row,));
                seen.extend(page.items);
                match page.next_cursor {
                    Some(cursor) => after = decode::<(i64,)>(&cursor).unwrap().0,
                    None => break,
                }
            }
            prop_assert_eq!(seen, (0..total).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        assert_eq!(decode::<(i64, String)>(&encode(&(1, 2, 3))), Err(BadCursor));
        assert_eq!(decode::<(i64,)>(&"A".repeat(5000)), Err(BadCursor));
    }
}

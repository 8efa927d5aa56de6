//! Pages of lists: from rows to the answer, and from the cursor back to the key.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::resource::List;
use crate::base::page::{self, Limit, Page};
use crate::http::error::Error;

/// The key a cursor stands for.
pub fn after<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, Error> {
    cursor.map(page::decode).transpose().map_err(|error| Error::field("cursor", "invalid", error.to_string()))
}

/// The answer from rows fetched with [`Limit::fetch`]; `key` is where the next page begins.
pub fn answer<R, K: Serialize, V>(
    rows: Vec<R>,
    limit: Limit,
    key: impl Fn(&R) -> K,
    view: impl FnMut(R) -> V,
) -> List<V> {
    let Page { items, next_cursor } = Page::of(rows, limit, key).map(view);
    List { items, next_cursor }
}

//! What lists of set-up objects share: they are on, off or archived, and found by name or number.

use super::list::{Asked, Reading};
use crate::db::screen_set_up::Filter;
use crate::http::error::Error;

/// Which objects in use, or those out of it.
pub const STATES: &[&str] = &["on", "off", "archived"];

/// The word for what an object is in.
pub fn state(is_enabled: bool, is_archived: bool) -> String {
    let word = match (is_archived, is_enabled) {
        (true, _) => "archived",
        (false, true) => "on",
        (false, false) => "off",
    };
    word.to_owned()
}

/// What the URL of a list of set-up objects means.
pub fn filter(asked: &Asked) -> Result<Filter, Error> {
    let mut reading = Reading::of(asked);
    let state = reading.word("state", STATES);
    reading.end()?;
    let text = asked.given("q").map(str::to_owned);
    Ok(Filter {
        number: text.as_deref().and_then(|text| text.parse().ok()),
        text,
        enabled: match state.as_deref() {
            Some("on") => Some(true),
            Some("off") => Some(false),
            _ => None,
        },
        archived: state.as_deref() == Some("archived"),
    })
}

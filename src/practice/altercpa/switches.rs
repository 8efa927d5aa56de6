//! How this install differs from others: builds of the engine answer in different shapes.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Ids in the answer to a new lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddAnswer {
    /// `id`, the network's.
    #[default]
    Id,
    /// `id` and `uid`, both the network's.
    IdAndUid,
    /// `id` is the caller's, `uid` the network's, as in the list call.
    CallerIdAndUid,
}

/// What a duplicate is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// `error: duplicate`, without the id of the known lead.
    #[default]
    Refused,
    /// `ok` with the id of the known lead.
    Known,
    /// Phones are not compared. A repeated caller's id is still refused.
    PhonesIgnored,
}

/// The code for a token that is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyError {
    /// `key`.
    #[default]
    Key,
    /// `security`.
    Security,
}

/// What happens to the ids above `max_ids`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverMaxIds {
    /// They are left out without a word.
    #[default]
    Cut,
    /// The call answers `request-error`.
    Error,
}

/// The switches of an install.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Lists are an object keyed by the network's id instead of an array.
    pub lists_as_object: bool,
    /// An empty list is `{}` when lists are objects. Off: `[]`, as PHP prints an empty array.
    pub empty_as_object: bool,
    /// Ids in the answer to a new lead.
    pub add_answer: AddAnswer,
    /// Answers to a new lead carry an autologin `url`.
    pub autologin: bool,
    /// Moe: new leads need `ip`; `ext/list` reads `ids` and not `oid`.
    pub moe: bool,
    /// What a duplicate is answered.
    pub duplicates: Duplicates,
    /// Hours in which the same phone on the same offer is a duplicate; 0 is for ever.
    pub duplicate_hours: u32,
    /// Lists of more rows answer HTTP 500.
    pub rows_limit: Option<usize>,
    /// Most ids that one `ext/list` takes.
    pub max_ids: usize,
    /// What happens to more.
    pub over_max_ids: OverMaxIds,
    /// New leads get ids above 2^53.
    pub huge_ids: bool,
    /// The network's ids are printed as text.
    pub ids_as_text: bool,
    /// Cancel reasons that make the stage `trash`.
    pub trash_reasons: Vec<u8>,
    /// The company completes accepted leads at once: status 10 instead of 6.
    pub auto_accept: bool,
    /// External sites may name only clicks that the network gave out.
    pub known_clicks_only: bool,
    /// The code for a token that is not known.
    pub key_error: KeyError,
    /// The zone in which days begin.
    pub zone: Tz,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            lists_as_object: false,
            empty_as_object: false,
            add_answer: AddAnswer::default(),
            autologin: false,
            moe: false,
            duplicates: Duplicates::default(),
            duplicate_hours: 24,
            rows_limit: None,
            max_ids: 100,
            over_max_ids: OverMaxIds::default(),
            huge_ids: false,
            ids_as_text: false,
            trash_reasons: vec![1, 3, 6, 7, 11, 12],
            auto_accept: false,
            known_clicks_only: false,
            key_error: KeyError::default(),
            zone: Tz::UTC,
        }
    }
}

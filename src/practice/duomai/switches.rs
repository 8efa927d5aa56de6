//! How strict the network is where Duomai's documents are silent or contradict each other.

use serde::{Deserialize, Serialize};

/// What happens to a `page_size` above 200.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OversizedPage {
    /// It becomes 200 without a word.
    #[default]
    Clamp,
    /// The call is refused with 4000.
    Refuse,
}

/// The switches, with their defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// For a `page_size` above 200. Default: clamp.
    pub oversized_page: OversizedPage,
    /// Refuse an `order_field` of no known spelling (4000); otherwise such a one means the update time. Default: on.
    pub check_order_field: bool,
    /// Refuse an euid above 40 characters, or with others than letters, digits and Chinese (4000). Default: on.
    pub strict_euid: bool,
    /// A link needs a `site_id`; otherwise the media itself is taken. Default: on.
    pub require_site_id: bool,
    /// A body must come as `application/json` (4000). Default: on.
    pub require_json_type: bool,
    /// Refuse a `timestamp` that is further from our clock than this (401). Default: none, no check.
    pub clock_window_seconds: Option<u64>,
    /// The window of settlement changes is about the order's own time instead of the time of the change. Default: off.
    pub settlement_by_order_time: bool,
    /// What the promotion links begin with. Point it at this server's own `/track.php` to follow links in practice.
    pub link_base: String,
    /// From a failed push to its retry. Default: 30.
    pub push_retry_seconds: u64,
    /// Further tries after a failed push. Default: 3.
    pub push_retries: u32,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            oversized_page: OversizedPage::Clamp,
            check_order_field: true,
            strict_euid: true,
            require_site_id: true,
            require_json_type: true,
            clock_window_seconds: None,
            settlement_by_order_time: false,
            link_base: "https://c.duomai.com/track.php".to_owned(),
            push_retry_seconds: 30,
            push_retries: 3,
        }
    }
}

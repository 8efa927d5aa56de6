//! What is unknown about the real Affili, as switches: an adapter should hold on either side of each.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

/// The switches. The defaults are the likelier side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The access id opens the services API too, and the services token the merchants' API.
    pub one_token_for_both: bool,
    /// A body that is not sent as `application/json` is refused with 422.
    pub content_type_checked: bool,
    /// `set-cookie` answers an unknown referrer with 404 rather than 422.
    pub unknown_referrer_is_404: bool,
    /// What a repeated `external_id` or `order_id` does.
    pub repeated_order: RepeatedOrder,
    /// What a repeated `mcs_id` does.
    pub repeated_customer: RepeatedCustomer,
    /// Calendar of the dates in answers. Their zone is Asia/Tehran.
    pub answer_calendar: Calendar,
    /// Zone in which the date filters of a list are read.
    pub filter_zone: Zone,
    /// Lists have pages of this size and `meta`. `None`: `page` is ignored and everything is in `data`.
    pub page_size: Option<NonZeroUsize>,
    /// An update of a closed conversion is answered 409 rather than 422.
    pub closed_is_409: bool,
    /// The sub-amounts of a sale must sum up to its amount.
    pub commission_sum_checked: bool,
    /// Conversions of the services API start approved rather than pending.
    pub services_start_approved: bool,
    /// What was created is answered 201 rather than 200.
    pub created_is_201: bool,
    /// A payout changes `updated_at`.
    pub payout_changes_updated_at: bool,
    /// Life of a token of `set-cookie`.
    pub token_valid_days: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            one_token_for_both: false,
            content_type_checked: true,
            unknown_referrer_is_404: false,
            repeated_order: RepeatedOrder::Refused,
            repeated_customer: RepeatedCustomer::Refused,
            answer_calendar: Calendar::Jalali,
            filter_zone: Zone::Tehran,
            page_size: None,
            closed_is_409: false,
            commission_sum_checked: false,
            services_start_approved: false,
            created_is_201: false,
            payout_changes_updated_at: true,
            token_valid_days: 30,
        }
    }
}

/// What a repeated `external_id` or `order_id` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedOrder {
    /// 422 with `errors.external_id` or `errors.order_id`.
    Refused,
    /// Stored once more, with status 3.
    StoredAsDuplicated,
}

/// What a repeated `mcs_id` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedCustomer {
    /// 422 with `errors.mcs_id`.
    Refused,
    /// The first customer is answered, unchanged.
    ReturnsFirst,
}

/// Calendar of dates in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// Solar Hijri, as the documented sample.
    Jalali,
    /// As in filters.
    Gregorian,
}

/// Zone of the date filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zone {
    /// Asia/Tehran.
    Tehran,
    /// UTC.
    Utc,
}

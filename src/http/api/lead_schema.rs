//! The fields of a posted lead, as the OpenAPI document shows them. `domain::lead` parses them.

use serde::Deserialize;
use serde_json::Value;

/// A lead as a webmaster posts it. Fields that are not known land in `meta`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[expect(dead_code, reason = "a description: domain::lead reads the fields")]
pub struct LeadInput {
    /// Slug, id or number of the offer.
    #[schema(example = "slim-tea")]
    offer: String,
    /// Required unless the offer says otherwise. Any usual form; stored in E.164.
    #[schema(example = "+34 612 345 678")]
    phone: Option<String>,
    /// The whole name, or `first_name` and `last_name`.
    #[schema(example = "Ana García")]
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    /// ISO 3166 alpha-2; from the phone when absent.
    #[schema(example = "ES")]
    country: Option<String>,
    /// Address of the person, not of your server.
    ip: Option<String>,
    user_agent: Option<String>,
    referer: Option<String>,
    landing_url: Option<String>,
    language: Option<String>,
    city: Option<String>,
    region: Option<String>,
    zip: Option<String>,
    address: Option<String>,
    /// Code, id or number of your flow.
    flow: Option<String>,
    /// Your own id: a repeat with it gets the first answer, for ever.
    external_id: Option<String>,
    click_id: Option<String>,
    sub1: Option<String>,
    sub2: Option<String>,
    sub3: Option<String>,
    sub4: Option<String>,
    sub5: Option<String>,
    sub6: Option<String>,
    sub7: Option<String>,
    sub8: Option<String>,
    sub9: Option<String>,
    sub10: Option<String>,
    sub11: Option<String>,
    sub12: Option<String>,
    utm_source: Option<String>,
    utm_medium: Option<String>,
    utm_campaign: Option<String>,
    utm_content: Option<String>,
    utm_term: Option<String>,
    /// One of the offer's goals.
    goal: Option<String>,
    /// Decimal string.
    price: Option<String>,
    /// ISO 4217, of the price.
    currency: Option<String>,
    quantity: Option<i32>,
    comment: Option<String>,
    /// A test lead: counts nowhere.
    test: Option<bool>,
    /// Your own fields: at most 64 keys and 16 KiB.
    meta: Option<Value>,
    /// With an admin token: whose lead it is.
    webmaster: Option<String>,
}

/// What may be changed of a stored lead.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[expect(dead_code, reason = "a description: domain::lead reads the fields")]
pub struct LeadChangeInput {
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    city: Option<String>,
    region: Option<String>,
    zip: Option<String>,
    address: Option<String>,
    comment: Option<String>,
    quantity: Option<i32>,
    price: Option<String>,
    currency: Option<String>,
    meta: Option<Value>,
}

//! The fields of a lead and how long they may be, in characters.

/// How a text field is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// Its name, as callers write it.
    pub name: &'static str,
    /// Most characters.
    pub max: usize,
    /// Whether line breaks stay.
    pub has_lines: bool,
}

const fn line(name: &'static str, max: usize) -> Text {
    Text { name, max, has_lines: false }
}

pub(super) const NAME: Text = line("name", 255);
pub(super) const FIRST_NAME: Text = line("first_name", 255);
pub(super) const LAST_NAME: Text = line("last_name", 255);
pub(super) const PHONE: Text = line("phone", 64);
pub(super) const EMAIL: Text = line("email", 254);
pub(super) const COUNTRY: Text = line("country", 64);
pub(super) const IP: Text = line("ip", 64);
pub(super) const USER_AGENT: Text = line("user_agent", 2000);
pub(super) const REFERER: Text = line("referer", 2000);
pub(super) const LANDING_URL: Text = line("landing_url", 2000);
pub(super) const LANGUAGE: Text = line("language", 255);
pub(super) const CITY: Text = line("city", 255);
pub(super) const REGION: Text = line("region", 255);
pub(super) const ZIP: Text = line("zip", 32);
pub(super) const ADDRESS: Text = Text { name: "address", max: 1000, has_lines: true };
pub(super) const COMMENT: Text = Text { name: "comment", max: 2000, has_lines: true };
pub(super) const EXTERNAL_ID: Text = line("external_id", 128);
pub(super) const CLICK_ID: Text = line("click_id", 255);
pub(super) const GOAL: Text = line("goal", 64);
pub(super) const PRICE: Text = line("price", 64);
pub(super) const CURRENCY: Text = line("currency", 16);
pub(super) const QUANTITY: Text = line("quantity", 16);
pub(super) const TEST: Text = line("test", 16);

/// The tags, kept together.
pub(super) const TAGS: [&str; 17] = [
    "sub1",
    "sub2",
    "sub3",
    "sub4",
    "sub5",
    "sub6",
    "sub7",
    "sub8",
    "sub9",
    "sub10",
    "sub11",
    "sub12",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
];
/// Most characters of a tag.
pub(super) const TAG: usize = 255;

/// Fields of the request that are not the lead's own: who, for what, by which key.
pub(super) const ADDRESSING: [&str; 4] = ["offer", "flow", "webmaster", "api_key"];

/// Fields that are fixed once the lead is stored.
pub(super) const READ_ONLY: [&str; 18] = [
    "id",
    "number",
    "status",
    "phone",
    "country",
    "ip",
    "user_agent",
    "referer",
    "landing_url",
    "language",
    "external_id",
    "click_id",
    "goal",
    "test",
    "offer",
    "flow",
    "webmaster",
    "created_at",
];

/// Most keys of `meta`.
pub(super) const META_KEYS: usize = 64;
/// Most characters of a key of `meta`.
pub(super) const META_KEY: usize = 128;
/// Most bytes of `meta` written as JSON.
pub(super) const META_BYTES: usize = 16 * 1024;
/// Deepest nesting of a request's JSON, the request itself counted.
pub(super) const DEPTH: usize = 16;
/// Most digits after the point of a price.
pub(super) const PRICE_SCALE: u32 = 6;
/// A price stays below this.
pub(super) const PRICE_END: i64 = 1_000_000_000_000;
/// Most pieces.
pub(super) const QUANTITY_MAX: i64 = 1_000_000;

//! Who and what the network knows from the start: users, offers, flows, sites. Operators may add more.

use serde::{Deserialize, Serialize};

/// Token of webmaster 101.
pub const WEBMASTER_TOKEN: &str = "101-wmkey";
/// Token of webmaster 102.
pub const OTHER_WEBMASTER_TOKEN: &str = "102-wmkey2";
/// Token of agency 202.
pub const AGENCY_TOKEN: &str = "202-agkey";
/// Token of agency 203.
pub const OTHER_AGENCY_TOKEN: &str = "203-agkey2";
/// Token of company 303, which has the leads of all offers.
pub const COMPANY_TOKEN: &str = "303-cokey";
/// Token of company 304, which has no leads.
pub const OTHER_COMPANY_TOKEN: &str = "304-cokey2";
/// Token of external site 9, on offer 7.
pub const SITE_TOKEN: &str = "9-sitekey";
/// Token of the Red/One tracker's user.
pub const TRACKER_TOKEN: &str = "77-trkey";
/// Leads with this phone are refused with `ban`.
pub const BANNED_PHONE: &str = "10000000000";
/// Leads with this IP are refused with `ban`.
pub const BANNED_IP: &str = "203.0.113.66";

/// The company that leads go to unless the offer says otherwise.
pub(super) const DEFAULT_COMPANY: u64 = 303;

/// What a user may call. Rights are fixed in this network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// `wm`: has flows.
    Webmaster,
    /// `ext`: sends with own order ids and inner sources.
    Agency,
    /// `comp`: the advertiser's side.
    Company,
    /// `tracker` and `track`: the Red/One receiver.
    Tracker,
}

/// A user with an API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// First half of the token.
    pub id: u64,
    /// Second half of the token.
    pub key: String,
    /// What it may call.
    pub role: Role,
    /// Banned or paused: every call answers `security`.
    #[serde(default)]
    pub suspended: bool,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Offer {
    /// Its number.
    pub id: u64,
    /// Its name, also that of the one product.
    pub name: String,
    /// Traffic is blocked: leads answer `traffic`.
    pub blocked: bool,
    /// Leads per day of the network's zone; above it leads answer `traffic`.
    pub cap: Option<usize>,
    /// Phones are checked: 8 to 15 digits, else `phone`.
    pub check_phone: bool,
    /// Emails are checked: `email`.
    pub check_email: bool,
    /// Seconds an approved lead is still shown as `hold` to the affiliate.
    pub hold_seconds: u32,
    /// Price of one piece when the lead brings none.
    pub price: String,
    /// What the affiliate gets, the macro `{cash}`.
    pub payout: String,
    /// Currency of both when the lead brings none.
    pub currency: String,
    /// The company that gets the leads.
    pub company: u64,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            id: 0,
            name: "Practice offer".to_owned(),
            blocked: false,
            cap: None,
            check_phone: false,
            check_email: false,
            hold_seconds: 0,
            price: "39.00".to_owned(),
            payout: "12.50".to_owned(),
            currency: "EUR".to_owned(),
            company: DEFAULT_COMPANY,
        }
    }
}

/// A webmaster's use of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Its number.
    pub id: u64,
    /// Its symbolic code, for external sites.
    pub code: String,
    /// The webmaster who has it.
    pub user: u64,
    /// The offer it is for.
    pub offer: u64,
}

/// An advertiser's own site or app that reports by token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// First half of the token.
    pub id: u64,
    /// Second half of the token.
    pub key: String,
    /// The offer whose leads it makes.
    pub offer: u64,
}

/// The users one can begin with.
pub(super) fn users() -> Vec<User> {
    let user = |id, key: &str, role| User { id, key: key.to_owned(), role, suspended: false };
    vec![
        user(101, "wmkey", Role::Webmaster),
        user(102, "wmkey2", Role::Webmaster),
        user(202, "agkey", Role::Agency),
        user(203, "agkey2", Role::Agency),
        user(DEFAULT_COMPANY, "cokey", Role::Company),
        user(304, "cokey2", Role::Company),
        user(77, "trkey", Role::Tracker),
    ]
}

/// The offers one can begin with.
pub(super) fn offers() -> Vec<Offer> {
    let offer = |id, name: &str| Offer { id, name: name.to_owned(), ..Offer::default() };
    vec![
        offer(7, "Practice cream"),
        Offer { payout: "300.00".to_owned(), currency: "USD".to_owned(), ..offer(8, "Practice broker") },
        Offer { blocked: true, ..offer(9, "Practice blocked") },
    ]
}

/// The flows one can begin with.
pub(super) fn flows() -> Vec<Flow> {
    let flow = |id: u64, user, offer| Flow { id, code: format!("f{id}"), user, offer };
    vec![flow(501, 101, 7), flow(502, 102, 7), flow(503, 101, 8)]
}

/// The sites one can begin with.
pub(super) fn sites() -> Vec<Site> {
    vec![Site { id: 9, key: "sitekey".to_owned(), offer: 7 }]
}

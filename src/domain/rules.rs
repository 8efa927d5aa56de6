//! The operator's set-up as one immutable snapshot: who may post, what is offered, where it goes, who is told.
//! Loaded by `db::rules`, held by `app`, read without a query on every lead.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::base::money;
use crate::domain::status::Status;

/// Everything, at one version.
#[derive(Debug, Default)]
pub struct Rules {
    /// The version of `rules_version` this was read at.
    pub version: i64,
    /// By id, archived ones left out.
    pub webmasters: HashMap<Uuid, Arc<Webmaster>>,
    /// By id.
    pub offers: HashMap<Uuid, Arc<Offer>>,
    /// By id.
    pub flows: HashMap<Uuid, Arc<Flow>>,
    /// By id.
    pub networks: HashMap<Uuid, Arc<Network>>,
    /// Routes of an offer by position, then id; the enabled and the disabled, not the archived.
    pub routes: HashMap<Uuid, Vec<Arc<Route>>>,
    /// By id.
    pub postbacks: BTreeMap<Uuid, Arc<Postback>>,
    /// By prefix, revoked ones left out.
    pub tokens: HashMap<String, Arc<Token>>,
    /// Network ids by the hash of their postback secret.
    pub networks_by_secret: HashMap<Vec<u8>, Uuid>,
}

/// Who posts leads.
#[derive(Clone, Debug)]
pub struct Webmaster {
    pub webmaster_id: Uuid,
    pub number: i64,
    pub slug: String,
    pub name: String,
    pub enabled: bool,
}

/// What is promoted.
#[derive(Clone, Debug)]
pub struct Offer {
    pub offer_id: Uuid,
    pub number: i64,
    pub slug: String,
    pub name: String,
    /// Upper-case ISO alpha-2; empty: all.
    pub countries: Vec<String>,
    /// Values read by integrations; `key-xx` overrides `key` for country xx.
    pub params: Map<String, Value>,
    pub payout: Option<Decimal>,
    pub revenue: Option<Decimal>,
    pub currency: String,
    pub goals: Vec<Goal>,
    pub duplicates: Option<DuplicateRule>,
    /// Names of intake fields that must be given; `phone` unless the offer says otherwise.
    pub required_fields: Vec<String>,
    pub enabled: bool,
}

/// One result an offer pays for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// Word used in `goal` of leads and postbacks.
    pub slug: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// To the webmaster.
    #[serde(default, with = "rust_decimal::serde::str_option")]
    #[schema(value_type = Option<String>)]
    pub payout: Option<Decimal>,
    /// From the network, when its report names no amount.
    #[serde(default, with = "rust_decimal::serde::str_option")]
    #[schema(value_type = Option<String>)]
    pub revenue: Option<Decimal>,
    /// ISO 4217; the offer's when absent.
    #[serde(default)]
    pub currency: Option<String>,
}

/// When a lead counts as a duplicate of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRule {
    /// Compared fields; an empty one never matches.
    pub fields: Vec<DuplicateField>,
    /// Whether one equal field is enough or all must be equal.
    #[serde(default)]
    pub r#match: DuplicateMatch,
    /// How far back, in days (1 to 3650).
    pub days: u32,
    /// Among the leads of the offer from everybody, or of the same webmaster.
    #[serde(default)]
    pub scope: DuplicateScope,
}

crate::text_enum! {
    /// A field that duplicates are found by.
    pub enum DuplicateField {
        /// Phone in E.164.
        Phone = "phone",
        /// E-mail in lower case.
        Email = "email",
    }
}
crate::text_enum! {
    /// How several fields combine.
    #[derive(Default)]
    pub enum DuplicateMatch {
        /// One equal field is enough.
        #[default]
        Any = "any",
        /// All must be equal.
        All = "all",
    }
}
crate::text_enum! {
    /// Whose leads are compared.
    #[derive(Default)]
    pub enum DuplicateScope {
        /// All leads of the offer.
        #[default]
        Offer = "offer",
        /// The same webmaster's leads of the offer.
        Webmaster = "webmaster",
    }
}

/// A webmaster's use of an offer.
#[derive(Clone, Debug)]
pub struct Flow {
    pub flow_id: Uuid,
    pub number: i64,
    pub code: String,
    pub webmaster_id: Uuid,
    pub offer_id: Uuid,
    pub params: Map<String, Value>,
}

/// One connected account at a partner. Secrets stay sealed; they are opened when a call is made.
#[derive(Clone, Debug)]
pub struct Network {
    pub network_id: Uuid,
    pub number: i64,
    pub slug: String,
    pub name: String,
    pub integration: String,
    pub settings: Map<String, Value>,
    /// Sealed JSON object of the secret settings, label `network:<id>:secrets`.
    pub secrets: Option<Vec<u8>>,
    pub params: Map<String, Value>,
    /// Raw status text to our status; overrides the integration's own.
    pub status_map: BTreeMap<String, Status>,
    pub enabled: bool,
    pub timeout_seconds: i32,
    /// Sealed postback secret, label `network:<id>:postback`.
    pub postback_secret: Vec<u8>,
    pub settings_version: i32,
}

/// Which network may take which leads of an offer.
#[derive(Clone, Debug)]
pub struct Route {
    pub route_id: Uuid,
    pub offer_id: Uuid,
    pub network_id: Uuid,
    /// Lower first.
    pub position: i32,
    /// Share among equal positions; 0 takes only what its siblings leave.
    pub weight: i32,
    /// Empty: all.
    pub countries: Vec<String>,
    /// Empty: all.
    pub webmasters: Vec<Uuid>,
    pub caps: Vec<Cap>,
    pub schedule: Option<Schedule>,
    pub timezone: Tz,
    pub on_refused: OnRefused,
    /// A lead older than this is not sent by this route any more.
    pub max_age_hours: i32,
    /// `None`: new leads. Else a second, fulfilment delivery when the lead gets there.
    pub trigger_status: Option<Status>,
    pub enabled: bool,
}

crate::text_enum! {
    /// What a refusal means for the waterfall.
    #[derive(Default)]
    pub enum OnRefused {
        /// The next route is tried.
        #[default]
        Next = "next",
        /// It is final.
        Stop = "stop",
    }
}

/// How many leads a route may take in a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    pub cap_id: Uuid,
    pub period: CapPeriod,
    pub limit: i32,
    pub counts: CapCounts,
}

crate::text_enum! {
    /// Window of a cap, beginning at the full hour, midnight, Monday or the first of the month in the route's time zone.
    pub enum CapPeriod {
        /// From the full hour.
        Hour = "hour",
        /// From midnight.
        Day = "day",
        /// From Monday.
        Week = "week",
        /// From the first.
        Month = "month",
        /// For ever.
        Total = "total",
    }
}
crate::text_enum! {
    /// What a cap counts. Accepted ones are never overrun; a cap on approved ones stops new sends once reached.
    #[derive(Default)]
    pub enum CapCounts {
        /// Leads the network took.
        #[default]
        Accepted = "accepted",
        /// Leads that got approved.
        Approved = "approved",
    }
}

/// When a route is open, in the route's time zone. A day without an entry is closed; no schedule: always open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Open spans; several for one day are allowed.
    pub open: Vec<OpenSpan>,
}

/// One open span of one or more weekdays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenSpan {
    /// `mon` … `sun`.
    pub days: Vec<String>,
    /// `HH:MM`, inclusive.
    pub from: String,
    /// `HH:MM`, exclusive; `24:00` for the end of the day.
    pub to: String,
}

/// A URL that is called on status changes.
#[derive(Clone, Debug)]
pub struct Postback {
    pub postback_id: Uuid,
    /// `None`: an admin's postback that hears of every webmaster's leads.
    pub webmaster_id: Option<Uuid>,
    pub flow_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
    pub url: String,
    /// `GET` or `POST`.
    pub method: String,
    /// `form` (the URL's query is sent as the body), or a JSON template.
    pub body: Option<String>,
    pub statuses: Vec<Status>,
    pub is_main: bool,
    /// Sealed JSON array of signing secrets, newest first, label `postback:<id>:secret`.
    pub secret: Option<Vec<u8>>,
    pub enabled: bool,
}

/// A token that may call us.
#[derive(Clone, Debug)]
pub struct Token {
    pub token_id: Uuid,
    pub hash: Vec<u8>,
    /// `admin`, `webmaster`, `network` or `offer`.
    pub role: String,
    pub webmaster_id: Option<Uuid>,
    pub network_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
    pub scopes: Vec<String>,
    pub rate_per_minute: Option<u32>,
}

impl Rules {
    /// An offer by slug, id or number.
    pub fn offer(&self, reference: &str) -> Option<&Arc<Offer>> {
        find(&self.offers, reference, |offer| (offer.number, &offer.slug))
    }

    /// A network by slug, id or number.
    pub fn network(&self, reference: &str) -> Option<&Arc<Network>> {
        find(&self.networks, reference, |network| (network.number, &network.slug))
    }

    /// A webmaster by slug, id or number.
    pub fn webmaster(&self, reference: &str) -> Option<&Arc<Webmaster>> {
        find(&self.webmasters, reference, |webmaster| (webmaster.number, &webmaster.slug))
    }

    /// A flow by code, id or number.
    pub fn flow(&self, reference: &str) -> Option<&Arc<Flow>> {
        find(&self.flows, reference, |flow| (flow.number, &flow.code))
    }

    /// The routes of an offer, by position.
    pub fn routes_of(&self, offer_id: Uuid) -> &[Arc<Route>] {
        self.routes.get(&offer_id).map_or(&[], Vec::as_slice)
    }

    /// A route by id.
    pub fn route(&self, route_id: Uuid) -> Option<&Arc<Route>> {
        self.routes.values().flatten().find(|route| route.route_id == route_id)
    }
}

impl Offer {
    /// Payout, revenue and currency that hold for `goal` (the offer's own without one).
    pub fn money_of(&self, goal: Option<&str>) -> (Decimal, Option<Decimal>, &str) {
        let goal = goal.and_then(|slug| self.goals.iter().find(|goal| goal.slug == slug));
        (
            goal.and_then(|goal| goal.payout).or(self.payout).unwrap_or_default(),
            goal.and_then(|goal| goal.revenue).or(self.revenue),
            goal.and_then(|goal| goal.currency.as_deref())
                .filter(|code| money::is_currency(code))
                .unwrap_or(&self.currency),
        )
    }
}

/// Finds by id, number or name. A name is neither a UUID nor all digits, so the three cannot be confused.
fn find<'a, T>(
    all: &'a HashMap<Uuid, Arc<T>>,
    reference: &str,
    names: impl Fn(&T) -> (i64, &String),
) -> Option<&'a Arc<T>> {
    if let Ok(id) = Uuid::parse_str(reference) {
        return all.get(&id);
    }
    if let Ok(number) = reference.parse::<i64>() {
        return all.values().find(|item| names(item).0 == number);
    }
    all.values().find(|item| names(item).1 == reference)
}

//! A route as an admin writes it, and the checks before it is stored.

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::input;
use crate::base::field_error::FieldError;
use crate::db;
use crate::db::reference::Reference;
use crate::domain::rules::{CapCounts, CapPeriod, OnRefused, Schedule};
use crate::domain::status::Status;
use crate::http::error::Error;

/// A route as an admin writes it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteInput {
    /// Slug, id or number; answered as slug.
    #[serde(deserialize_with = "input::reference")]
    pub offer: String,
    /// Slug, id or number; answered as slug.
    #[serde(deserialize_with = "input::reference")]
    pub network: String,
    /// Lower is tried first.
    #[serde(default = "one")]
    pub position: i32,
    /// Share among equal positions; 0 takes only what its siblings leave.
    #[serde(default = "one")]
    #[schema(minimum = 0)]
    pub weight: i32,
    /// ISO 3166 alpha-2; empty: all the offer has.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Slugs, ids or numbers; empty: all.
    #[serde(default, deserialize_with = "input::references")]
    pub webmasters: Vec<String>,
    /// How many leads it may take; none: no limit.
    #[serde(default)]
    pub caps: Vec<CapInput>,
    /// When it is open, in its time zone; absent: always.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// IANA name, such as `Europe/Berlin`.
    #[serde(default = "utc")]
    pub timezone: String,
    /// What a refusal means: `next` tries the next route, `stop` is final.
    #[serde(default)]
    pub on_refused: OnRefused,
    /// A lead older than this is not sent any more.
    #[serde(default = "day")]
    #[schema(minimum = 1, maximum = 8760)]
    pub max_age_hours: i32,
    /// Absent: new leads. Else a second, fulfilment delivery when the lead gets there.
    #[serde(default)]
    pub trigger_status: Option<Status>,
    /// A disabled route takes no leads.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// How many leads a route may take in a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CapInput {
    /// Window, beginning in the route's time zone.
    pub period: CapPeriod,
    /// Most leads; 0 closes the route.
    #[schema(minimum = 0)]
    pub limit: i32,
    /// What counts.
    #[serde(default)]
    pub counts: CapCounts,
}

const fn one() -> i32 {
    1
}

fn utc() -> String {
    "UTC".to_owned()
}

const fn day() -> i32 {
    24
}

const fn yes() -> bool {
    true
}

/// Caps as they are stored.
pub type Caps = Vec<(CapPeriod, CapCounts, i32)>;

/// What is stored, or everything that is wrong with it. Offer and network are held until the end of the
/// transaction. `known` are webmasters the route has already: they stay though they may be archived.
pub async fn check(
    conn: &mut PgConnection,
    wanted: &RouteInput,
    known: &[Uuid],
) -> Result<(db::route::Fields, Caps), Error> {
    let mut errors = Vec::new();
    let caps = check_plain(wanted, &mut errors);
    let countries = input::countries("countries", &wanted.countries, &mut errors);
    let offer_id = db::route::hold_offer(conn, &Reference::parse(&wanted.offer)).await?;
    if offer_id.is_none() {
        errors.push(input::unknown("offer", "offer"));
    }
    let network_id = db::route::hold_network(conn, &Reference::parse(&wanted.network)).await?;
    if network_id.is_none() {
        errors.push(input::unknown("network", "network"));
    }
    let mut webmasters = Vec::with_capacity(wanted.webmasters.len());
    for (index, reference) in wanted.webmasters.iter().enumerate() {
        match db::webmaster::find(conn, &Reference::parse(reference)).await? {
            Some(row) if webmasters.contains(&row.webmaster_id) => {}
            Some(row) if row.archived_at.is_none() || known.contains(&row.webmaster_id) => {
                webmasters.push(row.webmaster_id);
            }
            _ => errors.push(input::unknown(format!("webmasters[{index}]"), "webmaster")),
        }
    }
    input::refuse(errors)?;
    let (Some(offer_id), Some(network_id)) = (offer_id, network_id) else { return Err(Error::NotFound("offer")) };
    let fields = db::route::Fields {
        offer_id,
        network_id,
        position: wanted.position,
        weight: wanted.weight,
        countries,
        webmasters,
        schedule: wanted
            .schedule
            .as_ref()
            .map(serde_json::to_value)
            .transpose()
            .map_err(|error| Error::Internal(error.into()))?,
        timezone: wanted.timezone.clone(),
        on_refused: wanted.on_refused,
        max_age_hours: wanted.max_age_hours,
        trigger_status: wanted.trigger_status,
        enabled: wanted.enabled,
    };
    Ok((fields, caps))
}

/// The checks that need no database.
fn check_plain(wanted: &RouteInput, errors: &mut Vec<FieldError>) -> Caps {
    if !(0..=1_000_000).contains(&wanted.weight) {
        errors.push(FieldError::invalid("weight", "must be from 0 to 1000000"));
    }
    if !(1..=8760).contains(&wanted.max_age_hours) {
        errors.push(FieldError::invalid("max_age_hours", "must be from 1 to 8760"));
    }
    if wanted.timezone.parse::<chrono_tz::Tz>().is_err() {
        errors.push(FieldError::invalid("timezone", "must be an IANA name such as Europe/Berlin"));
    }
    if wanted.trigger_status == Some(Status::New) {
        errors.push(FieldError::invalid("trigger_status", "must not be new: leave it out for new leads"));
    }
    if let Some(schedule) = &wanted.schedule {
        errors.extend(
            schedule
                .check()
                .into_iter()
                .map(|error| FieldError { field: format!("schedule.{}", error.field), ..error }),
        );
    }
    let mut caps: Caps = Vec::with_capacity(wanted.caps.len());
    for (index, cap) in wanted.caps.iter().enumerate() {
        if cap.limit < 0 {
            errors.push(FieldError::invalid(format!("caps[{index}].limit"), "must not be negative"));
        }
        if caps.iter().any(|(period, counts, _)| (*period, *counts) == (cap.period, cap.counts)) {
            errors.push(FieldError::new(format!("caps[{index}]"), "taken", "there is another cap of this kind"));
        }
        caps.push((cap.period, cap.counts, cap.limit));
    }
    caps
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn left_out_fields_have_their_defaults() {
        let route: RouteInput = input::created(json!({"offer": 7, "network": "n1", "webmasters": [3, "w"]})).unwrap();
        assert_eq!((route.offer.as_str(), route.position, route.weight, route.max_age_hours), ("7", 1, 1, 24));
        assert_eq!(route.webmasters, ["3", "w"]);
        assert!(route.enabled && route.schedule.is_none() && route.trigger_status.is_none());
        assert_eq!(route.on_refused, OnRefused::Next);
        let mut errors = Vec::new();
        check_plain(&route, &mut errors);
        assert!(errors.is_empty());
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let route: RouteInput = input::created(json!({
            "offer": "o", "network": "n", "weight": -1, "max_age_hours": 0, "timezone": "Mars/Base", "trigger_status": "new",
            "schedule": {"open": [{"days": ["monday"], "from": "09:00", "to": "18:00"}]},
            "caps": [{"period": "day", "limit": -1}, {"period": "day", "limit": 5, "counts": "accepted"}]
        }))
        .unwrap();
        let mut errors = Vec::new();
        check_plain(&route, &mut errors);
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "weight",
                "max_age_hours",
                "timezone",
                "trigger_status",
                "schedule.open[0].days",
                "caps[0].limit",
                "caps[1]"
            ]
        );
    }
}

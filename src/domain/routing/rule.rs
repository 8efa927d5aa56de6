//! The conditions of one route, judged for one lead. What is judged here does not depend on the other routes.

use chrono::{DateTime, TimeDelta, Utc};

use super::choose::{Subject, Tried, Why};
use super::schedule;
use super::trace::Verdict;
use crate::domain::rules::{Network, Route};

/// What one route says to a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// It would take it.
    Fits,
    /// It does not.
    Not(Verdict, Option<String>),
    /// It would, but has no room before this moment (unknown: none).
    NoRoom(Verdict, Option<DateTime<Utc>>),
}

pub(super) fn judge(
    route: &Route,
    network: Option<&Network>,
    subject: &Subject<'_>,
    tried: &[Tried],
    now: DateTime<Utc>,
) -> Judged {
    use Judged::{Fits, NoRoom, Not};
    if !route.enabled {
        return Not(Verdict::Disabled, None);
    }
    match network {
        None => return Not(Verdict::NetworkDisabled, Some("archived".to_owned())),
        Some(network) if !network.enabled => return Not(Verdict::NetworkDisabled, None),
        Some(_) => {}
    }
    if !takes_country(route, subject.country) {
        return Not(Verdict::Country, Some(subject.country.unwrap_or("not known").to_owned()));
    }
    if !route.webmasters.is_empty() && !route.webmasters.contains(&subject.webmaster_id) {
        return Not(Verdict::Webmaster, None);
    }
    // A network that refused is not asked again, by whichever of its routes.
    if tried.iter().any(|tried| tried.why == Why::Refused && tried.network_id == route.network_id) {
        return Not(Verdict::RefusedBefore, None);
    }
    let expires_at = expires_at(route, subject);
    if expires_at.is_some_and(|expires_at| now >= expires_at) {
        return Not(Verdict::TooOld, Some(format!("older than {} hours", route.max_age_hours)));
    }
    if !schedule::is_open(route.schedule.as_ref(), route.timezone, now) {
        let opens_at = route.schedule.as_ref().and_then(|hours| schedule::next_opening(hours, route.timezone, now));
        return match opens_at {
            None => Not(Verdict::Closed, Some("never opens".to_owned())),
            Some(opens_at) if expires_at.is_some_and(|expires_at| opens_at >= expires_at) => {
                Not(Verdict::Closed, Some("opens when the lead is too old".to_owned()))
            }
            opens_at => NoRoom(Verdict::Closed, opens_at),
        };
    }
    if tried.iter().any(|tried| tried.why == Why::NoCapacity && tried.route_id == route.route_id) {
        return NoRoom(Verdict::Full, None);
    }
    Fits
}

fn takes_country(route: &Route, country: Option<&str>) -> bool {
    route.countries.is_empty() || country.is_some_and(|country| route.countries.iter().any(|taken| taken == country))
}

/// When the lead is too old for the route; none: never (an age beyond all calendars).
fn expires_at(route: &Route, subject: &Subject<'_>) -> Option<DateTime<Utc>> {
    subject.created_at.checked_add_signed(TimeDelta::hours(i64::from(route.max_age_hours)))
}

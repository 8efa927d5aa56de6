//! Reads what is wrong now: the same facts that the overview and the health page show, as readings of alerts.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::rates;
use crate::base::disk::Room;
use crate::db::screen_overview::{self as screen, Late, Troubled};
use crate::db::{self, alert_rule};
use crate::domain::alert::watch::Reading;
use crate::domain::alert::{Facts, Kind, Named, Rule, Rules};
use crate::domain::cap;
use crate::domain::rules::{Network, Offer, Rules as SetUp};

/// What was found, and about which kinds anything could be known.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub readings: Vec<Reading>,
    pub kinds: BTreeSet<Kind>,
}

impl Found {
    fn add(&mut self, kind: Kind, readings: impl IntoIterator<Item = Reading>) {
        self.kinds.insert(kind);
        self.readings.extend(readings);
    }
}

/// A reading whose threshold is reached, of the size 0.
pub(super) fn reading(kind: Kind, subject: impl ToString, facts: Facts) -> Reading {
    Reading { kind, subject: subject.to_string(), facts, size: 0, holds: true }
}

pub(super) fn named(slug: &str, name: &str) -> Option<Named> {
    Some(Named { slug: slug.to_owned(), name: name.to_owned() })
}

fn of_network(network: &Network) -> Option<Named> {
    named(&network.slug, &network.name)
}

fn of_offer(offer: &Offer) -> Option<Named> {
    named(&offer.slug, &offer.name)
}

/// The percent that a part is of a whole.
fn percent(part: i64, whole: i64) -> i64 {
    part.saturating_mul(100).checked_div(whole).unwrap_or_default()
}

/// Reads everything that a rule asks for. `room`: of the disk, when it is known.
pub(super) async fn all(
    conn: &mut PgConnection,
    set_up: &SetUp,
    rules: &Rules,
    room: Option<Room>,
    has_rates: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<Found> {
    let mut found = Found::default();
    let wanted = |kind: Kind| rules.get(&kind).filter(|rule| rule.enabled);
    if let Some(rule) = wanted(Kind::Queue) {
        let minutes = i64::from(rule.threshold);
        let late = screen::late(conn, now - TimeDelta::seconds(minutes * 30)).await?;
        found.add(Kind::Queue, late.iter().filter_map(|late| queue(set_up, rule, late, now)));
    }
    if wanted(Kind::Breaker).or(wanted(Kind::Paused)).is_some() {
        let lanes = screen::troubled(conn).await?;
        for (kind, is_paused) in [(Kind::Breaker, false), (Kind::Paused, true)] {
            let Some(rule) = wanted(kind) else { continue };
            let lanes = lanes.iter().filter(|lane| lane.enabled && lane.paused_at.is_some() == is_paused);
            found.add(kind, lanes.filter_map(|lane| network(set_up, rule, kind, lane)));
        }
    }
    if let Some(rule) = wanted(Kind::Unmapped) {
        let words = screen::unmapped(conn).await?;
        found.add(Kind::Unmapped, words.iter().filter_map(|word| unmapped(set_up, rule, word)));
    }
    if wanted(Kind::CapNear).or(wanted(Kind::CapFull)).is_some() {
        let caps = caps(conn, set_up, now).await?;
        for kind in [Kind::CapNear, Kind::CapFull] {
            let Some(rule) = wanted(kind) else { continue };
            found.add(kind, caps.iter().filter_map(|used| used.reading(kind, rule)));
        }
    }
    if let Some(rule) = wanted(Kind::ApproveRate).filter(|_| has_rates) {
        found.add(Kind::ApproveRate, rates::read(conn, rule, now).await?);
    }
    if let Some(rule) = wanted(Kind::PollLate) {
        found.add(Kind::PollLate, polls(conn, set_up, rule, now).await?);
    }
    if let Some(rule) = wanted(Kind::Postbacks) {
        let failing = alert_rule::failing_endpoints(conn, (rule.threshold + 1) / 2).await?;
        found.add(Kind::Postbacks, failing.iter().map(|one| endpoint(rule, one)));
    }
    if wanted(Kind::Unrouted).or(wanted(Kind::Review)).is_some() {
        let waiting = screen::waiting(conn, now).await?;
        for (kind, count, link) in [
            (Kind::Unrouted, waiting.unrouted, "/leads?delivery=no_route"),
            (Kind::Review, waiting.in_review, "/deliveries?state=needs_review"),
        ] {
            let Some(rule) = wanted(kind) else { continue };
            let facts = Facts { count: Some(count), link: link.to_owned(), ..Facts::default() };
            found.add(kind, (count >= i64::from(rule.threshold)).then(|| reading(kind, "all", facts)));
        }
    }
    if let (Some(rule), Some(room)) = (wanted(Kind::Disk), room) {
        found.add(Kind::Disk, disk(rule, room));
    }
    Ok(found)
}

fn queue(set_up: &SetUp, rule: &Rule, late: &Late, now: DateTime<Utc>) -> Option<Reading> {
    let waited = now - late.due_at;
    let network = match &late.network {
        // What is switched off or archived waits because somebody wants it to.
        Some(slug) => Some(set_up.network(slug).filter(|network| network.enabled)?),
        None => None,
    };
    if !rule.is_about(network.map(|network| network.network_id), None) {
        return None;
    }
    let link = match network {
        Some(network) => format!("/networks/{}", network.slug),
        None if late.kind == "endpoint" => "/postbacks?state=waiting".to_owned(),
        None => "/health".to_owned(),
    };
    let facts = Facts {
        network: network.and_then(|network| of_network(network)),
        word: Some(late.kind.clone()),
        minutes: Some(waited.num_minutes()),
        link,
        ..Facts::default()
    };
    let subject = network.map_or_else(|| late.kind.clone(), |network| network.network_id.to_string());
    let holds = waited >= TimeDelta::minutes(rule.threshold.into());
    Some(Reading { holds, ..reading(Kind::Queue, subject, facts) })
}

fn network(set_up: &SetUp, rule: &Rule, kind: Kind, lane: &Troubled) -> Option<Reading> {
    let network = set_up.network(&lane.network)?;
    let facts = Facts {
        network: of_network(network),
        count: Some(lane.failures_in_row.into()),
        link: format!("/networks/{}", network.slug),
        ..Facts::default()
    };
    let is_about = rule.is_about(Some(network.network_id), None);
    is_about.then(|| reading(kind, network.network_id, facts))
}

fn unmapped(set_up: &SetUp, rule: &Rule, word: &screen::Unmapped) -> Option<Reading> {
    let network = set_up.network(&word.network)?;
    let facts = Facts {
        network: of_network(network),
        count: Some(word.words),
        link: format!("/unmapped?network={}", network.slug),
        ..Facts::default()
    };
    let is_about = rule.is_about(Some(network.network_id), None);
    is_about.then(|| Reading { size: word.words, ..reading(Kind::Unmapped, network.network_id, facts) })
}

/// How far a cap is used up.
struct Used {
    cap_id: Uuid,
    network: Arc<Network>,
    offer: Arc<Offer>,
    period: &'static str,
    used: i64,
    limit: i64,
}

impl Used {
    fn reading(&self, kind: Kind, rule: &Rule) -> Option<Reading> {
        let percent = percent(self.used, self.limit);
        // A cap of nothing is a closed route, and a full one is not told as nearly full.
        let is_full = self.used >= self.limit;
        let (is_near, holds) = match kind {
            Kind::CapFull => (is_full, is_full),
            _ => (percent >= i64::from(rule.threshold), !is_full),
        };
        let facts = Facts {
            network: of_network(&self.network),
            offer: of_offer(&self.offer),
            word: Some(self.period.to_owned()),
            count: Some(self.used),
            limit: Some(self.limit),
            percent: Some(percent),
            link: format!("/offers/{}/routing", self.offer.slug),
            ..Facts::default()
        };
        let is_about = rule.is_about(Some(self.network.network_id), Some(self.offer.offer_id));
        (is_near && is_about && self.limit > 0).then(|| Reading { holds, ..reading(kind, self.cap_id, facts) })
    }
}

/// The caps of routes in use, in their windows of this moment.
async fn caps(conn: &mut PgConnection, set_up: &SetUp, now: DateTime<Utc>) -> sqlx::Result<Vec<Used>> {
    let mut windows = Vec::new();
    let mut caps = Vec::new();
    for route in set_up.routes.values().flatten().filter(|route| route.enabled) {
        let (Some(network), Some(offer)) = (set_up.networks.get(&route.network_id), set_up.offers.get(&route.offer_id))
        else {
            continue;
        };
        for limit in route.caps.iter().filter(|_| network.enabled && offer.enabled) {
            windows.push((limit.cap_id, cap::window(limit.period, route.timezone, now).starts_at));
            caps.push(Used {
                cap_id: limit.cap_id,
                network: Arc::clone(network),
                offer: Arc::clone(offer),
                period: limit.period.as_str(),
                used: 0,
                limit: limit.limit.into(),
            });
        }
    }
    for (cap_id, _, used) in db::routing::used(conn, &windows).await? {
        if let Some(cap) = caps.iter_mut().find(|cap| cap.cap_id == cap_id) {
            cap.used = used.into();
        }
    }
    Ok(caps)
}

async fn polls(conn: &mut PgConnection, set_up: &SetUp, rule: &Rule, now: DateTime<Utc>) -> sqlx::Result<Vec<Reading>> {
    let enabled = set_up.networks.values().filter(|network| network.enabled);
    let networks: Vec<Uuid> = enabled.map(|network| network.network_id).collect();
    let mut readings = Vec::new();
    for feed in db::feed::of(conn, &networks).await? {
        let (Some(network), Some(until)) = (set_up.networks.get(&feed.network_id), feed.until) else { continue };
        let pace = TimeDelta::seconds(feed.every_seconds.into());
        let (behind, allowed) = (now - until, pace * rule.threshold);
        // One that has caught up with the last interval but one is not late any more.
        let is_near = behind > allowed - pace;
        if !is_near || !rule.is_about(Some(network.network_id), None) {
            continue;
        }
        let facts = Facts {
            network: of_network(network),
            word: Some(feed.name.clone()),
            minutes: Some(behind.num_minutes()),
            link: format!("/networks/{}", network.slug),
            ..Facts::default()
        };
        let subject = format!("{}:{}", network.network_id, feed.name);
        readings.push(Reading { holds: behind > allowed, ..reading(Kind::PollLate, subject, facts) });
    }
    Ok(readings)
}

fn endpoint(rule: &Rule, failing: &alert_rule::Endpoint) -> Reading {
    let facts = Facts {
        webmaster: failing.webmaster,
        count: Some(failing.failures_in_row.into()),
        link: format!("/postbacks?postback={}", failing.postback_id),
        ..Facts::default()
    };
    let holds = failing.failures_in_row >= rule.threshold;
    Reading { holds, ..reading(Kind::Postbacks, failing.postback_id, facts) }
}

fn disk(rule: &Rule, room: Room) -> Option<Reading> {
    let number = |bytes: u64| i64::try_from(bytes >> 10).unwrap_or(i64::MAX / 100);
    let free = percent(number(room.free), number(room.total));
    let threshold = i64::from(rule.threshold);
    let facts = Facts { percent: Some(free), link: "/health".to_owned(), ..Facts::default() };
    (free < threshold + 2).then(|| Reading { holds: free < threshold, ..reading(Kind::Disk, "data", facts) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_watched_with_a_margin() {
        let rule = Rule::usual(Kind::Disk);
        let holds = |free: u64| disk(&rule, Room { free: free << 30, total: 100 << 30 }).map(|reading| reading.holds);
        assert_eq!([9, 10, 11, 12].map(holds), [Some(true), Some(false), Some(false), None]);
    }

    #[test]
    fn percents_need_a_whole() {
        assert_eq!((percent(4, 5), percent(1, 0), percent(0, 7)), (80, 0, 0));
    }
}

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::Map;
use uuid::Uuid;

use super::*;
use crate::domain::rules::{Network, OnRefused, OpenSpan, Route, Rules, Schedule};
use crate::domain::status::Status;

const OFFER: Uuid = Uuid::from_u128(1);
const WEBMASTER: Uuid = Uuid::from_u128(2);

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A Wednesday noon.
fn now() -> DateTime<Utc> {
    at("2026-01-14T12:00:00Z")
}

fn network(id: u128) -> Network {
    Network {
        network_id: Uuid::from_u128(id),
        number: 1,
        slug: format!("net-{id}"),
        name: String::new(),
        integration: "http-json".to_owned(),
        settings: Map::new(),
        secrets: None,
        params: Map::new(),
        status_map: Default::default(),
        enabled: true,
        timeout_seconds: 30,
        postback_secret: Vec::new(),
        settings_version: 1,
    }
}

/// A route of its own network that takes everything.
fn route(id: u128) -> Route {
    Route {
        route_id: Uuid::from_u128(id),
        offer_id: OFFER,
        network_id: Uuid::from_u128(id),
        position: 1,
        weight: 1,
        countries: Vec::new(),
        webmasters: Vec::new(),
        caps: Vec::new(),
        schedule: None,
        timezone: Tz::UTC,
        on_refused: OnRefused::Next,
        max_age_hours: 24,
        trigger_status: None,
        enabled: true,
    }
}

fn rules_of(routes: Vec<Route>) -> Rules {
    let networks = routes.iter().map(|route| (route.network_id, Arc::new(network(route.network_id.as_u128()))));
    Rules {
        networks: networks.collect(),
        routes: HashMap::from([(OFFER, routes.into_iter().map(Arc::new).collect())]),
        ..Rules::default()
    }
}

fn subject(lead: u128) -> Subject<'static> {
    Subject {
        lead_id: Uuid::from_u128(lead),
        country: Some("DE"),
        webmaster_id: WEBMASTER,
        created_at: now(),
        test: false,
    }
}

fn tried(route: &Route, why: Why) -> Tried {
    Tried { route_id: route.route_id, network_id: route.network_id, why }
}

fn picked(decision: &Decision) -> Option<u128> {
    decision.picked.as_ref().map(|route| route.route_id.as_u128())
}

fn verdicts(decision: &Decision) -> Vec<Verdict> {
    decision.trace.0.iter().map(|line| line.verdict).collect()
}

fn hours(from: &str, to: &str, days: &[&str]) -> Schedule {
    let days = days.iter().map(|day| (*day).to_owned()).collect();
    Schedule { open: vec![OpenSpan { days, from: from.to_owned(), to: to.to_owned() }] }
}

#[test]
fn every_condition_has_its_word() {
    let mut routes: Vec<Route> = (1..=9).map(|id| Route { position: id, ..route(id as u128) }).collect();
    routes[0].enabled = false;
    routes[1].countries = vec!["FR".to_owned()];
    routes[2].webmasters = vec![Uuid::from_u128(99)];
    routes[3].max_age_hours = 0;
    routes[4].schedule = Some(hours("18:00", "20:00", &["wed"]));
    routes[5].schedule = Some(Schedule::default());
    routes[6].trigger_status = Some(Status::Approved);
    let mut rules = rules_of(routes);
    Arc::get_mut(rules.networks.get_mut(&Uuid::from_u128(8)).unwrap()).unwrap().enabled = false;
    let decision = choose(&rules, OFFER, None, &subject(1), &[], now());
    use Verdict::{Closed, Country, Disabled, NetworkDisabled, Taken, TooOld, Webmaster};
    assert_eq!(
        verdicts(&decision),
        [Disabled, Country, Webmaster, TooOld, Closed, Closed, NetworkDisabled, Taken],
        "the fulfilment route has no part in it"
    );
    assert_eq!(picked(&decision), Some(9));
    assert_eq!(decision.wake_at, Some(at("2026-01-14T18:00:00Z")));
    assert!(decision.has_room_later);
    let fulfilment = choose(&rules, OFFER, Some(Status::Approved), &subject(1), &[], now());
    assert_eq!((picked(&fulfilment), fulfilment.trace.0.len()), (Some(7), 1));
    let nowhere = choose(&rules, Uuid::from_u128(5), None, &subject(1), &[], now());
    assert!(nowhere.picked.is_none() && nowhere.trace.0.is_empty());
}

#[test]
fn a_refusal_goes_on_or_ends_it() {
    let mut routes: Vec<Route> = (1..=3).map(|id| Route { position: id, ..route(id as u128) }).collect();
    routes[2].network_id = routes[0].network_id;
    let rules = |routes: &[Route]| rules_of(routes.to_vec());
    let refused = [tried(&routes[0], Why::Refused)];
    let decision = choose(&rules(&routes), OFFER, None, &subject(1), &refused, now());
    use Verdict::{Full, RefusedBefore, Stopped, Taken};
    assert_eq!(verdicts(&decision), [RefusedBefore, Taken, RefusedBefore], "the third route is the same network");
    routes[0].on_refused = OnRefused::Stop;
    let decision = choose(&rules(&routes), OFFER, None, &subject(1), &refused, now());
    assert_eq!(verdicts(&decision), [RefusedBefore, Stopped, RefusedBefore]);
    assert!(decision.picked.is_none() && !decision.has_room_later);
    let full: Vec<Tried> = routes.iter().map(|route| tried(route, Why::NoCapacity)).collect();
    let decision = choose(&rules(&routes), OFFER, None, &subject(1), &full, now());
    assert_eq!(verdicts(&decision), [Full, Full, Full]);
    assert!(decision.picked.is_none() && decision.has_room_later && decision.wake_at.is_none());
}

#[test]
fn an_opening_after_the_lead_has_aged_is_no_room() {
    let closed = Route { schedule: Some(hours("09:00", "10:00", &["fri"])), ..route(1) };
    let decision = choose(&rules_of(vec![closed.clone()]), OFFER, None, &subject(1), &[], now());
    assert!(!decision.has_room_later && decision.wake_at.is_none());
    let patient = Route { max_age_hours: 72, ..closed };
    let decision = choose(&rules_of(vec![patient]), OFFER, None, &subject(1), &[], now());
    assert_eq!((decision.has_room_later, decision.wake_at), (true, Some(at("2026-01-16T09:00:00Z"))));
}

#[test]
fn siblings_share_by_weight() {
    let weights = [(1, 50), (2, 30), (3, 20), (4, 0)];
    let all = rules_of(weights.iter().map(|(id, weight)| Route { weight: *weight, ..route(*id) }).collect());
    let fewer = rules_of(weights[1..].iter().map(|(id, weight)| Route { weight: *weight, ..route(*id) }).collect());
    let mut counts = HashMap::<u128, f64>::new();
    for lead in 0..20_000 {
        let decision = choose(&all, OFFER, None, &subject(lead), &[], now());
        let first = picked(&decision).unwrap();
        *counts.entry(first).or_default() += 1.0;
        assert_eq!(decision.candidates.last().unwrap().weight, 0, "the weightless comes last");
        if first != 1 {
            let again = choose(&fewer, OFFER, None, &subject(lead), &[], now());
            assert_eq!(picked(&again), Some(first), "only the leads of the removed sibling move");
        }
    }
    for (id, weight) in weights {
        let share = counts.get(&id).copied().unwrap_or_default() / 20_000.0;
        assert!((share - f64::from(weight) / 100.0).abs() < 0.015, "{id}: {share}");
    }
}

#[test]
fn schedules_are_read_in_their_zone() {
    let kyiv = hours("09:00", "18:00", &["mon", "tue", "wed", "thu", "fri"]);
    let open_at = |text| is_open(Some(&kyiv), Tz::Europe__Kyiv, at(text));
    assert!(open_at("2026-01-14T07:00:00Z") && open_at("2026-01-14T15:59:59Z"));
    assert!(!open_at("2026-01-14T06:59:59Z") && !open_at("2026-01-14T16:00:00Z") && !open_at("2026-01-17T10:00:00Z"));
    let friday_night = at("2026-01-16T20:00:00Z");
    assert_eq!(next_opening(&kyiv, Tz::Europe__Kyiv, friday_night), Some(at("2026-01-19T07:00:00Z")));
    assert_eq!(next_opening(&Schedule::default(), Tz::UTC, now()), None);
    // The span lies in the hour that is skipped on the 29th: it opens a week later.
    let skipped = hours("02:00", "03:00", &["sun"]);
    let opens = next_opening(&skipped, Tz::Europe__Berlin, at("2026-03-28T12:00:00Z"));
    assert_eq!(opens, Some(at("2026-04-05T00:00:00Z")));
    // The hour that comes twice opens twice.
    let twice = hours("02:00", "02:30", &["sun"]);
    let opens = next_opening(&twice, Tz::Europe__Berlin, at("2026-10-25T00:45:00Z"));
    assert_eq!(opens, Some(at("2026-10-25T01:00:00Z")));
}

#[test]
fn schedules_are_checked_when_saved() {
    assert!(hours("00:00", "24:00", &["mon", "sun"]).check().is_empty());
    for (schedule, field) in [
        (hours("9:00", "18:00", &["mon"]), "open[0].from"),
        (hours("24:00", "24:00", &["mon"]), "open[0].from"),
        (hours("09:60", "18:00", &["mon"]), "open[0].from"),
        (hours("09:00", "24:01", &["mon"]), "open[0].to"),
        (hours("22:00", "06:00", &["mon"]), "open[0].to"),
        (hours("09:00", "09:00", &["mon"]), "open[0].to"),
        (hours("09:00", "18:00", &["Monday"]), "open[0].days"),
        (hours("09:00", "18:00", &[]), "open[0].days"),
        (hours("+9:00", "18:00", &["mon"]), "open[0].from"),
    ] {
        let fields: Vec<String> = schedule.check().into_iter().map(|err| err.field).collect();
        assert_eq!(fields, [field], "{schedule:?}");
    }
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let days = proptest::sample::subsequence(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 1..=7);
    let span = (days, 0_u32..95, 1_u32..96).prop_map(|(days, from, to)| {
        let clock = |quarter: u32| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
        OpenSpan {
            days: days.into_iter().map(str::to_owned).collect(),
            from: clock(from.min(to - 1)),
            to: clock(to.max(from + 1)),
        }
    });
    proptest::collection::vec(span, 0..4).prop_map(|open| Schedule { open })
}

fn any_route(id: u128) -> impl Strategy<Value = Route> {
    let countries = proptest::sample::subsequence(vec!["DE".to_owned(), "FR".to_owned()], 0..=1);
    let webmasters = proptest::sample::subsequence(vec![WEBMASTER, Uuid::from_u128(3)], 0..=2);
    (
        (1_u128..4, 1_i32..4, 0_i32..4, countries, webmasters),
        (
            proptest::option::of(any_schedule()),
            0_i32..30,
            any::<bool>(),
            proptest::bool::weighted(0.8),
            proptest::bool::weighted(0.8),
        ),
    )
        .prop_map(
            move |((network, position, weight, countries, webmasters), (schedule, age, stop, fulfils_not, enabled))| {
                Route {
                    network_id: Uuid::from_u128(network),
                    position,
                    weight,
                    countries,
                    webmasters,
                    schedule,
                    max_age_hours: age,
                    on_refused: if stop { OnRefused::Stop } else { OnRefused::Next },
                    trigger_status: (!fulfils_not).then_some(Status::Approved),
                    enabled,
                    ..route(id)
                }
            },
        )
}

fn any_routes() -> impl Strategy<Value = Vec<Route>> {
    (any_route(11), any_route(12), any_route(13), any_route(14), 0_usize..5)
        .prop_map(|(a, b, c, d, count)| vec![a, b, c, d].into_iter().take(count).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn only_routes_that_fit_are_candidates_and_the_decision_is_stable(
        routes in any_routes(),
        lead in any::<u128>(),
        country in proptest::option::of(proptest::sample::select(&["DE", "FR"][..])),
        age in 0_i64..40,
        outcomes in proptest::collection::vec(proptest::option::of(any::<bool>()), 4),
    ) {
        let why = |refused| if refused { Why::Refused } else { Why::NoCapacity };
        let tried: Vec<Tried> = routes.iter().zip(&outcomes)
            .filter_map(|(route, refused)| Some(tried(route, why((*refused)?)))).collect();
        let subject = Subject { country, created_at: now() - TimeDelta::hours(age), ..subject(lead) };
        let rules = rules_of(routes.clone());
        let decision = choose(&rules, OFFER, None, &subject, &tried, now());

        let mut turned = routes.clone();
        turned.reverse();
        let again = choose(&rules_of(turned), OFFER, None, &subject, &tried, now());
        prop_assert_eq!(&decision.trace, &again.trace, "the order of the rows does not matter");

        prop_assert_eq!(decision.trace.0.len(), routes.iter().filter(|route| route.trigger_status.is_none()).count());
        prop_assert_eq!(decision.picked.as_ref().map(|r| r.route_id), decision.candidates.first().map(|r| r.route_id));
        prop_assert!(decision.candidates.windows(2).all(|pair| pair[0].position <= pair[1].position));
        prop_assert!(decision.wake_at.is_none_or(|at| at > now() && decision.has_room_later));
        for route in &decision.candidates {
            prop_assert!(route.enabled && route.trigger_status.is_none());
            prop_assert!(route.countries.is_empty() || country.is_some_and(|code| route.countries.contains(&code.to_owned())));
            prop_assert!(route.webmasters.is_empty() || route.webmasters.contains(&WEBMASTER));
            prop_assert!(is_open(route.schedule.as_ref(), route.timezone, now()));
            prop_assert!(age < i64::from(route.max_age_hours));
            prop_assert!(tried.iter().all(|tried| tried.route_id != route.route_id));
            prop_assert!(tried.iter().all(|tried| tried.why != Why::Refused || tried.network_id != route.network_id));
        }
        let stops = |tried: &&Tried| tried.why == Why::Refused && routes.iter().any(|route| {
            route.route_id == tried.route_id && route.on_refused == OnRefused::Stop && route.trigger_status.is_none()
        });
        if tried.iter().any(|tried| stops(&tried)) {
            prop_assert!(decision.candidates.is_empty() && !decision.has_room_later);
        }
        for (place, line) in decision.trace.0.iter().enumerate() {
            let candidate = decision.candidates.iter().position(|route| route.route_id == line.route_id);
            let expected = candidate.map(|place| if place == 0 { Verdict::Taken } else { Verdict::Later });
            prop_assert_eq!(expected, Some(line.verdict).filter(|v| matches!(v, Verdict::Taken | Verdict::Later)), "{}", place);
        }
    }

    #[test]
    fn the_next_opening_is_the_next(schedule in any_schedule(), quarter in 0_i64..40_000) {
        prop_assert!(schedule.check().is_empty());
        let tz = Tz::Asia__Kolkata;
        let start = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(15 * quarter);
        if is_open(Some(&schedule), tz, start) {
            return Ok(());
        }
        let opens = next_opening(&schedule, tz, start);
        prop_assert_eq!(opens.is_none(), schedule.open.is_empty());
        let scanned = (1..=8 * 96).map(|step| start + TimeDelta::minutes(15 * step));
        prop_assert_eq!(opens, scanned.into_iter().find(|at| is_open(Some(&schedule), tz, *at)));
    }

    #[test]
    fn an_opening_is_open_in_every_zone(
        schedule in any_schedule(),
        tz in proptest::sample::select(&chrono_tz::TZ_VARIANTS[..]),
        seconds in 0_i64..2_500_000_000,
    ) {
        let start = DateTime::from_timestamp(seconds, 0).unwrap();
        let opens = next_opening(&schedule, tz, start);
        prop_assert_eq!(opens.is_none(), schedule.open.is_empty());
        prop_assert!(opens.is_none_or(|at| at > start && is_open(Some(&schedule), tz, at)));
    }

    #[test]
    fn any_schedule_text_is_judged(from in ".{0,6}", to in ".{0,6}", day in ".{0,4}") {
        let schedule = hours(&from, &to, &[&day]);
        let _ = (schedule.check(), is_open(Some(&schedule), Tz::UTC, now()), next_opening(&schedule, Tz::UTC, now()));
    }
}

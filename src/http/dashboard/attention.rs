//! What needs a person now, each with the place where one acts. Nothing here means nothing is wrong.

use chrono::{DateTime, Utc};

use super::format;
use super::texts::{Text, say};
use crate::db::screen_overview::{Late, MOST, Troubled, Unmapped, Waiting};

/// What the database knows of trouble.
#[derive(Debug, Default)]
pub struct Trouble {
    /// Leads and calls that wait for a person.
    pub waiting: Waiting,
    /// Status words without a meaning.
    pub unmapped: Vec<Unmapped>,
    /// Paused networks and open breakers.
    pub lanes: Vec<Troubled>,
    /// Queues that do not move.
    pub late: Vec<Late>,
}

/// One thing to look at.
#[derive(Debug)]
pub struct Item {
    /// `bad`: leads or money are stuck; `warn`: they will be.
    pub tone: &'static str,
    pub title: String,
    pub detail: String,
    pub href: String,
    /// What one does there.
    pub action: Text,
}

/// The list, the worst first.
pub fn items(trouble: &Trouble, now: DateTime<Utc>) -> Vec<Item> {
    let mut items = Vec::new();
    items.extend(trouble.late.iter().map(|late| queue(late, now)));
    let waiting = &trouble.waiting;
    let mut count = |number: i64, tone, what: &str, href: &str, action: &'static str| {
        if number > 0 {
            // Counts stop somewhere: "10,000 or more" is plural whatever follows.
            let title = say(format!("attention-{what}")).count("count", number);
            let title = if number >= MOST { format!("≥ {title}") } else { title.to_string() };
            let detail = say(format!("attention-{what}-detail")).into();
            items.push(Item { tone, title, detail, href: href.to_owned(), action: say(action) });
        }
    };
    count(waiting.in_review, "bad", "review", "/deliveries?state=needs_review", "attention-go-review");
    count(waiting.dead, "bad", "dead", "/deliveries?state=dead", "attention-go-deliveries");
    count(waiting.unrouted, "bad", "unrouted", "/leads?delivery=no_route", "attention-go-leads");
    items.extend(trouble.lanes.iter().map(|lane| network(lane, now)));
    for unmapped in &trouble.unmapped {
        let title = say("attention-unmapped").with("network", &unmapped.network).count("words", unmapped.words);
        items.push(Item {
            tone: "warn",
            title: title.into(),
            detail: say("attention-unmapped-detail").count("reports", unmapped.reports).into(),
            href: format!("/unmapped?network={}", unmapped.network),
            action: say("attention-go-unmapped"),
        });
    }
    if waiting.untold > 0 {
        items.push(Item {
            tone: "warn",
            title: say("attention-untold").count("count", waiting.untold).into(),
            detail: say("attention-untold-detail").into(),
            href: "/postbacks?state=dead".into(),
            action: say("attention-go-postbacks"),
        });
    }
    items
}

fn queue(late: &Late, now: DateTime<Utc>) -> Item {
    let age = format::age(late.due_at, now);
    let (tone, title, what, href, action) = match &late.network {
        Some(network) => {
            let title = say("attention-late-network").with("network", network);
            ("bad", title, "network", format!("/networks/{network}"), "attention-go-network")
        }
        None if late.kind == "endpoint" => (
            "warn",
            say("attention-late-endpoint"),
            "endpoint",
            "/postbacks?state=waiting".into(),
            "attention-go-postbacks",
        ),
        None => ("warn", say("attention-late-own"), "own", "/networks".into(), "attention-go-networks"),
    };
    let detail = say(format!("attention-late-{what}-detail")).with("age", age).into();
    Item { tone, title: title.into(), detail, href, action: say(action) }
}

fn network(lane: &Troubled, now: DateTime<Utc>) -> Item {
    let name = &lane.network;
    let failures = lane.failures_in_row;
    let (title, detail) = match (lane.paused_at, lane.open_until) {
        (Some(at), _) => {
            let why = lane.paused_why.clone().unwrap_or_else(|| say("attention-paused-unsaid").into());
            let detail = say("attention-paused-detail").with("age", format::age(at, now)).with("why", why);
            ("attention-paused", detail)
        }
        (None, Some(until)) if until > now => {
            let detail = say("attention-open-detail").count("failures", failures).with("time", format::clock(until));
            ("attention-open", detail)
        }
        _ => ("attention-probe", say("attention-probe-detail").count("failures", failures)),
    };
    Item {
        tone: if lane.enabled { "bad" } else { "warn" },
        title: say(title).with("network", name).into(),
        detail: detail.into(),
        href: format!("/networks/{name}"),
        action: say("attention-go-network"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    #[test]
    fn no_trouble_is_nothing_to_show() {
        assert!(items(&Trouble::default(), now()).is_empty());
    }

    #[test]
    fn each_trouble_names_the_place_to_act() {
        let lane = |paused_at, open_until| Troubled {
            network: "n1".into(),
            enabled: true,
            paused_at,
            paused_why: Some("bad key".into()),
            open_until,
            failures_in_row: 7,
        };
        let (before, after) = (now() - TimeDelta::hours(2), now() + TimeDelta::minutes(1));
        let trouble = Trouble {
            waiting: Waiting { in_review: 1, dead: MOST, unrouted: 3, untold: 2 },
            unmapped: vec![Unmapped { network: "n2".into(), words: 2, reports: 1 }],
            lanes: vec![lane(Some(before), None), lane(None, Some(after)), lane(None, Some(before))],
            late: vec![Late { kind: "network".into(), network: Some("n3".into()), due_at: before }],
        };
        let items = items(&trouble, now());
        let titles: Vec<&str> = items.iter().map(|item| item.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "The queue of n3 is late",
                "1 delivery needs review",
                "≥ 10,000 deliveries gave up",
                "3 leads without a route",
                "n1 is paused",
                "n1 does not answer",
                "n1 is being tried again",
                "n2 uses 2 status words nobody has mapped",
                "2 postbacks to webmasters gave up today",
            ]
        );
        assert!(items.iter().all(|item| !item.detail.is_empty() && item.href.starts_with('/')));
    }
}

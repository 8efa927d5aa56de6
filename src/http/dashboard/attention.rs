//! What needs a person now, each with the place where one acts. Nothing here means nothing is wrong.

use chrono::{DateTime, Utc};

use super::{format, words};
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
#[derive(Debug, PartialEq, Eq)]
pub struct Item {
    /// `bad`: leads or money are stuck; `warn`: they will be.
    pub tone: &'static str,
    pub title: String,
    pub detail: String,
    pub href: String,
    /// What one does there.
    pub action: &'static str,
}

/// The list, the worst first.
pub fn items(trouble: &Trouble, now: DateTime<Utc>) -> Vec<Item> {
    let mut items = Vec::new();
    items.extend(trouble.late.iter().map(|late| queue(late, now)));
    let waiting = &trouble.waiting;
    let mut count = |number: i64, tone, texts: (&str, &str), detail: &str, href: &str, action| {
        if number > 0 {
            let title = match number {
                MOST.. => format!("{MOST}+ {}", texts.1),
                _ => words::count(number.unsigned_abs(), texts.0, texts.1),
            };
            items.push(Item { tone, title, detail: detail.to_owned(), href: href.to_owned(), action });
        }
    };
    count(
        waiting.in_review,
        "bad",
        ("delivery needs review", "deliveries need review"),
        "The answer was lost: find out whether the network has the lead before it is sent again.",
        "/leads?delivery=needs_review",
        "Review leads",
    );
    count(
        waiting.dead,
        "bad",
        ("delivery gave up", "deliveries gave up"),
        "These leads have no buyer. Send them again or elsewhere.",
        "/leads?delivery=dead&status=new",
        "See leads",
    );
    count(
        waiting.unrouted,
        "bad",
        ("lead without a route", "leads without a route"),
        "No route takes them. They go out as soon as one does.",
        "/leads?delivery=no_route",
        "See leads",
    );
    items.extend(trouble.lanes.iter().map(|lane| network(lane, now)));
    for unmapped in &trouble.unmapped {
        let said = words::count(unmapped.words.unsigned_abs(), "status word", "status words");
        let reports = words::count(unmapped.reports.unsigned_abs(), "report waits", "reports wait");
        items.push(Item {
            tone: "warn",
            title: format!("{} uses {said} nobody has mapped", unmapped.network),
            detail: format!("{reports} for it. Say what they mean and they are applied."),
            href: format!("/networks/{}#words", unmapped.network),
            action: "Map statuses",
        });
    }
    if waiting.untold > 0 {
        let calls = words::count(waiting.untold.unsigned_abs(), "postback", "postbacks");
        items.push(Item {
            tone: "warn",
            title: format!("{calls} to webmasters gave up today"),
            detail: "Their address did not answer for long. They do not know the status of these leads.".into(),
            href: "/leads?postback=dead".into(),
            action: "See leads",
        });
    }
    items
}

fn queue(late: &Late, now: DateTime<Utc>) -> Item {
    let age = format::age(late.due_at, now);
    match &late.network {
        Some(network) => Item {
            tone: "bad",
            title: format!("The queue of {network} is late"),
            detail: format!("Its oldest job has been due for {age}. Its limits may be too low, or the server is busy."),
            href: format!("/networks/{network}"),
            action: "Open network",
        },
        None if late.kind == "endpoint" => Item {
            tone: "warn",
            title: "Postbacks to a webmaster are late".into(),
            detail: format!("The oldest has been due for {age}."),
            href: "/leads?postback=waiting".into(),
            action: "See leads",
        },
        None => Item {
            tone: "warn",
            title: "The server’s own work is late".into(),
            detail: format!("Its oldest job has been due for {age}."),
            href: "/networks".into(),
            action: "See networks",
        },
    }
}

fn network(lane: &Troubled, now: DateTime<Utc>) -> Item {
    let name = &lane.network;
    let (title, detail) = match (lane.paused_at, lane.open_until) {
        (Some(at), _) => {
            let why = lane.paused_why.as_deref().unwrap_or("no reason was given");
            (format!("{name} is paused"), format!("For {}: {why}. Its leads wait.", format::age(at, now)))
        }
        (None, Some(until)) if until > now => (
            format!("{name} does not answer"),
            format!(
                "{} failures in a row; the next try is at {} UTC. Its leads wait.",
                lane.failures_in_row,
                until.format("%H:%M:%S")
            ),
        ),
        _ => (
            format!("{name} is being tried again"),
            format!("{} failures in a row; the next lead is a probe.", lane.failures_in_row),
        ),
    };
    let tone = if lane.enabled { "bad" } else { "warn" };
    Item { tone, title, detail, href: format!("/networks/{name}"), action: "Open network" }
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
                "10000+ deliveries gave up",
                "3 leads without a route",
                "n1 is paused",
                "n1 does not answer",
                "n1 is being tried again",
                "n2 uses 2 status words nobody has mapped",
                "2 postbacks to webmasters gave up today",
            ]
        );
        assert!(items.iter().all(|item| item.href.starts_with("/leads?") || item.href.starts_with("/networks")));
    }
}

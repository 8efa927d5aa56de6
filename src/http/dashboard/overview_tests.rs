use super::*;
use crate::db::screen_overview::{Late, Steps, Troubled, Unmapped, Waiting};
use crate::http::dashboard::html;
use crate::http::principal::UserRole;

/// The frame for a manager of the samples.
pub fn shell(active: &'static str) -> Shell {
    Shell {
        title: "Sample".into(),
        active,
        user_email: "maria@relay.example".into(),
        role: UserRole::Admin,
        flash: None,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn trouble() -> attention::Trouble {
    attention::Trouble {
        waiting: Waiting { in_review: 2, dead: 14, unrouted: 3, untold: 5 },
        unmapped: vec![Unmapped { network: "northwind".into(), words: 2, reports: 31 }],
        lanes: vec![Troubled {
            network: "leadhub".into(),
            enabled: true,
            paused_at: Some(now() - TimeDelta::minutes(42)),
            paused_why: Some("HTTP 401: the key is not known <b>".into()),
            open_until: None,
            failures_in_row: 3,
        }],
        late: vec![Late {
            kind: "network".into(),
            network: Some("affinity".into()),
            due_at: now() - TimeDelta::minutes(11),
        }],
    }
}

/// A page as on a busy day.
fn full() -> Page {
    let pair = |today, yesterday| Pair { today, yesterday };
    let totals = Totals {
        leads: pair(12_408, 11_020),
        accepted: pair(10_931, 10_004),
        refused: pair(1_140, 1_311),
        approved: pair(3_312, 3_312),
        waiting: 86,
    };
    let booked = |side: &str, currency: &str, today: i64, yesterday: i64| Booked {
        side: side.into(),
        currency: currency.into(),
        today: Decimal::new(today, 2),
        yesterday: Decimal::new(yesterday, 2),
    };
    let money = [
        booked("payout", "USD", 3_312_050, 3_100_000),
        booked("revenue", "EUR", 41_200, 0),
        booked("revenue", "USD", 4_968_075, 4_650_000),
    ];
    Page {
        shell: shell("/"),
        now: now(),
        stats: stats(&totals, &money),
        attention: attention::items(&trouble(), now()),
        steps: Vec::new(),
    }
}

/// A page of an instance where nothing has happened.
fn empty() -> Page {
    let there = Steps { network: true, ..Steps::default() };
    Page {
        shell: shell("/"),
        now: now(),
        stats: stats(&Totals::default(), &[]),
        attention: Vec::new(),
        steps: steps::list(there, &First::default(), "https://relay.example", UserRole::Admin),
    }
}

#[test]
fn both_pages_are_sound() {
    let full = html::check("overview", &full());
    let empty = html::check("overview-empty", &empty());
    assert!(full.contains("leadhub is paused") && !full.contains("known <b>"));
    assert!(empty.contains("2 of 6 done") && empty.contains("Nothing. Queues move"));
    assert!(!full.contains("First steps"));
}

#[test]
fn changes_are_told_as_parts_of_yesterday() {
    let text = |today: i64, yesterday: i64| {
        let delta = delta(today.into(), yesterday.into()).unwrap();
        (delta.direction, delta.text)
    };
    assert_eq!(text(112, 100), ("up", "+12 %".into()));
    assert_eq!(text(50, 100), ("down", "-50 %".into()));
    assert_eq!(text(7, 0), ("up", "new".into()));
    assert_eq!(delta(Decimal::MAX, Decimal::ONE).unwrap().text, "", "too much to say");
    assert_eq!(delta(7.into(), 7.into()), None);
}

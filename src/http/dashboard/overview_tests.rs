use rust_decimal::Decimal;

use super::*;
use crate::db::screen_overview::{Late, Steps, Troubled, Unmapped, Waiting};
use crate::domain::stats::{Counts, Money};
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
    let hour = |span, hour, leads, approved| Hour {
        span,
        hour,
        counts: Counts { leads, delivered: leads - 3, approved, ..Counts::default() },
        refused: 3,
        declined: 7,
    };
    let mut hours: Vec<Hour> = (0..12).map(|at| hour(0, at, 400 + i64::from(at) * 31, 90)).collect();
    hours.extend((0..12).map(|at| hour(1, at, 380 + i64::from(at) * 29, 95)));
    let money =
        |payout: i64, revenue: i64| Money { payout: payout.into(), revenue: revenue.into(), ..Money::default() };
    hours[3].counts.add_money("USD", money(33_120, 49_680));
    hours[4].counts.add_money("EUR", money(0, 412));
    hours[13].counts.add_money("USD", money(31_000, 46_500));
    Page {
        shell: shell("/"),
        now: now(),
        stats: today::stats(&hours, &[("USD".into(), Decimal::from(5120))], screen::Open { waiting: 86, broken: 2 }),
        hours: lines(&hours),
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
        stats: today::stats(&[], &[], screen::Open::default()),
        hours: lines(&[]),
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
    assert!(full.contains("data-chart=") && full.contains("16,560.00") && !empty.contains("data-chart="));
}

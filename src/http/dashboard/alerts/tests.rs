use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::page::{Alert, Page};
use super::words;
use crate::domain::alert::{Facts, Kind, Named, What};
use crate::flow::alerts::{News, Voice};
use crate::http::dashboard::html;
use crate::http::dashboard::overview::tests::shell;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn facts() -> Facts {
    let named = |slug: &str, name: &str| Some(Named { slug: slug.into(), name: name.into() });
    Facts {
        network: named("acme", "Acme"),
        offer: named("tea", "Tea"),
        webmaster: Some(7),
        word: Some("day".into()),
        count: Some(2),
        limit: Some(10),
        minutes: Some(12),
        percent: Some(28),
        usual: Some(40),
        link: "/networks/acme".into(),
    }
}

fn news(n: u128, kind: Kind, what: What, is_new: bool) -> News {
    let opened_at = now() - TimeDelta::minutes(5);
    News { alert_id: Uuid::from_u128(n), kind, what, is_new, facts: facts(), opened_at, at: now() }
}

fn voice(language: &str) -> Voice {
    Voice { language: language.into(), zone: Tz::UTC }
}

#[test]
fn every_kind_has_its_words_in_both_languages() {
    for language in ["en", "ru"] {
        for kind in Kind::ALL {
            let message = words::write(&voice(language), &[news(1, *kind, What::Opened, true)], false);
            assert!(!message.title.is_empty() && !message.title.contains('{'), "{kind}: {}", message.title);
            assert_eq!(message.lines.len(), 1);
        }
    }
    let english = words::write(&voice("en"), &[news(1, Kind::CapNear, What::Opened, true)], false);
    assert_eq!(english.title, "Tea → Acme: 2 of 10 leads a day (28 %)");
    let russian = words::write(&voice("ru"), &[news(1, Kind::Unmapped, What::Worse, false)], false);
    assert_eq!(russian.title, "Стало больше: Acme: 2 слова статусов без значения");
}

#[test]
fn a_message_of_many_says_how_many_and_how_they_ended() {
    let all = [
        news(1, Kind::Breaker, What::Opened, true),
        news(2, Kind::Paused, What::Over, true),
        news(3, Kind::Disk, What::Over, false),
        news(4, Kind::Queue, What::Again, false),
    ];
    let message = words::write(&voice("en"), &all, false);
    assert_eq!(message.title, "2 alerts, 2 over");
    let lines: Vec<&str> = message.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        lines,
        [
            "Acme does not answer (2 failures in a row); its leads wait",
            "Came and went within 5 min: Acme is paused; its leads wait",
            "Over after 5 min: 28 % of the disk are free",
            "Still, for 5 min: The queue of Acme is late: the oldest has waited for 12 min",
        ]
    );
    assert_eq!(words::write(&voice("en"), &all[2..3], true).title, "While it was quiet: 1 alert is over");
}

#[test]
fn the_page_shows_what_is_open_first_and_says_so_when_nothing_is() {
    let alert = |closed_at| Alert {
        kind: words::kind_name("breaker"),
        is_critical: true,
        text: "<b>Acme does not answer".into(),
        link: "/networks/acme".into(),
        opened_at: now() - TimeDelta::hours(2),
        closed_at,
        is_calm: false,
    };
    let page = |open, past| Page {
        shell: shell("/alerts"),
        now: now(),
        open,
        past,
        rules: Vec::new(),
        channels: Vec::new(),
        messages: Vec::new(),
    };
    let text = html::check("alerts", &page(vec![alert(None)], vec![alert(Some(now()))]));
    assert!(text.contains("&#60;b&#62;Acme") && text.contains("attention__item--bad") && text.contains("2 h"));
    let empty = html::check("alerts-none", &page(Vec::new(), Vec::new()));
    assert!(empty.contains("Nothing is wrong.") && empty.contains("Nobody is told"));
}

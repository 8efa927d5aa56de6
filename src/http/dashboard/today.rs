//! The numbers of the overview: each of today, beside yesterday and a week ago at the same time.

use rust_decimal::Decimal;

use super::format;
use super::texts::{Text, say};
use crate::db::screen_overview::{MOST, Open};
use crate::db::stats_today::Hour;
use crate::domain::stats::{Counts, Money};

/// One number.
#[derive(Debug)]
pub(super) struct Stat {
    pub(super) label: Text,
    /// Money has one per currency.
    pub(super) values: Vec<String>,
    /// Against yesterday.
    pub(super) delta: Option<Delta>,
    /// What it is beside the number.
    pub(super) notes: Vec<Text>,
    pub(super) href: Option<&'static str>,
    pub(super) is_money: bool,
}

/// The change against yesterday.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Delta {
    /// `up` or `down`.
    pub(super) direction: &'static str,
    pub(super) text: String,
}

/// A span as a whole.
#[derive(Default)]
struct Day {
    counts: Counts,
    refused: i64,
    declined: i64,
}

/// All of them.
pub(super) fn stats(hours: &[Hour], held: &[(String, Decimal)], open: Open) -> Vec<Stat> {
    let day = |span: usize| {
        let mut day = Day::default();
        for hour in hours.iter().filter(|hour| hour.span == span) {
            day.counts += &hour.counts;
            day.refused += hour.refused;
            day.declined += hour.declined;
        }
        day
    };
    let days = [day(0), day(1), day(2)];
    vec![
        count("overview-leads", &days, |day| day.counts.leads, Some("/leads")),
        count("overview-accepted", &days, |day| day.counts.delivered, Some("/leads?delivery=accepted")),
        count("overview-refused", &days, |day| day.refused, Some("/leads?delivery=refused")),
        now("overview-broken", open.broken, "overview-broken-note", "/deliveries?state=dead"),
        now("overview-waiting", open.waiting, "overview-waiting-note", "/deliveries?state=waiting"),
        count("overview-approved", &days, |day| day.counts.approved, Some("/leads?status=approved")),
        rate(&days),
        held_money(held),
        sum("overview-payout", &days, |money| money.payout),
        sum("overview-revenue", &days, |money| money.revenue),
        sum("overview-margin", &days, Money::margin),
    ]
}

fn notes(yesterday: impl Into<String>, week: impl Into<String>) -> Vec<Text> {
    vec![say("overview-yesterday").with("what", yesterday.into()), say("overview-week").with("what", week.into())]
}

fn count(label: &'static str, days: &[Day; 3], read: fn(&Day) -> i64, href: Option<&'static str>) -> Stat {
    let [today, yesterday, week] = days.each_ref().map(read);
    Stat {
        label: say(label),
        values: vec![format::count(today)],
        delta: delta(today.into(), yesterday.into()),
        notes: notes(format::count(yesterday), format::count(week)),
        href,
        is_money: false,
    }
}

fn now(label: &'static str, number: i64, note: &'static str, href: &'static str) -> Stat {
    Stat {
        label: say(label),
        values: vec![up_to(number)],
        delta: None,
        notes: vec![say(note)],
        href: Some(href),
        is_money: false,
    }
}

/// Approved of a hundred that a network has decided on; trash does not count.
fn rate(days: &[Day; 3]) -> Stat {
    let text = |day: &Day| {
        let (approved, decided) = (day.counts.approved, day.counts.approved + day.declined);
        match decided {
            1.. if approved >= 0 => {
                let rate = (Decimal::from(approved * 100) / Decimal::from(decided)).round_dp(1);
                say("report-percent").with("rate", rate.to_string()).to_string()
            }
            _ => "–".to_owned(),
        }
    };
    let [today, yesterday, week] = days.each_ref().map(text);
    Stat {
        label: say("overview-rate"),
        values: vec![today],
        delta: None,
        notes: notes(yesterday, week),
        href: Some("/reports?group_by=day&by=event"),
        is_money: false,
    }
}

fn held_money(held: &[(String, Decimal)]) -> Stat {
    let values: Vec<String> = held.iter().map(|(currency, amount)| format::money(*amount, currency)).collect();
    Stat {
        label: say("overview-hold"),
        values: if values.is_empty() { vec!["0".into()] } else { values },
        delta: None,
        notes: vec![say("overview-hold-note")],
        href: Some("/leads?status=hold"),
        is_money: true,
    }
}

fn sum(label: &'static str, days: &[Day; 3], read: fn(&Money) -> Decimal) -> Stat {
    let amounts = |day: &Day| -> Vec<(String, Decimal)> {
        let all = day.counts.money.iter().map(|(currency, money)| (currency.clone(), read(money)));
        all.filter(|(_, amount)| !amount.is_zero()).collect()
    };
    let print = |amounts: &[(String, Decimal)]| -> Vec<String> {
        amounts.iter().map(|(currency, amount)| format::money(*amount, currency)).collect()
    };
    let [today, yesterday, week] = days.each_ref().map(amounts);
    let change = match (today.as_slice(), yesterday.as_slice()) {
        ([(currency, now)], [(other, then)]) if currency == other => delta(*now, *then),
        _ => None,
    };
    let (values, yesterday, week) = (print(&today), print(&yesterday), print(&week));
    let or_none = |texts: Vec<String>| if texts.is_empty() { "0".to_owned() } else { texts.join(", ") };
    Stat {
        label: say(label),
        values: if values.is_empty() { vec!["0".into()] } else { values },
        delta: change,
        notes: notes(or_none(yesterday), or_none(week)),
        href: None,
        is_money: true,
    }
}

/// Nothing where nothing changed: the note says it all.
fn delta(today: Decimal, yesterday: Decimal) -> Option<Delta> {
    if today == yesterday {
        return None;
    }
    let direction = if today > yesterday { "up" } else { "down" };
    let percent = (today - yesterday).checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(yesterday));
    let text = match percent {
        Some(percent) if yesterday > Decimal::ZERO => format!("{:+} %", percent.round()),
        Some(_) => String::new(),
        None if yesterday.is_zero() => say("overview-new").into(),
        None => String::new(),
    };
    Some(Delta { direction, text })
}

fn up_to(number: i64) -> String {
    if number >= MOST { format!("{}+", format::count(MOST)) } else { format::count(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn spans_are_summed_and_a_rate_needs_verdicts() {
        let hour = |span, hour, leads, approved, declined| Hour {
            span,
            hour,
            counts: Counts { leads, approved, ..Counts::default() },
            refused: 0,
            declined,
        };
        let hours = [hour(0, 1, 5, 1, 3), hour(0, 2, 6, 0, 0), hour(1, 1, 10, 0, 0), hour(2, 0, 7, 2, 2)];
        let stats = stats(&hours, &[("USD".into(), Decimal::TEN)], Open { waiting: 3, broken: 0 });
        assert_eq!((stats[0].values[0].as_str(), stats[0].notes.len()), ("11", 2));
        assert!(stats[0].notes[0].to_string().contains("10") && stats[0].notes[1].to_string().contains('7'));
        assert_eq!(stats[6].values, ["25\u{a0}%"]);
        assert!(stats[6].notes[0].to_string().contains('–'), "nothing was decided yesterday");
        assert_eq!(stats[7].values, ["10.00\u{a0}USD"]);
    }
}

//! The page: what is open now, the channels, the rules, and what was in the last days.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use tower_sessions::Session;

use super::words;
use crate::app::App;
use crate::db::{self, alert_channel, alert_message};
use crate::domain::alert::quiet;
use crate::domain::alert::{Facts, Kind, Rule};
use crate::flow::alerts::{self, Message};
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::principal::Principal;

/// Days that are looked back.
const DAYS: i64 = 7;
/// Alerts and messages shown of them.
const ROWS: i64 = 100;
const MESSAGES: i64 = 20;

/// An alert.
pub(super) struct Alert {
    pub kind: String,
    pub is_critical: bool,
    pub text: String,
    pub link: String,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    /// Its condition does not hold any more: it will be over soon.
    pub is_calm: bool,
}

/// A rule.
pub(super) struct RuleLine {
    pub kind: &'static str,
    pub name: String,
    pub is_critical: bool,
    pub is_on: bool,
    /// From when on, and about what.
    pub when: String,
}

/// A channel.
pub(super) struct ChannelLine {
    pub row: alert_channel::Row,
    /// `on`, `off` or `failed`.
    pub state: &'static str,
    pub about: String,
}

/// A message.
pub(super) struct MessageLine {
    pub row: alert_message::Row,
    pub title: String,
    pub alerts: usize,
    /// The word of a chip.
    pub state: &'static str,
}

#[derive(Template)]
#[template(path = "alerts/show.html")]
pub(super) struct Page {
    pub shell: Shell,
    pub now: DateTime<Utc>,
    pub open: Vec<Alert>,
    pub past: Vec<Alert>,
    pub rules: Vec<RuleLine>,
    pub channels: Vec<ChannelLine>,
    pub messages: Vec<MessageLine>,
}

impl Page {
    fn lasted(&self, alert: &Alert) -> String {
        words::span(alert.closed_at.unwrap_or(self.now) - alert.opened_at)
    }

    fn days(&self) -> i64 {
        DAYS
    }
}

/// `GET /alerts`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let now = app.clock.now();
    let mut conn = app.db.acquire().await?;
    let open = db::alert::open(&mut conn).await?;
    let past = db::alert::closed(&mut conn, now - TimeDelta::days(DAYS), ROWS).await?;
    let rules = alerts::rules(&mut conn).await?;
    let channels = alert_channel::all(&mut conn).await?;
    let messages = alert_message::newest(&mut conn, MESSAGES).await?;
    drop(conn);
    let page = Page {
        shell: Shell::of(&session, &principal, say("place-alerts"), "/alerts").await?,
        now,
        open: open.into_iter().filter_map(alert).collect(),
        past: past.into_iter().filter_map(alert).collect(),
        rules: rules.iter().map(|(kind, rule)| rule_line(*kind, rule)).collect(),
        channels: channels.into_iter().map(channel_line).collect(),
        messages: messages.into_iter().filter_map(message_line).collect(),
    };
    layout::page(&page)
}

fn alert(row: db::alert::Row) -> Option<Alert> {
    let kind: Kind = row.kind.parse().ok()?;
    let facts: Facts = serde_json::from_value(row.facts).ok()?;
    Some(Alert {
        kind: words::kind_name(kind.as_str()),
        is_critical: kind.is_critical(),
        text: words::describe(kind, &facts),
        link: facts.link,
        opened_at: row.opened_at,
        closed_at: row.closed_at,
        is_calm: row.calm_since.is_some(),
    })
}

fn rule_line(kind: Kind, rule: &Rule) -> RuleLine {
    let when: Text = match kind.threshold() {
        Some(_) => say(format!("alert-when-{kind}")).count("number", rule.threshold),
        None => say(format!("alert-when-{kind}")),
    };
    let only = rule.networks.len() + rule.offers.len();
    let when = if only == 0 {
        when.to_string()
    } else {
        say("alert-when-only").with("when", when).count("count", only).into()
    };
    RuleLine {
        kind: kind.as_str(),
        name: words::kind_name(kind.as_str()),
        is_critical: kind.is_critical(),
        is_on: rule.enabled,
        when,
    }
}

pub(super) fn channel_line(row: alert_channel::Row) -> ChannelLine {
    let state = match (row.enabled, &row.last_error) {
        (false, _) => "off",
        (true, Some(_)) => "failed",
        (true, None) => "on",
    };
    let mut about = vec![say(format!("alert-channel-{}", row.kind)).to_string()];
    if let (Some(from), Some(until)) = (row.quiet_from, row.quiet_until) {
        let time = |minute: i16| quiet::write(u32::try_from(minute).unwrap_or_default());
        let hours = say("alert-channel-quiet").with("from", time(from)).with("until", time(until));
        about.push(hours.with("zone", &row.time_zone).into());
    }
    about.push(say("alert-channel-limit").count("count", row.per_hour).into());
    if row.repeat_hours > 0 {
        about.push(say("alert-channel-repeat").count("count", row.repeat_hours).into());
    }
    ChannelLine { state, about: about.join(" · "), row }
}

fn message_line(row: alert_message::Row) -> Option<MessageLine> {
    let message: Message = serde_json::from_value(row.content.clone()).ok()?;
    let state = match (row.state.as_str(), row.attempts) {
        ("sent", _) => "delivered",
        ("dead", _) => "dead",
        (_, 0) => "waiting",
        _ => "retrying",
    };
    Some(MessageLine { title: message.title, alerts: message.lines.len(), state, row })
}

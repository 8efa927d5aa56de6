//! Alerts in words: on the pages for whoever reads, in messages for the channel.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::alert::{Facts, Kind, Named, What};
use crate::flow::alerts::{Line, Message, News, Voice};
use crate::http::dashboard::format;
use crate::http::dashboard::reader::{self, Language, Reader};
use crate::http::dashboard::texts::{self, Text, say};

/// The name of a kind.
pub(super) fn kind_name(kind: &str) -> String {
    texts::find(&format!("alert-kind-{kind}")).unwrap_or_else(|| kind.replace('_', " "))
}

fn name(of: Option<&Named>) -> &str {
    of.map_or("–", |of| of.name.as_str())
}

/// What is wrong, in one sentence without a full stop.
pub(super) fn describe(kind: Kind, facts: &Facts) -> String {
    let (network, offer) = (name(facts.network.as_ref()), name(facts.offer.as_ref()));
    let count = facts.count.unwrap_or_default();
    let percent = facts.percent.unwrap_or_default();
    let waited = span(TimeDelta::minutes(facts.minutes.unwrap_or_default()));
    let word = facts.word.as_deref().unwrap_or_default();
    let text = match kind {
        Kind::Queue => match (&facts.network, word) {
            (Some(_), _) => say("alert-queue-network").with("network", network).with("age", waited),
            (None, "endpoint") => say("alert-queue-endpoint").with("age", waited),
            (None, _) => say("alert-queue-own").with("age", waited),
        },
        Kind::Breaker => say("alert-breaker").with("network", network).count("count", count),
        Kind::Paused => say("alert-paused").with("network", network),
        Kind::Unmapped => say("alert-unmapped").with("network", network).count("count", count),
        Kind::CapNear => cap(say("alert-cap-near"), facts),
        Kind::CapFull => cap(say("alert-cap-full"), facts),
        Kind::ApproveRate => {
            let of = if facts.network.is_some() { network } else { offer };
            say("alert-approve-rate")
                .with("name", of)
                .count("percent", percent)
                .count("usual", facts.usual.unwrap_or_default())
        }
        Kind::PollLate => say("alert-poll-late").with("network", network).with("feed", word).with("age", waited),
        Kind::Postbacks => match facts.webmaster {
            Some(number) => say("alert-postbacks").count("number", number).count("count", count),
            None => say("alert-postbacks-house").count("count", count),
        },
        Kind::Unrouted => say("alert-unrouted").count("count", count),
        Kind::Review => say("alert-review").count("count", count),
        Kind::Disk => say("alert-disk").count("percent", percent),
    };
    text.into()
}

fn cap(text: Text, facts: &Facts) -> Text {
    let period = facts.word.as_deref().unwrap_or_default();
    text.with("network", name(facts.network.as_ref()))
        .with("offer", name(facts.offer.as_ref()))
        .with("period", texts::find(&format!("alert-period-{period}")).unwrap_or_else(|| period.to_owned()))
        .count("used", facts.count.unwrap_or_default())
        .count("limit", facts.limit.unwrap_or_default())
        .count("percent", facts.percent.unwrap_or_default())
}

/// How long something lasts, in one unit.
pub(super) fn span(time: TimeDelta) -> String {
    let start = DateTime::<Utc>::UNIX_EPOCH;
    format::age(start, start + time.max(TimeDelta::seconds(1)))
}

/// Puts news into the words of a channel.
pub fn write(voice: &Voice, news: &[News], is_summary: bool) -> Message {
    let language = voice.language.parse().unwrap_or(Language::English);
    reader::reading_now(Reader { language, zone: voice.zone }, || message(news, is_summary))
}

fn message(news: &[News], is_summary: bool) -> Message {
    let lines: Vec<Line> = news.iter().map(line).collect();
    let over = news.iter().filter(|one| one.what == What::Over).count();
    let title = match lines.as_slice() {
        [one] if !is_summary => one.text.clone(),
        _ => {
            let counts = say("alert-title").count("open", news.len() - over).count("over", over);
            if is_summary { say("alert-title-summary").with("what", counts).into() } else { counts.into() }
        }
    };
    Message { title, lines }
}

fn line(news: &News) -> Line {
    let what = describe(news.kind, &news.facts);
    let lasted = span(news.at - news.opened_at);
    let text = match (news.what, news.is_new) {
        // Its beginning is news, whatever has happened since.
        (What::Over, true) => say("alert-was").with("what", what).with("age", lasted).into(),
        (What::Over, false) => say("alert-over").with("what", what).with("age", lasted).into(),
        (_, true) | (What::Opened, false) => what,
        (What::Worse, false) => say("alert-worse").with("what", what).into(),
        (What::Again, false) => say("alert-again").with("what", what).with("age", lasted).into(),
    };
    Line {
        alert_id: news.alert_id,
        kind: news.kind.to_string(),
        what: news.what.to_string(),
        is_critical: news.kind.is_critical(),
        text,
        link: news.facts.link.clone(),
        opened_at: news.opened_at,
        at: news.at,
    }
}

/// A message that says that the channel works.
pub(super) fn sample(voice: &Voice, channel: &str, id: uuid::Uuid, at: DateTime<Utc>) -> Message {
    let language = voice.language.parse().unwrap_or(Language::English);
    reader::reading_now(Reader { language, zone: voice.zone }, || {
        let text: String = say("alert-test-message").with("name", channel).into();
        let line = Line {
            alert_id: id,
            kind: "test".to_owned(),
            what: "test".to_owned(),
            is_critical: false,
            text: text.clone(),
            link: "/alerts".to_owned(),
            opened_at: at,
            at,
        };
        Message { title: text, lines: vec![line] }
    })
}

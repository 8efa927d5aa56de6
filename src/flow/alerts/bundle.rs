//! Makes messages of what channels are still to be told. The texts are written here, once; what is sent later, and
//! again after a failure, is what was written.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::db;
use crate::db::alert_channel;
use crate::domain::alert::pace::{self, Policy};
use crate::domain::alert::quiet::Quiet;
use crate::domain::alert::{Facts, Kind, What};

/// What is told of one alert.
#[derive(Clone, Debug)]
pub struct News {
    pub alert_id: Uuid,
    pub kind: Kind,
    /// The newest.
    pub what: What,
    /// Its beginning is told by the same message.
    pub is_new: bool,
    pub facts: Facts,
    pub opened_at: DateTime<Utc>,
    /// When what is told happened.
    pub at: DateTime<Utc>,
}

/// In which language and time zone a channel is told.
#[derive(Clone, Debug)]
pub struct Voice {
    pub language: String,
    pub zone: Tz,
}

/// One line of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub alert_id: Uuid,
    pub kind: String,
    /// `opened`, `worse`, `again`, `over`.
    pub what: String,
    pub is_critical: bool,
    pub text: String,
    /// Where one acts: a path of ours.
    pub link: String,
    pub opened_at: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

/// A message as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub title: String,
    pub lines: Vec<Line>,
}

/// Puts news into words. They stand where all texts do, which is not here.
pub type Write = fn(&Voice, &[News], is_summary: bool) -> Message;

/// Makes the messages that may be told now, of each channel one.
pub async fn run(app: &App, write: Write) -> anyhow::Result<()> {
    let mut conn = app.db.acquire().await?;
    let channels = alert_channel::all(&mut conn).await?;
    drop(conn);
    for channel in channels.iter().filter(|channel| channel.enabled) {
        of_channel(app, write, channel.alert_channel_id).await?;
    }
    Ok(())
}

async fn of_channel(app: &App, write: Write, channel_id: Uuid) -> anyhow::Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let Some(channel) = alert_channel::take(&mut tx, channel_id).await? else { return Ok(()) };
    let pending = db::alert::pending(&mut tx, channel_id).await?;
    if pending.is_empty() {
        return Ok(());
    }
    let lately = db::alert_message::lately(&mut tx, channel_id, now - pace::HOUR).await?;
    let waiting: Vec<pace::Pending> = pending
        .iter()
        .map(|notice| pace::Pending {
            notice_id: notice.alert_notice_id,
            at: notice.at,
            is_critical: notice.kind.parse::<Kind>().is_ok_and(Kind::is_critical),
        })
        .collect();
    let policy = policy(&channel);
    let Some(bundle) = pace::due(&policy, &waiting, &lately.made_at, lately.is_waiting, now) else { return Ok(()) };
    let chosen = pending.iter().filter(|notice| bundle.notices.contains(&notice.alert_notice_id));
    let news = news(chosen)?;
    let voice = Voice { language: channel.language.clone(), zone: zone(&channel) };
    let content = serde_json::to_value(write(&voice, &news, bundle.is_summary))?;
    db::alert_message::insert(&mut tx, app.ids.next(), channel_id, &content, &bundle.notices, now).await?;
    tx.commit().await?;
    Ok(())
}

fn zone(channel: &alert_channel::Row) -> Tz {
    // Zones are checked when they are saved; one that is gone from the tables is told in UTC.
    channel.time_zone.parse().unwrap_or(Tz::UTC)
}

fn policy(channel: &alert_channel::Row) -> Policy {
    let minute = |minute: i16| u32::try_from(minute).unwrap_or_default();
    let quiet = channel.quiet_from.zip(channel.quiet_until);
    Policy {
        per_hour: usize::try_from(channel.per_hour).unwrap_or(1),
        quiet: quiet.map(|(from, until)| Quiet { from: minute(from), until: minute(until), zone: zone(channel) }),
        critical_passes: channel.critical_passes,
    }
}

/// One piece of news for each alert, the newest that happened to it, in the order of the beginnings.
fn news<'a>(notices: impl Iterator<Item = &'a db::alert::Pending>) -> anyhow::Result<Vec<News>> {
    let mut news: Vec<News> = Vec::new();
    for notice in notices {
        // Another version of the program may have kinds that this one has no words for.
        let (Ok(kind), Ok(what)) = (notice.kind.parse::<Kind>(), notice.what.parse::<What>()) else { continue };
        let facts: Facts = serde_json::from_value(notice.facts.clone())?;
        match news.iter_mut().find(|one| one.alert_id == notice.alert_id) {
            Some(one) => (one.what, one.facts, one.at) = (what, facts, notice.at),
            None => news.push(News {
                alert_id: notice.alert_id,
                kind,
                what,
                is_new: what == What::Opened,
                facts,
                opened_at: notice.opened_at,
                at: notice.at,
            }),
        }
    }
    Ok(news)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_alert_is_one_line_however_much_happened_to_it() {
        let notice = |alert: u128, what: &str, count: i64| db::alert::Pending {
            alert_notice_id: Uuid::from_u128(9),
            alert_id: Uuid::from_u128(alert),
            what: what.into(),
            facts: json!({ "count": count, "link": "/x" }),
            at: DateTime::UNIX_EPOCH,
            kind: "unmapped".into(),
            opened_at: DateTime::UNIX_EPOCH,
            closed_at: None,
        };
        let all = [notice(1, "opened", 1), notice(2, "worse", 5), notice(1, "worse", 2), notice(1, "over", 3)];
        let told = news(all.iter()).unwrap();
        let told: Vec<_> = told.iter().map(|one| (one.what, one.is_new, one.facts.count)).collect();
        assert_eq!(told, [(What::Over, true, Some(3)), (What::Worse, false, Some(5))]);
    }
}

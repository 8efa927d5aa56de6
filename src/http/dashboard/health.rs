//! `/health`: versions, workers, the database and its disk, what waits in the queue, how far polls are behind.

use std::borrow::Borrow;
use std::path::PathBuf;

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use tower_sessions::Session;
use uuid::Uuid;

use super::layout::{self, Answer, Shell};
use super::texts::{self, Text, Whole, say};
use super::{format, words};
use crate::app::App;
use crate::base::disk::{self, Room};
use crate::db;
use crate::db::lane_view::MOST_COUNTED;
use crate::db::screen_health::{self, Lane, Server};
use crate::http::error::Error;
use crate::http::principal::Principal;

/// Lanes shown.
const LANES: i64 = 50;
/// Workers beat at least each second.
const BEAT: TimeDelta = TimeDelta::seconds(30);
/// A queue this old needs somebody.
const LATE: TimeDelta = TimeDelta::minutes(5);
/// A backup this old does, too.
const OLD_BACKUP: TimeDelta = TimeDelta::days(2);
/// So many lots of its pace may a feed be behind.
const LAGS: i32 = 3;

/// What the database has of migrations.
struct Migrations {
    applied: i64,
    newest: i64,
    is_current: bool,
}

/// What works in this process.
struct Workers {
    is_alive: bool,
    last_beat: Option<DateTime<Utc>>,
    /// In use, and there are; none: no runner runs in this process.
    slots: Option<(usize, usize)>,
}

/// Connections of this process.
struct Pool {
    open: u32,
    idle: usize,
    most: u32,
}

/// What is known of backups.
enum Backup {
    /// Nobody said where to look.
    Unknown,
    /// The file is not there.
    Missing(PathBuf),
    At(DateTime<Utc>),
}

/// One way of asking a network for statuses.
struct Poller {
    network: String,
    slug: String,
    feed: String,
    every_seconds: u64,
    last_ok_at: Option<DateTime<Utc>>,
    /// Everything before has been read.
    until: Option<DateTime<Utc>>,
    failures: i32,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "health.html")]
struct Page {
    shell: Shell,
    now: DateTime<Utc>,
    server: Server,
    /// Whether PostgreSQL is one of our own.
    is_private: bool,
    migrations: Migrations,
    workers: Workers,
    pool: Pool,
    room: Option<Room>,
    backup: Backup,
    lanes: Vec<Lane>,
    pollers: Vec<Poller>,
}

/// `GET /health`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let now = app.clock.now();
    let (room, backup) = disks(&app).await?;
    let mut conn = app.db.acquire().await?;
    let page = Page {
        shell: Shell::of(&session, &principal, say("place-health"), "/health").await?,
        now,
        server: screen_health::server(&mut conn).await?,
        is_private: app.config.database.url.is_none(),
        migrations: Migrations {
            applied: db::schema::applied(&mut conn).await?,
            newest: db::schema::newest(),
            is_current: db::schema::is_current(&mut conn).await?,
        },
        workers: Workers {
            is_alive: app.heartbeat.is_alive(now, BEAT),
            last_beat: app.heartbeat.last(),
            slots: app.express.slots(),
        },
        pool: Pool { open: app.db.size(), idle: app.db.num_idle(), most: app.config.database.max_connections },
        room,
        backup,
        lanes: screen_health::lanes(&mut conn, LANES).await?,
        pollers: pollers(&app, &mut conn).await?,
    };
    layout::page(&page)
}

/// What must be asked of disks, which may be slow.
async fn disks(app: &App) -> Result<(Option<Room>, Backup), Error> {
    let (data, backup) = (app.config.data_dir.clone(), app.config.backup_file.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let room = disk::room_of_data(&data);
        let backup = match backup {
            None => Backup::Unknown,
            Some(path) => match path.metadata().and_then(|file| file.modified()) {
                Ok(at) => Backup::At(at.into()),
                Err(_) => Backup::Missing(path),
            },
        };
        (room, backup)
    });
    looked.await.map_err(|error| Error::Internal(error.into()))
}

async fn pollers(app: &App, conn: &mut sqlx::PgConnection) -> Result<Vec<Poller>, Error> {
    let rules = app.rules.load();
    let networks: Vec<Uuid> = rules.networks.values().filter(|one| one.enabled).map(|one| one.network_id).collect();
    let feeds = db::feed::of(conn, &networks).await?;
    let mut pollers: Vec<Poller> = feeds
        .into_iter()
        .filter_map(|feed| {
            let network = rules.networks.get(&feed.network_id)?;
            Some(Poller {
                network: network.name.clone(),
                slug: network.slug.clone(),
                feed: feed.name,
                every_seconds: u64::try_from(feed.every_seconds).unwrap_or_default(),
                last_ok_at: feed.last_ok_at,
                until: feed.until,
                failures: feed.failures,
                error: feed.last_error,
            })
        })
        .collect();
    pollers.sort_by_cached_key(|poller| (poller.failures == 0, poller.network.to_lowercase(), poller.feed.clone()));
    Ok(pollers)
}

impl Poller {
    /// Whether it gets through.
    fn state(&self, now: DateTime<Utc>) -> &'static str {
        let pace = TimeDelta::seconds(i64::try_from(self.every_seconds).unwrap_or(i64::MAX / 4_000));
        let is_behind = self.until.is_some_and(|until| now - until > pace * LAGS);
        if self.failures > 0 {
            "failed"
        } else if is_behind {
            "degraded"
        } else {
            "healthy"
        }
    }

    fn behind(&self, now: DateTime<Utc>) -> String {
        self.until.map_or_else(|| "–".to_owned(), |until| format::age(until, now))
    }
}

impl Page {
    fn lane_state(&self, lane: &Lane) -> &'static str {
        if lane.paused_at.is_some() {
            "paused"
        } else if lane.open_until.is_some() || self.is_late(lane) {
            "degraded"
        } else {
            "healthy"
        }
    }

    fn is_late(&self, lane: &Lane) -> bool {
        lane.oldest_due_at.is_some_and(|due| self.now - due > LATE)
    }

    /// What a lane leads to, and its page.
    fn lane_name(&self, lane: &Lane) -> (String, Option<String>) {
        let page = |slug: &String, place: &str| self.shell.is_manager().then(|| format!("/{place}/{slug}"));
        match (&lane.network, &lane.name, &lane.webmaster) {
            (Some(slug), Some(name), _) => (name.clone(), page(slug, "networks")),
            (_, _, Some(slug)) => (
                say("health-endpoint").with("webmaster", slug).into(),
                Some(format!("/postbacks?postback={}", lane.lane_id)),
            ),
            _ => (say("health-own").into(), None),
        }
    }

    fn depth(&self, lane: &Lane) -> String {
        let more = if lane.depth >= MOST_COUNTED { "+" } else { "" };
        format!("{}{more}", format::count(lane.depth))
    }

    fn oldest(&self, lane: &Lane) -> String {
        lane.oldest_due_at.map_or_else(|| "–".to_owned(), |due| format::age(due, self.now))
    }

    fn has_old_backup(&self) -> bool {
        matches!(&self.backup, Backup::At(at) if self.now - *at > OLD_BACKUP)
    }

    /// The number of the version, without the name of who built it.
    fn postgres(&self) -> &str {
        self.server.version.split(' ').next().unwrap_or_default()
    }

    /// Whether less than a tenth of the disk is left.
    fn is_disk_full(&self) -> bool {
        self.room.is_some_and(|room| room.free < room.total / 10)
    }

    fn bytes(&self, bytes: impl Whole) -> String {
        size(bytes.whole()).to_string()
    }

    fn lag(&self, at: impl Borrow<DateTime<Utc>>) -> String {
        format::age(at, self.now)
    }

    /// An error of a partner, cut to a line.
    fn why(&self, error: &str) -> String {
        words::sentence(crate::base::text::cut(error, 160))
    }
}

/// `1.4 GB`
fn size(bytes: i64) -> Text {
    let steps = [("health-gb", 1_000_000_000), ("health-mb", 1_000_000), ("health-kb", 1_000)];
    let (key, unit) = steps.into_iter().find(|(_, unit)| bytes >= *unit).unwrap_or(("health-kb", 1_000));
    let tenths = bytes.saturating_mul(10) / unit;
    let number = if tenths < 100 { format!("{}.{}", tenths / 10, tenths % 10) } else { (tenths / 10).to_string() };
    say(key).with("number", number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::dashboard::html;
    use crate::http::dashboard::overview::tests::shell;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn lane(kind: &str, minutes: Option<i64>) -> Lane {
        Lane {
            lane_id: Uuid::from_u128(7),
            kind: kind.into(),
            network: (kind == "network").then(|| "tea".into()),
            name: (kind == "network").then(|| "<b>Tea".into()),
            webmaster: (kind == "endpoint").then(|| "ann".into()),
            paused_at: None,
            open_until: None,
            depth: MOST_COUNTED,
            in_flight: 3,
            max_in_flight: 16,
            oldest_due_at: minutes.map(|minutes| now() - TimeDelta::minutes(minutes)),
        }
    }

    fn page(backup: Backup) -> Page {
        let poller = |failures, minutes| Poller {
            network: "Tea".into(),
            slug: "tea".into(),
            feed: "open".into(),
            every_seconds: 600,
            last_ok_at: Some(now()),
            until: Some(now() - TimeDelta::minutes(minutes)),
            failures,
            error: (failures > 0).then(|| "HTTP 500 <b>".into()),
        };
        Page {
            shell: shell("/health"),
            now: now(),
            server: Server {
                version: "17.2 (Somebody’s build)".into(),
                bytes: 1_440_000_000,
                connections: 12,
                most_connections: 100,
            },
            is_private: true,
            migrations: Migrations { applied: 16, newest: 16, is_current: true },
            workers: Workers { is_alive: true, last_beat: Some(now()), slots: Some((3, 256)) },
            pool: Pool { open: 5, idle: 4, most: 20 },
            room: Some(Room { free: 5_000_000_000, total: 100_000_000_000 }),
            backup,
            lanes: vec![lane("network", Some(7)), lane("endpoint", Some(1)), lane("own", None)],
            pollers: vec![poller(2, 50), poller(0, 31), poller(0, 1)],
        }
    }

    #[test]
    fn what_is_wrong_stands_out() {
        let text = html::check("health", &page(Backup::At(now() - TimeDelta::days(3))));
        assert!(
            text.contains("<dd>17.2</dd>")
                && text.contains("1.4 GB")
                && text.contains("10,000+")
                && text.contains("&#60;b&#62;Tea")
        );
        assert_eq!(text.matches("chip--degraded").count(), 2, "a late lane and a late feed");
        assert!(text.contains("HTTP 500 &#60;b&#62;"));
        assert!(text.contains("Less than a tenth") && text.contains("older than two days"));
    }

    #[test]
    fn nothing_is_claimed_that_is_not_known() {
        let blind = Page {
            room: None,
            workers: Workers { is_alive: false, last_beat: None, slots: None },
            migrations: Migrations { applied: 15, newest: 16, is_current: false },
            lanes: Vec::new(),
            pollers: Vec::new(),
            ..page(Backup::Unknown)
        };
        let text = html::check("health-blind", &blind);
        assert!(text.contains("backup_file") && text.contains("role=\"alert\""));
        assert!(html::check("health-missing", &page(Backup::Missing("/b/x".into()))).contains("/b/x"));
        assert_eq!(
            [size(0), size(12_300), size(250_000_000_000)].map(|size| size.to_string()),
            ["0.0 kB", "12 kB", "250 GB"]
        );
    }
}

//! `GET /networks`: a card each, the ones that need somebody first.

use std::borrow::Borrow;
use std::collections::HashMap;

use askama::Template;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use tower_sessions::Session;

use crate::app::App;
use crate::base::page::Limit;
use crate::db::network_health::{self, Health, SAMPLE};
use crate::http::api::networks::{self, NetworkView, PageQuery};
use crate::http::dashboard::format;
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::texts::{self, say};
use crate::http::dashboard::words;
use crate::http::extract::QueryOf;
use crate::http::principal::Principal;

/// One network.
pub struct Card {
    pub network: NetworkView,
    /// Title of the integration.
    pub integration: String,
    pub health: Health,
    /// Whether its partner has plans that become offers.
    pub has_plans: bool,
}

impl Card {
    /// Of the decided deliveries, how many of a hundred were accepted.
    pub fn acceptance(&self) -> String {
        let decided = self.health.accepted + self.health.refused;
        if decided == 0 {
            return "–".to_owned();
        }
        format!("{} %", (self.health.accepted * 100 + decided / 2) / decided)
    }

    /// Middle and slow end of the time of a send.
    pub fn speed(&self) -> String {
        match (self.health.p50, self.health.p95) {
            (Some(p50), Some(p95)) => format!("{} / {}", duration(p50), duration(p95)),
            _ => "–".to_owned(),
        }
    }

    /// How many calls wait.
    pub fn queued(&self) -> String {
        format!("{}{}", format::count(self.network.queued), if self.network.queued >= 10_000 { "+" } else { "" })
    }

    /// Whether resuming would let leads go on.
    pub fn is_paused(&self) -> bool {
        self.network.paused_at.is_some()
    }

    /// `0` when all is well; higher needs somebody sooner.
    fn urgency(&self) -> u8 {
        match self.network.state.as_str() {
            "degraded" => 3,
            "paused" if self.network.enabled => 2,
            _ if self.health.unmapped > 0 => 1,
            _ => 0,
        }
    }
}

/// `340 ms` or `1.2 s`.
pub fn duration(ms: impl Into<i64>) -> String {
    let ms: i64 = ms.into();
    let text = if ms < 1000 {
        say("network-ms").count("count", ms)
    } else {
        say("network-seconds").count("whole", ms / 1000).count("tenth", ms % 1000 / 100)
    };
    text.into()
}

/// `5 min ago`, or `now`.
pub fn ago(at: impl Borrow<DateTime<Utc>>, now: impl Borrow<DateTime<Utc>>) -> String {
    let (at, now): (&DateTime<Utc>, &DateTime<Utc>) = (at.borrow(), now.borrow());
    let age = format::age(at, now);
    if (*now - *at).num_seconds() > 0 { say("network-ago").with("age", age).into() } else { age }
}

#[derive(Template)]
#[template(path = "networks/list.html")]
pub struct ListPage {
    shell: Shell,
    cards: Vec<Card>,
    now: DateTime<Utc>,
    sample: i64,
    /// Whether there are more than are shown.
    has_more: bool,
}

/// The cards of these networks, the urgent ones first.
pub async fn cards(app: &App, items: Vec<NetworkView>) -> Result<Vec<Card>, crate::http::error::Error> {
    let ids: Vec<uuid::Uuid> = items.iter().map(|network| network.id).collect();
    let mut conn = app.db.acquire().await?;
    let found = network_health::of(&mut conn, &ids, app.clock.now() - TimeDelta::days(1)).await?;
    let mut found: HashMap<_, _> = found.into_iter().map(|health| (health.network_id, health)).collect();
    let card = |network: NetworkView| Card {
        integration: title(app, &network.integration),
        has_plans: app.adapters.get(&network.integration).is_some_and(|adapter| adapter.shop().is_some()),
        health: found.remove(&network.id).unwrap_or_default(),
        network,
    };
    let mut cards: Vec<Card> = items.into_iter().map(card).collect();
    cards.sort_by_key(|card| std::cmp::Reverse(card.urgency()));
    Ok(cards)
}

/// The title of an integration, or its id when it is no longer there.
pub fn title(app: &App, id: &str) -> String {
    app.adapters.get(id).map_or_else(|| id.to_owned(), |adapter| adapter.about().title.clone())
}

/// `GET /networks`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let query = PageQuery { archived: false, limit: Limit::new(Limit::MAX), cursor: None };
    let Json(found) = networks::list(State(app.clone()), QueryOf(query)).await?;
    let page = ListPage {
        shell: Shell::of(&session, &principal, say("place-networks"), "/networks").await?,
        cards: cards(&app, found.items).await?,
        now: app.clock.now(),
        sample: SAMPLE,
        has_more: found.next_cursor.is_some(),
    };
    layout::page(&page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::lane_view::Why;
    use crate::http::dashboard::html;
    use crate::http::dashboard::networks::settings;
    use crate::http::principal::UserRole;

    fn page(cards: Vec<Card>, role: UserRole) -> ListPage {
        let user_email = "ann@example.com".into();
        let shell = Shell { active: "/networks", user_email, role, ..Shell::bare("Networks") };
        ListPage { shell, cards, now: DateTime::UNIX_EPOCH + TimeDelta::minutes(7), sample: SAMPLE, has_more: false }
    }

    fn sample(state: &str, paused: bool, health: Health) -> Card {
        let mut network = settings::tests::network();
        network.state = state.into();
        network.slug = format!("{}-{state}", network.slug);
        network.number = i64::try_from(state.len()).unwrap();
        network.paused_at = paused.then_some(DateTime::UNIX_EPOCH);
        match state {
            "healthy" => {
                network.why = None;
                network.name = "North Mart".into();
                network.queued = 0;
                network.last_inbound_at = Some(DateTime::UNIX_EPOCH + TimeDelta::minutes(6));
            }
            "paused" => {
                network.why = Some(Why::Paused(Some("their key is wrong".into())));
                network.name = "Harbour Leads".into();
            }
            _ => {}
        }
        Card { network, integration: "JSON over HTTP".into(), health, has_plans: false }
    }

    fn health(accepted: i64, refused: i64, errors: i64) -> Health {
        let (p50, p95) = (Some(184), Some(2350));
        Health { deliveries: 1000, accepted, refused, errors, p50, p95, unmapped: errors, ..Health::default() }
    }

    #[test]
    fn the_cards_stand_and_an_empty_list_says_what_to_do() {
        let cards = vec![
            sample("degraded", false, health(610, 205, 31)),
            sample("paused", true, health(400, 20, 2)),
            sample("healthy", false, health(812, 88, 0)),
        ];
        let text = html::check("networks", &page(cards, UserRole::Admin));
        assert!(text.contains("75 %") && text.contains("184 ms / 2.3 s") && text.contains("Tea House &#60;CRM"));
        let empty = html::check("networks-empty", &page(vec![], UserRole::Admin));
        assert!(empty.contains("/networks/new"));
        assert!(!html::check("networks-support", &page(vec![], UserRole::Support)).contains("href=\"/networks/new\""));
    }

    #[test]
    fn who_may_not_pause_sees_no_button() {
        let text =
            html::check("networks-analyst", &page(vec![sample("paused", true, health(1, 0, 0))], UserRole::Analyst));
        assert!(!text.contains("/resume") && !text.contains("href=\"/networks/tea"));
    }

    #[test]
    fn nothing_decided_is_no_percentage() {
        let card = sample("healthy", false, Health::default());
        assert_eq!((card.acceptance(), card.speed()), ("–".into(), "–".into()));
        assert_eq!(duration(999), "999 ms");
    }
}

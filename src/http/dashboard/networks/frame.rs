//! What every tab of a network's page stands in: how the network is doing, what can be done with it, the other tabs.

use chrono::{DateTime, Utc};

use super::list::{self, Card};
use crate::adapters::About;
use crate::app::App;
use crate::http::api::networks::{self, NetworkView};
use crate::http::dashboard::texts::{Text, say};
use crate::http::error::Error;
use crate::http::extract::PathId;

/// A tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Connection,
    Request,
    Answers,
    Statuses,
    Polling,
    Inbound,
    Tests,
    Parameters,
    Plans,
    History,
}

impl Tab {
    const ALL: [Self; 10] = [
        Self::Connection,
        Self::Request,
        Self::Answers,
        Self::Statuses,
        Self::Polling,
        Self::Inbound,
        Self::Tests,
        Self::Parameters,
        Self::Plans,
        Self::History,
    ];

    /// Its path below that of the network, and the key of its name.
    const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Connection => ("", "network-tab-connection"),
            Self::Request => ("/request", "network-tab-request"),
            Self::Answers => ("/answers", "network-tab-answers"),
            Self::Statuses => ("/statuses", "network-tab-statuses"),
            Self::Polling => ("/polling", "network-tab-polling"),
            Self::Inbound => ("/inbound", "network-tab-inbound"),
            Self::Tests => ("/tests", "network-tab-tests"),
            Self::Parameters => ("/parameters", "network-tab-parameters"),
            Self::Plans => ("/plans", "network-tab-plans"),
            Self::History => ("/history", "network-tab-history"),
        }
    }

    /// Where the tab of a network is.
    pub fn of(self, slug: &str) -> String {
        format!("/networks/{slug}{}", self.told().0)
    }
}

/// A link to a tab.
pub struct TabLink {
    pub title: Text,
    pub href: String,
    pub is_current: bool,
    /// What waits there for somebody.
    pub count: i64,
}

/// The frame.
pub struct Frame {
    pub card: Card,
    pub about: About,
    /// Whether the integration is still there; without it nothing can be set or sent.
    pub is_known: bool,
    pub now: DateTime<Utc>,
    pub tabs: Vec<TabLink>,
}

/// Reads a network by id, number or slug.
pub async fn find(app: &App, id: &str) -> Result<NetworkView, Error> {
    let axum::Json(network) = networks::get(axum::extract::State(app.clone()), PathId(id.to_owned())).await?;
    Ok(network)
}

impl Frame {
    /// Around this tab of a network.
    pub async fn of(app: &App, network: NetworkView, tab: Tab) -> Result<Self, Error> {
        let adapter = app.adapters.get(&network.integration);
        let has_plans = adapter.is_some_and(|adapter| adapter.shop().is_some());
        let about = adapter.map(|adapter| adapter.about().clone());
        let card = list::cards(app, vec![network]).await?.pop().ok_or(Error::NotFound("network"))?;
        Ok(Self {
            tabs: tabs(&card, tab, has_plans),
            card,
            is_known: about.is_some(),
            about: about.unwrap_or_default(),
            now: app.clock.now(),
        })
    }

    /// Its name, for the window.
    pub fn title(&self) -> String {
        self.card.network.name.clone()
    }
}

fn tabs(card: &Card, current: Tab, has_plans: bool) -> Vec<TabLink> {
    let missing = i64::try_from(card.network.missing_params.len()).unwrap_or_default();
    let shown = Tab::ALL.into_iter().filter(|tab| has_plans || *tab != Tab::Plans);
    shown
        .map(|tab| TabLink {
            title: say(tab.told().1),
            href: tab.of(&card.network.slug),
            is_current: tab == current,
            count: match tab {
                Tab::Statuses => card.health.unmapped,
                Tab::Parameters => missing,
                _ => 0,
            },
        })
        .collect()
}

#[cfg(test)]
pub mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::adapters::Registry;
    use crate::db::network_health::Health;
    use crate::http::dashboard::layout::Shell;
    use crate::http::dashboard::networks::settings;
    use crate::http::principal::UserRole;

    /// A frame around a tab of the sample.
    pub fn frame(tab: Tab) -> Frame {
        let network = settings::tests::network();
        let about = Registry::load(None).unwrap().get("http-json").unwrap().about().clone();
        let (p50, p95) = (Some(184), Some(2350));
        let health = Health {
            deliveries: 900,
            accepted: 610,
            refused: 205,
            errors: 31,
            p50,
            p95,
            unmapped: 2,
            ..Health::default()
        };
        let card = Card { network, integration: about.title.clone(), health, has_plans: true };
        Frame {
            tabs: tabs(&card, tab, true),
            card,
            about,
            is_known: true,
            now: DateTime::UNIX_EPOCH + TimeDelta::minutes(9),
        }
    }

    /// The shell around it.
    pub fn shell(role: UserRole) -> Shell {
        Shell { active: "/networks", user_email: "ann@example.com".into(), role, ..Shell::bare("Tea House") }
    }
}

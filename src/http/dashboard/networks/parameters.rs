//! `/networks/{id}/parameters`: what the integration reads from offers, and which offers routed here lack it.

use askama::Template;
use axum::extract::State;
use serde_json::{Map, Value};
use tower_sessions::Session;

use super::frame::{Frame, Tab, find};
use crate::adapters::{About, Param};
use crate::app::App;
use crate::domain::params;
use crate::domain::rules::{Network, Rules};
use crate::http::dashboard::layout::{self, Answer, Shell};
use crate::http::dashboard::lines;
use crate::http::dashboard::texts;
use crate::http::extract::PathId;
use crate::http::principal::Principal;

/// What an offer gives.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    slug: String,
    name: String,
    /// Whether its route and itself are on: leads go here.
    is_on: bool,
    /// In the order of the integration's parameters.
    given: Vec<Given>,
}

/// A parameter of an offer.
#[derive(Debug, PartialEq, Eq)]
enum Given {
    /// The values, with the country where they are of one.
    Values(Vec<String>),
    /// It must be there and is not: leads cannot be sent.
    Missing,
    /// It need not be there.
    Nothing,
}

#[derive(Template)]
#[template(path = "networks/parameters.html")]
struct Page {
    shell: Shell,
    frame: Frame,
    rows: Vec<Row>,
}

fn rows(rules: &Rules, network: &Network, about: &About) -> Vec<Row> {
    let mut offers: Vec<_> = rules
        .offers
        .values()
        .filter_map(|offer| {
            let routes = rules.routes_of(offer.offer_id);
            let mut here = routes.iter().filter(|route| route.network_id == network.network_id).peekable();
            here.peek()?;
            Some((offer, offer.enabled && here.any(|route| route.enabled)))
        })
        .collect();
    offers.sort_by_key(|(offer, _)| offer.number);
    let row = |(offer, is_on): (&std::sync::Arc<crate::domain::rules::Offer>, bool)| {
        let all = params::resolve(&[&offer.params, &network.params], None);
        let missing = about.missing_params(&all);
        let given = about.params.iter().map(|param| match values(&all, &param.name) {
            found if !found.is_empty() => Given::Values(found),
            _ if missing.contains(&param.name) => Given::Missing,
            _ => Given::Nothing,
        });
        Row { slug: offer.slug.clone(), name: offer.name.clone(), is_on, given: given.collect() }
    };
    offers.into_iter().map(row).collect()
}

/// The value of a parameter and of its variants for countries.
fn values(all: &Map<String, Value>, name: &str) -> Vec<String> {
    let shown = |(key, value): (&String, &Value)| {
        let text = lines::text(value);
        match key.strip_prefix(name)? {
            "" => Some(text),
            variant => {
                let country = variant.strip_prefix('-').filter(|country| country.len() == 2)?;
                Some(format!("{}: {text}", country.to_uppercase()))
            }
        }
    };
    all.iter().filter_map(shown).filter(|text| !text.is_empty()).collect()
}

impl Page {
    /// The parameters, each with what an offer gives.
    fn given<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (&'a Param, &'a Given)> {
        self.frame.about.params.iter().zip(&row.given)
    }
}

/// `GET /networks/{id}/parameters`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, PathId(id): PathId) -> Answer {
    let network = find(&app, &id).await?;
    let frame = Frame::of(&app, network, Tab::Parameters).await?;
    let rules = app.rules.load();
    let in_use = rules.networks.get(&frame.card.network.id);
    let rows = in_use.map(|network| rows(&rules, network, &frame.about)).unwrap_or_default();
    let shell = Shell::of(&session, &principal, frame.title(), "/networks").await?;
    layout::page(&Page { shell, frame, rows })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::frame::tests::{frame, shell};
    use super::*;
    use crate::http::dashboard::html;
    use crate::http::principal::UserRole;

    #[test]
    fn values_of_countries_are_told_apart_from_other_parameters() {
        let all = json!({ "acme": 7, "acme-de": "8", "acme-type": 1, "acmes": 2, "other": 3 });
        assert_eq!(values(all.as_object().unwrap(), "acme"), ["7", "DE: 8"]);
    }

    #[test]
    fn what_is_missing_stands_out() {
        let row = |slug: &str, given| Row { slug: slug.into(), name: "<Tea>".into(), is_on: slug != "off", given };
        let mut frame = frame(Tab::Parameters);
        let param = |name: &str, required| Param { name: name.into(), help: "<help>".into(), required, instead: None };
        frame.about.params = vec![param("acme", true), param("extra", false)];
        let rows = vec![
            row("tea", vec![Given::Values(vec!["7".into(), "DE: 8".into()]), Given::Nothing]),
            row("off", vec![Given::Missing, Given::Nothing]),
        ];
        let page = Page { shell: shell(UserRole::Manager), frame, rows };
        let text = html::check("network-parameters", &page);
        assert!(text.contains("DE: 8") && text.contains("missing") && text.contains("&#60;Tea&#62;"));
        html::check("network-parameters-none", &Page { rows: vec![], ..page });
    }
}

//! `/search`: one field for everything: a lead by phone, mail, id or number, a network, an offer, a webmaster, a page, an
//! act. Opened from everywhere with Ctrl-K; a page of its own without JavaScript.

use askama::Template;
use axum::extract::{RawQuery, State};
use tower_sessions::Session;

use super::layout::{self, Answer, Shell};
use super::lead_search;
use super::list::Asked;
use super::places;
use super::texts::{self, Text, say};
use super::{format, words};
use crate::app::App;
use crate::base::page::Direction;
use crate::db::screen_leads;
use crate::domain::rules::Rules;
use crate::http::error::Error;
use crate::http::principal::{Principal, UserRole};
use crate::http::rights::{self, Right};

/// Finds of one kind.
const MOST: usize = 6;

/// Acts that are found by their name, with the page each begins on.
const ACTS: &[(&str, &str)] =
    &[("offers-new", "/offers/new"), ("webmasters-new", "/webmasters/new"), ("networks-connect", "/networks/new")];

/// One find.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Find {
    href: String,
    icon: &'static str,
    title: String,
    note: String,
}

/// Finds of one kind.
struct Group {
    title: Text,
    finds: Vec<Find>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page {
    shell: Shell,
    query: String,
    groups: Vec<Group>,
}

/// Only what was found, for the dialog.
#[derive(Template)]
#[template(path = "parts/finds.html")]
struct Finds {
    query: String,
    groups: Vec<Group>,
}

/// `GET /search`, with `q`; with `part` only the finds.
pub async fn show(State(app): State<App>, session: Session, principal: Principal, RawQuery(query): RawQuery) -> Answer {
    let asked = Asked::read("/search", query.as_deref());
    let query = asked.given("q").unwrap_or_default().to_owned();
    let Principal::User { role, .. } = principal else { return Err(Error::Unauthorized.into()) };
    let groups = groups(&app, role, &query).await?;
    if asked.given("part").is_some() {
        return layout::page(&Finds { query, groups });
    }
    layout::page(&Page { shell: Shell::of(&session, &principal, say("search"), "/search").await?, query, groups })
}

async fn groups(app: &App, role: UserRole, query: &str) -> Result<Vec<Group>, Error> {
    let rules = app.rules.load();
    let mut groups = Vec::new();
    let mut add = |title: &'static str, finds: Vec<Find>| {
        if !finds.is_empty() {
            groups.push(Group { title: say(title), finds });
        }
    };
    if may_open(role, "/leads/{id}") && !query.is_empty() {
        add("place-leads", leads(app, query).await?);
    }
    let word = query.to_lowercase();
    if !word.is_empty() {
        if may_open(role, "/networks/{id}") {
            add("place-networks", networks(&rules, &word));
        }
        if may_open(role, "/offers/{id}") {
            add("place-offers", offers(&rules, &word));
        }
        if may_open(role, "/webmasters/{id}") {
            add("place-webmasters", webmasters(&rules, &word));
        }
    }
    add("search-pages", pages(role, &word));
    add("search-acts", acts(role, &word));
    Ok(groups)
}

fn may_open(role: UserRole, route: &str) -> bool {
    matches!(rights::of("GET", route), Some(Right::Page(roles)) if roles.contains(&role))
}

async fn leads(app: &App, query: &str) -> Result<Vec<Find>, Error> {
    let search = Some(lead_search::search(query));
    let filter = screen_leads::Filter { search, ..screen_leads::Filter::default() };
    let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
    let mut conn = app.db.acquire().await?;
    let rows = screen_leads::page(&mut conn, &filter, None, Direction::Newest, limit).await?;
    let find = |row: screen_leads::Row| Find {
        href: format!("/leads/{}", row.number),
        icon: "person",
        title: say("search-lead").count("number", row.number).into(),
        note: [row.offer.clone(), words::state(&row.status), format::moment(row.created_at)].join(" · "),
    };
    Ok(rows.into_iter().map(find).collect())
}

/// Objects whose name or slug holds the word, those that begin with it first.
fn named<'a>(
    word: &str,
    all: impl Iterator<Item = (&'a str, &'a str, i64)>,
    path: &str,
    icon: &'static str,
) -> Vec<Find> {
    let number = word.strip_prefix('#').unwrap_or(word).parse::<i64>().ok();
    let mut found: Vec<(bool, String, Find)> = all
        .filter(|(name, slug, own)| name.to_lowercase().contains(word) || slug.contains(word) || number == Some(*own))
        .map(|(name, slug, _)| {
            let title = if name.is_empty() { slug } else { name };
            let begins = !(title.to_lowercase().starts_with(word) || slug.starts_with(word));
            let find = Find { href: format!("{path}/{slug}"), icon, title: title.to_owned(), note: slug.to_owned() };
            (begins, title.to_lowercase(), find)
        })
        .collect();
    found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    found.into_iter().take(MOST).map(|(_, _, find)| find).collect()
}

fn networks(rules: &Rules, word: &str) -> Vec<Find> {
    let all = rules.networks.values().map(|one| (one.name.as_str(), one.slug.as_str(), one.number));
    named(word, all, "/networks", "network")
}

fn offers(rules: &Rules, word: &str) -> Vec<Find> {
    let all = rules.offers.values().map(|one| (one.name.as_str(), one.slug.as_str(), one.number));
    named(word, all, "/offers", "box")
}

fn webmasters(rules: &Rules, word: &str) -> Vec<Find> {
    let all = rules.webmasters.values().map(|one| (one.name.as_str(), one.slug.as_str(), one.number));
    named(word, all, "/webmasters", "users")
}

fn pages(role: UserRole, word: &str) -> Vec<Find> {
    let open = places::GROUPS.iter().flat_map(|group| group.open_to(role));
    let find = |place: places::Place| Find {
        href: place.path.to_owned(),
        icon: place.icon,
        title: place.title().into(),
        note: format!("g {}", place.key),
    };
    open.map(find).filter(|find| find.title.to_lowercase().contains(word)).collect()
}

fn acts(role: UserRole, word: &str) -> Vec<Find> {
    let open = ACTS.iter().filter(|(_, path)| may_open(role, path));
    let find = |(name, path): &(&'static str, &str)| Find {
        href: (*path).to_owned(),
        icon: "plus",
        title: say(*name).into(),
        note: String::new(),
    };
    open.map(find).filter(|find| find.title.to_lowercase().contains(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_begin_with_the_word_come_first() {
        let all = [("Green Tea", "green-tea", 1), ("Tea", "tea", 2), ("", "teapot", 3), ("Coffee", "coffee", 4)];
        let found = |word: &str| -> Vec<String> {
            named(word, all.iter().copied(), "/offers", "box").into_iter().map(|find| find.title).collect()
        };
        assert_eq!(found("tea"), ["Tea", "teapot", "Green Tea"]);
        assert_eq!(found("#4"), ["Coffee"]);
        assert!(found("cocoa").is_empty());
    }

    #[test]
    fn a_person_finds_the_pages_he_may_open() {
        let titles = |role, word| -> Vec<String> { pages(role, word).into_iter().map(|find| find.title).collect() };
        assert!(titles(UserRole::Admin, "").contains(&"Users".to_owned()));
        assert!(!titles(UserRole::Analyst, "").contains(&"Leads".to_owned()));
        assert_eq!(titles(UserRole::Analyst, "repo"), ["Reports"]);
        assert!(acts(UserRole::Support, "").is_empty());
    }
}

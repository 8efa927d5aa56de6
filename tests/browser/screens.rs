//! Which pages there are: read from the rights table, so that a page that is added is walked without being named here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use leadrelay::http::rights::Right;
use leadrelay::http::routes::TABLE;

use super::browser::Browser;

/// More pages are not searched for links.
const MOST_PAGES: usize = 80;

/// How the routes end that no browser is done with.
const STREAM: &str = "/live";

/// Whom a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Somebody who is not signed in.
    Stranger,
    /// Somebody who is.
    Person,
    /// A webmaster in his portal.
    Webmaster,
}

/// Every route that answers a page, and whom it is for.
pub fn all() -> Vec<(&'static str, For)> {
    let routes = TABLE.iter().filter(|(method, path, _)| *method == "GET" && !is_file(path));
    let pages = routes.filter_map(|(_, path, right)| match right {
        Right::Page(_) if !path.ends_with(STREAM) => Some((*path, For::Person)),
        Right::Portal => Some((*path, For::Webmaster)),
        Right::Public if !is_for_programs(path) => Some((*path, For::Stranger)),
        Right::Page(_) | Right::Public | Right::Session | Right::Scope(_) | Right::Admin | Right::Legacy => None,
    });
    pages.collect()
}

/// Every list somebody has: its path below which `export.csv` stands. A report is no list: it has a workbook besides.
pub fn lists(whom: For) -> Vec<&'static str> {
    let is_his = |right: &Right| match right {
        Right::Page(_) => whom == For::Person,
        Right::Portal => whom == For::Webmaster,
        _ => false,
    };
    let is_report = |list: &str| TABLE.iter().any(|(_, path, _)| path.strip_suffix("/export.xlsx") == Some(list));
    let files = TABLE.iter().filter(|(_, _, right)| is_his(right));
    files.filter_map(|(_, path, _)| path.strip_suffix("/export.csv")).filter(|list| !is_report(list)).collect()
}

fn is_file(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|last| last.contains('.')) || path.starts_with("/assets/")
}

fn is_for_programs(path: &str) -> bool {
    ["/healthz", "/readyz", "/metrics", "/postback/"].iter().any(|begin| path.starts_with(begin))
}

/// Whether a path is one of a route.
fn fits(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(known), Some(given)) if known == given || (known.starts_with('{') && !given.is_empty()) => {}
            _ => return false,
        }
    }
}

/// The pages somebody may open, with a filled object in place of `{id}`: the first that a page links to. Panics when
/// none does.
pub async fn addresses(browser: &Browser, base: &str, whom: For) -> Vec<(&'static str, String)> {
    let routes: Vec<&str> = all().into_iter().filter(|(_, of)| *of == whom).map(|(path, _)| path).collect();
    let (plain, of_objects): (Vec<&str>, Vec<&str>) = routes.into_iter().partition(|path| !path.contains('{'));
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    let mut ahead: VecDeque<String> = plain.iter().map(|path| (*path).to_owned()).collect();
    let mut known: BTreeSet<String> = ahead.iter().cloned().collect();
    let route_of = |path: &str| of_objects.iter().copied().find(|route| fits(route, path) && !plain.contains(&path));
    let mut others = VecDeque::new();
    let mut visited = 0;
    while visited < MOST_PAGES && found.len() < of_objects.len() {
        let Some(page) = ahead.pop_front().or_else(|| others.pop_front()) else { break };
        let lacks_more = |route| of_objects.iter().any(|below| belongs(below, route) && !found.contains_key(below));
        // Another object is looked at only as long as nothing is known of what belongs to one.
        if route_of(&page).is_some_and(|route| found.get(route) != Some(&page) && !lacks_more(route)) {
            continue;
        }
        visited += 1;
        for address in links(browser, base, &page).await {
            let path = address.split('?').next().unwrap_or_default();
            if is_file(path) || known.contains(&address) {
                continue;
            }
            // An object leads to what belongs to it and is looked at next; another one and a list with a filter, when
            // nothing else is left.
            match route_of(path) {
                Some(route) if !found.contains_key(route) => {
                    for parent in of_objects.iter().filter(|parent| belongs(route, parent)) {
                        found.insert(parent, begin(path, parent));
                    }
                    found.insert(route, address.clone());
                    ahead.push_front(address.clone());
                }
                // Before the lists.
                Some(_) => others.push_front(address.clone()),
                None if plain.contains(&path) => others.push_back(address.clone()),
                None => {}
            }
            known.insert(address);
        }
    }
    let missing: Vec<&&str> = of_objects.iter().filter(|route| !found.contains_key(**route)).collect();
    assert!(missing.is_empty(), "no page leads to {missing:?}; the sample (sample.rs) has nothing to lead to");
    plain.into_iter().map(|path| (path, path.to_owned())).chain(found).collect()
}

/// Whether a route is below another.
fn belongs(route: &str, parent: &str) -> bool {
    route.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/'))
}

/// As much of a path as a route has.
fn begin(path: &str, route: &str) -> String {
    let parts: Vec<&str> = path.split('/').take(route.split('/').count()).collect();
    parts.join("/")
}

/// Where a page leads on this server, without what stands behind `#`.
async fn links(browser: &Browser, base: &str, page: &str) -> Vec<String> {
    browser.opens(page).await;
    let links = browser.asks("return [...document.links].map((link) => link.href.split('#')[0])", Vec::new()).await;
    let links = links.as_array().into_iter().flatten().filter_map(|link| link.as_str()?.strip_prefix(base));
    links.map(str::to_owned).collect()
}

#[test]
fn pages_are_told_from_files_and_calls() {
    let pages = all();
    for page in ["/", "/leads", "/leads/{id}", "/networks/new", "/account"] {
        assert!(pages.contains(&(page, For::Person)), "{page}");
    }
    assert!(pages.contains(&("/login", For::Stranger)) && pages.contains(&("/setup/{token}", For::Stranger)));
    for other in ["/leads/export.csv", "/metrics", "/api/v1/leads", "/assets/{*path}", "/postback/{secret}", "/live"] {
        assert!(!pages.iter().any(|(path, _)| *path == other), "{other}");
    }
    assert!(pages.contains(&("/portal/leads/{id}", For::Webmaster)));
    assert!(lists(For::Person).contains(&"/leads") && !lists(For::Person).contains(&"/reports"));
    assert_eq!(lists(For::Webmaster), ["/portal/leads", "/portal/calls"]);
    assert!(fits("/leads/{id}", "/leads/7") && !fits("/leads/{id}", "/leads/") && !fits("/leads/{id}", "/leads/7/x"));
}

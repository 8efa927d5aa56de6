//! For tests of pages: every tag is closed in its order, every attribute is quoted, nothing is inline that the
//! content security policy forbids, every local link leads somewhere, and every label has its control.

use std::collections::HashSet;

use askama::Template;

use crate::http::routes::TABLE;

const VOID: &[&str] = &["input", "img", "meta", "link", "br", "hr", "col", "source", "wbr"];

/// Renders and checks a page. With `LEADRELAY_PAGES` set to a folder it is also written there, to be looked at.
pub fn check(name: &str, page: &impl Template) -> String {
    let html = page.render().unwrap();
    examine(name, &html);
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
    if let Ok(folder) = std::env::var("LEADRELAY_PAGES") {
        std::fs::write(format!("{folder}/{name}.html"), &html).unwrap();
    }
    html
}

fn examine(name: &str, html: &str) {
    let (mut open, mut ids, mut wanted) = (Vec::<String>::new(), HashSet::new(), Vec::new());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = &after[after.find("-->").unwrap() + 3..];
            continue;
        }
        let tag = read_tag(name, rest);
        rest = &rest[tag.length..];
        if let Some(closed) = tag.name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed), "{name}: </{closed}> closes something else");
            continue;
        }
        for (key, value) in &tag.attributes {
            assert!(key != "style" && !key.starts_with("on"), "{name}: inline {key}");
            match key.as_str() {
                "href" | "action" | "src" | "formaction" => wanted.extend(link(name, &tag.name, value)),
                "id" => assert!(ids.insert(value.clone()), "{name}: two elements have the id {value}"),
                "for" | "aria-describedby" | "aria-labelledby" | "data-copy" => {
                    wanted.extend(value.split_whitespace().map(str::to_owned));
                }
                _ => {}
            }
        }
        if tag.name == "script" {
            assert!(tag.attributes.iter().any(|(key, _)| key == "src"), "{name}: inline script");
        }
        if !VOID.contains(&tag.name.as_str()) && !tag.name.starts_with('!') {
            open.push(tag.name);
        }
    }
    assert!(open.is_empty(), "{name}: never closed: {open:?}");
    for id in wanted {
        assert!(ids.contains(&id), "{name}: there is no element with the id {id}");
    }
}

struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    length: usize,
}

fn read_tag(page: &str, text: &str) -> Tag {
    let body = &text[1..];
    let end = body.find(|c: char| c.is_whitespace() || c == '>').unwrap();
    let (name, mut at) = (body[..end].to_owned(), end);
    let mut attributes = Vec::new();
    loop {
        at += body[at..].len() - body[at..].trim_start().len();
        if body[at..].starts_with('>') {
            return Tag { name, attributes, length: at + 2 };
        }
        let key_end = at + body[at..].find(|c: char| c.is_whitespace() || c == '=' || c == '>').unwrap();
        let key = body[at..key_end].to_owned();
        assert!(!key.is_empty() && !key.contains(['"', '<']), "{page}: bad attribute in {name}: {key}");
        at = key_end;
        let mut value = String::new();
        if let Some(quoted) = body[at..].strip_prefix("=\"") {
            let length = quoted.find('"').unwrap();
            value = quoted[..length].replace("&amp;", "&").replace("&#38;", "&");
            at += length + 3;
        } else {
            assert!(!body[at..].starts_with('='), "{page}: {key} of {name} is not quoted");
        }
        attributes.push((key, value));
    }
}

/// Checks where a link leads; answers the id it wants on this page.
fn link(page: &str, tag: &str, value: &str) -> Option<String> {
    if let Some(id) = value.strip_prefix('#') {
        return Some(id.to_owned());
    }
    let path = value.split(['?', '#']).next().unwrap_or("");
    if path.is_empty() || path.starts_with("https://") || path.starts_with("http://") || path.starts_with("data:") {
        return None;
    }
    let method = if tag == "form" { "POST" } else { "GET" };
    let leads = |route: &str| {
        let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
        let is_rest = route.last().is_some_and(|part| part.starts_with("{*"));
        (route.len() == path.len() || (is_rest && route.len() <= path.len()))
            && route.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
    };
    let exists = TABLE.iter().any(|(of, route, _)| (*of == method || *of == "GET") && leads(route));
    assert!(exists, "{page}: <{tag}> leads to {value}, which does not exist");
    None
}

#[test]
fn the_checker_finds_what_is_wrong() {
    for bad in [
        "<p><b>x</p></b>",
        "<p>",
        "<a href=\"/nowhere\">x</a>",
        "<a href=\"#nowhere\">x</a>",
        "<p style=\"color: red\">x</p>",
        "<script>alert(1)</script>",
        "<label for=\"x\">x</label>",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<p id=a></p>",
    ] {
        assert!(std::panic::catch_unwind(|| examine("bad", bad)).is_err(), "{bad}");
    }
    examine("good", "<!doctype html><p id=\"a\">x<br><a href=\"/leads/1?x=2#y\">y</a><a href=\"#a\">z</a></p>");
}

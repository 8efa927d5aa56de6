use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast;
use fluent_syntax::parser;

use super::*;
use crate::http::dashboard::reader::Reader;

/// The keys of a language, each with the names it wants filled in.
fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for path in Files::iter().filter(|path| path.starts_with(language.as_str())) {
        let text = String::from_utf8(Files::get(&path).unwrap().data.into_owned()).unwrap();
        let resource = parser::parse(text.as_str()).unwrap_or_else(|(_, errors)| panic!("{path}: {errors:?}"));
        for entry in resource.body {
            let ast::Entry::Message(message) = entry else { continue };
            let mut names = BTreeSet::new();
            pattern(message.value.as_ref().expect("a text"), &mut names);
            let before = found.insert(message.id.name.to_owned(), names);
            assert!(before.is_none(), "{path}: {} stands twice", message.id.name);
        }
    }
    found
}

fn pattern(pattern: &ast::Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let ast::PatternElement::Placeable { expression } = element else { continue };
        match expression {
            ast::Expression::Inline(inline) => name(inline, names),
            ast::Expression::Select { selector, variants } => {
                name(selector, names);
                variants.iter().for_each(|variant| self::pattern(&variant.value, names));
            }
        }
    }
}

fn name(inline: &ast::InlineExpression<&str>, names: &mut BTreeSet<String>) {
    if let ast::InlineExpression::VariableReference { id } = inline {
        names.insert(id.name.to_owned());
    }
}

fn sources(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.extension().and_then(|ending| ending.to_str()) {
            _ if path.is_dir() => sources(&path, into),
            Some("rs" | "html") => into.push_str(&std::fs::read_to_string(&path).unwrap()),
            _ => {}
        }
    }
}

#[test]
fn every_language_has_the_same_texts_with_the_same_names() {
    let english = keys(Language::English);
    for language in Language::ALL {
        let other = keys(*language);
        for (key, names) in &english {
            let Some(own) = other.get(key) else { panic!("{language} lacks {key}") };
            // A plural may be said without its number: "no lead".
            assert!(own == names, "{language}: {key} wants {own:?}, not {names:?}");
        }
        let more: Vec<&String> = other.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(more.is_empty(), "only {language} has {more:?}");
    }
}

/// Keys are written whole in the sources (`"leads-title"`), or by a stem of which all are used (`"state-` …).
#[test]
fn every_text_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    sources(&root.join("src/http"), &mut text);
    sources(&root.join("templates"), &mut text);
    let is_used = |key: &str| {
        let stems = key.match_indices('-').map(|(at, _)| format!("\"{}{{", &key[..=at]));
        text.contains(&format!("\"{key}\"")) || stems.into_iter().any(|stem| text.contains(&stem))
    };
    let unused: Vec<String> = keys(Language::English).into_keys().filter(|key| !is_used(key)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    sources(&root.join("src/http"), &mut text);
    sources(&root.join("templates"), &mut text);
    let known = keys(Language::English);
    let asked = text.split("say(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let missing: BTreeSet<&str> = asked.filter(|key| !key.is_empty() && !known.contains_key(*key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn plurals_follow_the_language() {
    let leads = |count: i64| say("count-leads").count("count", count).to_string();
    assert_eq!([leads(1), leads(2), leads(1_234)], ["1 lead", "2 leads", "1,234 leads"]);
    let reader = Reader { language: Language::Russian, ..Reader::DEFAULT };
    let russian = reader::reading(reader, async { [1, 2, 5, 21].map(leads) }).await;
    assert_eq!(russian, ["1 лид", "2 лида", "5 лидов", "21 лид"]);
}

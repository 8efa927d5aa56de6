//! Laws of the source that the compiler does not know: who may import whom, where SQL may stand, that every setting
//! is explained, that nothing is left half done.

#![expect(clippy::unwrap_used, reason = "a test may stop where it is")]

use std::path::{Path, PathBuf};

/// Files below a folder that end so, with their text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut open, mut found) = (vec![root.join(folder)], Vec::<PathBuf>::new());
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    let texts = found.into_iter().filter(|path| path.to_string_lossy().ends_with(ending));
    let name = |path: &Path| path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
    let texts: Vec<_> = texts.map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect();
    assert!(!texts.is_empty(), "{folder}");
    texts
}

/// The part of a file that is compiled into the program, without comments.
fn program(text: &str) -> String {
    let tests = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub mod tests {"];
    let end = tests.iter().filter_map(|start| text.find(start)).min().unwrap_or(text.len());
    let text = &text[..end];
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs")
        || ["src/http/api/test_app.rs", "src/db/scratch.rs", "src/db/sample.rs", "src/http/dashboard/html.rs"]
            .contains(&path)
}

/// Whether a text names a path such as `sqlx::` or `crate::db` as a whole word.
fn names(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, _)| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let before = text[..at].chars().next_back().is_some_and(|c| is_word(c) || c == ':');
        let after = text[at + path.len()..].chars().next().is_some_and(is_word);
        !before && (path.ends_with("::") || !after)
    })
}

#[test]
fn nobody_imports_what_stands_above() {
    let table: &[(&str, &[&str])] = &[
        (
            "base",
            &[
                "sqlx::",
                "axum::",
                "reqwest::",
                "tokio::",
                "domain",
                "adapters",
                "db",
                "queue",
                "net",
                "flow",
                "http",
                "app",
            ],
        ),
        (
            "domain",
            &["sqlx::", "axum::", "reqwest::", "tokio::", "adapters", "db", "queue", "net", "flow", "http", "app"],
        ),
        ("adapters", &["sqlx::", "axum::", "reqwest::", "tokio::", "db", "queue", "net", "flow", "http", "app"]),
        ("net", &["sqlx::", "axum::", "adapters", "domain", "db", "queue", "flow", "http", "app"]),
        ("db", &["axum::", "reqwest::", "adapters", "queue", "net", "flow", "http", "app"]),
        ("queue", &["axum::", "reqwest::", "adapters", "net", "flow", "http", "app"]),
        ("flow", &["axum::", "reqwest::", "http"]),
        ("http", &["reqwest::", "queue"]),
        ("config", &["sqlx::", "axum::", "reqwest::", "adapters", "db", "queue", "net", "flow", "http", "app"]),
        (
            "practice",
            &["sqlx::", "reqwest::", "base", "domain", "adapters", "db", "queue", "net", "flow", "http", "app"],
        ),
        ("postgres", &["axum::", "reqwest::", "adapters", "db", "queue", "net", "flow", "http", "app"]),
    ];
    let mut broken = Vec::new();
    for (folder, forbidden) in table {
        let own = [format!("src/{folder}/"), format!("src/{folder}.rs")];
        for (path, text) in files("src", ".rs") {
            if is_test(&path) || !own.iter().any(|own| path.starts_with(own.as_str())) {
                continue;
            }
            let text = program(&text);
            for name in *forbidden {
                let whole = if name.ends_with("::") { (*name).to_owned() } else { format!("crate::{name}") };
                if names(&text, &whole) {
                    broken.push(format!("{path} names {whole}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn imports_can_be_read_line_by_line() {
    // `use crate::{a, b}` would hide from the test above.
    for (path, text) in files("src", ".rs") {
        assert!(!text.contains("use crate::{"), "{path}");
    }
}

#[test]
fn sql_stands_in_db_and_queue_only() {
    for (path, text) in files("src", ".rs").into_iter().filter(|(path, _)| !is_test(path)) {
        // The private cluster makes its database before there is anything to check a statement against.
        if ["src/db/", "src/queue/", "src/postgres/"].iter().any(|room| path.starts_with(room)) {
            continue;
        }
        for word in ["sqlx::query", "QueryBuilder", "fetch_one(", "fetch_all(", "fetch_optional("] {
            assert!(!program(&text).contains(word), "{path} has {word}");
        }
    }
}

#[test]
fn nothing_is_left_half_done() {
    for (path, text) in files("src", ".rs") {
        for mark in ["TODO", "FIXME", "XXX", "HACK", "todo!", "unimplemented!", "dbg!"] {
            assert!(!text.contains(mark), "{path} has {mark}");
        }
        if is_test(&path) {
            continue;
        }
        for mark in [".unwrap()", "panic!(", "#[allow("] {
            assert!(!program(&text).contains(mark), "{path} has {mark}");
        }
    }
}

#[test]
fn no_file_is_too_long_to_read_and_each_says_what_it_is() {
    for (path, text) in files("src", ".rs") {
        assert!(text.lines().count() <= 500, "{path}");
        assert!(is_test(&path) || text.starts_with("//!"), "{path} does not say what it is");
    }
}

#[test]
fn every_setting_and_every_integration_is_explained() {
    let mut sections = files("config", "default.toml");
    let (_, defaults) = sections.remove(0);
    let mut before = "";
    for line in defaults.lines() {
        let is_key = line.split_once('=').is_some_and(|(key, _)| {
            let key = key.trim_start_matches("# ").trim();
            !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
        assert!(!is_key || before.starts_with("# "), "nothing explains {line}");
        before = line;
    }
    let explained: String = files("docs", ".md").into_iter().map(|(_, text)| text).collect();
    for (path, text) in files("config/integrations", ".toml") {
        assert!(text.starts_with('#'), "{path} does not say what it is");
        let name = Path::new(&path).file_stem().unwrap().to_string_lossy().into_owned();
        assert!(explained.contains(&name), "no document names {name}");
    }
}

#[test]
fn the_table_of_networks_names_proofs_that_exist() {
    let proofs: String =
        ["tests/it", "src"].iter().flat_map(|folder| files(folder, ".rs")).map(|(_, text)| text).collect();
    let cases: String = ["config/integrations", "src/adapters"]
        .iter()
        .flat_map(|folder| files(folder, ".toml"))
        .map(|(_, text)| text)
        .collect();
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/NETWORKS.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with('|') && line.contains('`'));
    let mut missing = Vec::new();
    for cell in rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit('|').next()) {
        for name in cell.split('`').skip(1).step_by(2) {
            let is_there = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
                Some(case) => cases.contains(&format!("name = \"{case}\"")),
                None => proofs.contains(&format!("fn {name}(")),
            };
            if !is_there {
                missing.push(name.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

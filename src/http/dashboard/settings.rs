//! `/settings`: every setting as it is in effect, what it is for and where it came from. Read only: settings are changed
//! where the process is started.

use askama::Template;
use axum::extract::State;
use tower_sessions::Session;

use super::layout::{self, Answer, Shell};
use super::texts::{self, Text, say};
use crate::app::{App, FAILURES_PER_MINUTE};
use crate::config::{Origin, Setting};
use crate::http::principal::Principal;
use crate::http::router::IDLE_HOURS;
use crate::http::{password, tries};

/// Settings that stand together.
struct Section {
    /// Empty: those without a section.
    name: String,
    settings: Vec<Setting>,
}

/// What is as it is.
struct Fixed {
    title: Text,
    text: Text,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Page {
    shell: Shell,
    sections: Vec<Section>,
    fixed: Vec<Fixed>,
}

fn sections(settings: &[Setting]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for setting in settings {
        match sections.last_mut().filter(|section| section.name == setting.section()) {
            Some(section) => section.settings.push(setting.clone()),
            None => sections.push(Section { name: setting.section().to_owned(), settings: vec![setting.clone()] }),
        }
    }
    sections
}

fn fixed() -> Vec<Fixed> {
    let one = |title, text| Fixed { title: say(title), text };
    vec![
        one("settings-sessions", say("settings-sessions-text").count("hours", IDLE_HOURS)),
        one("settings-passwords", say("settings-passwords-text").count("least", password::LEAST)),
        one(
            "settings-tries",
            say("settings-tries-text")
                .count("passwords", tries::PASSWORDS.get())
                .count("codes", tries::CODES.get())
                .count("seconds", tries::CODE_EVERY_SECONDS)
                .count("failures", FAILURES_PER_MINUTE),
        ),
        one("settings-masking", say("settings-masking-text")),
    ]
}

/// `GET /settings`
pub async fn show(State(app): State<App>, session: Session, principal: Principal) -> Answer {
    let shell = Shell::of(&session, &principal, say("place-settings"), "/settings").await?;
    layout::page(&Page { shell, sections: sections(&app.config.settings), fixed: fixed() })
}

impl Page {
    /// What stands in the column of values.
    fn value(setting: &Setting) -> (String, &'static str) {
        match &setting.value {
            None => (say("settings-unset").into(), "muted"),
            Some(_) if setting.is_secret => (say("settings-secret").into(), "muted"),
            Some(value) if value.is_empty() => (say("settings-empty").into(), "muted"),
            Some(value) => (value.clone(), "mono"),
        }
    }

    /// Where it came from.
    fn origin(setting: &Setting) -> String {
        match &setting.origin {
            Origin::Default => say("settings-default").into(),
            Origin::File(path) => say("settings-file").with("path", path.display()).into(),
            Origin::Environment(variable) => say("settings-environment").with("variable", variable).into(),
        }
    }

    fn is_default(setting: &Setting) -> bool {
        setting.origin == Origin::Default
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::http::dashboard::html;
    use crate::http::dashboard::overview::tests::shell;

    #[test]
    fn every_setting_says_where_it_came_from_and_secrets_say_nothing() {
        let env = [
            ("LEADRELAY__SERVER__LISTEN", "127.0.0.1:9999"),
            ("LEADRELAY_ADMIN_TOKEN", "a-token-nobody-may-see"),
            ("DATABASE_URL", "postgres://me:hidden-password@db/leadrelay"),
        ];
        let config = config::load(env.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
        let page = Page { shell: shell("/settings"), sections: sections(&config.settings), fixed: fixed() };
        assert_eq!(page.sections.iter().map(|section| section.name.as_str()).filter(|name| name.is_empty()).count(), 1);
        let text = html::check("settings", &page);
        for shown in ["127.0.0.1:9999", "LEADRELAY__SERVER__LISTEN", "DATABASE_URL", "retention.attempts_days", "400"] {
            assert!(text.contains(shown), "{shown}");
        }
        assert!(!text.contains("nobody-may-see") && !text.contains("hidden-password"));
    }
}

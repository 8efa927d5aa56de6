//! From the text of a template file to a recipe, with every mistake named by its key.

use std::collections::BTreeMap;

use super::Recipe;
use super::error::Problems;
use super::file::{AboutFile, File, NativeFile, ParamFile, SettingFile};
use super::judge::Judge;
use super::names::Scope;
use super::poll::Poll;
use super::pull::Pull;
use super::request::RequestSpec;
use super::resend::ResendRule;
use super::tell::TellSpec;
use crate::adapters::case::Case;
use crate::adapters::pick;
use crate::adapters::settings::check_value;
use crate::adapters::{About, Param, Setting};
use crate::domain::polling::Feed;
use crate::domain::status::Status;

/// The text as the shape of a file. `None` with a complaint when it is not one.
pub(super) fn read(file: &str, text: &str, problems: &mut Problems) -> Option<File> {
    let parsed: File = shape(text, problems)?;
    if file.strip_suffix(".toml") != Some(parsed.about.id.as_str()) {
        problems.add("about.id", format!("is {:?}, but must be the name of the file", parsed.about.id));
    }
    Some(parsed)
}

/// What the file of an integration in code says. What is wrong goes to `problems`.
pub(super) fn native(text: &str, problems: &mut Problems) -> Option<(About, Vec<Case>)> {
    let file: NativeFile = shape(text, problems)?;
    Some((about(&file.about, &file.settings, &file.params, problems), file.cases))
}

fn shape<T: serde::de::DeserializeOwned>(text: &str, problems: &mut Problems) -> Option<T> {
    let line_of = |at: Option<std::ops::Range<usize>>| {
        let before = at.and_then(|at| text.get(..at.start)).unwrap_or_default();
        format!("line {}", before.matches('\n').count() + 1)
    };
    let document = match toml::Deserializer::parse(text) {
        Ok(document) => document,
        Err(error) => {
            problems.add(line_of(error.span()), error.message());
            return None;
        }
    };
    match serde_path_to_error::deserialize(document) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            let path = error.path().to_string();
            let inner = error.into_inner();
            let key = if matches!(path.as_str(), "." | "") { line_of(inner.span()) } else { path };
            problems.add(key, inner.message());
            None
        }
    }
}

/// The shape of a file as a recipe. What is wrong goes to `problems`.
pub(super) fn compile(file: File, problems: &mut Problems) -> Option<Recipe> {
    let mut about = about(&file.about, &file.settings, &file.params, problems);
    about.has_poll = !file.polls.is_empty();
    for case in &file.cases {
        if case.name.is_empty() {
            problems.add("case.name", "is empty");
        }
    }
    let mut status_map = BTreeMap::new();
    for (word, status) in &file.status_map {
        let status = status.parse::<Status>().map_err(|error| error.to_string());
        let status =
            status.and_then(|it| if it == Status::New { Err("no report makes a lead new".into()) } else { Ok(it) });
        let status = problems.take(&format!("status_map.{word}"), status);
        if status_map.insert(pick::fold(word), status).is_some() {
            problems.add(format!("status_map.{word}"), "stands twice, when case is folded");
        }
    }
    let resend = ResendRule::compile(file.resend, &about, file.lookup.is_some());
    let resend = problems.take("resend", resend);
    let like = file.send.clone();
    let send = RequestSpec::compile("send", file.send, Scope::Send, &about, problems);
    let mut polls: Vec<Poll> = Vec::new();
    for (no, poll) in file.polls.into_iter().enumerate() {
        let key = format!("poll[{no}]");
        let poll = Poll::compile(&key, poll, &about, problems);
        let is_twice = |feed: &Feed| polls.iter().flat_map(|known| &known.feeds).any(|known| known.name == feed.name);
        if let Some(feed) = poll.iter().flat_map(|poll| &poll.feeds).find(|feed| is_twice(feed)) {
            problems.add(format!("{key}.asks"), format!("{} stands twice", feed.name));
        }
        polls.extend(poll);
    }
    let lookup = file.lookup.map(|it| {
        if !it.asks.is_empty() {
            problems.add("lookup.asks", "is for polls");
        }
        Pull::compile("lookup", it, Scope::Lookup, &about, problems)
    });
    let change = file.change.map(|it| TellSpec::compile("change", it, &like, &about, problems));
    let verdict = file.verdict.map(|it| TellSpec::compile("verdict", it, &like, &about, problems));
    let judge = Judge::compile(file.outcomes, problems);
    Some(Recipe {
        about,
        send: send?,
        resend: resend?,
        judge,
        status_map: status_map.into_iter().filter_map(|(word, status)| Some((word, status?))).collect(),
        polls,
        lookup: lookup.flatten(),
        change: change.flatten(),
        verdict: verdict.flatten(),
        inbound: file.inbound,
        cases: file.cases,
    })
}

/// What the file says about itself.
fn about(head: &AboutFile, settings: &[SettingFile], params: &[ParamFile], problems: &mut Problems) -> About {
    const KINDS: [&str; 7] = ["text", "url", "secret", "number", "bool", "choice", "object"];
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let given = settings;
    let mut settings: Vec<Setting> = Vec::new();
    for (no, it) in given.iter().enumerate() {
        let key = format!("setting[{no}]");
        if !is_name(&it.name) {
            problems.add(format!("{key}.name"), "must be of a-z, 0-9 and _");
        }
        if settings.iter().any(|known| known.name == it.name) {
            problems.add(format!("{key}.name"), "stands twice");
        }
        if !KINDS.contains(&it.kind.as_str()) {
            problems.add(format!("{key}.kind"), format!("must be one of {}", KINDS.join(", ")));
        }
        if (it.kind == "choice") == it.choices.is_empty() {
            problems.add(format!("{key}.choices"), "belong to kind choice, and only there");
        }
        if it.kind == "secret" && it.default.is_some() {
            problems.add(format!("{key}.default"), "a secret has no default");
        }
        let setting = Setting {
            name: it.name.clone(),
            title: it.title.clone(),
            kind: it.kind.clone(),
            required: it.required,
            default: it.default.clone(),
            choices: it.choices.clone(),
            help: it.help.clone(),
        };
        if let Some(default) = &it.default
            && let Err(error) = check_value(&setting, default)
        {
            problems.add(format!("{key}.default"), error.message);
        }
        settings.push(setting);
    }
    for (no, it) in params.iter().enumerate() {
        let key = format!("param[{no}]");
        if it.name.is_empty() || params.iter().filter(|other| other.name == it.name).count() > 1 {
            problems.add(format!("{key}.name"), "must be there, once");
        }
        if it.instead.as_ref().is_some_and(|name| !params.iter().any(|other| other.name == *name)) {
            problems.add(format!("{key}.instead"), "must name another parameter");
        }
    }
    let param = |it: &ParamFile| Param {
        name: it.name.clone(),
        help: it.help.clone(),
        required: it.required,
        instead: it.instead.clone(),
    };
    About {
        id: head.id.clone(),
        title: head.title.clone(),
        group: head.group.clone(),
        help: head.help.clone(),
        links: head.links.clone(),
        confidence: head.confidence.clone(),
        settings,
        params: params.iter().map(param).collect(),
        has_test_flag: head.has_test_flag,
        orders_only: head.orders_only,
        has_poll: false,
    }
}

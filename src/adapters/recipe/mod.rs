//! Engine of the template files: one TOML file in `config/integrations` is one integration. A file is read and
//! compiled as a whole when it is loaded; a [`Recipe`] that exists is one whose templates compile, whose names are
//! known and whose rules make sense. docs/ADAPTERS.md is the reference of the format.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::error::Problems;
use self::file::{File, InboundFile};
use self::judge::Judge;
use self::names::Scope;
use self::pull::Pull;
use self::request::{BuildError, Inputs, RequestSpec};
use self::resend::ResendRule;
use super::case::{self, Case};
use super::{
    About, Adapter, Inbound, InboundCall, Lookup, Next, Page, PollCx, SendCx, Setting, Step, settings::with_defaults,
};
use crate::base::exchange::{Answer, Request, Response};
use crate::base::field_error::FieldError;
use crate::domain::outcome::{Outcome, Resend};
use crate::domain::status::Status;

mod error;
mod file;
mod filters;
mod inbound;
mod judge;
mod names;
mod pick;
mod pull;
mod request;
mod resend;
mod template;
#[cfg(test)]
mod tests;

pub use error::TemplateError;
pub use names::TAGS;
pub(super) use template::text_of;

/// A compiled template file.
#[derive(Debug)]
pub struct Recipe {
    about: About,
    send: RequestSpec,
    resend: ResendRule,
    judge: Judge,
    status_map: BTreeMap<String, Status>,
    poll: Option<Pull>,
    lookup: Option<Pull>,
    inbound: InboundFile,
    cases: Vec<Case>,
}

impl Recipe {
    /// Reads a template file. `file` is its name without folder; its stem must be the id.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<TemplateError>> {
        let mut problems = Problems::new(file);
        let recipe = read(file, text, &mut problems).and_then(|parsed| compile(parsed, &mut problems));
        if let Some(recipe) = &recipe
            && problems.found.is_empty()
        {
            recipe.try_out(&mut problems);
        }
        match recipe {
            Some(recipe) if problems.found.is_empty() => Ok(recipe),
            _ => Err(problems.found),
        }
    }

    /// Renders everything once with the sample lead and once with an empty one, to find what compiling cannot:
    /// unknown filters, wrong arguments, templates that never end.
    fn try_out(&self, problems: &mut Problems) {
        let settings = with_defaults(&self.about, &case::all_settings(&self.about), &Map::new());
        for lead in [case::sample_lead(), super::LeadView::default()] {
            let params = Map::new();
            let cx = case::send_cx(&lead, &settings, &params);
            let sections = [("send", Some(&self.send), Scope::Send)].into_iter().chain([(
                "lookup.request",
                self.lookup.as_ref().map(|it| &it.request),
                Scope::Lookup,
            )]);
            for (section, spec, scope) in sections {
                let built = spec.map(|spec| self.build(spec, &cx, scope));
                if let Some(Err(error)) = built
                    && !error.error.is_undefined
                {
                    problems.add(format!("{section}.{}", error.key), error.error.detail);
                }
            }
            let ids = [lead.id.clone()];
            let cx = PollCx { settings: &settings, ids: &ids, now: case::SAMPLE_TIME };
            if let Some(poll) = &self.poll
                && let Err(error) = self.build_poll(poll, &cx)
                && !error.error.is_undefined
            {
                problems.add(format!("poll.request.{}", error.key), error.error.detail);
            }
            if !problems.found.is_empty() {
                return;
            }
        }
    }

    fn build(&self, spec: &RequestSpec, cx: &SendCx<'_>, scope: Scope) -> Result<Request, BuildError> {
        let context = names::send_context(cx, &self.about, scope);
        let operator = match spec.fields_from() {
            Some(_) => names::send_context(cx, &self.about, Scope::Operator),
            None => minijinja::Value::UNDEFINED,
        };
        // The postback URL ends with the secret that lets its caller change leads.
        let postback_secret = cx.postback_url.rsplit('/').next().filter(|secret| secret.len() >= 8);
        spec.build(&Inputs {
            context: &context,
            operator: &operator,
            settings: cx.settings,
            about: &self.about,
            hide: postback_secret.as_slice(),
        })
    }

    fn build_poll(&self, poll: &Pull, cx: &PollCx<'_>) -> Result<Request, BuildError> {
        let context = names::poll_context(cx, &self.about);
        poll.request.build(&Inputs {
            context: &context,
            operator: &context,
            settings: cx.settings,
            about: &self.about,
            hide: &[],
        })
    }

    /// Whether the settings allow this call.
    fn has(&self, pull: &Pull, settings: &Map<String, Value>) -> bool {
        pull.needs.as_ref().is_none_or(|name| settings.get(name).is_some_and(pick::is_there))
    }
}

impl Adapter for Recipe {
    fn about(&self) -> &About {
        &self.about
    }

    fn resend(&self, settings: &Map<String, Value>) -> Resend {
        let can_look_up = self.lookup.as_ref().is_some_and(|lookup| self.has(lookup, settings));
        self.resend.under(settings, can_look_up)
    }

    fn check(&self, settings: &Map<String, Value>) -> Vec<FieldError> {
        let mut errors = self.resend.check(settings);
        if let Some((setting, headers)) = object_of(settings, self.send.headers_from()) {
            for name in headers.keys() {
                if let Err(reason) = request::header_name(name) {
                    errors.push(FieldError::invalid(format!("settings.{setting}.{name}"), reason));
                }
            }
        }
        if let Some((setting, fields)) = object_of(settings, self.send.fields_from()) {
            for (name, source) in fields {
                if let Err(reason) = request::operator_field(source, &self.about) {
                    errors.push(FieldError::invalid(format!("settings.{setting}.{name}"), reason));
                }
            }
        }
        if !errors.is_empty() {
            return errors;
        }
        let mut trial = with_defaults(&self.about, settings, &Map::new());
        for (name, value) in case::sample_settings(&self.about) {
            trial.entry(name).or_insert(value);
        }
        let (lead, params) = (case::sample_lead(), Map::new());
        let cx = case::send_cx(&lead, &trial, &params);
        if let Err(BuildError { key, error }) = self.build(&self.send, &cx, Scope::Send)
            && !error.is_undefined
        {
            let field = if key.starts_with("settings.") { key } else { "settings".into() };
            errors.push(FieldError::invalid(field, error.detail));
        }
        errors
    }

    fn status_of(&self, raw: &str) -> Option<Status> {
        self.status_map.get(&pick::fold(raw)).copied()
    }

    fn send(&self, cx: &SendCx<'_>) -> Result<Request, Outcome> {
        self.build(&self.send, cx, Scope::Send)
            .map_err(|BuildError { key, error }| Outcome::Misconfigured { reason: format!("{key}: {}", error.reason) })
    }

    fn next(&self, cx: &SendCx<'_>, _step: &Step, answer: &Answer) -> Next {
        Next::Finish(self.judge.judge(answer, cx.now))
    }

    fn lookup(&self, cx: &SendCx<'_>) -> Option<Request> {
        let lookup = self.lookup.as_ref().filter(|lookup| self.has(lookup, cx.settings))?;
        self.build(&lookup.request, cx, Scope::Lookup).ok()
    }

    fn read_lookup(&self, cx: &SendCx<'_>, answer: &Answer) -> Lookup {
        match (&self.lookup, answer) {
            (Some(lookup), Ok(response)) => lookup.find(cx.lead, response),
            (Some(_), Err(error)) => Lookup::Unclear(error.to_string()),
            (None, _) => Lookup::Unclear("this integration cannot look leads up".into()),
        }
    }

    fn poll(&self, cx: &PollCx<'_>) -> Option<Request> {
        let poll = self.poll.as_ref().filter(|poll| self.has(poll, cx.settings) && !cx.ids.is_empty())?;
        self.build_poll(poll, cx).ok()
    }

    fn read_page(&self, _cx: &PollCx<'_>, answer: &Response) -> Result<Page, String> {
        let poll = self.poll.as_ref().ok_or("this integration has no poll")?;
        Ok(Page { reports: poll.read(answer)? })
    }

    fn inbound(&self, call: &InboundCall) -> Result<Inbound, String> {
        Ok(inbound::read(&self.inbound, call))
    }

    fn cases(&self) -> &[Case] {
        &self.cases
    }
}

/// The object setting of this name, with its name.
fn object_of<'a>(settings: &'a Map<String, Value>, name: Option<&'a str>) -> Option<(&'a str, &'a Map<String, Value>)> {
    Some((name?, settings.get(name?)?.as_object()?))
}

/// The text as the shape of a file. `None` with a complaint when it is not one.
fn read(file: &str, text: &str, problems: &mut Problems) -> Option<File> {
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
    let parsed: File = match serde_path_to_error::deserialize(document) {
        Ok(parsed) => parsed,
        Err(error) => {
            let path = error.path().to_string();
            let inner = error.into_inner();
            let key = if path == "." { line_of(inner.span()) } else { path };
            problems.add(key, inner.message());
            return None;
        }
    };
    if file.strip_suffix(".toml") != Some(parsed.about.id.as_str()) {
        problems.add("about.id", format!("is {:?}, but must be the name of the file", parsed.about.id));
    }
    Some(parsed)
}

fn compile(file: File, problems: &mut Problems) -> Option<Recipe> {
    let about = about(&file, problems);
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
    let send = RequestSpec::compile("send", file.send, Scope::Send, &about, problems);
    let poll = file.poll.map(|poll| Pull::compile("poll", poll, Scope::Poll, &about, problems));
    let lookup = file.lookup.map(|it| Pull::compile("lookup", it, Scope::Lookup, &about, problems));
    let judge = Judge::compile(file.outcomes, problems);
    Some(Recipe {
        about,
        send: send?,
        resend: resend?,
        judge,
        status_map: status_map.into_iter().filter_map(|(word, status)| Some((word, status?))).collect(),
        poll: poll.flatten(),
        lookup: lookup.flatten(),
        inbound: file.inbound,
        cases: file.cases,
    })
}

fn about(file: &File, problems: &mut Problems) -> About {
    const KINDS: [&str; 7] = ["text", "url", "secret", "number", "bool", "choice", "object"];
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let mut settings: Vec<Setting> = Vec::new();
    for (no, it) in file.settings.iter().enumerate() {
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
            && let Err(error) = super::settings::check_value(&setting, default)
        {
            problems.add(format!("{key}.default"), error.message);
        }
        settings.push(setting);
    }
    About {
        id: file.about.id.clone(),
        title: file.about.title.clone(),
        group: file.about.group.clone(),
        help: file.about.help.clone(),
        links: file.about.links.clone(),
        confidence: file.about.confidence.clone(),
        settings,
        has_test_flag: file.about.has_test_flag,
        has_poll: file.poll.is_some(),
        poll_batch: file.poll.as_ref().map_or(0, |poll| poll.batch),
    }
}

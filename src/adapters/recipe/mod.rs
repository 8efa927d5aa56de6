//! Engine of the template files: one TOML file in `config/integrations` is one integration. A file is read and
//! compiled as a whole when it is loaded; a [`Recipe`] that exists is one whose templates compile, whose names are
//! known and whose rules make sense. docs/ADAPTERS.md is the reference of the format.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::error::Problems;
use self::file::InboundFile;
use self::judge::Judge;
use self::names::Scope;
use self::poll::Poll;
use self::pull::Pull;
use self::request::{BuildError, Inputs, RequestSpec};
use self::resend::ResendRule;
use self::tell::TellSpec;
use super::case::{self, Case};
use super::{
    About, Adapter, Asked, Decided, Inbound, InboundCall, InboundName, Lookup, Next, Page, PollCx, SendCx, Step, Tell,
    TellCx, pick, settings::with_defaults,
};
use crate::base::exchange::{Answer, Request, Response};
use crate::base::field_error::FieldError;
use crate::domain::outcome::{Outcome, Resend};
use crate::domain::polling::Feed;
use crate::domain::status::Status;

mod absent;
mod error;
mod file;
mod filters;
mod inbound;
mod judge;
mod load;
mod names;
mod poll;
mod pull;
mod request;
mod resend;
mod tell;
mod template;
#[cfg(test)]
mod tests;
mod tree;

pub use error::TemplateError;
pub use names::TAGS;
pub(super) use template::text_of;

/// Reads what an integration in code says about itself: `[about]`, `[[setting]]`, `[[param]]` and `[[case]]`.
pub(super) fn native(file: &str, text: &str) -> Result<(About, Vec<Case>), Vec<TemplateError>> {
    let mut problems = Problems::new(file);
    match load::native(text, &mut problems) {
        Some(parts) if problems.found.is_empty() => Ok(parts),
        _ => Err(problems.found),
    }
}

/// Reads a call by the names that hold unless a file says otherwise: for partners that do not call by themselves.
pub(super) fn usual_inbound(call: &InboundCall) -> Inbound {
    inbound::read(&InboundFile::default(), call)
}

/// The parameters that such a call is read by.
pub(super) fn usual_names() -> Vec<InboundName> {
    InboundFile::default().names()
}

/// A compiled template file.
#[derive(Debug)]
pub struct Recipe {
    about: About,
    send: RequestSpec,
    resend: ResendRule,
    judge: Judge,
    status_map: BTreeMap<String, Status>,
    polls: Vec<Poll>,
    lookup: Option<Pull>,
    change: Option<TellSpec>,
    verdict: Option<TellSpec>,
    inbound: InboundFile,
    cases: Vec<Case>,
}

impl Recipe {
    /// Reads a template file. `file` is its name without folder; its stem must be the id.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<TemplateError>> {
        let mut problems = Problems::new(file);
        let recipe = load::read(file, text, &mut problems).and_then(|parsed| load::compile(parsed, &mut problems));
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
            let params = case::sample_params(&self.about);
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
            let leads = [Asked { id: lead.id.clone(), number: lead.number, external_id: Some("x-1".into()) }];
            for (no, poll) in self.polls.iter().enumerate() {
                let cx = case::poll_cx(&settings, "", &leads);
                if let Err(error) = self.build_poll(&poll.pull, &cx)
                    && !error.error.is_undefined
                {
                    problems.add(format!("poll[{no}].request.{}", error.key), error.error.detail);
                }
            }
            if !problems.found.is_empty() {
                return;
            }
        }
    }

    fn build(&self, spec: &RequestSpec, cx: &SendCx<'_>, scope: Scope) -> Result<Request, BuildError> {
        let context = names::send_context(cx, &self.about, scope);
        let operator = match object_of(cx.settings, spec.fields_from()) {
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

    fn spec_of(&self, what: Tell) -> Option<&TellSpec> {
        match what {
            Tell::Change => self.change.as_ref(),
            Tell::Verdict => self.verdict.as_ref(),
        }
    }

    fn build_tell(&self, spec: &TellSpec, cx: &TellCx<'_>) -> Result<Request, BuildError> {
        let context = names::tell_context(cx, &self.about);
        let operator = match object_of(cx.send.settings, spec.request.fields_from()) {
            Some(_) => names::send_context(&cx.send, &self.about, Scope::Operator),
            None => minijinja::Value::UNDEFINED,
        };
        let postback_secret = cx.send.postback_url.rsplit('/').next().filter(|secret| secret.len() >= 8);
        spec.request.build(&Inputs {
            context: &context,
            operator: &operator,
            settings: cx.send.settings,
            about: &self.about,
            hide: postback_secret.as_slice(),
        })
    }

    fn pull_of(&self, feed: &str) -> Result<&Pull, String> {
        let of = |poll: &&Poll| poll.feeds.iter().any(|known| known.name == feed);
        self.polls.iter().find(of).map(|poll| &poll.pull).ok_or_else(|| format!("there is no feed {feed:?}"))
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
        let (lead, params) = (case::sample_lead(), case::sample_params(&self.about));
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

    fn statuses(&self) -> Vec<(String, Status)> {
        self.status_map.iter().map(|(word, status)| (word.clone(), *status)).collect()
    }

    fn send(&self, cx: &SendCx<'_>) -> Result<Request, Outcome> {
        self.build(&self.send, cx, Scope::Send)
            .map_err(|BuildError { key, error }| Outcome::Misconfigured { reason: format!("{key}: {}", error.reason) })
    }

    fn next(&self, cx: &SendCx<'_>, _step: &Step, answer: &Answer) -> Next {
        Next::Finish(self.judge.judge(answer, cx.now))
    }

    fn decided_by(&self, answer: &Answer) -> Option<Decided> {
        self.judge.decided_by(answer)
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

    fn tells(&self, what: Tell) -> bool {
        self.spec_of(what).is_some()
    }

    fn tell(&self, cx: &TellCx<'_>) -> Result<Request, Outcome> {
        let wrong = |reason: String| Outcome::Misconfigured { reason };
        let spec = self.spec_of(cx.what).ok_or_else(|| wrong("this integration cannot be told".into()))?;
        if !spec.is_on(cx.send.settings) {
            return Err(Outcome::Refused {
                reason: "the network's settings do not ask for it".into(),
                is_trash: false,
            });
        }
        self.build_tell(spec, cx).map_err(|BuildError { key, error }| wrong(format!("{key}: {}", error.reason)))
    }

    fn told(&self, cx: &TellCx<'_>, _step: &Step, answer: &Answer) -> Next {
        Next::Finish(match self.spec_of(cx.what) {
            Some(spec) => spec.judge(cx, answer),
            None => Outcome::Misconfigured { reason: "this integration cannot be told".into() },
        })
    }

    fn feeds(&self, settings: &Map<String, Value>) -> Vec<Feed> {
        self.polls.iter().filter(|poll| self.has(&poll.pull, settings)).flat_map(|poll| poll.feeds.clone()).collect()
    }

    fn poll(&self, cx: &PollCx<'_>) -> Result<Request, String> {
        let pull = self.pull_of(cx.feed)?;
        if !self.has(pull, cx.settings) {
            return Err(format!("{} is not set", pull.needs.as_deref().unwrap_or_default()));
        }
        self.build_poll(pull, cx).map_err(|BuildError { key, error }| format!("{key}: {}", error.reason))
    }

    fn read_page(&self, cx: &PollCx<'_>, answer: &Response) -> Result<Page, String> {
        Ok(Page { reports: self.pull_of(cx.feed)?.read(answer)?, next: None })
    }

    fn inbound(&self, _settings: &Map<String, Value>, call: &InboundCall) -> Result<Inbound, String> {
        Ok(inbound::read(&self.inbound, call))
    }

    fn inbound_names(&self) -> Vec<InboundName> {
        self.inbound.names()
    }

    fn cases(&self) -> &[Case] {
        &self.cases
    }
}

/// The object setting of this name, with its name.
fn object_of<'a>(settings: &'a Map<String, Value>, name: Option<&'a str>) -> Option<(&'a str, &'a Map<String, Value>)> {
    Some((name?, settings.get(name?)?.as_object()?))
}

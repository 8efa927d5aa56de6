//! `[change]` and `[verdict]`: telling a network about a lead that it has.

use serde_json::{Map, Value};

use super::error::Problems;
use super::file::{RequestFile, TellFile};
use super::judge::Judge;
use super::names::Scope;
use super::request::RequestSpec;
use crate::adapters::{About, TellCx, pick};
use crate::base::exchange::Answer;
use crate::domain::outcome::{Accepted, Outcome};

/// One of the two.
#[derive(Debug)]
pub(super) struct TellSpec {
    needs: Option<String>,
    pub request: RequestSpec,
    judge: Judge,
}

impl TellSpec {
    pub fn compile(
        key: &str,
        file: TellFile,
        send: &RequestFile,
        about: &About,
        problems: &mut Problems,
    ) -> Option<Self> {
        if let Some(name) = &file.needs
            && !about.settings.iter().any(|setting| setting.name == *name)
        {
            problems.add(format!("{key}.needs"), "must name a setting");
        }
        let request = match (file.url, file.request) {
            (Some(url), None) => RequestFile { url, method: file.method.unwrap_or(send.method), ..send.clone() },
            (None, Some(request)) if file.method.is_none() => request,
            _ => {
                problems.add(key, "needs a url, with a method if need be, or a request of its own");
                return None;
            }
        };
        let request = RequestSpec::compile(&format!("{key}.request"), request, Scope::Tell, about, problems);
        Some(Self { needs: file.needs, request: request?, judge: Judge::compile(file.outcomes, problems) })
    }

    /// Whether the settings allow it.
    pub fn is_on(&self, settings: &Map<String, Value>) -> bool {
        self.needs.as_ref().is_none_or(|name| settings.get(name).is_some_and(pick::is_there))
    }

    /// What an answer means. Without rules of its own every 2xx is a yes.
    pub fn judge(&self, cx: &TellCx<'_>, answer: &Answer) -> Outcome {
        if !self.judge.is_empty() {
            return self.judge.judge(answer, cx.send.now);
        }
        match answer {
            Ok(response) => match response.status {
                200..=299 => Outcome::Accepted(Accepted::default()),
                408 | 425 | 429 | 500.. => Outcome::Retry {
                    reason: format!("HTTP {}", response.status),
                    after: super::judge::retry_after(response, cx.send.now),
                },
                401 | 403 => Outcome::Misconfigured { reason: format!("HTTP {}", response.status) },
                status => Outcome::Refused { reason: format!("HTTP {status}"), is_trash: false },
            },
            Err(_) => self.judge.judge(answer, cx.send.now),
        }
    }
}

//! One template of a file: compiled once, rendered per lead, in an engine that can reach nothing, with fuel and a
//! recursion limit. A template that is one `{{ expression }}` keeps the value's type; anything else is text.

use std::collections::HashSet;
use std::sync::LazyLock;

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Expression, Output, State, UndefinedBehavior};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use super::absent::is_absent;
use super::filters;
use crate::base::percent;

/// Steps a template may take; a field takes a few dozen.
const FUEL: u64 = 50_000;
/// A template longer than this is a mistake.
const MAX_LEN: usize = 16 * 1024;
/// What may stand in any part of a URL as it is.
const URL_SAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

static PLAIN: LazyLock<Environment<'static>> = LazyLock::new(|| engine(Place::Plain));
static URL: LazyLock<Environment<'static>> = LazyLock::new(|| engine(Place::Url));

/// Where the rendered text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Into something that is encoded as a whole afterwards (JSON, form, query pair, header).
    Plain,
    /// Into a URL that is text: every printed value is percent-encoded.
    Url,
}

/// A compiled template.
pub(super) enum Template {
    /// No markup.
    Literal(String),
    /// Exactly one `{{ expression }}`.
    Native(Box<Expression<'static, 'static>>),
    /// Text with markup; the engine holds it under [`NAME`].
    Text(Box<Environment<'static>>),
}

const NAME: &str = "template";

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Literal(_) => "Literal",
            Self::Native(_) => "Native",
            Self::Text(_) => "Text",
        })
    }
}

/// Why a template gave nothing.
#[derive(Debug)]
pub(super) struct RenderError {
    /// It used a value that is not there: a matter of the lead or the parameters, not of the template.
    pub is_undefined: bool,
    /// Names no value, so it can be shown and stored.
    pub reason: String,
    /// May name values: only for renders of the sample lead.
    pub detail: String,
}

impl From<Error> for RenderError {
    fn from(error: Error) -> Self {
        Self {
            is_undefined: error.kind() == ErrorKind::UndefinedError,
            reason: error.kind().to_string(),
            detail: match error.detail() {
                Some(detail) => format!("{}: {detail}", error.kind()),
                None => error.kind().to_string(),
            },
        }
    }
}

impl Template {
    /// Compiles `source`. The error is the reason in one sentence.
    pub fn compile(source: &str, place: Place) -> Result<Self, String> {
        if source.len() > MAX_LEN {
            return Err(format!("is longer than {MAX_LEN} bytes"));
        }
        if !["{{", "{%", "{#"].iter().any(|mark| source.contains(mark)) {
            return Ok(Self::Literal(source.to_owned()));
        }
        if place == Place::Url && source.rsplit("{{").skip(1).any(percent::is_open) {
            return Err("a value would become part of the percent escape before it".into());
        }
        let inner = source.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        if place == Place::Plain
            && let Some(inner) = inner
            && let Ok(expression) = PLAIN.compile_expression_owned(inner.to_owned())
        {
            return Ok(Self::Native(Box::new(expression)));
        }
        let mut env = match place {
            Place::Plain => PLAIN.clone(),
            Place::Url => URL.clone(),
        };
        env.add_template_owned(NAME, source.to_owned()).map_err(|error| RenderError::from(error).detail)?;
        Ok(Self::Text(Box::new(env)))
    }

    /// Names it reads, as `lead.phone`.
    pub fn names(&self) -> HashSet<String> {
        match self {
            Self::Literal(_) => HashSet::new(),
            Self::Native(expression) => expression.undeclared_variables(true),
            Self::Text(env) => env.get_template(NAME).map(|it| it.undeclared_variables(true)).unwrap_or_default(),
        }
    }

    /// The value with its own type; `None` when it is not there.
    pub fn value(&self, context: &Value) -> Result<Option<Json>, RenderError> {
        match self {
            Self::Literal(text) => Ok(Some(Json::String(text.clone()))),
            Self::Native(expression) => {
                let value = expression.eval(context.clone())?;
                if is_absent(&value) {
                    return Ok(None);
                }
                let json = serde_json::to_value(&value).map_err(|error| RenderError {
                    is_undefined: false,
                    reason: "is no value that can be sent".into(),
                    detail: error.to_string(),
                })?;
                Ok(Some(json))
            }
            Self::Text(_) => self.text(context).map(|text| Some(Json::String(text))),
        }
    }

    /// The value as text; empty when it is not there.
    pub fn text(&self, context: &Value) -> Result<String, RenderError> {
        match self {
            Self::Literal(text) => Ok(text.clone()),
            Self::Native(_) => Ok(self.value(context)?.map(|value| text_of(&value)).unwrap_or_default()),
            Self::Text(env) => Ok(env.get_template(NAME)?.render(context.clone())?),
        }
    }
}

/// A JSON value as the text that stands for it in a form, a header or a query.
pub(in crate::adapters) fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

/// Percent-encodes for any part of a URL.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, URL_SAFE).to_string()
}

fn engine(place: Place) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(32);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_debug(false);
    let globals: Vec<String> = env.globals().map(|(name, _)| name.to_owned()).collect();
    for name in globals {
        env.remove_global(&name);
    }
    filters::add_to(&mut env);
    match place {
        Place::Plain => env.set_formatter(|out, _state, value| print(out, value, str::to_owned)),
        Place::Url => env.set_formatter(|out, _state: &mut State, value| print(out, value, encode)),
    }
    env
}

fn print(out: &mut Output, value: &Value, encode: impl Fn(&str) -> String) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if value.is_none() {
        return Ok(());
    }
    // The engine would print a bool as Python does.
    let text = match value.kind() {
        ValueKind::Bool => value.is_true().to_string(),
        _ => value.to_string(),
    };
    out.write_str(&encode(&text)).map_err(Error::from)
}

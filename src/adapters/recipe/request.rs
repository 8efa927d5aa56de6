//! Building a request from its templates. Every value is encoded for its place here and nowhere else, so no value
//! of a lead can add a parameter, a header or a JSON key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Value as Context;
use serde_json::{Map, Value};
use url::Url;

use super::error::Problems;
use super::file::{AuthFile, AuthKind, BodyKind, RequestFile};
use super::names::{self, Scope};
use super::template::{Place, RenderError, Template, encode, text_of};
use super::tree::{Tree, compile_all, flat};
use crate::adapters::About;
use crate::base::dots;
use crate::base::exchange::{Method, Request};

/// Headers that the connection itself sets.
pub(super) const FORBIDDEN_HEADERS: [&str; 9] =
    ["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

/// A request whose templates are compiled.
#[derive(Debug)]
pub(super) struct RequestSpec {
    method: Method,
    url: UrlSpec,
    query: Vec<(String, Tree)>,
    headers: Vec<(String, Template)>,
    headers_from: Option<String>,
    auth: Option<Auth>,
    body: BodyKind,
    fields: Vec<(String, Tree)>,
    fields_from: Option<String>,
    omit_empty: bool,
}

/// A URL: the text of a `url` setting as it is, then a template whose values are percent-encoded.
#[derive(Debug)]
struct UrlSpec {
    base: Option<String>,
    rest: Template,
}

#[derive(Debug)]
struct Auth {
    kind: AuthKind,
    name: String,
    user: Option<Template>,
    value: Template,
}

/// What a request is rendered from, beside its templates.
pub(super) struct Inputs<'a> {
    pub context: &'a Context,
    /// Context of the operator's own `fields`.
    pub operator: &'a Context,
    pub settings: &'a Map<String, Value>,
    pub about: &'a About,
    /// Values that must not be shown, in addition to the secret settings.
    pub hide: &'a [&'a str],
}

/// A request could not be built: the key of the template and the reason.
#[derive(Debug)]
pub(super) struct BuildError {
    pub key: String,
    pub error: RenderError,
}

impl BuildError {
    fn new(key: impl Into<String>, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { key: key.into(), error: RenderError { is_undefined: false, detail: reason.clone(), reason } }
    }
}

fn failed(key: impl Into<String>) -> impl FnOnce(RenderError) -> BuildError {
    let key = key.into();
    move |error| BuildError { key, error }
}

impl RequestSpec {
    /// Compiles the section `key` of a file; complaints go to `problems`.
    pub fn compile(key: &str, file: RequestFile, scope: Scope, about: &About, problems: &mut Problems) -> Option<Self> {
        let before = problems.found.len();
        let url = UrlSpec::compile(&file.url, scope, about);
        let url = problems.take(&format!("{key}.url"), url);
        let mut headers = Vec::new();
        for (name, value) in &file.headers {
            let at = format!("{key}.headers.{name}");
            let checked = header_name(name).and_then(|name| {
                let text = value.as_str().ok_or("must be a template in quotes")?;
                Ok((name, compile(text, scope, about)?))
            });
            headers.extend(problems.take(&at, checked));
        }
        let auth = file.auth.and_then(|auth| {
            let auth = Auth::compile(auth, file.body, scope, about);
            problems.take(&format!("{key}.auth"), auth)
        });
        for (word, from) in [("headers_from", &file.headers_from), ("fields_from", &file.fields_from)] {
            let is_object = |name: &String| about.settings.iter().any(|it| it.name == *name && it.kind == "object");
            if from.as_ref().is_some_and(|name| !is_object(name)) {
                problems.add(format!("{key}.{word}"), "must name a setting of kind object");
            }
        }
        if file.body == BodyKind::None && !(file.fields.is_empty() && file.fields_from.is_none()) {
            problems.add(format!("{key}.fields"), "there are fields but body is none; use query, or body = \"json\"");
        }
        let query = compile_all(&format!("{key}.query"), &file.query, scope, about, problems);
        let fields = compile_all(&format!("{key}.fields"), &file.fields, scope, about, problems);
        (problems.found.len() == before).then_some(())?;
        Some(Self {
            method: file.method,
            url: url?,
            query,
            headers,
            headers_from: file.headers_from,
            auth,
            body: file.body,
            fields,
            fields_from: file.fields_from,
            omit_empty: file.omit_empty,
        })
    }

    /// Name of the setting that replaces the fields.
    pub fn fields_from(&self) -> Option<&str> {
        self.fields_from.as_deref()
    }

    /// Name of the setting that adds headers.
    pub fn headers_from(&self) -> Option<&str> {
        self.headers_from.as_deref()
    }

    /// Whether its URL, query or body is made from this name.
    pub fn reads(&self, name: &str) -> bool {
        let trees = self.query.iter().chain(&self.fields);
        self.url.rest.names().contains(name) || trees.map(|(_, tree)| tree).any(|tree| tree.reads(name))
    }

    /// The request for these inputs.
    pub fn build(&self, inputs: &Inputs<'_>) -> Result<Request, BuildError> {
        let mut url = self.url.build(inputs)?;
        let mut secrets = inputs.secrets();
        let mut headers: Vec<(String, String)> = Vec::new();
        let query = self.values("query", &self.query, inputs.context)?;
        if !query.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in flat(&query) {
                pairs.append_pair(&name, &value);
            }
        }
        let mut fields = self.fields(inputs)?;
        let kind = match self.body {
            BodyKind::None => None,
            BodyKind::Json => Some("application/json"),
            BodyKind::Form => Some("application/x-www-form-urlencoded"),
        };
        headers.extend(kind.map(|kind| ("content-type".to_owned(), kind.to_owned())));
        for (name, template) in &self.headers {
            let value = template.text(inputs.context).map_err(failed(format!("headers.{name}")))?;
            set_header(&mut headers, name, &value);
        }
        if let Some(auth) = &self.auth {
            auth.add_to(inputs, &mut url, &mut headers, &mut fields, &mut secrets)?;
        }
        if let Some(extra) = self.headers_from.as_ref().and_then(|name| inputs.settings.get(name)) {
            for (name, value) in extra.as_object().into_iter().flatten() {
                let name =
                    header_name(name).map_err(|reason| BuildError::new(format!("settings.headers.{name}"), reason))?;
                let value = text_of(value);
                // Custom headers mostly carry keys.
                hide(&mut secrets, &value);
                set_header(&mut headers, &name, &value);
            }
        }
        let body = match self.body {
            BodyKind::None => Vec::new(),
            BodyKind::Json => Value::Object(fields).to_string().into_bytes(),
            BodyKind::Form => {
                let pairs = flat(&fields);
                url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
            }
        };
        Ok(Request { method: self.method, url, headers, body, secrets })
    }

    fn values(
        &self,
        section: &str,
        from: &[(String, Tree)],
        context: &Context,
    ) -> Result<Map<String, Value>, BuildError> {
        let mut out = Map::new();
        for (name, tree) in from {
            if let Some(value) = tree.render(context, self.omit_empty).map_err(failed(format!("{section}.{name}")))? {
                out.insert(name.clone(), value);
            }
        }
        Ok(out)
    }

    fn fields(&self, inputs: &Inputs<'_>) -> Result<Map<String, Value>, BuildError> {
        let own = self.fields_from.as_ref().and_then(|name| Some((name, inputs.settings.get(name)?.as_object()?)));
        let Some((setting, own)) = own.filter(|(_, own)| !own.is_empty()) else {
            return self.values("fields", &self.fields, inputs.context);
        };
        let mut out = Map::new();
        for (name, source) in own {
            let key = format!("settings.{setting}.{name}");
            let tree = operator_field(source, inputs.about).map_err(|reason| BuildError::new(&key, reason))?;
            if let Some(value) = tree.render(inputs.operator, self.omit_empty).map_err(failed(&key))? {
                out.insert(name.clone(), value);
            }
        }
        Ok(out)
    }
}

impl Inputs<'_> {
    /// Every secret in the forms in which it can occur in a request.
    fn secrets(&self) -> Vec<String> {
        let mut out = Vec::new();
        for setting in self.about.settings.iter().filter(|setting| setting.is_secret()) {
            if let Some(value) = self.settings.get(&setting.name) {
                hide(&mut out, &text_of(value));
            }
        }
        for value in self.hide {
            hide(&mut out, value);
        }
        out
    }
}

/// Adds a secret and its encoded forms.
fn hide(secrets: &mut Vec<String>, value: &str) {
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let json = Value::from(value).to_string();
    let json = json.trim_matches('"').to_owned();
    for form in [value.to_owned(), encode(value), form, json, header_value(value)] {
        if !form.is_empty() && !secrets.contains(&form) {
            secrets.push(form);
        }
    }
}

impl UrlSpec {
    fn compile(source: &str, scope: Scope, about: &About) -> Result<Self, String> {
        let (base, rest) = match leading_setting(source) {
            Some((name, rest)) if about.settings.iter().any(|it| it.name == name && it.kind == "url") => {
                (Some(name.to_owned()), rest)
            }
            _ => (None, source),
        };
        let rest = Template::compile(rest, Place::Url)?;
        names::check(&rest, scope, about)?;
        Ok(Self { base, rest })
    }

    fn build(&self, inputs: &Inputs<'_>) -> Result<Url, BuildError> {
        let rest = self.rest.text(inputs.context).map_err(failed("url"))?;
        let rest = dots::named(&rest);
        let base = match &self.base {
            None => String::new(),
            Some(name) => match inputs.settings.get(name).and_then(Value::as_str).map(str::trim) {
                Some(base) if !base.is_empty() => base.to_owned(),
                _ => return Err(BuildError::new(format!("settings.{name}"), "is not set")),
            },
        };
        let base = if rest.starts_with('/') { base.trim_end_matches('/') } else { &base };
        let key = self.base.as_ref().map_or_else(|| "url".to_owned(), |name| format!("settings.{name}"));
        let url = Url::parse(&format!("{base}{rest}")).map_err(|_| BuildError::new(&key, "is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https" | "sandbox") || url.host_str().is_none_or(str::is_empty) {
            return Err(BuildError::new(&key, "is not a web address"));
        }
        Ok(url)
    }
}

/// The setting a URL template begins with, and the rest.
fn leading_setting(source: &str) -> Option<(&str, &str)> {
    let (inner, rest) = source.trim_start().strip_prefix("{{")?.split_once("}}")?;
    Some((inner.trim().strip_prefix("settings.")?, rest))
}

impl Auth {
    fn compile(file: AuthFile, body: BodyKind, scope: Scope, about: &About) -> Result<Self, String> {
        let name = match (file.kind, file.name) {
            (AuthKind::Header, Some(name)) => header_name(&name)?,
            (AuthKind::Query | AuthKind::Body, Some(name)) if !name.is_empty() => name,
            (AuthKind::Header | AuthKind::Query | AuthKind::Body, _) => return Err("name is required".into()),
            (_, Some(_)) => return Err("name is only for header, query and body".into()),
            (_, None) => "authorization".into(),
        };
        if file.kind == AuthKind::Body && body == BodyKind::None {
            return Err("kind is body but the request has none".into());
        }
        if file.user.is_some() != (file.kind == AuthKind::Basic) {
            return Err("user belongs to basic, and only there".into());
        }
        let user = file.user.map(|user| compile(&user, scope, about)).transpose()?;
        Ok(Self { kind: file.kind, name, user, value: compile(&file.value, scope, about)? })
    }

    /// Nothing when the value is empty: a key that is not set is not sent.
    fn add_to(
        &self,
        inputs: &Inputs<'_>,
        url: &mut Url,
        headers: &mut Vec<(String, String)>,
        fields: &mut Map<String, Value>,
        secrets: &mut Vec<String>,
    ) -> Result<(), BuildError> {
        let value = self.value.text(inputs.context).map_err(failed("auth.value"))?;
        let user = self.user.as_ref().map(|user| user.text(inputs.context).map_err(failed("auth.user"))).transpose()?;
        if value.is_empty() && user.as_deref().unwrap_or_default().is_empty() {
            return Ok(());
        }
        match self.kind {
            AuthKind::Bearer => set_header(headers, &self.name, &format!("Bearer {value}")),
            AuthKind::Basic => {
                let pair = STANDARD.encode(format!("{}:{value}", user.unwrap_or_default()));
                set_header(headers, &self.name, &format!("Basic {pair}"));
                hide(secrets, &pair);
            }
            AuthKind::Header => set_header(headers, &self.name, &value),
            AuthKind::Query => {
                url.query_pairs_mut().append_pair(&self.name, &value);
            }
            AuthKind::Body => {
                fields.insert(self.name.clone(), Value::String(value));
            }
        }
        Ok(())
    }
}

/// One of the operator's own fields.
pub(super) fn operator_field(source: &Value, about: &About) -> Result<Tree, String> {
    match source {
        Value::String(text) => {
            if let Some(name) = names::single_brace(text) {
                return Err(format!("{{{name}}}: write it as {{{{ lead.{name} }}}}"));
            }
            compile(text, Scope::Operator, about).map(Tree::Leaf)
        }
        Value::Number(_) | Value::Bool(_) => Ok(Tree::Constant(source.clone())),
        _ => Err("must be a template in quotes, a number or a bool".into()),
    }
}

/// Compiles one template and checks its names.
pub(super) fn compile(source: &str, scope: Scope, about: &About) -> Result<Template, String> {
    let template = Template::compile(source, Place::Plain)?;
    names::check(&template, scope, about)?;
    Ok(template)
}

/// A header name in lower case, or why it cannot be one.
pub(super) fn header_name(name: &str) -> Result<String, String> {
    let name = name.to_ascii_lowercase();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > 100 || !name.bytes().all(is_token) {
        return Err("is not a header name".into());
    }
    if FORBIDDEN_HEADERS.contains(&name.as_str()) {
        return Err("is set by the connection itself".into());
    }
    Ok(name)
}

/// A header value cannot end its line, and holds ASCII only.
fn header_value(value: &str) -> String {
    let one_line: String = value.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    percent_encoding::utf8_percent_encode(&one_line, percent_encoding::CONTROLS).to_string()
}

/// Sets a header, over an earlier one of the same name. An empty value sets none.
fn set_header(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    let value = header_value(value);
    if !value.is_empty() {
        headers.retain(|(known, _)| known != name);
        headers.push((name.to_owned(), value));
    }
}

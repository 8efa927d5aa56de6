//! Forms: what a field is called, what stands in it, what is wrong with it. Names are the paths the API uses, so that
//! its complaints find their field; a form becomes the body of a call of the API, which judges it.

use askama::Template;
use serde_json::{Map, Value};

use super::form::FormPairs;
use super::lines;
use super::list::Choice;
use super::texts::{self, Text, say};
use crate::base::field_error::FieldError;

/// One field of a form.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Path as in the API.
    pub name: String,
    /// For labels.
    pub id: String,
    pub label: String,
    /// `text`, `url`, `secret`, `number`, `bool`, `choice`, `lines`, `json`.
    pub kind: &'static str,
    /// What stands in it.
    pub value: String,
    pub choices: Vec<Choice>,
    pub help: String,
    pub is_required: bool,
    /// A secret that is stored.
    pub is_set: bool,
    pub errors: Vec<String>,
}

impl Field {
    /// A field with what stands in it.
    pub fn new(values: &FormPairs, name: &str, kind: &'static str, label: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            id: id(name),
            label: label.into(),
            kind,
            value: values.raw(name).to_owned(),
            ..Self::default()
        }
    }

    /// Must be filled in.
    pub fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// Explained below.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// One of these.
    pub fn of(mut self, choices: Vec<Choice>) -> Self {
        self.kind = "choice";
        self.choices = choices;
        self
    }
}

/// The id of a field's control.
pub fn id(name: &str) -> String {
    format!("f-{}", name.replace('.', "-"))
}

/// The whole form, but for what is around it: where it posts, and its button.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/form.html")]
pub struct Form {
    /// What is usually filled in.
    pub fields: Vec<Field>,
    /// What is usually left as it is.
    pub more: Vec<Field>,
    /// Heading of these.
    pub more_title: Option<Text>,
    /// Complaints that belong to no field.
    pub others: Vec<String>,
}

impl Form {
    /// A form whose fields know what is wrong with them.
    pub fn new(fields: Vec<Field>, more: Vec<Field>, more_title: Option<Text>, errors: &[FieldError]) -> Self {
        let mut form = Self { fields, more, more_title, others: Vec::new() };
        for error in errors {
            form.complain(error);
        }
        form
    }

    /// Set apart from other forms of its page.
    pub fn named(mut self, name: &str) -> Self {
        for field in self.fields.iter_mut().chain(&mut self.more) {
            field.id = format!("{name}-{}", field.id);
        }
        self
    }

    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        !self.others.is_empty() || self.wrong().next().is_some()
    }

    /// The fields that something is wrong with.
    pub fn wrong(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(&self.more).filter(|field| !field.errors.is_empty())
    }

    /// Whether something is wrong among the further fields, so that they are shown.
    pub fn is_more_open(&self) -> bool {
        self.more.iter().any(|field| !field.errors.is_empty())
    }

    fn complain(&mut self, error: &FieldError) {
        let is_part = |name: &str| error.field.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[']));
        let mut fields: Vec<&mut Field> = self.fields.iter_mut().chain(&mut self.more).collect();
        if let Some(field) = fields.iter_mut().find(|field| field.name == error.field) {
            field.errors.push(error.message.clone());
        } else if let Some(field) = fields.iter_mut().find(|field| is_part(&field.name)) {
            let part = error.field.get(field.name.len() + 1..).unwrap_or_default();
            field.errors.push(format!("{part}: {}", error.message));
        } else {
            self.others.push(format!("{} {}", error.field, error.message));
        }
    }
}

/// A body for the API, made of what a form sent. What was left empty is null, which the API reads as its default.
#[derive(Debug)]
pub struct Draft<'a> {
    form: &'a FormPairs,
    body: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl<'a> Draft<'a> {
    /// Begins.
    pub fn of(form: &'a FormPairs) -> Self {
        Self { form, body: Map::new(), errors: Vec::new() }
    }

    /// Takes over a value that was made elsewhere.
    pub fn set(&mut self, name: &str, value: Value) {
        self.body.insert(name.to_owned(), value);
    }

    /// Something is wrong with a field.
    pub fn complain(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError::invalid(name, message));
    }

    /// Texts as they were typed.
    pub fn texts(&mut self, names: &[&str]) {
        for name in names {
            let value = self.form.given(name).map_or(Value::Null, Value::from);
            self.set(name, value);
        }
    }

    /// Numbers.
    pub fn numbers(&mut self, names: &[&str]) {
        for name in names {
            match self.form.given(name).map(str::parse::<serde_json::Number>) {
                None => self.set(name, Value::Null),
                Some(Ok(number)) => self.set(name, Value::Number(number)),
                Some(Err(_)) => self.complain(name, say("form-number")),
            }
        }
    }

    /// Words between commas, spaces or line ends.
    pub fn lists(&mut self, names: &[&str]) {
        for name in names {
            let words = self.form.get(name).split([',', ' ', '\n', ';']).map(str::trim).filter(|word| !word.is_empty());
            let words: Vec<Value> = words.map(Value::from).collect();
            self.set(name, Value::Array(words));
        }
    }

    /// Boxes that are ticked or not.
    pub fn flags(&mut self, names: &[&str]) {
        for name in names {
            let is_ticked = self.form.given(name).is_some();
            self.set(name, Value::Bool(is_ticked));
        }
    }

    /// An object as lines of `name = value`, as the patch that leads there from what is stored.
    pub fn object(&mut self, name: &str, before: &Value) {
        match lines::read(self.form.raw(name), '=', false, before) {
            Ok(object) => self.set(name, lines::difference(before, &object)),
            Err(line) => self.complain(name, say("form-line").count("line", line)),
        }
    }

    /// Ends.
    pub fn end(self) -> Result<Value, Vec<FieldError>> {
        if self.errors.is_empty() { Ok(Value::Object(self.body)) } else { Err(self.errors) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_typed_becomes_a_body() {
        let form = FormPairs::parse(b"slug=tea&days=7&countries=de%2C+at%0D%0Ach&enabled=1&params=a+%3D+1%0Ab+%3D+x");
        let mut draft = Draft::of(&form);
        draft.texts(&["slug", "name"]);
        draft.numbers(&["days", "weight"]);
        draft.lists(&["countries", "webmasters"]);
        draft.flags(&["enabled", "other"]);
        draft.object("params", &json!({ "a": 1, "gone": true }));
        assert_eq!(
            draft.end().unwrap(),
            json!({
                "slug": "tea", "name": null, "days": 7, "weight": null, "countries": ["de", "at", "ch"],
                "webmasters": [], "enabled": true, "other": false, "params": { "b": "x", "gone": null }
            })
        );
    }

    #[test]
    fn what_cannot_be_read_is_named_and_finds_its_field() {
        let form = FormPairs::parse(b"days=soon&params=nonsense");
        let mut draft = Draft::of(&form);
        draft.numbers(&["days"]);
        draft.object("params", &Value::Null);
        let mut errors = draft.end().unwrap_err();
        errors.push(FieldError::invalid("params.x", "is bad"));
        errors.push(FieldError::invalid("else", "is bad"));
        let fields =
            vec![Field::new(&form, "days", "number", "Days").required(), Field::new(&form, "params", "lines", "P")];
        let form = Form::new(fields, Vec::new(), None, &errors);
        assert_eq!(form.fields[0].value, "soon", "what was typed stays");
        assert_eq!(form.fields[1].errors.len(), 2);
        assert_eq!((form.others.as_slice(), form.wrong().count()), (["else is bad".to_owned()].as_slice(), 2));
    }
}

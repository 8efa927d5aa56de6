//! Values of a query or a body in the shape in which they are sent.

use minijinja::value::Value as Context;
use serde_json::{Map, Value};

use super::error::Problems;
use super::names::Scope;
use super::request::compile;
use super::template::{RenderError, Template, text_of};
use crate::adapters::About;

/// A value of the query or the body: templates in the shape in which they are sent.
#[derive(Debug)]
pub(super) enum Tree {
    Leaf(Template),
    Constant(Value),
    Object(Vec<(String, Tree)>),
    List(Vec<Tree>),
}

impl Tree {
    /// The value; `None` when nothing is there and empty ones are left out.
    pub fn render(&self, context: &Context, omit_empty: bool) -> Result<Option<Value>, RenderError> {
        let value = match self {
            Self::Constant(value) => Some(value.clone()),
            Self::Leaf(template) => template.value(context)?,
            Self::Object(fields) => {
                let mut out = Map::new();
                for (name, tree) in fields {
                    out.extend(tree.render(context, omit_empty)?.map(|value| (name.clone(), value)));
                }
                Some(Value::Object(out))
            }
            Self::List(items) => {
                let mut out = Vec::new();
                for tree in items {
                    out.extend(tree.render(context, omit_empty)?);
                }
                Some(Value::Array(out))
            }
        };
        Ok(match value {
            Some(value) if omit_empty && is_empty(&value) => None,
            None if omit_empty => None,
            value => Some(value.unwrap_or(Value::Null)),
        })
    }
}

impl Tree {
    /// Whether a template of it reads this name.
    pub fn reads(&self, name: &str) -> bool {
        match self {
            Self::Constant(_) => false,
            Self::Leaf(template) => template.names().contains(name),
            Self::Object(fields) => fields.iter().any(|(_, tree)| tree.reads(name)),
            Self::List(items) => items.iter().any(|tree| tree.reads(name)),
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Compiles the values of a table.
pub(super) fn compile_all(
    key: &str,
    from: &Map<String, Value>,
    scope: Scope,
    about: &About,
    problems: &mut Problems,
) -> Vec<(String, Tree)> {
    let mut out = Vec::new();
    for (name, value) in from {
        let at = format!("{key}.{name}");
        out.extend(compile_tree(&at, value, scope, about, problems).map(|tree| (name.clone(), tree)));
    }
    out
}

fn compile_tree(key: &str, value: &Value, scope: Scope, about: &About, problems: &mut Problems) -> Option<Tree> {
    match value {
        Value::String(source) => problems.take(key, compile(source, scope, about)).map(Tree::Leaf),
        Value::Object(fields) => Some(Tree::Object(compile_all(key, fields, scope, about, problems))),
        Value::Array(items) => {
            let mut out = Vec::new();
            for (no, item) in items.iter().enumerate() {
                out.extend(compile_tree(&format!("{key}[{no}]"), item, scope, about, problems));
            }
            Some(Tree::List(out))
        }
        constant => Some(Tree::Constant(constant.clone())),
    }
}

/// Names and texts of a query or a form: nested values as `a[b]`, lists as `a[0]`.
pub(super) fn flat(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (name, value) in fields {
        flatten(name.clone(), value, &mut out);
    }
    out
}

fn flatten(name: String, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(format!("{name}[{key}]"), value, out);
            }
        }
        Value::Array(items) => {
            for (no, value) in items.iter().enumerate() {
                flatten(format!("{name}[{no}]"), value, out);
            }
        }
        value => out.push((name, text_of(value))),
    }
}

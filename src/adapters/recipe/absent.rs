//! The value of a field that a lead does not have. The engine's own null prints as `none` and undefined is an error;
//! this one prints nothing, is false, and makes a field that consists of it disappear.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use serde_json::{Map, Value as Json};

#[derive(Debug)]
struct Absent;

impl Object for Absent {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// Whether there is nothing to send.
pub(super) fn is_absent(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.downcast_object_ref::<Absent>().is_some()
}

/// Fields as templates see them: nulls are absent values.
pub(super) fn fields(all: Map<String, Json>) -> Value {
    Value::from_pairs(all.into_iter().map(|(name, value)| {
        let value = match value {
            Json::Null => Value::from_object(Absent),
            value => Value::from(minijinja::value::Serde(value)),
        };
        (name, value)
    }))
}

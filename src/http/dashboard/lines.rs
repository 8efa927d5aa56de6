//! Objects in forms: `name: value`, one a line.

use serde_json::{Map, Value};

/// A value as it is written on a line.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// An object as lines; `mark` stands between name and value.
pub fn write(object: &Value, mark: char) -> String {
    let entries = object.as_object().into_iter().flatten();
    let space = if mark == ':' { "" } else { " " };
    entries.map(|(name, value)| format!("{name}{space}{mark} {}", text(value))).collect::<Vec<_>>().join("\n")
}

/// Lines as an object. What reads as it did before keeps its type. The number of a line that cannot be read is
/// the error. `is_last`: the mark is sought from the end, for names that may hold it.
pub fn read(lines: &str, mark: char, is_last: bool, before: &Value) -> Result<Value, usize> {
    let mut out = Map::new();
    for (index, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let parts = if is_last { line.rsplit_once(mark) } else { line.split_once(mark) };
        let (name, value) = parts.ok_or(index + 1)?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() {
            return Err(index + 1);
        }
        let kept = before.get(name).filter(|old| text(old) == value).cloned();
        out.insert(name.to_owned(), kept.unwrap_or_else(|| Value::String(value.to_owned())));
    }
    Ok(Value::Object(out))
}

/// The merge patch that turns one object into another.
pub fn difference(before: &Value, after: &Value) -> Value {
    let (Some(old), Some(new)) = (before.as_object(), after.as_object()) else { return after.clone() };
    let gone = old.keys().filter(|name| !new.contains_key(*name)).map(|name| (name.clone(), Value::Null));
    let changed = new
        .iter()
        .filter(|(name, value)| old.get(*name) != Some(*value))
        .map(|(name, value)| (name.clone(), difference(old.get(name).unwrap_or(&Value::Null), value)));
    Value::Object(gone.chain(changed).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::http::api::resource::merge;

    #[test]
    fn lines_are_read_and_types_are_kept() {
        let before = json!({ "n": 5, "url": "https://a.b" });
        let text = write(&before, ':');
        assert_eq!(text, "n: 5\nurl: https://a.b");
        assert_eq!(read(&text, ':', false, &before), Ok(before.clone()));
        assert_eq!(read("n: 6\n\n x :y:z ", ':', false, &before), Ok(json!({ "n": "6", "x": "y:z" })));
        assert_eq!(read("a = b = hold", '=', true, &Value::Null), Ok(json!({ "a = b": "hold" })));
        assert_eq!(read("a: b\nnonsense", ':', false, &Value::Null), Err(2));
        assert_eq!(read(": b", ':', false, &Value::Null), Err(1));
    }

    fn small() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<bool>().prop_map(Value::from), any::<i8>().prop_map(Value::from)];
        leaf.prop_recursive(3, 16, 4, |inner| {
            proptest::collection::btree_map("[a-d]", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect()))
        })
    }

    proptest! {
        #[test]
        fn the_difference_leads_from_one_to_the_other(before in small(), after in small()) {
            prop_assume!(before.is_object() && after.is_object());
            let mut merged = before.clone();
            merge(&mut merged, difference(&before, &after));
            prop_assert_eq!(merged, after);
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = read(&text, ':', false, &Value::Null);
            let _ = read(&text, '=', true, &Value::Null);
        }
    }
}

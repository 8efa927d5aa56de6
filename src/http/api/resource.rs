//! What all resources of the admin API share: lists, merge patches, slugs, the audit line, the fresh snapshot.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::base::field_error::FieldError;
use crate::db;
use crate::http::error::Error;
use crate::http::extract::read_json;
use crate::http::principal::Principal;

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct List<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// Applies a merge patch (RFC 7396): null removes, and what is not an object gives way to one.
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            // The others keep their order.
            target.shift_remove(&key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// The input as it would be if `patch` were merged into what is stored now: a PATCH is checked like a POST.
pub fn patched<T: Serialize + DeserializeOwned>(current: &T, patch: Value) -> Result<T, Error> {
    if !patch.is_object() {
        return Err(Error::field("body", "invalid", "must be an object"));
    }
    let mut value = serde_json::to_value(current).map_err(|error| Error::Internal(error.into()))?;
    merge(&mut value, patch);
    let text = serde_json::to_vec(&value).map_err(|error| Error::Internal(error.into()))?;
    read_json(&text)
}

/// A slug: 1 to 64 of `a-z 0-9 - _ .`, beginning with a letter or digit, neither a UUID nor all digits.
pub fn check_slug(field: &str, slug: &str) -> Option<FieldError> {
    let is_plain = slug.len() <= 64
        && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
        && slug.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_reference = Uuid::parse_str(slug).is_ok() || slug.bytes().all(|byte| byte.is_ascii_digit());
    (!is_plain || is_reference)
        .then(|| FieldError::invalid(field, "must be 1 to 64 of a-z, 0-9, - _ . and neither a UUID nor all digits"))
}

/// Writes the audit line of a change; inside the change's transaction.
pub async fn audit(
    conn: &mut sqlx::PgConnection,
    app: &App,
    principal: &Principal,
    action: &str,
    object: (&str, Uuid),
    before: Option<Value>,
    after: Option<Value>,
) -> Result<(), Error> {
    db::audit::insert(
        conn,
        &db::audit::Entry {
            audit_id: app.ids.next(),
            at: app.clock.now(),
            actor: principal.actor(),
            action: action.to_owned(),
            object_kind: object.0.to_owned(),
            object_id: Some(object.1),
            before,
            after,
        },
    )
    .await?;
    Ok(())
}

/// After the commit of a change, before it is answered: this node decides by it from now on.
pub async fn publish(app: &App) -> Result<(), Error> {
    app.rules.refresh(&app.db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merge_patches_as_rfc_7396_says() {
        for (before, patch, after) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut target = before;
            merge(&mut target, patch);
            assert_eq!(target, after);
        }
    }

    #[test]
    fn slugs_are_no_references() {
        assert!(check_slug("slug", "offer-1").is_none());
        for bad in ["", "123", "A", "-a", "a b", "01890a5d-ac96-774b-bcce-b302099a8057"] {
            assert!(check_slug("slug", bad).is_some(), "{bad}");
        }
    }
}

//! `/audit`: who changed what, with what it was before and after.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::list::{Asked, Cell, Choice, Column, Field, Kind, List, Narrow, Part, Reading};
use super::texts::{self, say};
use super::words;
use crate::base::page::Direction;
use crate::db::audit_list::{self, Filter, Row};
use crate::http::error::Error;
use crate::http::principal::UserRole;

/// Kinds of objects that are changed.
const KINDS: &[&str] = &[
    "network",
    "offer",
    "route",
    "webmaster",
    "flow",
    "postback",
    "token",
    "portal_link",
    "user",
    "lead",
    "delivery",
    "replay",
    "import",
    "orphan",
    "alert_channel",
    "alert_rule",
];

/// Lines of the history of one object.
const HISTORY: i64 = 50;

/// The list.
pub struct AuditLog;

fn kinds() -> Vec<Choice> {
    KINDS.iter().map(|kind| Choice { value: (*kind).to_owned(), label: kind_name(kind) }).collect()
}

fn kind_name(kind: &str) -> String {
    texts::find(&format!("kind-{kind}")).unwrap_or_else(|| kind.replace('_', " "))
}

const FIELDS: &[Field] = &[
    Field { name: "actor", label: "field-actor", kind: Kind::Short },
    Field { name: "kind", label: "field-kind", kind: Kind::Select(|_| kinds()) },
    Field { name: "action", label: "field-action", kind: Kind::Short },
    Field { name: "from", label: "field-from", kind: Kind::Day },
    Field { name: "to", label: "field-to", kind: Kind::Day },
    Field { name: "object", label: "field-object", kind: Kind::Linked },
];

static COLUMNS: &[Column<Row>] = &[
    Column::<Row>::new("at", "column-time", Narrow::Title, |row, _| Cell::Time(row.at)),
    Column::<Row>::new("actor", "column-actor", Narrow::Line, |row, _| {
        Cell::Text(words::source("admin", Some(&row.actor)))
    }),
    Column::<Row>::new("action", "column-action", Narrow::Side, |row, _| Cell::Code(row.action.clone())),
    Column::<Row>::new("kind", "column-kind", Narrow::Hidden, |row, _| Cell::Text(kind_name(&row.object_kind))),
    Column::<Row>::new("object", "column-object", Narrow::Line, |row, _| object(row)),
    Column::<Row>::new("changes", "column-changes", Narrow::Line, |row, _| {
        let changes = changes(row.before.as_ref(), row.after.as_ref());
        let names: Vec<&str> = changes.iter().map(|change| change.path.as_str()).take(8).collect();
        if names.is_empty() { Cell::Empty } else { Cell::Long(names.join(", ")) }
    }),
    Column::<Row>::new("id", "column-id", Narrow::Hidden, |row, _| {
        Cell::code(row.object_id.map(|id| id.to_string()).as_deref())
    })
    .on_demand(),
];

/// What the object is called, as a link where it has a page.
fn object(row: &Row) -> Cell {
    let shown = row.after.as_ref().or(row.before.as_ref());
    let text = |key: &str| shown.and_then(|shown| shown.get(key)).and_then(Value::as_str);
    let name = text("slug").or(text("code")).or(text("email")).or(text("name")).filter(|name| !name.is_empty());
    match (row.object_kind.as_str(), row.object_id, name) {
        ("lead", Some(id), _) => Cell::Link { href: format!("/leads/{id}"), text: say("kind-lead").into() },
        ("network", Some(id), Some(name)) => Cell::Link { href: format!("/networks/{id}"), text: name.to_owned() },
        ("offer" | "webmaster", Some(id), Some(name)) => {
            Cell::Link { href: format!("/{}s/{id}", row.object_kind), text: name.to_owned() }
        }
        ("import", Some(id), Some(name)) if row.after.is_some() => {
            Cell::Link { href: format!("/imports/{id}"), text: name.to_owned() }
        }
        ("route", ..) => match (text("offer"), text("network")) {
            (Some(offer), Some(network)) => Cell::Text(format!("{offer} → {network}")),
            _ => Cell::Empty,
        },
        ("postback", ..) => Cell::text(text("webmaster")),
        (_, _, Some(name)) => Cell::Text(name.to_owned()),
        _ => Cell::Empty,
    }
}

/// One value that is not what it was.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    pub before: String,
    pub after: String,
}

/// A line of the history of one object.
#[derive(Debug)]
pub struct Line {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub action: String,
    pub changes: Vec<Change>,
}

impl Line {
    /// Of a line of the log.
    pub fn of(row: &Row) -> Self {
        Self {
            at: row.at,
            actor: words::source("admin", Some(&row.actor)),
            action: row.action.clone(),
            changes: changes(row.before.as_ref(), row.after.as_ref()),
        }
    }
}

/// The last lines about an object, for its own page; the list of the audit log has them all.
pub async fn of_object(conn: &mut PgConnection, object_id: Uuid) -> sqlx::Result<Vec<Line>> {
    let filter = Filter { object_id: Some(object_id), ..Filter::default() };
    let rows = audit_list::page(conn, &filter, None, Direction::Newest, HISTORY).await?;
    Ok(rows.iter().map(Line::of).collect())
}

/// What differs, by its path; times that change with every write are not told.
fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let mut found = Vec::new();
    let nothing = Value::Null;
    compare("", before.unwrap_or(&nothing), after.unwrap_or(&nothing), &mut found);
    found.retain(|change| !matches!(change.path.as_str(), "updated_at" | "created_at" | "id"));
    found
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Change>) {
    let empty = serde_json::Map::new();
    if before == after {
        return;
    }
    if before.is_object() || after.is_object() {
        let (old, new) = (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
        let only_old = old.keys().filter(|key| !new.contains_key(*key));
        for key in new.keys().chain(only_old) {
            let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            compare(&inner, old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null), found);
        }
        return;
    }
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (before, after) = (text(before), text(after));
    // Nothing, an empty text and an absent key look alike to people.
    if before != after && !(before.is_empty() && (after == "[]" || after == "{}")) {
        found.push(Change { path: path.to_owned(), before, after });
    }
}

impl List for AuditLog {
    type Row = Row;
    type Filter = Filter;

    const PATH: &'static str = "/audit";
    const TITLE: &'static str = "place-audit";
    const EMPTY: &'static str = "audit";
    const FIELDS: &'static [Field] = FIELDS;

    fn columns() -> &'static [Column<Row>] {
        COLUMNS
    }

    async fn filter(asked: &Asked, _: &mut PgConnection) -> Result<Filter, Error> {
        let mut reading = Reading::of(asked);
        let object_kind = reading.word("kind", KINDS);
        let object_id = reading.part("object", |raw| Uuid::parse_str(raw).map_err(|_| "must be an id"));
        let (from, to) = (reading.from("from"), reading.to("to"));
        reading.end()?;
        let text = |name| asked.given(name).map(str::to_owned);
        Ok(Filter { actor: text("actor"), action: text("action"), object_kind, object_id, from, to })
    }

    async fn rows(conn: &mut PgConnection, filter: &Filter, part: &Part) -> Result<Vec<Row>, Error> {
        Ok(audit_list::page(conn, filter, part.after()?, part.direction, part.limit).await?)
    }

    fn key(row: &Row) -> String {
        row.audit_id.to_string()
    }

    fn href(_: &Row) -> Option<String> {
        None
    }

    fn more(row: &Row, _: UserRole) -> Option<(String, String)> {
        let changes = changes(row.before.as_ref(), row.after.as_ref());
        let shown = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
        let lines: Vec<String> = changes
            .iter()
            .map(|change| format!("{}: {} → {}", change.path, shown(&change.before), shown(&change.after)))
            .collect();
        (!lines.is_empty()).then(|| (say("audit-changes").into(), lines.join("\n")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_told_by_their_path() {
        let before = json!({ "slug": "a", "settings": { "url": "x", "old": 1 }, "caps": [1], "updated_at": "t1" });
        let after = json!({ "slug": "a", "settings": { "url": "y" }, "caps": [1, 2], "name": "A", "updated_at": "t2" });
        let told: Vec<String> = changes(Some(&before), Some(&after))
            .into_iter()
            .map(|change| format!("{} {} > {}", change.path, change.before, change.after))
            .collect();
        assert_eq!(told, ["settings.url x > y", "settings.old 1 > ", "caps [1] > [1,2]", "name  > A"]);
        assert!(changes(Some(&before), Some(&before)).is_empty());
        assert_eq!(changes(None, Some(&json!({ "slug": "a", "params": {} }))).len(), 1);
    }
}

//! A list as its page shows it.

use askama::Template;
use chrono::{DateTime, Utc};

use super::field::{self, Chip, FieldView, Input};
use super::views::{View, ViewTab, tabs};
use super::{Act, Asked, Cell, Column, List, Narrow, Onward, ROWS, orders};
use crate::domain::rules::Rules;
use crate::http::dashboard::layout::Shell;
use crate::http::dashboard::reader;
use crate::http::dashboard::texts::{self, Text, say};

/// A heading.
#[derive(Clone, Debug)]
pub(super) struct Head {
    name: &'static str,
    title: Text,
    is_number: bool,
    is_shown: bool,
}

/// A cell with its place.
#[derive(Clone, Debug)]
struct Placed {
    cell: Cell,
    title: Text,
    is_number: bool,
    narrow: Narrow,
}

/// A row.
#[derive(Clone, Debug)]
struct Line {
    /// What tells it from the others.
    key: String,
    href: Option<String>,
    cells: Vec<Placed>,
    more: Option<(String, String)>,
    acts: Vec<Act>,
}

/// An order that can be chosen.
#[derive(Clone, Debug)]
struct Sort {
    value: &'static str,
    label: Text,
    is_chosen: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "list.html")]
pub(super) struct Screen {
    shell: Shell,
    path: &'static str,
    title: Text,
    fields: Vec<FieldView>,
    chips: Vec<Chip>,
    /// Parts of the query that no control of the form has.
    kept: Vec<(String, String)>,
    heads: Vec<Head>,
    sorts: Vec<Sort>,
    lines: Vec<Line>,
    has_acts: bool,
    onward: Vec<Onward>,
    first: Option<String>,
    next: Option<String>,
    export: String,
    views: Vec<ViewTab>,
    /// What a view would keep.
    query: String,
    /// Where forms lead back to.
    here: String,
    /// The newest stand here and those to come would stand above them: the page says when there are some.
    is_newest: bool,
    none: Text,
    none_advice: Text,
    /// HTML above the table.
    pub(super) above: String,
    /// The query could not be understood.
    pub(super) is_wrong: bool,
    zone: String,
}

impl Screen {
    pub(super) fn of<L: List>(
        shell: Shell,
        asked: &Asked,
        mut rows: Vec<L::Row>,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Self {
        let has_more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let columns: Vec<(&Column<L::Row>, bool)> = shown(L::columns(), asked);
        let line = |row: &L::Row| Line {
            key: L::key(row),
            href: L::href(row),
            cells: columns
                .iter()
                .filter(|(_, is_shown)| *is_shown)
                .map(|(column, _)| placed(column, row, now))
                .collect(),
            more: L::more(row, shell.role),
            acts: L::acts(row, shell.role, rules),
        };
        let lines: Vec<Line> = rows.iter().map(line).collect();
        let fields: Vec<FieldView> = L::FIELDS.iter().map(|field| FieldView::of(field, asked, rules)).collect();
        let chips = field::chips(&fields, asked);
        let is_filtered = !chips.is_empty() || asked.given("after").is_some();
        let sort = asked.given("sort").unwrap_or("newest");
        Self {
            path: L::PATH,
            title: say(L::TITLE),
            kept: asked.kept(&["col", "sort"]),
            heads: columns
                .iter()
                .map(|(column, is_shown)| Head {
                    name: column.name,
                    title: say(column.title),
                    is_number: column.is_number,
                    is_shown: *is_shown,
                })
                .collect(),
            sorts: orders().into_iter().map(|(value, label)| Sort { value, label, is_chosen: value == sort }).collect(),
            has_acts: lines.iter().any(|line| !line.acts.is_empty() || line.more.is_some()),
            lines,
            onward: L::onward(asked, shell.role),
            first: asked.given("after").map(|_| asked.without("after")),
            next: rows.last().filter(|_| has_more).map(|row| asked.with("after", &L::key(row))),
            export: export_link(L::PATH, &asked.query()),
            views: Vec::new(),
            query: asked.query(),
            here: asked.here(),
            is_newest: sort == "newest" && asked.given("after").is_none() && !shell.is_portal(),
            none: if is_filtered { say("list-none") } else { say(format!("none-{}", L::EMPTY)) },
            none_advice: if is_filtered { say("list-none-advice") } else { say(format!("none-advice-{}", L::EMPTY)) },
            above: String::new(),
            is_wrong: false,
            zone: reader::zone().to_string(),
            fields,
            chips,
            shell,
        }
    }

    pub(super) fn set_views(&mut self, views: Vec<View>, asked: &Asked) {
        self.views = tabs(views, self.path, asked);
    }

    fn is_filtered(&self) -> bool {
        !self.chips.is_empty()
    }

    /// The filters that one sees.
    fn controls(&self) -> impl Iterator<Item = &FieldView> {
        self.fields.iter().filter(|field| !matches!(field.input, Input::Hidden))
    }

    fn hidden(&self) -> impl Iterator<Item = &FieldView> {
        self.fields.iter().filter(|field| matches!(field.input, Input::Hidden) && !field.value.is_empty())
    }
}

fn export_link(path: &str, query: &str) -> String {
    if query.is_empty() { format!("{path}/export.csv") } else { format!("{path}/export.csv?{query}") }
}

/// The columns, and whether each is shown.
pub(super) fn shown<'a, R>(columns: &'a [Column<R>], asked: &Asked) -> Vec<(&'a Column<R>, bool)> {
    let is_chosen = asked.given("col").is_some();
    let is_shown = |column: &Column<R>| {
        if is_chosen { asked.all("col").any(|name| name == column.name) } else { column.is_usual }
    };
    columns.iter().map(|column| (column, is_shown(column))).collect()
}

fn placed<R>(column: &Column<R>, row: &R, now: DateTime<Utc>) -> Placed {
    Placed {
        cell: (column.cell)(row, now),
        title: say(column.title),
        is_number: column.is_number,
        narrow: column.narrow,
    }
}

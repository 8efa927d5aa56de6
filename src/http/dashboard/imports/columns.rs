//! What the columns of a file are: the form that says so, and the first rows as they would be read. Contacts are masked.

use crate::app::App;
use crate::base::field_error::FieldError;
use crate::base::{money, text};
use crate::db::import::{Import, Line};
use crate::domain::import::{self as rows, Kind, Mapping};
use crate::domain::lead::{self, ParseCx};
use crate::domain::status::Status;
use crate::flow::import::{cells_of, kind_of};
use crate::http::dashboard::fields::{Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::list::Choice;
use crate::http::dashboard::texts::{self, say};
use crate::http::dashboard::{format, words};

/// Cells shown beside a column.
const SAMPLES: usize = 3;
/// Most characters of a cell that are shown.
const SHOWN: usize = 60;

/// A column with the field it is.
pub(super) struct Column {
    /// Of its control.
    pub name: String,
    pub head: String,
    pub samples: String,
    pub field: String,
    /// Another column is the same field.
    pub is_twice: bool,
}

/// The first rows as they would be read.
pub(super) struct Preview {
    pub heads: Vec<String>,
    pub rows: Vec<PreviewRow>,
}

/// One of them.
pub(super) struct PreviewRow {
    pub line: i32,
    pub cells: Vec<String>,
    /// What is wrong with it.
    pub wrong: String,
}

/// The form.
pub(super) struct Columns {
    pub columns: Vec<Column>,
    pub choices: Vec<Choice>,
    /// What holds for all rows.
    pub all: Form,
    pub complaints: Vec<String>,
    pub preview: Preview,
}

/// What a field is called.
pub(super) fn field_name(kind: Kind, field: &str) -> String {
    texts::find(&format!("import-field-{kind}-{field}"))
        .or_else(|| texts::find(&format!("import-field-{field}")))
        .unwrap_or_else(|| field.to_owned())
}

/// The mapping that a form says.
pub(super) fn read(import: &Import, pairs: &FormPairs) -> Mapping {
    let chosen = import.heads.iter().enumerate().filter_map(|(index, head)| {
        let field = pairs.given(&format!("c{index}"))?;
        Some((head.clone(), field.to_owned()))
    });
    Mapping {
        columns: chosen.collect(),
        status: pairs.given("status").and_then(|word| word.parse().ok()),
        currency: pairs.given("currency").map(str::to_ascii_uppercase),
        international_phone: pairs.given("international_phone").is_some(),
    }
}

impl Columns {
    /// The form with this mapping in it.
    pub(super) fn of(app: &App, import: &Import, mapping: &Mapping, first: &[Line], errors: &[FieldError]) -> Self {
        let kind = kind_of(import);
        let cells: Vec<Vec<String>> = first.iter().map(|line| cells_of(&line.cells)).collect();
        let column = |(index, head): (usize, &String)| {
            let field = mapping.field(head).unwrap_or_default();
            let shown = cells.iter().filter_map(|row| row.get(index)).filter(|cell| !cell.is_empty());
            let samples: Vec<String> = shown.take(SAMPLES).map(|cell| masked(kind, field, cell)).collect();
            let same = mapping.columns.values().filter(|other| *other == field).count();
            Column {
                name: format!("c{index}"),
                head: head.clone(),
                samples: samples.join(" · "),
                field: field.to_owned(),
                is_twice: field != rows::META && same > 1,
            }
        };
        let choices = rows::fields(kind).iter();
        let choices = choices.map(|field| Choice { value: field.name.into(), label: field_name(kind, field.name) });
        let is_of_all =
            |error: &&FieldError| error.field == "currency" || kind == Kind::Statuses && error.field == "status";
        let (of_all, others): (Vec<&FieldError>, Vec<&FieldError>) = errors.iter().partition(is_of_all);
        let of_all: Vec<FieldError> = of_all
            .into_iter()
            .map(|error| FieldError::invalid(error.field.as_str(), complaint(import, error)))
            .collect();
        Self {
            columns: import.heads.iter().enumerate().map(column).collect(),
            choices: choices.collect(),
            all: of_all_rows(kind, mapping, &of_all),
            complaints: others.into_iter().map(|error| complaint(import, error)).collect(),
            preview: preview(app, import, mapping, first),
        }
    }
}

fn of_all_rows(kind: Kind, mapping: &Mapping, errors: &[FieldError]) -> Form {
    let flag = |is_set: bool| if is_set { "true".to_owned() } else { String::new() };
    let status = mapping.status.map(|status| status.to_string()).unwrap_or_default();
    let pairs = [
        ("status", status),
        ("currency", mapping.currency.clone().unwrap_or_default()),
        ("international_phone", flag(mapping.international_phone)),
        ("remember", "true".to_owned()),
    ];
    let values = FormPairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    let statuses: Vec<&str> = Status::ALL.iter().filter(|s| **s != Status::New).map(|status| status.as_str()).collect();
    let currency = Field::new(&values, "currency", "text", say("import-currency")).help(say("import-currency-help"));
    let remember = Field::new(&values, "remember", "bool", say(format!("import-remember-{kind}")));
    let fields = match kind {
        Kind::Statuses => vec![
            Field::new(&values, "status", "choice", say("import-status"))
                .of(Choice::words(&statuses))
                .help(say("import-status-help")),
            currency,
            remember,
        ],
        Kind::Leads => {
            vec![Field::new(&values, "international_phone", "bool", say("import-international")), currency, remember]
        }
    };
    Form::new(fields, Vec::new(), None, errors)
}

/// What is wrong with a mapping, in the reader's words.
fn complaint(import: &Import, error: &FieldError) -> String {
    let kind = kind_of(import);
    match (error.field.as_str(), error.code, kind) {
        ("columns", "required", Kind::Leads) => say("import-needs-columns").into(),
        ("columns", "required", Kind::Statuses) if import.network_id.is_some() => say("import-needs-id").into(),
        ("columns", "required", Kind::Statuses) => say("import-needs-lead").into(),
        ("columns", "invalid", _) => say("import-twice").into(),
        ("status", "required", _) => say("import-needs-status").into(),
        ("currency", ..) => say("import-currency-wrong").into(),
        _ => words::sentence(&format!("{} {}", error.field, error.message)),
    }
}

/// A cell as a page may show it.
fn masked(kind: Kind, field: &str, cell: &str) -> String {
    let looks_personal = || {
        let digits = cell.chars().filter(char::is_ascii_digit).count();
        let is_phone =
            digits >= 9 && cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')'));
        is_phone || cell.contains('@')
    };
    let shown = match field {
        "phone" => format::mask_phone(cell),
        "email" => format::mask_email(cell),
        "" if looks_personal() => {
            if cell.contains('@') {
                format::mask_email(cell)
            } else {
                format::mask_phone(cell)
            }
        }
        "" if kind == Kind::Leads => initial(cell),
        field if kind == Kind::Leads && rows::is_contact(field) => initial(cell),
        _ => cell.to_owned(),
    };
    let cut = text::cut(&shown, SHOWN);
    if cut.len() < shown.len() { format!("{cut}…") } else { shown }
}

/// The first letter: enough to see which column it is.
fn initial(cell: &str) -> String {
    cell.chars().next().map(|first| format!("{first}•••")).unwrap_or_default()
}

fn preview(app: &App, import: &Import, mapping: &Mapping, first: &[Line]) -> Preview {
    let kind = kind_of(import);
    let columns: Vec<(usize, &str)> =
        import.heads.iter().enumerate().filter_map(|(index, head)| Some((index, mapping.field(head)?))).collect();
    let row = |line: &Line| {
        let cells = cells_of(&line.cells);
        let read = match kind {
            Kind::Statuses => read_status(import, mapping, &cells),
            Kind::Leads => read_lead(app, import, mapping, &cells),
        };
        let (known, errors) = match read {
            Ok(known) => (known, Vec::new()),
            Err(errors) => (Vec::new(), errors),
        };
        let cell = |(index, field): &(usize, &str)| {
            let raw = cells.get(*index).map(String::as_str).unwrap_or_default();
            let known = known.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str());
            masked(kind, field, known.unwrap_or(raw))
        };
        let said = errors.iter().map(|error| format!("{}: {}", field_name(kind, &error.field), error.message));
        PreviewRow {
            line: line.line,
            cells: columns.iter().map(cell).collect(),
            wrong: said.collect::<Vec<_>>().join("; "),
        }
    };
    Preview {
        heads: columns.iter().map(|(_, field)| field_name(kind, field)).collect(),
        rows: first.iter().map(row).collect(),
    }
}

/// Values that are read into something else than they were written.
type Known = Vec<(&'static str, String)>;

fn read_status(import: &Import, mapping: &Mapping, cells: &[String]) -> Result<Known, Vec<FieldError>> {
    let report = rows::report(mapping, &import.heads, cells)?;
    let currency = report.currency.as_deref().unwrap_or_default();
    let amounts = [("revenue", report.revenue), ("payout", report.payout)];
    Ok(amounts.into_iter().filter_map(|(name, amount)| Some((name, money::print(amount?, currency)))).collect())
}

fn read_lead(app: &App, import: &Import, mapping: &Mapping, cells: &[String]) -> Result<Known, Vec<FieldError>> {
    let rules = app.rules.load();
    let Some(offer) = import.offer_id.and_then(|id| rules.offers.get(&id)) else { return Ok(Vec::new()) };
    let cx = ParseCx { offer, is_admin: true, international_phone: mapping.international_phone };
    let lead = lead::parse(rows::raw_lead(mapping, &import.heads, cells), &cx)?;
    let phone = lead.phone.map(|phone| ("phone", phone));
    Ok(phone.into_iter().chain(lead.country.map(|country| ("country", country))).collect())
}

//! The page: the question as a form, the chart, the table with its sum.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use chrono_tz::TZ_VARIANTS;
use tower_sessions::Session;

use super::PATH;
use super::chart;
use super::figures::{self, Amount, Figure};
use super::funnel::{self, Step};
use super::question::{self, Link, changed};
use crate::app::App;
use crate::db::stats::{self as rows, Ask, Groups, Value};
use crate::domain::rules::Rules;
use crate::domain::stats::{Basis, Counts, Dimension, MOST_DIMENSIONS};
use crate::http::api::stats;
use crate::http::dashboard::chart::Chart;
use crate::http::dashboard::layout::{self, Answer, Flash, Shell};
use crate::http::dashboard::list::views::{self, ViewTab};
use crate::http::dashboard::list::{self, Asked, Choice};
use crate::http::dashboard::texts::{self, Text, say};
use crate::http::dashboard::{format, reader};
use crate::http::error::Error;
use crate::http::principal::Principal;

/// Rows shown; files have all of them.
const ROWS: usize = 500;

/// A row of the table.
struct Row {
    values: Vec<Link>,
    amounts: Vec<Amount>,
}

/// A heading that can be sorted by.
struct Head {
    title: Text,
    href: String,
    is_sorted: bool,
}

/// A filter of the form.
struct Filter {
    name: &'static str,
    label: Text,
    value: String,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "reports/report.html")]
struct Page {
    shell: Shell,
    asked: Asked,
    /// None: the question could not be understood.
    ask: Option<Ask>,
    periods: Vec<Link>,
    filters: Vec<Filter>,
    set: Vec<(Text, String, String)>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    total: Vec<Amount>,
    found: usize,
    charts: Vec<Link>,
    chart: Option<Chart>,
    /// Where the leads of the days asked for stand; what happened on days says nothing of that.
    funnel: Vec<Step>,
    views: Vec<ViewTab>,
    zones: &'static [chrono_tz::Tz],
    zone: String,
}

impl Page {
    /// The dimensions as the five controls have them.
    fn groups(&self) -> Vec<Option<Dimension>> {
        let by = self.ask.as_ref().map(|ask| ask.by.as_slice()).unwrap_or_default();
        (0..MOST_DIMENSIONS).map(|at| by.get(at).copied()).collect()
    }

    fn dimensions(&self) -> impl Iterator<Item = (&'static str, Text)> {
        Dimension::ALL.iter().map(|dimension| (dimension.as_str(), figures::dimension(*dimension)))
    }

    fn is_by_event(&self) -> bool {
        self.ask.as_ref().is_some_and(|ask| ask.basis == Basis::Event)
    }

    fn day(&self, name: &str) -> String {
        match (&self.ask, name) {
            (Some(ask), "from") => ask.from.to_string(),
            (Some(ask), _) => ask.to.to_string(),
            (None, name) => self.asked.given(name).unwrap_or_default().to_owned(),
        }
    }

    /// The same as it stands on paper.
    fn printed_day(&self, name: &str) -> String {
        let day = self.ask.as_ref().map(|ask| if name == "from" { ask.from } else { ask.to });
        day.map(format::dated).unwrap_or_default()
    }

    /// Filters the form has no control for.
    fn kept(&self) -> Vec<(String, String)> {
        let mut names = vec!["reason", "hour", "none", "sort", "chart"];
        names.extend(Dimension::ALL.iter().filter(|dimension| dimension.is_sub()).map(|sub| sub.as_str()));
        self.asked.kept(&names)
    }

    fn export(&self, kind: &str) -> String {
        let query = self.asked.query();
        if query.is_empty() { format!("{PATH}/export.{kind}") } else { format!("{PATH}/export.{kind}?{query}") }
    }

    fn by(&self) -> Vec<Text> {
        self.ask.iter().flat_map(|ask| &ask.by).map(|dimension| figures::dimension(*dimension)).collect()
    }
}

/// Groups with their values in the order asked for.
pub(super) type Sorted = Vec<(Vec<Value>, Counts)>;

/// In the order that is asked for: by a figure, the largest first, or as the groups are.
pub(super) fn sorted(groups: Groups, by: Option<&Figure>) -> Sorted {
    let mut rows: Sorted = groups.into_iter().collect();
    if let Some(figure) = by {
        rows.sort_by_cached_key(|(_, counts)| std::cmp::Reverse((figure.of)(counts).size()));
    }
    rows
}

/// `GET /reports`
pub async fn show(State(app): State<App>, session: Session, principal: Principal, RawQuery(query): RawQuery) -> Answer {
    let now = app.clock.now();
    let asked = Asked::read(PATH, query.as_deref());
    let mut shell = Shell::of(&session, &principal, say("place-reports"), PATH).await?;
    let mut conn = app.db.acquire().await?;
    let views = views::tabs(views::of(&mut conn, &principal, PATH).await?, PATH, &asked);
    let counted = async {
        let ask = question::read(&mut conn, &asked, now).await?;
        let groups = rows::count(&mut conn, &ask).await?.map_err(|rows::TooMany| stats::too_many())?;
        Ok::<_, Error>((ask, groups))
    }
    .await;
    drop(conn);
    let (ask, groups, status) = match counted {
        Ok((ask, groups)) => (Some(ask), groups, StatusCode::OK),
        Err(Error::Invalid(errors)) => {
            let said: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
            shell.flash = Some(Flash { is_ok: false, text: say("list-wrong").with("errors", said.join("; ")).into() });
            (None, Groups::new(), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => return Err(error.into()),
    };
    let drawn = asked.given("chart").and_then(figures::named).or_else(|| figures::named("leads"));
    let chart = ask.as_ref().zip(drawn).and_then(|(ask, figure)| chart::of(ask, &groups, figure));
    let sort = asked.given("sort").and_then(figures::named);
    let mut total = Counts::default();
    for counts in groups.values() {
        total += counts;
    }
    let amounts = |counts: &Counts| figures::ALL.iter().map(|figure| (figure.of)(counts)).collect();
    let found = groups.len();
    let row = |ask: &Ask, (values, counts): (Vec<Value>, Counts)| Row {
        values: ask
            .by
            .iter()
            .zip(&values)
            .map(|(dimension, value)| Link {
                label: figures::value(*dimension, value),
                href: question::narrowed(&asked, ask, *dimension, value),
                is_current: false,
            })
            .collect(),
        amounts: amounts(&counts),
    };
    let page = Page {
        shell,
        periods: ask.as_ref().map(|ask| question::periods(&asked, ask, now)).unwrap_or_default(),
        filters: filters(&asked, &app.rules.load()),
        set: question::filters(&asked),
        heads: heads(&asked, sort),
        rows: match &ask {
            Some(ask) => sorted(groups, sort).into_iter().take(ROWS).map(|group| row(ask, group)).collect(),
            None => Vec::new(),
        },
        total: amounts(&total),
        found,
        charts: figures::ALL
            .iter()
            .map(|figure| Link {
                label: figure.title().into(),
                href: changed(&asked, &["chart"], &[("chart", figure.name.to_owned())]),
                is_current: drawn.is_some_and(|drawn| drawn.name == figure.name),
            })
            .collect(),
        chart,
        funnel: match &ask {
            Some(ask) if ask.basis == Basis::Lead => funnel::steps(&total),
            _ => Vec::new(),
        },
        views,
        zones: &TZ_VARIANTS,
        zone: ask.as_ref().map_or_else(reader::zone, |ask| ask.zone).name().to_owned(),
        asked,
        ask,
    };
    layout::page_with(status, &page)
}

fn heads(asked: &Asked, sort: Option<&Figure>) -> Vec<Head> {
    figures::ALL
        .iter()
        .map(|figure| {
            let is_sorted = sort.is_some_and(|sort| sort.name == figure.name);
            let new = [("sort", figure.name.to_owned())];
            // A second click takes the order away.
            let href = changed(asked, &["sort"], if is_sorted { &[] } else { &new });
            Head { title: figure.title(), href, is_sorted }
        })
        .collect()
}

fn filters(asked: &Asked, rules: &Rules) -> Vec<Filter> {
    let filter = |name: &'static str, label: Dimension, choices: Vec<Choice>| Filter {
        name,
        label: figures::dimension(label),
        value: asked.given(name).unwrap_or_default().to_owned(),
        choices,
    };
    vec![
        filter("offer", Dimension::Offer, list::offers(rules)),
        filter("webmaster", Dimension::Webmaster, list::webmasters(rules)),
        filter("network", Dimension::Network, list::networks(rules)),
        filter("status", Dimension::Status, list::statuses(rules)),
        filter("country", Dimension::Country, Vec::new()),
    ]
}

//! Looking through what a partner has on record, and taking one of it over.

use uuid::Uuid;

use super::apply_status::{self, Judged};
use super::ask_partner::{Open, call};
use super::poll_network;
use super::replay::Refused;
use crate::adapters::records::{Filter, Records, Wanted};
use crate::app::App;
use crate::domain::report::StatusReport;
use crate::domain::status::Status;

fn records(open: &Open) -> Result<&dyn Records, Refused> {
    open.adapter.records().ok_or_else(|| Refused::State("this integration has no records to look through".into()))
}

/// What a network's records can be filtered by.
pub fn filters(app: &App, network_id: Uuid) -> Result<&'static [Filter], Refused> {
    Ok(records(&Open::new(app, network_id)?)?.filters())
}

/// A record, and what its status means to us.
pub type Seen = (StatusReport, Option<Status>);

/// A page of records, and whether there may be another. Nothing is changed by looking.
pub async fn list(app: &App, network_id: Uuid, wanted: &Wanted) -> Result<(Vec<Seen>, bool), Refused> {
    let open = Open::new(app, network_id)?;
    let records = records(&open)?;
    let answer = call(app, records.list(&open.settings, wanted, app.clock.now())).await?;
    let (reports, has_more) = records.read_list(&open.settings, wanted, &answer).map_err(Refused::State)?;
    let rules = app.rules.load();
    let means = |report: &StatusReport| {
        let raw = report.status.as_deref()?;
        report.mapped.or_else(|| apply_status::status_of(app, &rules, network_id, raw))
    };
    let seen = reports.into_iter().map(|report| {
        let means = means(&report);
        (report, means)
    });
    Ok((seen.collect(), has_more))
}

/// Asks for one record and applies what it says.
pub async fn fetch(app: &App, network_id: Uuid, id: &str, plan: Option<&str>, actor: &str) -> Result<Judged, Refused> {
    let open = Open::new(app, network_id)?;
    let records = records(&open)?;
    let answer = call(app, records.one(&open.settings, id, plan, app.clock.now())).await?;
    let report = records.read_one(&open.settings, &answer).map_err(Refused::State)?;
    Ok(poll_network::apply_one(app, network_id, report, actor).await?)
}

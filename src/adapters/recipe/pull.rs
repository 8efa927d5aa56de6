//! Reading the answer of a poll or a look-up. An answer that is not the list that was asked for is an error:
//! a page that cannot be read must never look like "no changes" or "no such lead".

use serde_json::Value;

use super::error::Problems;
use super::file::PullFile;
use super::names::Scope;
use super::request::RequestSpec;
use crate::adapters::pick::{self, Path, Paths};
use crate::adapters::{About, LeadView, Lookup};
use crate::base::exchange::Response;
use crate::domain::outcome::{Accepted, Outcome};
use crate::domain::report::StatusReport;

/// `[[poll]]` or `[lookup]`.
#[derive(Debug)]
pub(super) struct Pull {
    /// Setting without which there is no such call.
    pub needs: Option<String>,
    pub request: RequestSpec,
    items: Path,
    keyed: bool,
    lists_all: bool,
    id: Paths,
    external_id: Paths,
    transaction_id: Paths,
    status: Paths,
    payout: Paths,
    currency: Paths,
    goal: Paths,
    comment: Paths,
    reason: Paths,
}

impl Pull {
    pub fn compile(key: &str, file: PullFile, scope: Scope, about: &About, problems: &mut Problems) -> Option<Self> {
        let before = problems.found.len();
        if let Some(name) = &file.needs
            && !about.settings.iter().any(|setting| setting.name == *name)
        {
            problems.add(format!("{key}.needs"), "must name a setting");
        }
        if file.batch == 0 || file.batch > 1000 {
            problems.add(format!("{key}.batch"), "must be from 1 to 1000");
        }
        if file.id.is_empty() && file.external_id.is_empty() {
            problems.add(format!("{key}.id"), "id or external_id is required");
        }
        let items = problems.take(&format!("{key}.items"), Path::parse(&file.items));
        let request = RequestSpec::compile(&format!("{key}.request"), file.request, scope, about, problems);
        let mut paths =
            |name: &str, all: &[String]| problems.take(&format!("{key}.{name}"), Paths::parse(all)).unwrap_or_default();
        let parts = (
            paths("id", &file.id),
            paths("external_id", &file.external_id),
            paths("transaction_id", &file.transaction_id),
            paths("status", &file.status),
            paths("payout", &file.payout),
            paths("currency", &file.currency),
            paths("goal", &file.goal),
            paths("comment", &file.comment),
            paths("reason", &file.reason),
        );
        (problems.found.len() == before).then_some(())?;
        let (id, external_id, transaction_id, status, payout, currency, goal, comment, reason) = parts;
        Some(Self {
            needs: file.needs,
            request: request?,
            items: items?,
            keyed: file.keyed,
            lists_all: file.lists_all,
            id,
            external_id,
            transaction_id,
            status,
            payout,
            currency,
            goal,
            comment,
            reason,
        })
    }

    /// The reports of an answer, in its order.
    pub fn read(&self, answer: &Response) -> Result<Vec<StatusReport>, String> {
        let rows = self.rows(answer)?;
        let reports: Vec<_> =
            rows.iter().enumerate().map(|(no, row)| self.report(no, row)).collect::<Result<_, _>>()?;
        // One row without a name must not hold up the others; it shows as unmatched.
        let names_a_lead = |report: &StatusReport| report.our_ref.is_some() || report.external_id.is_some();
        if !reports.is_empty() && !reports.iter().any(names_a_lead) {
            return Err("no row of the list names a lead".into());
        }
        Ok(reports)
    }

    fn rows(&self, answer: &Response) -> Result<Vec<Value>, String> {
        if !(200..300).contains(&answer.status) {
            return Err(format!("HTTP {} instead of a list", answer.status));
        }
        if answer.is_cut {
            return Err("the answer is too long to be read; ask for fewer leads at once".into());
        }
        let text = answer.text();
        let body: Value =
            serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|_| "the answer is not JSON")?;
        match self.items.find(&body) {
            Some(Value::Array(rows)) => Ok(rows.clone()),
            // An error is an object too, but its members are no rows.
            Some(Value::Object(rows)) if self.keyed && rows.values().all(Value::is_object) => {
                Ok(rows.values().cloned().collect())
            }
            _ => Err("the answer holds no list where it should".into()),
        }
    }

    fn report(&self, no: usize, row: &Value) -> Result<StatusReport, String> {
        if !row.is_object() {
            return Err(format!("row {no} of the list is no object"));
        }
        let raw = |paths: &Paths| paths.each(row).find_map(pick::scalar);
        let reason = self.reason.text(row).as_deref().and_then(pick::reason);
        let (revenue, currency, note) = pick::money(raw(&self.payout).as_deref(), raw(&self.currency).as_deref());
        Ok(StatusReport {
            our_ref: self.id.word(row),
            external_id: self.external_id.word(row),
            transaction_id: self.transaction_id.word(row),
            status: self.status.word(row),
            revenue,
            currency,
            goal: self.goal.word(row),
            comment: pick::with_note(self.comment.text(row), note),
            reason_code: reason.as_deref().and_then(pick::reason_code),
            reason,
            ..StatusReport::default()
        })
    }

    /// What a look-up for `lead` found. Only an empty list says that they do not have it: a list with others shows
    /// that the question was not understood, unless it was one for all leads of a time.
    pub fn find(&self, lead: &LeadView, answer: &Response) -> Lookup {
        let reports = match self.read(answer) {
            Ok(reports) => reports,
            Err(reason) => return Lookup::Unclear(reason),
        };
        // A number is ours only where it was asked for: others count their leads as well.
        let by_number = self.request.reads("lead.number");
        let is_ours = |report: &StatusReport| {
            report
                .our_ref
                .as_deref()
                .is_some_and(|id| is_id_of(id, lead) || (by_number && id.trim() == lead.number.to_string()))
        };
        match reports.iter().find(|report| is_ours(report)) {
            Some(report) => Lookup::Found(Outcome::Accepted(Accepted {
                external_id: report.external_id.clone(),
                status: report.status.clone(),
                message: report.comment.clone(),
                payout: report.revenue,
                currency: report.currency.clone(),
                redirect_url: None,
            })),
            None if reports.is_empty() => Lookup::NotFound,
            // A row that does not say whose it is may be ours.
            None if self.lists_all && reports.iter().all(|report| report.our_ref.is_some()) => Lookup::NotFound,
            None => Lookup::Unclear("the answer lists other leads than the one asked for".into()),
        }
    }
}

/// Whether `id` is our id, with or without hyphens.
fn is_id_of(id: &str, lead: &LeadView) -> bool {
    let bare = |text: &str| text.replace('-', "").to_lowercase();
    bare(id) == bare(&lead.id)
}

//! A row of statuses as a report.

use super::{Mapping, number};
use crate::base::field_error::FieldError;
use crate::base::{money, text};
use crate::domain::report::StatusReport;

/// Most characters of an id, a word, a goal.
const WORD: usize = 255;
/// Most characters of a reason or a comment.
const WORDS: usize = 2000;

/// What a row says; or what is wrong with it, none of it repeated.
pub fn report(mapping: &Mapping, heads: &[String], cells: &[String]) -> Result<StatusReport, Vec<FieldError>> {
    let mut report = StatusReport { mapped: mapping.status, ..StatusReport::default() };
    let mut errors = Vec::new();
    for (field, value) in mapping.read(heads, cells) {
        let most = if matches!(field.as_str(), "reason" | "comment") { WORDS } else { WORD };
        let clean = text::line(value);
        if text::is_longer(&clean, most) {
            errors.push(FieldError::new(field, "too_long", format!("must be at most {most} characters long")));
            continue;
        }
        let mut amount = |value: &str| match number::amount(value) {
            Ok(amount) => Some(amount),
            Err(why) => {
                errors.push(FieldError::invalid(field.as_str(), why));
                None
            }
        };
        match field.as_str() {
            "lead" => report.our_ref = Some(clean),
            "external_id" => report.external_id = Some(clean),
            "transaction_id" => report.transaction_id = Some(clean),
            "status" => report.status = Some(clean),
            "reason" => report.reason = Some(clean),
            "comment" => report.comment = Some(clean),
            "goal" => report.goal = Some(clean),
            "revenue" => report.revenue = amount(value),
            "payout" => report.payout = amount(value),
            "currency" => {
                let code = clean.to_ascii_uppercase();
                if money::is_currency(&code) {
                    report.currency = Some(code);
                } else {
                    errors.push(FieldError::invalid(field, "must be an ISO 4217 code such as USD"));
                }
            }
            _ => {}
        }
    }
    if report.our_ref.is_none() && report.external_id.is_none() {
        let field = if mapping.has("lead") { "lead" } else { "external_id" };
        errors.push(FieldError::required(field));
    }
    if report.status.is_none() && report.mapped.is_none() {
        errors.push(FieldError::required("status"));
    }
    report.currency = report.currency.or_else(|| mapping.currency.clone());
    if errors.is_empty() { Ok(report) } else { Err(errors) }
}

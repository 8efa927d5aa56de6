//! Reading a call to our postback URL. Nothing in it is trusted and nothing in it can fail: what cannot be used is
//! left out, and the comment says so.

use super::file::InboundFile;
use crate::adapters::pick::{self, fold};
use crate::adapters::{Inbound, InboundAnswer, InboundCall};
use crate::domain::report::StatusReport;
use crate::domain::status::Status;

/// Parameters whose comma lists tell which of the network's own words mean what.
const LISTS: [(&str, Status); 5] = [
    ("sta", Status::Approved),
    ("stc", Status::Rejected),
    ("stt", Status::Trash),
    ("stw", Status::Pending),
    ("sth", Status::Hold),
];

/// The one report of a call.
pub(super) fn read(names: &InboundFile, call: &InboundCall) -> Inbound {
    let get = |all: &[String]| all.iter().find_map(|name| param(call, name));
    let status = get(&names.status);
    let payout = get(&names.payout);
    let (revenue, currency, note) = pick::money(payout, get(&names.currency));
    let reason = get(&names.reason).and_then(pick::reason);
    let report = StatusReport {
        our_ref: get(&names.id).and_then(pick::word),
        external_id: get(&names.external_id).and_then(pick::word),
        transaction_id: get(&names.transaction_id).and_then(pick::word),
        mapped: status.and_then(|status| by_lists(call, status)),
        status: status.and_then(pick::word),
        revenue,
        currency,
        goal: get(&names.goal).and_then(pick::word),
        comment: pick::with_note(get(&names.comment).and_then(pick::text), note),
        reason_code: reason.as_deref().and_then(pick::reason_code),
        reason,
        ..StatusReport::default()
    };
    let answer = names.answer.as_ref().map(|it| InboundAnswer {
        status: it.status,
        content_type: it.content_type.clone(),
        body: it.body.clone(),
    });
    Inbound { reports: vec![report], answer }
}

/// A parameter with a value. A macro the partner did not fill in, such as `{status}`, is none.
fn param<'a>(call: &'a InboundCall, name: &str) -> Option<&'a str> {
    let value = call.params.get(name)?.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let is_macro = value.starts_with('{') && value.ends_with('}');
    (!value.is_empty() && !is_macro).then_some(value)
}

fn by_lists(call: &InboundCall, status: &str) -> Option<Status> {
    let status = fold(status);
    let has = |name: &str| {
        let list = call.params.get(name).map(String::as_str).unwrap_or_default();
        list.split(',').map(fold).any(|word| !word.is_empty() && word == status)
    };
    LISTS.iter().find(|(name, _)| has(name)).map(|(_, status)| *status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_nobody_filled_in_is_no_value_whatever_stands_around_it() {
        for (given, found) in [(" {status}\r\n", None), ("\0{}", None), ("\u{7f}", None), ("\0ok ", Some("ok"))] {
            let params = [("status".to_owned(), given.to_owned())].into();
            let inbound = read(&InboundFile::default(), &InboundCall { params, ..InboundCall::default() });
            assert_eq!(inbound.reports[0].status.as_deref(), found, "{given:?}");
        }
    }
}

//! How a partner of AlterCPA's kind tells what became of a lead (`comp/status`, `comp/edit`): words or numbers, lists of
//! its own values, `accept=1`. Sources: the help pages on postbacks and on the company interface.

use serde_json::Value;

use super::{Inbound, InboundCall, pick, recipe};
use crate::domain::status::Status;

/// Words that partners of this trade use.
const WORDS: &[(Status, &[&str])] = &[
    (
        Status::Pending,
        &["wait", "waiting", "new", "pending", "process", "processing", "in process", "recall", "callback"],
    ),
    (Status::Hold, &["hold", "holded"]),
    (Status::Approved, &["approve", "approved", "accept", "accepted", "confirm", "confirmed", "sale"]),
    (Status::Paid, &["paid"]),
    (Status::Rejected, &["cancel", "cancelled", "canceled", "reject", "rejected", "decline", "declined"]),
    (Status::Trash, &["trash", "spam", "fake", "invalid", "duplicate", "double", "fraud"]),
];

/// The name of this way of reading, as it is kept with a call.
pub const DIALECT: &str = "altercpa";

/// The number AlterCPA gives a status.
pub const fn number_of(status: Status) -> i32 {
    match status {
        Status::New => 1,
        Status::Pending => 2,
        Status::Hold => 4,
        Status::Rejected => 5,
        Status::Approved => 6,
        Status::Paid => 10,
        Status::Trash => 12,
    }
}

/// The number of a status's phase: 1 processing, 2 hold, 3 approved, 4 cancelled, 5 trash.
pub const fn phase_of(status: Status) -> i32 {
    match status {
        Status::New | Status::Pending => 1,
        Status::Hold => 2,
        Status::Approved | Status::Paid => 3,
        Status::Rejected => 4,
        Status::Trash => 5,
    }
}

/// What one of AlterCPA's numbers means (of the model for orders that are paid on delivery). A returned parcel counts
/// as approved there.
pub fn of_number(number: i64) -> Option<Status> {
    match number {
        1..=3 => Some(Status::Pending),
        4 => Some(Status::Hold),
        5 => Some(Status::Rejected),
        6..=9 | 11 => Some(Status::Approved),
        10 => Some(Status::Paid),
        12 => Some(Status::Trash),
        _ => None,
    }
}

/// What a word means, of those that partners of this trade use. Anything else stays unmapped: a word that is guessed at
/// must not move money.
pub fn of_word(word: &str) -> Option<Status> {
    let word = pick::fold(word);
    WORDS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(status, _)| *status)
}

/// The words, each with what it means.
pub fn words() -> Vec<(String, Status)> {
    WORDS.iter().flat_map(|(status, words)| words.iter().map(|word| ((*word).to_owned(), *status))).collect()
}

/// Reads a call. `oid` is our number or id, `eid` the caller's own; `id` was the token and is not there any more.
pub fn read(call: &InboundCall) -> Inbound {
    let mut inbound = recipe::usual_inbound(call);
    let get = |name: &str| call.params.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    for report in &mut inbound.reports {
        if get("accept") == Some("1") {
            // The one way to approve by `comp/edit`; numbers beside it say how far the parcel is.
            report.mapped = Some(Status::Approved);
        } else if report.mapped.is_none() {
            let word = report.status.as_deref().unwrap_or_default();
            let by_number = || word.parse().ok().and_then(of_number);
            // A number without lists is only then AlterCPA's own when it stands in `comp/edit`, which has no words.
            report.mapped = of_word(word).or_else(|| if is_edit(call) { by_number() } else { None });
        }
        if report.revenue.is_none() {
            report.revenue = get("payout").or_else(|| get("cash")).and_then(pick::amount);
        }
    }
    inbound
}

/// Whether it is `comp/edit`: the driver says so by a parameter of its own.
fn is_edit(call: &InboundCall) -> bool {
    call.params.get(EDIT).is_some_and(|value| value == "1")
}

/// The parameter by which `comp/edit` is told from `comp/status` in a stored call.
pub const EDIT: &str = "_edit";

/// The fields of the lead that `comp/edit` may change, as our own change has them.
pub fn changes(call: &InboundCall) -> serde_json::Map<String, Value> {
    let names = [
        ("name", "name"),
        ("email", "email"),
        ("index", "zip"),
        ("area", "region"),
        ("city", "city"),
        ("count", "quantity"),
        ("base", "price"),
        ("currency", "currency"),
    ];
    let get = |name: &str| call.params.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let mut out: serde_json::Map<String, Value> =
        names.iter().filter_map(|(theirs, ours)| Some(((*ours).to_owned(), Value::from(get(theirs)?)))).collect();
    let address: Vec<&str> = ["street", "addr"].iter().filter_map(|name| get(name)).collect();
    if !address.is_empty() {
        out.insert("address".into(), Value::from(address.join(", ")));
    }
    out
}

//! The one sentence on top of a lead's page: who has it, after whom, what they say, and whether its webmaster knows.
//! A pure function of a few facts, so that every turn a lead can take is a line in a test.

use chrono::{DateTime, Utc};

use crate::domain::status::Status;

/// One sale delivery, in the order they were made.
#[derive(Clone, Debug, Default)]
pub struct Step<'a> {
    /// What people call the network.
    pub network: &'a str,
    /// As deliveries name it.
    pub state: &'a str,
    pub reason: Option<&'a str>,
    pub is_duplicate: bool,
    pub is_accepted: bool,
    pub next_at: Option<DateTime<Utc>>,
}

/// The last thing that was to be told to the webmaster.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// As calls to webmasters name it.
    pub state: &'a str,
    pub at: DateTime<Utc>,
}

/// What the sentence is made of.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub now: DateTime<Utc>,
    pub status: Status,
    /// When the lead got there, if it ever moved.
    pub since: Option<DateTime<Utc>>,
    pub reason: Option<&'a str>,
    /// A person set the status.
    pub by_hand: bool,
    pub unrouted: bool,
    pub steps: &'a [Step<'a>],
    pub told: Option<Told<'a>>,
}

/// Tells the lead's story.
pub fn tell(facts: &Facts<'_>) -> String {
    let parts = [Some(whereabouts(facts)), verdict(facts), told(facts)];
    let mut text = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    text.push('.');
    text
}

/// Longest reason in the sentence; the timeline has the rest.
const MAX_REASON: usize = 80;

fn whereabouts(facts: &Facts<'_>) -> String {
    let now = facts.now;
    if let Some(owner) = facts.steps.iter().find(|step| step.is_accepted) {
        return match refusals(facts.steps) {
            Some(text) => format!("Delivered to {} after {text}", owner.network),
            None => format!("Delivered to {}", owner.network),
        };
    }
    let last = facts.steps.iter().rfind(|step| step.state != "cancelled").or(facts.steps.last());
    let Some(step) = last else {
        return if facts.unrouted { no_route(facts) } else { "Received and not handed to a network yet".to_owned() };
    };
    let name = step.network;
    let after = match refusals(facts.steps) {
        Some(text) if step.state != "refused" => format!(" after {text}"),
        _ => String::new(),
    };
    let reason = bracket(step.reason);
    match step.state {
        _ if facts.unrouted && step.state == "refused" => {
            format!("{}; no other route takes it", refused(facts.steps))
        }
        _ if facts.unrouted => no_route(facts),
        "waiting" => match step.next_at.filter(|at| *at > now) {
            Some(at) => format!("Waits for {name} until {}{after}{reason}", clock(at, now, false)),
            None => format!("Waits to be sent to {name}{after}"),
        },
        "sending" => format!("Is being sent to {name}{after}"),
        "retrying" => match step.next_at {
            Some(at) => {
                format!("Sending to {name} failed{reason}{after} and is tried again at {}", clock(at, now, true))
            }
            None => format!("Sending to {name} failed{reason}{after} and is tried again"),
        },
        "needs_review" => format!("Nobody knows whether {name} has it{reason}{after}: a person must decide"),
        "dead" => format!("Given up on {name}{reason}{after}"),
        "refused" => refused(facts.steps),
        _ => format!("The delivery to {name} was taken back{reason}{after}"),
    }
}

fn no_route(facts: &Facts<'_>) -> String {
    match refusals(facts.steps) {
        Some(text) => format!("No route takes it after {text}"),
        None => "No route takes it; it goes out as soon as one does".to_owned(),
    }
}

fn bracket(reason: Option<&str>) -> String {
    reason.filter(|text| !text.is_empty()).map(|text| format!(" ({})", short(text))).unwrap_or_default()
}

fn short(text: &str) -> String {
    let cut = crate::base::text::cut(text, MAX_REASON);
    if cut.len() < text.len() { format!("{}…", cut.trim_end()) } else { cut.to_owned() }
}

/// `N1 refused it as a duplicate`, `N1 and N2 refused it`.
fn refusals(steps: &[Step<'_>]) -> Option<String> {
    let no: Vec<&Step<'_>> = steps.iter().filter(|step| step.state == "refused" && !step.is_accepted).collect();
    match no.as_slice() {
        [] => None,
        [one] => Some(format!("{} refused it{}", one.network, why(one))),
        _ => Some(format!("{} refused it", names(&no))),
    }
}

/// `Refused by N1 as a duplicate`, `Refused by N1 and N2`.
fn refused(steps: &[Step<'_>]) -> String {
    let no: Vec<&Step<'_>> = steps.iter().filter(|step| step.state == "refused").collect();
    match no.as_slice() {
        [one] => format!("Refused by {}{}", one.network, why(one)),
        _ => format!("Refused by {}", names(&no)),
    }
}

fn why(step: &Step<'_>) -> String {
    let says_duplicate = step.reason.is_none_or(|reason| reason.to_lowercase().contains("duplicate"));
    if step.is_duplicate && says_duplicate { " as a duplicate".to_owned() } else { bracket(step.reason) }
}

fn names(steps: &[&Step<'_>]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for step in steps {
        if !names.contains(&step.network) {
            names.push(step.network);
        }
    }
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

fn verdict(facts: &Facts<'_>) -> Option<String> {
    let owner = facts.steps.iter().find(|step| step.is_accepted);
    let since = facts.since.map(|at| format!(" since {}", clock(at, facts.now, false))).unwrap_or_default();
    let reason = if facts.status.is_alive() { String::new() } else { bracket(facts.reason) };
    let status = facts.status;
    match (status, owner) {
        (Status::New, _) => None,
        _ if facts.by_hand => Some(format!("set to {status} by hand{since}{reason}")),
        (Status::Pending, Some(owner)) => Some(format!("{} has not decided yet", owner.network)),
        (_, Some(owner)) => Some(format!("{} says {status}{since}{reason}", owner.network)),
        (_, None) => Some(format!("it counts as {status}{since}")),
    }
}

fn told(facts: &Facts<'_>) -> Option<String> {
    let Some(told) = facts.told else {
        return (facts.status != Status::New).then(|| "no postback rule tells the webmaster".to_owned());
    };
    let at = clock(told.at, facts.now, true);
    Some(match told.state {
        "delivered" => format!("the webmaster was told at {at}"),
        "dead" => "the webmaster could not be told".to_owned(),
        "suppressed" => "the webmaster knows already".to_owned(),
        "cancelled" | "superseded" => "the webmaster was not told".to_owned(),
        "retrying" => "telling the webmaster failed and is tried again".to_owned(),
        _ => "the webmaster is being told".to_owned(),
    })
}

/// `12:04`, with the day when it is not today's.
fn clock(at: DateTime<Utc>, now: DateTime<Utc>, with_seconds: bool) -> String {
    let time = at.format(if with_seconds { "%H:%M:%S" } else { "%H:%M" });
    match at.date_naive() == now.date_naive() {
        true => time.to_string(),
        false => format!("{time} on {}", at.format("%-d %B")),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(minutes: i64, seconds: i64) -> DateTime<Utc> {
        // 2026-09-21 12:00:00
        DateTime::from_timestamp(1_789_992_000, 0).unwrap() + TimeDelta::minutes(minutes) + TimeDelta::seconds(seconds)
    }

    fn facts<'a>(status: Status, steps: &'a [Step<'a>]) -> Facts<'a> {
        Facts {
            now: at(30, 0),
            status,
            since: Some(at(4, 0)),
            reason: None,
            by_hand: false,
            unrouted: false,
            steps,
            told: None,
        }
    }

    fn step<'a>(network: &'a str, state: &'a str) -> Step<'a> {
        Step { network, state, is_accepted: state == "accepted", ..Step::default() }
    }

    #[test]
    fn the_whole_story_in_one_sentence() {
        let steps = [Step { is_duplicate: true, ..step("N1", "refused") }, step("N2", "accepted")];
        let told = Some(Told { state: "delivered", at: at(4, 9) });
        assert_eq!(
            tell(&Facts { told, ..facts(Status::Hold, &steps) }),
            "Delivered to N2 after N1 refused it as a duplicate; N2 says hold since 12:04; the webmaster was told at 12:04:09."
        );
    }

    #[test]
    fn each_state_of_the_last_delivery_has_its_words() {
        let why = |state, reason| Step { reason: Some(reason), ..step("N1", state) };
        let next = |state, at| Step { next_at: Some(at), ..why(state, "HTTP 502") };
        for (steps, unrouted, expected) in [
            (vec![], false, "Received and not handed to a network yet."),
            (vec![], true, "No route takes it; it goes out as soon as one does."),
            (vec![step("N1", "waiting")], false, "Waits to be sent to N1."),
            (
                vec![Step { reason: Some("closed"), ..next("waiting", at(90, 0)) }],
                false,
                "Waits for N1 until 13:30 (closed).",
            ),
            (vec![next("waiting", at(1, 0))], false, "Waits to be sent to N1."),
            (vec![step("N1", "sending")], false, "Is being sent to N1."),
            (
                vec![next("retrying", at(31, 5))],
                false,
                "Sending to N1 failed (HTTP 502) and is tried again at 12:31:05.",
            ),
            (vec![step("N1", "retrying")], false, "Sending to N1 failed and is tried again."),
            (
                vec![next("retrying", at(24 * 60, 0))],
                false,
                "Sending to N1 failed (HTTP 502) and is tried again at 12:00:00 on 22 September.",
            ),
            (vec![step("N1", "needs_review")], false, "Nobody knows whether N1 has it: a person must decide."),
            (vec![why("dead", "too old")], false, "Given up on N1 (too old)."),
            (vec![step("N1", "cancelled")], false, "The delivery to N1 was taken back."),
            (vec![why("refused", "wrong age")], false, "Refused by N1 (wrong age)."),
            (vec![why("refused", "a"), why("refused", "b")], false, "Refused by N1."),
            (vec![step("N1", "refused"), step("N2", "refused")], false, "Refused by N1 and N2."),
            (vec![step("N1", "refused")], true, "Refused by N1; no other route takes it."),
            (vec![step("N1", "refused"), step("N2", "waiting")], false, "Waits to be sent to N2 after N1 refused it."),
            (
                vec![step("N1", "refused"), step("N2", "refused"), step("N3", "refused"), step("N4", "cancelled")],
                false,
                "Refused by N1, N2 and N3.",
            ),
            (vec![step("N1", "cancelled")], true, "No route takes it; it goes out as soon as one does."),
        ] {
            assert_eq!(tell(&Facts { unrouted, ..facts(Status::New, &steps) }), expected, "{steps:?}");
        }
    }

    #[test]
    fn what_is_said_of_it_and_who_said_so() {
        let sold = [step("N1", "accepted")];
        let unsold = [step("N1", "refused")];
        for (status, steps, by_hand, reason, expected) in [
            (Status::Pending, &sold, false, None, "N1 has not decided yet"),
            (Status::Approved, &sold, false, Some("old words"), "N1 says approved since 12:04"),
            (Status::Rejected, &sold, false, Some("no answer"), "N1 says rejected since 12:04 (no answer)"),
            (Status::Approved, &sold, true, None, "set to approved by hand since 12:04"),
            (Status::Trash, &unsold, true, Some("a test"), "set to trash by hand since 12:04 (a test)"),
            (Status::Rejected, &unsold, false, Some("x"), "it counts as rejected since 12:04"),
        ] {
            let facts = Facts { by_hand, reason, ..facts(status, steps) };
            assert_eq!(verdict(&facts).as_deref(), Some(expected));
        }
        assert_eq!(verdict(&Facts { since: None, ..facts(Status::Hold, &sold) }).as_deref(), Some("N1 says hold"));
    }

    #[test]
    fn whether_the_webmaster_knows() {
        let of = |state| {
            told(&Facts { told: Some(Told { state, at: at(-24 * 60, 0) }), ..facts(Status::Hold, &[]) }).unwrap()
        };
        assert_eq!(of("delivered"), "the webmaster was told at 12:00:00 on 20 September");
        assert_eq!(of("dead"), "the webmaster could not be told");
        assert_eq!(of("suppressed"), "the webmaster knows already");
        assert_eq!(of("superseded"), "the webmaster was not told");
        assert_eq!(of("retrying"), "telling the webmaster failed and is tried again");
        assert_eq!(of("waiting"), "the webmaster is being told");
        assert_eq!(told(&facts(Status::Hold, &[])).as_deref(), Some("no postback rule tells the webmaster"));
        assert_eq!(told(&facts(Status::New, &[])), None);
    }

    #[test]
    fn long_reasons_are_cut() {
        let long = "x".repeat(200);
        let steps = [Step { reason: Some(&long), ..step("N1", "refused") }];
        let text = tell(&facts(Status::New, &steps));
        assert!(text.ends_with("…).") && text.len() < 120, "{text}");
    }
}

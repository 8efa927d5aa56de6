//! The one sentence on top of a lead's page: who has it, after whom, what they say, and whether its webmaster knows.
//! A pure function of a few facts, so that every turn a lead can take is a line in a test.

use chrono::{DateTime, Datelike as _, Utc};

use super::texts::{Text, say};
use super::{reader, words};
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
    let refusal = refusal(facts.steps);
    let refusal = refusal.as_ref();
    if let Some(owner) = facts.steps.iter().find(|step| step.is_accepted) {
        return after(say("story-delivered").with("network", owner.network), refusal).into();
    }
    let last = facts.steps.iter().rfind(|step| step.state != "cancelled").or(facts.steps.last());
    let Some(step) = last else {
        return if facts.unrouted { no_route(refusal) } else { say("story-received").into() };
    };
    if step.state == "refused"
        && let Some(refusal) = refusal
    {
        let text = refused(refusal);
        return if facts.unrouted { format!("{text}; {}", say("story-no-other-route")) } else { text.into() };
    }
    if facts.unrouted {
        return no_route(refusal);
    }
    let name = step.network;
    let reason = bracket(step.reason);
    let text = match step.state {
        "waiting" => match step.next_at.filter(|at| *at > now) {
            Some(at) => {
                let what = say("story-waits-until").with("network", name).with("time", clock(at, now, false));
                after(what.with("reason", reason), refusal)
            }
            None => after(say("story-waits").with("network", name), refusal),
        },
        "sending" => after(say("story-sending").with("network", name), refusal),
        "retrying" => {
            let what = after(say("story-failed").with("network", name).with("reason", reason), refusal);
            match step.next_at {
                Some(at) => say("story-again-at").with("what", what).with("time", clock(at, now, true)),
                None => say("story-again").with("what", what),
            }
        }
        "needs_review" => {
            let what = after(say("story-unknown").with("network", name).with("reason", reason), refusal);
            say("story-must-decide").with("what", what)
        }
        "dead" => after(say("story-given-up").with("network", name).with("reason", reason), refusal),
        _ => after(say("story-taken-back").with("network", name).with("reason", reason), refusal),
    };
    text.into()
}

fn no_route(refusal: Option<&Refusal<'_>>) -> String {
    match refusal {
        Some(_) => after(say("story-no-route"), refusal).into(),
        None => say("story-no-route-yet").into(),
    }
}

/// ` (no answer)`, or nothing: the same in every language.
fn bracket(reason: Option<&str>) -> String {
    reason.filter(|text| !text.is_empty()).map(|text| format!(" ({})", short(text))).unwrap_or_default()
}

fn short(text: &str) -> String {
    let cut = crate::base::text::cut(text, MAX_REASON);
    if cut.len() < text.len() { format!("{}…", cut.trim_end()) } else { cut.to_owned() }
}

/// Who refused the lead, and why where there is one to say so.
enum Refusal<'a> {
    Duplicate(&'a str),
    /// The network, and its reason in brackets.
    One(&'a str, String),
    /// Their names, written as a list.
    Many(String),
}

fn refusal<'a>(steps: &[Step<'a>]) -> Option<Refusal<'a>> {
    let no: Vec<&Step<'a>> = steps.iter().filter(|step| step.state == "refused" && !step.is_accepted).collect();
    let mut names: Vec<&'a str> = Vec::new();
    for step in &no {
        if !names.contains(&step.network) {
            names.push(step.network);
        }
    }
    match (no.as_slice(), names.as_slice()) {
        ([], _) | (_, []) => None,
        ([one], _) if is_duplicate(one) => Some(Refusal::Duplicate(one.network)),
        ([one], _) => Some(Refusal::One(one.network, bracket(one.reason))),
        // One network may refuse twice, each time for another reason.
        (_, &[name]) => Some(Refusal::One(name, String::new())),
        (_, [rest @ .., last]) => {
            Some(Refusal::Many(say("story-and").with("first", rest.join(", ")).with("last", last).into()))
        }
    }
}

fn is_duplicate(step: &Step<'_>) -> bool {
    step.is_duplicate && step.reason.is_none_or(|reason| reason.to_lowercase().contains("duplicate"))
}

/// `Waits to be sent to N2 after N1 refused it`: what is said of the last delivery, with the refusals before it.
fn after(what: Text, refusal: Option<&Refusal<'_>>) -> Text {
    match refusal {
        None => what,
        Some(Refusal::Duplicate(network)) => say("story-after-duplicate").with("what", what).with("network", network),
        Some(Refusal::One(network, reason)) => {
            say("story-after").with("what", what).with("network", network).with("reason", reason)
        }
        Some(Refusal::Many(networks)) => say("story-after-many").with("what", what).with("networks", networks),
    }
}

/// `Refused by N1 as a duplicate`, `Refused by N1 and N2`.
fn refused(refusal: &Refusal<'_>) -> Text {
    match refusal {
        Refusal::Duplicate(network) => say("story-refused-duplicate").with("network", network),
        Refusal::One(network, reason) => say("story-refused").with("network", network).with("reason", reason),
        Refusal::Many(networks) => say("story-refused-many").with("networks", networks),
    }
}

fn verdict(facts: &Facts<'_>) -> Option<String> {
    let owner = facts.steps.iter().find(|step| step.is_accepted);
    let since = |dated: &'static str, undated: &'static str| match facts.since {
        Some(at) => say(dated).with("time", clock(at, facts.now, false)),
        None => say(undated),
    };
    let reason = if facts.status.is_alive() { String::new() } else { bracket(facts.reason) };
    let status = words::state(facts.status.as_str());
    let text = match (facts.status, owner) {
        (Status::New, _) => return None,
        _ if facts.by_hand => {
            since("story-by-hand-since", "story-by-hand").with("status", status).with("reason", reason)
        }
        (Status::Pending, Some(owner)) => say("story-undecided").with("network", owner.network),
        (_, Some(owner)) => {
            let text = since("story-says-since", "story-says").with("network", owner.network);
            text.with("status", status).with("reason", reason)
        }
        (_, None) => since("story-counts-since", "story-counts").with("status", status),
    };
    Some(text.into())
}

fn told(facts: &Facts<'_>) -> Option<String> {
    let Some(told) = facts.told else {
        return (facts.status != Status::New).then(|| say("story-no-rule").into());
    };
    let text = match told.state {
        "delivered" => say("story-told").with("time", clock(told.at, facts.now, true)),
        "dead" => say("story-told-never"),
        "suppressed" => say("story-told-before"),
        "cancelled" | "superseded" => say("story-told-not"),
        "retrying" => say("story-told-again"),
        _ => say("story-told-soon"),
    };
    Some(text.into())
}

/// `12:04`, with the day when it is not today's for the reader.
fn clock(at: DateTime<Utc>, now: DateTime<Utc>, with_seconds: bool) -> String {
    let zone = reader::zone();
    let at = at.with_timezone(&zone);
    let time = at.format(if with_seconds { "%H:%M:%S" } else { "%H:%M" });
    match at.date_naive() == now.with_timezone(&zone).date_naive() {
        true => time.to_string(),
        false => say("story-time-on").with("time", time).with("day", at.day()).count("month", at.month()).into(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::http::dashboard::reader::{Language, Reader};

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
            (
                vec![why("refused", "wrong age"), Step { network: "N2", ..next("retrying", at(31, 5)) }],
                false,
                "Sending to N2 failed (HTTP 502) after N1 refused it (wrong age) and is tried again at 12:31:05.",
            ),
            (
                vec![step("N1", "refused"), step("N2", "refused"), step("N3", "needs_review")],
                false,
                "Nobody knows whether N3 has it after N1 and N2 refused it: a person must decide.",
            ),
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

    #[tokio::test]
    async fn the_story_is_a_sentence_in_russian_too() {
        let reader = Reader { language: Language::Russian, ..Reader::DEFAULT };
        reader::reading(reader, async {
            let sold = [Step { is_duplicate: true, ..step("N1", "refused") }, step("N2", "accepted")];
            let told = Some(Told { state: "delivered", at: at(-24 * 60, 9) });
            assert_eq!(
                tell(&Facts { told, ..facts(Status::Hold, &sold) }),
                "Доставлен в N2 после отказа N1 (дубль); N2 сообщает «холд» с 12:04; \
                 вебмастеру сообщено в 12:00:09 20 сентября."
            );
            let waits = [
                step("N1", "refused"),
                step("N2", "refused"),
                Step { next_at: Some(at(31, 5)), reason: Some("HTTP 502"), ..step("N3", "retrying") },
            ];
            assert_eq!(
                tell(&facts(Status::New, &waits)),
                "Отправка в N3 не удалась (HTTP 502) после отказов N1 и N2 и будет повторена в 12:31:05."
            );
        })
        .await;
    }
}

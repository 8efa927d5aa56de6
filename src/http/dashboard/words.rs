//! Our closed words as people read them on the pages. A refused lead is not a broken delivery: the words keep them apart.

/// A state of a delivery, a call to a webmaster or an exchange, or a status of a lead.
pub fn state(word: &str) -> &str {
    match word {
        "sending" => "in flight",
        "needs_review" => "needs review",
        "dead" => "gave up",
        "no_capacity" => "no capacity",
        "retry" => "failed, will retry",
        "unknown" => "outcome unknown",
        "lost" => "lease lost",
        "ours" => "our fault",
        "no_route" => "no route",
        other => other,
    }
}

/// The class of a word's chip: words without a colour of their own take that of their kin.
pub fn tone(word: &str) -> &str {
    match word {
        "no_route" | "unknown" | "ours" => "needs_review",
        "no_capacity" | "retry" => "retrying",
        "misconfigured" => "paused",
        "lost" | "failed" => "dead",
        other => other,
    }
}

/// The class of a word's dot on the timeline; most things that happen are neither good nor bad.
pub fn dot(word: &str) -> &'static str {
    match tone(word) {
        "accepted" | "delivered" | "approved" | "paid" => "timeline__item--ok",
        "dead" | "rejected" | "paused" => "timeline__item--bad",
        "needs_review" | "retrying" | "hold" => "timeline__item--warn",
        _ => "",
    }
}

/// What a state of a delivery means for the lead and this network.
pub fn delivery(state: &str, network: &str) -> String {
    match state {
        "waiting" => format!("Waits for {network}"),
        "sending" => format!("Being sent to {network}"),
        "retrying" => format!("{network} is tried again later"),
        "accepted" => format!("{network} has the lead"),
        "refused" => format!("{network} refused the lead"),
        "needs_review" => format!("Nobody knows whether {network} has the lead"),
        "dead" => format!("Gave up on {network}"),
        "cancelled" => format!("Delivery to {network} taken back"),
        other => format!("Delivery to {network}: {other}"),
    }
}

/// What became of a report.
pub fn verdict(word: &str) -> &str {
    match word {
        "applied" => "applied",
        "unchanged" => "nothing new",
        "stale" => "would move the lead backwards; ignored",
        "unmapped" => "this status word is not mapped yet; kept until it is",
        "ignored" => "names no status",
        "unmatched" => "names no lead of this network",
        "failed" => "could not be read",
        other => other,
    }
}

/// What was decided about a route.
pub fn route(verdict: &str) -> &str {
    match verdict {
        "taken" => "Taken",
        "later" => "Comes next if needed",
        "country" => "Another country",
        "webmaster" => "Another webmaster",
        "disabled" => "Route is off",
        "network_disabled" => "Network is off",
        "closed" => "Outside its hours",
        "too_old" => "Lead is too old for it",
        "refused_before" => "Has refused this lead",
        "full" => "Cap is full",
        "stopped" => "An earlier refusal ends the search",
        other => other,
    }
}

/// Where an event came from, with the person where there is one.
pub fn source(source: &str, actor: Option<&str>) -> String {
    let place = match source {
        "intake" => "intake",
        "router" => "routing",
        "answer" => "answer to a send",
        "postback" => "postback of the network",
        "poll" => "poll",
        "import" => "import",
        "admin" => "by hand",
        "network" => "network",
        // What the server does by itself needs no name.
        _ => "",
    };
    match actor {
        Some(actor) => match actor.split_once(':') {
            Some(("user", email)) => email.to_owned(),
            Some(("token", "environment")) => "the environment’s token".to_owned(),
            Some(("token", _)) => "an API token".to_owned(),
            Some(("webmaster", _)) => "the webmaster".to_owned(),
            _ => actor.to_owned(),
        },
        None => place.to_owned(),
    }
}

/// A text as a sentence: a capital first, a full stop last. Nothing stays nothing.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    let mut out: String = first.to_uppercase().chain(chars).collect();
    if !out.ends_with(['.', '!', '?', '…']) {
        out.push('.');
    }
    out
}

/// How many of what.
pub fn count(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Milliseconds, or seconds where they are long.
pub fn took(ms: i32) -> String {
    if ms < 10_000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_sentences() {
        assert_eq!(sentence(" no answer "), "No answer.");
        assert_eq!(sentence("Why?"), "Why?");
        assert_eq!(sentence(""), "");
        assert_eq!(took(312), "312 ms");
        assert_eq!(took(12_340), "12.3 s");
    }

    #[test]
    fn people_are_named_tokens_are_not() {
        assert_eq!(source("admin", Some("user:ann@example.com")), "ann@example.com");
        assert_eq!(source("admin", Some("token:0190")), "an API token");
        assert_eq!(source("router", None), "routing");
    }
}

//! Outcome rules and an answer: the rule that decides is the one the documentation says, the same each time; what no
//! rule knows is never accepted, never refused, and never sent again unless it surely did not arrive.
//!
//! The input: rules as `rule_notes` reads them, a line `--`, then the answer: its code or `timeout+` (`-`: it cannot
//! have arrived), a line for Retry-After, and the body.

#![no_main]

use std::time::Duration;

use leadrelay::base::exchange::{Answer, Response, TransportError, TransportKind};
use leadrelay::domain::outcome::Outcome;
use leadrelay_fuzz::{recipe_file, rule_notes};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((note, rest)) = text.split_once("\n--\n") else { return };
    let rules = rule_notes::read(note);
    let answer = answer(rest);
    let tables: String = rules.iter().map(rule_notes::Rule::toml).collect();
    let recipe = recipe_file::with_outcomes(&tables).unwrap_or_else(|errors| panic!("{tables}\n{errors:?}"));
    let outcome = recipe_file::judge(&recipe, &answer);
    assert_eq!(outcome, recipe_file::judge(&recipe, &answer), "judged twice");

    let rule = rules.iter().find(|rule| rule.holds(&answer));
    match (rule, &answer) {
        (Some(rule), _) => assert_eq!(outcome.word(), rule.outcome, "{tables}"),
        (None, Ok(_)) => assert_eq!(outcome.word(), "unknown", "no rule holds"),
        (None, Err(error)) => {
            let expected = match (error.kind, error.may_have_arrived) {
                (TransportKind::Blocked, _) => "misconfigured",
                (_, true) => "unknown",
                (_, false) => "retry",
            };
            assert_eq!(outcome.word(), expected, "no rule holds");
        }
    }
    if answer.is_err() {
        assert!(outcome.word() != "accepted" || rule.is_some_and(rule_notes::Rule::speaks_of_transport));
    }
    if let Outcome::Refused { is_trash, .. } = &outcome {
        assert_eq!(Some(*is_trash), rule.map(|rule| rule.is_trash));
    }
    if let Outcome::Retry { after, .. } | Outcome::NoCapacity { after, .. } = &outcome {
        assert!(after.is_none_or(|after| after <= Duration::from_secs(30 * 86_400)));
    }
    // Reasons and ids are stored and shown.
    let shown = outcome.reason().unwrap_or("there may be no message");
    assert!(!shown.trim().is_empty() && shown.chars().count() <= 1000 && !shown.chars().any(char::is_control));
    if let Outcome::Accepted(accepted) = &outcome {
        let id = accepted.external_id.as_deref().unwrap_or("x");
        assert!(!id.is_empty() && id.chars().count() <= 200 && !id.chars().any(char::is_control));
    }
});

fn answer(text: &str) -> Answer {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let (retry_after, body) = rest.split_once('\n').unwrap_or((rest, ""));
    if let Some((kind, arrived)) = first.split_at_checked(first.len().saturating_sub(1))
        && let Ok(kind) = kind.parse()
    {
        return Err(TransportError { kind, may_have_arrived: arrived == "+", detail: "fuzzed".into() });
    }
    let headers = match retry_after {
        "" => Vec::new(),
        value => vec![("retry-after".to_owned(), value.to_owned())],
    };
    Ok(Response { status: first.parse().unwrap_or(200), headers, body: body.as_bytes().to_vec(), is_cut: false })
}

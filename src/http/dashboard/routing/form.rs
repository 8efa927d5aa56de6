//! The form of a route of a draft, and the body of the API it becomes.

use serde_json::{Value, json};

use super::hours;
use crate::base::field_error::FieldError;
use crate::domain::routing::plan::Planned;
use crate::domain::rules::{CapCounts, CapPeriod, OnRefused, Rules};
use crate::domain::status::Status;
use crate::http::dashboard::fields::{Draft, Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::list::{Choice, networks};
use crate::http::dashboard::texts::say;
use crate::http::dashboard::words;

/// The form with these values in it.
pub(super) fn form(values: &FormPairs, rules: &Rules, errors: &[FieldError]) -> Form {
    let field = |name: &str, kind, label: &'static str| Field::new(values, name, kind, say(label));
    let refused = [(OnRefused::Next, "routing-refused-next"), (OnRefused::Stop, "routing-refused-stop")];
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label };
    let fields = vec![
        field("network", "choice", "column-network").of(networks(rules)).required(),
        field("position", "number", "routing-position").help(say("routing-position-help")),
        field("weight", "number", "routing-weight").help(say("routing-weight-help")),
        field("countries", "text", "column-countries").help(say("routing-countries-help")),
        field("webmasters", "text", "place-webmasters").help(say("routing-webmasters-help")),
        field("caps", "lines", "routing-caps").help(say("routing-caps-help")),
        field("schedule", "lines", "routing-hours").help(say("routing-hours-help")),
        field("timezone", "text", "routing-zone").help(say("routing-zone-help")),
        field("enabled", "bool", "routing-enabled"),
    ];
    let more = vec![
        field("on_refused", "choice", "routing-on-refused")
            .of(refused.iter().map(|(word, label)| choice(word.as_str(), say(*label).into())).collect())
            .help(say("routing-on-refused-help")),
        field("max_age_hours", "number", "routing-age").help(say("routing-age-help")),
        field("trigger_status", "choice", "routing-trigger")
            .of(triggers().map(|status| choice(status.as_str(), words::state(status.as_str()))).collect())
            .help(say("routing-trigger-help")),
    ];
    Form::new(fields, more, Some(say("routing-more")), errors)
}

/// Statuses that may set off a second delivery.
fn triggers() -> impl Iterator<Item = Status> {
    Status::ALL.iter().copied().filter(|status| *status != Status::New)
}

/// What stands in the form of a new route, after those of a plan.
pub(super) fn blank(plan: &[Planned]) -> FormPairs {
    let position = plan.iter().map(|route| route.position).max().unwrap_or(0).saturating_add(1).to_string();
    pairs([
        ("position", position),
        ("weight", "1".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("max_age_hours", "24".to_owned()),
        ("on_refused", OnRefused::Next.to_string()),
        ("enabled", "true".to_owned()),
    ])
}

/// What stands in the form of a route.
pub(super) fn values(route: &Planned, rules: &Rules) -> FormPairs {
    let network = rules.networks.get(&route.network_id).map(|network| network.slug.clone()).unwrap_or_default();
    let webmaster = |id| rules.webmasters.get(id).map_or_else(|| id.to_string(), |webmaster| webmaster.slug.clone());
    let caps = route.caps.iter().map(|cap| match cap.counts {
        CapCounts::Accepted => format!("{} {}", cap.period, cap.limit),
        CapCounts::Approved => format!("{} {} {}", cap.period, cap.limit, cap.counts),
    });
    pairs([
        ("network", network),
        ("position", route.position.to_string()),
        ("weight", route.weight.to_string()),
        ("countries", route.countries.join(", ")),
        ("webmasters", route.webmasters.iter().map(webmaster).collect::<Vec<_>>().join(", ")),
        ("caps", caps.collect::<Vec<_>>().join("\n")),
        ("schedule", route.schedule.as_ref().map(hours::write).unwrap_or_default()),
        ("timezone", route.timezone.clone()),
        ("on_refused", route.on_refused.to_string()),
        ("max_age_hours", route.max_age_hours.to_string()),
        ("trigger_status", route.trigger_status.map(|status| status.to_string()).unwrap_or_default()),
        ("enabled", if route.enabled { "true".to_owned() } else { String::new() }),
    ])
}

fn pairs<const N: usize>(pairs: [(&str, String); N]) -> FormPairs {
    FormPairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The body of the API, for a route of this offer.
pub(super) fn body(form: &FormPairs, offer: &str) -> Result<Value, Vec<FieldError>> {
    let mut draft = Draft::of(form);
    draft.set("offer", offer.into());
    draft.texts(&["network", "timezone", "on_refused", "trigger_status"]);
    draft.numbers(&["position", "weight", "max_age_hours"]);
    draft.lists(&["countries", "webmasters"]);
    draft.flags(&["enabled"]);
    match caps(form.raw("caps")) {
        Ok(caps) => draft.set("caps", caps),
        Err(line) => draft.complain("caps", say("routing-caps-wrong").count("line", line)),
    }
    match hours::read(form.raw("schedule")) {
        Ok(schedule) => draft.set("schedule", serde_json::to_value(schedule).unwrap_or_default()),
        Err(line) => draft.complain("schedule", say("routing-hours-wrong").count("line", line)),
    }
    draft.end()
}

/// A cap a line: `day 100`, `total 500 approved`.
fn caps(lines: &str) -> Result<Value, usize> {
    let mut caps = Vec::new();
    for (index, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (period, limit, counts) = match words.as_slice() {
            [period, limit] => (period, limit, CapCounts::Accepted.as_str()),
            [period, limit, counts] => (period, limit, *counts),
            _ => return Err(index + 1),
        };
        let is_known = period.parse::<CapPeriod>().is_ok() && counts.parse::<CapCounts>().is_ok();
        let limit: i32 = limit.parse().ok().filter(|_| is_known).ok_or(index + 1)?;
        caps.push(json!({ "period": period, "limit": limit, "counts": counts }));
    }
    Ok(Value::Array(caps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_are_lines() {
        let read = caps("day 100\n\n total 500 approved ").unwrap();
        assert_eq!(
            read,
            json!([{"period": "day", "limit": 100, "counts": "accepted"}, {"period": "total", "limit": 500, "counts": "approved"}])
        );
        for (lines, wrong) in
            [("day", 1), ("day ten", 1), ("day 1\nmoon 2", 2), ("day 1 sold", 1), ("day 1 approved x", 1)]
        {
            assert_eq!(caps(lines), Err(wrong), "{lines}");
        }
    }

    #[test]
    fn what_is_wrong_stands_at_its_field() {
        let pairs = FormPairs::parse(b"network=n1&position=first&caps=day&schedule=always");
        let errors = body(&pairs, "tea").unwrap_err();
        let form = form(&pairs, &Rules::default(), &errors);
        let wrong: Vec<&str> = form.wrong().map(|field| field.name.as_str()).collect();
        assert_eq!(wrong, ["position", "caps", "schedule"]);
    }
}

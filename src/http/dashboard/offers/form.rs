//! The form of an offer, and the body of the API it becomes.

use serde_json::{Value, json};

use crate::base::field_error::FieldError;
use crate::domain::rules::DuplicateRule;
use crate::http::api::amount::Amount;
use crate::http::api::offers::{GoalInput, OfferInput};
use crate::http::dashboard::fields::{Draft, Field, Form};
use crate::http::dashboard::form::FormPairs;
use crate::http::dashboard::lines;
use crate::http::dashboard::list::Choice;
use crate::http::dashboard::texts::say;

/// Fields a duplicate is told by, as the form offers them.
const DUPLICATES: &[(&str, &str)] = &[
    ("phone", "offer-duplicates-phone"),
    ("email", "offer-duplicates-email"),
    ("any", "offer-duplicates-any"),
    ("all", "offer-duplicates-all"),
];

fn choices(pairs: &[(&str, &'static str)]) -> Vec<Choice> {
    pairs.iter().map(|(value, label)| Choice { value: (*value).to_owned(), label: say(*label).into() }).collect()
}

/// The form with these values in it.
pub fn form(values: &FormPairs, errors: &[FieldError]) -> Form {
    let field = |name: &str, kind, label: &'static str| Field::new(values, name, kind, say(label));
    let fields = vec![
        field("name", "text", "field-name").help(say("set-up-name-help")),
        field("slug", "text", "column-slug").help(say("set-up-slug-help")).required(),
        field("payout", "number", "column-payout").help(say("offer-payout-help")),
        field("revenue", "number", "column-revenue").help(say("offer-revenue-help")),
        field("currency", "text", "offer-currency").help(say("offer-currency-help")),
        field("countries", "text", "column-countries").help(say("offer-countries-help")),
        field("enabled", "bool", "offer-enabled"),
    ];
    let more = vec![
        field("required_fields", "text", "offer-required").help(say("offer-required-help")),
        field("duplicates", "choice", "offer-duplicates").of(choices(DUPLICATES)).help(say("offer-duplicates-help")),
        field("duplicates.days", "number", "offer-duplicates-days"),
        field("duplicates.scope", "choice", "offer-duplicates-scope")
            .of(choices(&[("offer", "offer-scope-offer"), ("webmaster", "offer-scope-webmaster")])),
        field("goals", "lines", "column-goals").help(say("offer-goals-help")),
        field("params", "lines", "offer-params").help(say("offer-params-help")),
    ];
    Form::new(fields, more, Some(say("offer-more")), errors)
}

/// What stands in the form of a new offer.
pub fn blank() -> FormPairs {
    let pairs = [("currency", "USD"), ("enabled", "true"), ("required_fields", "phone")];
    FormPairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// What stands in the form of an offer.
pub fn values(offer: &OfferInput) -> FormPairs {
    let amount = |amount: Option<Amount>| amount.map(|Amount(amount)| amount.to_string()).unwrap_or_default();
    let rule = offer.duplicates.as_ref();
    let compared = |rule: &DuplicateRule| match rule.fields.as_slice() {
        [one] => one.to_string(),
        _ => rule.r#match.to_string(),
    };
    let goal = |goal: &GoalInput| {
        let currency = goal.currency.clone().unwrap_or_default();
        let parts = [goal.slug.clone(), amount(goal.payout), amount(goal.revenue), currency, goal.name.clone()];
        parts.join(" | ").trim_end_matches([' ', '|']).to_owned()
    };
    let pairs = [
        ("name", offer.name.clone()),
        ("slug", offer.slug.clone()),
        ("payout", amount(offer.payout)),
        ("revenue", amount(offer.revenue)),
        ("currency", offer.currency.clone()),
        ("countries", offer.countries.join(", ")),
        ("enabled", if offer.enabled { "true".to_owned() } else { String::new() }),
        ("required_fields", offer.required_fields.join(", ")),
        ("duplicates", rule.map(compared).unwrap_or_default()),
        ("duplicates.days", rule.map(|rule| rule.days.to_string()).unwrap_or_default()),
        ("duplicates.scope", rule.map(|rule| rule.scope.to_string()).unwrap_or_default()),
        ("goals", offer.goals.iter().map(goal).collect::<Vec<_>>().join("\n")),
        ("params", lines::write(&Value::Object(offer.params.clone()), '=')),
    ];
    FormPairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The body of the API. `before`: the offer that is changed.
pub fn body(form: &FormPairs, before: Option<&OfferInput>) -> Result<Value, Vec<FieldError>> {
    let mut draft = Draft::of(form);
    draft.texts(&["name", "slug", "payout", "revenue", "currency"]);
    draft.lists(&["countries", "required_fields"]);
    draft.flags(&["enabled"]);
    let params = before.map(|offer| Value::Object(offer.params.clone())).unwrap_or_else(|| json!({}));
    draft.object("params", &params);
    duplicates(&mut draft, form);
    goals(&mut draft, form);
    draft.end()
}

fn duplicates(draft: &mut Draft<'_>, form: &FormPairs) {
    let fields = match form.get("duplicates") {
        "" => return draft.set("duplicates", Value::Null),
        "any" | "all" => json!(["phone", "email"]),
        one => json!([one]),
    };
    let Ok(days) = form.given("duplicates.days").unwrap_or("30").parse::<i64>() else {
        return draft.complain("duplicates.days", say("form-number"));
    };
    let how = if form.get("duplicates") == "all" { "all" } else { "any" };
    let scope = form.given("duplicates.scope").unwrap_or("offer");
    draft.set("duplicates", json!({ "fields": fields, "match": how, "days": days, "scope": scope }));
}

/// A goal a line: `slug | payout | revenue | currency | name`.
fn goals(draft: &mut Draft<'_>, form: &FormPairs) {
    let lines = form.raw("goals").lines().map(str::trim).filter(|line| !line.is_empty());
    let goals = lines.map(|line| {
        let mut parts = line.splitn(5, '|').map(|part| Some(part.trim()).filter(|part| !part.is_empty()));
        let mut next = || parts.next().flatten();
        json!({ "slug": next().unwrap_or(""), "payout": next(), "revenue": next(), "currency": next(), "name": next().unwrap_or("") })
    });
    let goals = goals.collect();
    draft.set("goals", Value::Array(goals));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::api::input;

    #[test]
    fn an_offer_goes_through_its_form_unchanged() {
        let body = json!({
            "slug": "tea", "name": "Slim Tea", "countries": ["DE", "AT"], "payout": "12.50", "revenue": null, "currency": "EUR",
            "params": { "duomai": "77", "n": 5 }, "required_fields": ["phone", "name"], "enabled": true,
            "goals": [{ "slug": "deposit", "name": "First deposit", "payout": "40.00" }],
            "duplicates": { "fields": ["phone", "email"], "match": "all", "days": 7, "scope": "webmaster" }
        });
        let offer: OfferInput = input::created(body).unwrap();
        let sent = super::body(&values(&offer), Some(&offer)).unwrap();
        let stored = serde_json::to_value(&offer).unwrap();
        let again: OfferInput = crate::http::api::resource::patched(&offer, sent).unwrap();
        assert_eq!(serde_json::to_value(again).unwrap(), stored);
    }

    #[test]
    fn what_is_wrong_stands_at_its_field() {
        let pairs = FormPairs::parse(b"slug=tea&duplicates=phone&duplicates.days=soon&params=x");
        let errors = body(&pairs, None).unwrap_err();
        let form = form(&pairs, &errors);
        let wrong: Vec<&str> = form.wrong().map(|field| field.name.as_str()).collect();
        assert_eq!(wrong, ["duplicates.days", "params"]);
        assert!(form.is_more_open());
    }
}

//! The smallest template file around rules, and its judgement of an answer.

use leadrelay::adapters::recipe::{Recipe, TemplateError};
use leadrelay::adapters::{Adapter, Next, Step, case};
use leadrelay::base::exchange::Answer;
use leadrelay::domain::outcome::Outcome;
use serde_json::Map;

/// A file with these `[[outcome]]` tables.
pub fn with_outcomes(outcomes: &str) -> Result<Recipe, Vec<TemplateError>> {
    let text = format!(
        "[about]\nid = \"x\"\ntitle = \"X\"\ngroup = \"network\"\nconfidence = \"guessed\"\n\
         [send]\nmethod = \"POST\"\nurl = \"https://partner.example/leads\"\n{outcomes}"
    );
    Recipe::parse("x.toml", &text)
}

/// What the rules make of an answer.
pub fn judge(recipe: &Recipe, answer: &Answer) -> Outcome {
    let (lead, settings, params) = (case::sample_lead(), Map::new(), Map::new());
    match recipe.next(&case::send_cx(&lead, &settings, &params), &Step::default(), answer) {
        Next::Finish(outcome) => outcome,
        Next::Call(..) => panic!("a template file makes one call"),
    }
}

/// A text in quotes, as TOML reads it.
pub fn quoted(text: &str) -> String {
    // TOML knows the escapes of JSON, and wants one more character escaped.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A list of texts.
pub fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    format!("[{}]", texts.into_iter().map(quoted).collect::<Vec<_>>().join(", "))
}

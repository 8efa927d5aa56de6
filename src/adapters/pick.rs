//! Reading values out of what partners send: candidate paths, clean text, careful numbers. Everything that comes
//! out fits the database: no control characters, bounded length, amounts that can be booked.

use rust_decimal::Decimal;
use serde_json::Value;
use url::Url;

use crate::base::money;

/// Longest id, status word and the like; a longer one is not that.
const MAX_WORD: usize = 200;
/// Longest message, reason or comment; longer ones are cut.
const MAX_TEXT: usize = 1000;
/// Amounts at or above this are not amounts (and would not fit the column).
const MAX_AMOUNT: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

/// A path into JSON: `data.id`, `items.0.id`, or a pointer such as `/data/id`. Empty: the whole.
#[derive(Clone, Debug)]
pub(in crate::adapters) struct Path(Vec<String>);

impl Path {
    /// Reads a path. The error is the reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > 256 {
            return Err("the path is longer than 256 bytes".into());
        }
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let parts: Vec<String> = match text.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect(),
            None => text.split('.').map(str::to_owned).collect(),
        };
        if parts.iter().any(String::is_empty) {
            return Err(format!("{text:?}: a part of the path is empty"));
        }
        Ok(Self(parts))
    }

    /// Follows the path.
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, part| match value {
            Value::Object(fields) => fields.get(part),
            Value::Array(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        })
    }
}

/// Candidate paths, the first with a value wins.
#[derive(Clone, Debug, Default)]
pub(in crate::adapters) struct Paths(Vec<Path>);

impl Paths {
    /// Reads all of them.
    pub fn parse(all: &[String]) -> Result<Self, String> {
        all.iter().map(|path| Path::parse(path)).collect::<Result<_, _>>().map(Self)
    }

    /// All values there are.
    pub fn each<'a>(&'a self, value: &'a Value) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter_map(|path| path.find(value))
    }

    /// A short text: an id, a word.
    pub fn word(&self, value: &Value) -> Option<String> {
        self.each(value).find_map(scalar).and_then(|text| word(&text))
    }

    /// A text for people; objects and lists as JSON.
    pub fn text(&self, value: &Value) -> Option<String> {
        self.each(value).filter(|value| is_there(value)).find_map(|value| {
            text(&match value {
                Value::Object(_) | Value::Array(_) => value.to_string(),
                other => scalar(other)?,
            })
        })
    }

    /// An absolute web address.
    pub fn url(&self, value: &Value) -> Option<String> {
        self.each(value).filter_map(Value::as_str).find_map(|text| {
            let url = Url::parse(text.trim()).ok()?;
            (matches!(url.scheme(), "http" | "https") && text.len() <= 4096).then(|| url.to_string())
        })
    }

    /// An amount; absent and unreadable alike are `None`.
    pub fn amount(&self, value: &Value) -> Option<Decimal> {
        self.each(value).find_map(scalar).and_then(|text| amount(&text))
    }
}

/// There, and not null, false or empty.
pub(in crate::adapters) fn is_there(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

/// A text or a number as text; anything else, and the empty text, is none.
pub(in crate::adapters) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("true".into()),
        _ => None,
    }
}

/// A short text without control characters; `None` when nothing is left or it is too long to be a word.
pub(in crate::adapters) fn word(raw: &str) -> Option<String> {
    let clean = clean(raw);
    (!clean.is_empty() && clean.chars().count() <= MAX_WORD).then_some(clean)
}

/// A text for people, without control characters, cut.
pub(in crate::adapters) fn text(raw: &str) -> Option<String> {
    let clean: String = clean(raw).chars().take(MAX_TEXT).collect();
    (!clean.is_empty()).then_some(clean)
}

fn clean(raw: &str) -> String {
    let spaced: String = raw.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// A reason in words or as a number; 0 stands for none.
pub(in crate::adapters) fn reason(raw: &str) -> Option<String> {
    text(raw).filter(|reason| reason != "0")
}

/// One of the trade's reasons, 1 to 15.
pub(in crate::adapters) fn reason_code(raw: &str) -> Option<i16> {
    raw.trim().parse().ok().filter(|code| (1..=15).contains(code))
}

/// How words are compared: trimmed, case folded.
pub(in crate::adapters) fn fold(raw: &str) -> String {
    raw.trim().to_lowercase()
}

/// An amount as partners write it: `12.5`, `12,50`, `1,234.56`, `1 234.56`. What could be read in two ways
/// (`1,234`) and everything else is no amount: better none than a wrong one.
pub(in crate::adapters) fn amount(raw: &str) -> Option<Decimal> {
    let text: String = raw.trim().chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '_')).collect();
    let (whole, fraction) = match (text.rsplit_once('.'), text.rsplit_once(',')) {
        (Some((whole, fraction)), Some(_)) if !fraction.contains(',') && grouped(whole, ',') => {
            (whole.replace(',', ""), fraction)
        }
        (Some(_), Some((whole, fraction))) if !fraction.contains('.') && grouped(whole, '.') => {
            (whole.replace('.', ""), fraction)
        }
        (Some((whole, fraction)), None) => (whole.to_owned(), fraction),
        (None, Some((whole, fraction))) if fraction.len() != 3 => (whole.to_owned(), fraction),
        (None, None) => (text.clone(), ""),
        _ => return None,
    };
    let unsigned = whole.strip_prefix('-').unwrap_or(&whole);
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(unsigned) || !all_digits(fraction) || (unsigned.is_empty() && fraction.is_empty()) {
        return None;
    }
    let sign = if whole.starts_with('-') { "-" } else { "" };
    let unsigned = if unsigned.is_empty() { "0" } else { unsigned };
    let fraction: String = fraction.chars().take(20).collect();
    let parsed: Decimal = if fraction.is_empty() {
        format!("{sign}{unsigned}").parse().ok()?
    } else {
        format!("{sign}{unsigned}.{fraction}").parse().ok()?
    };
    let rounded = parsed.round_dp(6);
    (rounded.abs() < MAX_AMOUNT).then_some(rounded)
}

/// Whether `whole` is digits in groups of three behind `separator`.
fn grouped(whole: &str, separator: char) -> bool {
    let mut groups = whole.strip_prefix('-').unwrap_or(whole).split(separator);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
}

/// An amount with its currency, as a report carries them, and what to note when they cannot be booked.
pub(in crate::adapters) fn money(
    payout: Option<&str>,
    currency: Option<&str>,
) -> (Option<Decimal>, Option<String>, Option<String>) {
    let code = currency.map(|code| code.trim().to_uppercase()).filter(|code| !code.is_empty());
    let known = code.clone().filter(|code| money::is_currency(code));
    let Some(raw) = payout.filter(|raw| !raw.trim().is_empty()) else { return (None, known, None) };
    let shown = |raw: &str| raw.trim().chars().filter(|c| !c.is_control()).take(40).collect::<String>();
    match (amount(raw), code, known) {
        (None, _, known) => (None, known, Some(format!("payout {:?} is no amount", shown(raw)))),
        (Some(_), Some(code), None) => {
            let note = format!("payout {} {}: the currency is not known", shown(raw), shown(&code));
            (None, None, Some(note))
        }
        (Some(amount), _, known) => (Some(amount), known, None),
    }
}

/// Puts a note behind a comment.
pub(in crate::adapters) fn with_note(comment: Option<String>, note: Option<String>) -> Option<String> {
    match (comment, note) {
        (Some(comment), Some(note)) => Some(format!("{comment} [{note}]")),
        (comment, note) => comment.or(note.map(|note| format!("[{note}]"))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_are_read_when_there_is_one_way_to_read_them() {
        for (raw, expected) in [
            ("12.5", Some("12.5")),
            (" 12,50 ", Some("12.50")),
            ("1,234.56", Some("1234.56")),
            ("1.234,56", Some("1234.56")),
            ("1 234.56", Some("1234.56")),
            ("-3", Some("-3")),
            (".5", Some("0.5")),
            ("0", Some("0")),
            ("1.234", Some("1.234")),
            ("1,234", None),
            ("abc", None),
            ("12 USD", None),
            ("$5", None),
            ("1e5", None),
            ("", None),
            ("-", None),
            (".", None),
            ("1.2.3", None),
            ("999999999999.99", Some("999999999999.99")),
            ("1000000000000", None),
            ("99999999999999999999999999999999999999", None),
        ] {
            assert_eq!(amount(raw), expected.map(|text| text.parse().unwrap()), "{raw}");
        }
    }

    #[test]
    fn money_that_cannot_be_booked_is_noted_and_left_out() {
        assert_eq!(money(Some("5"), Some("usd")), (Some(Decimal::from(5)), Some("USD".into()), None));
        assert_eq!(money(Some("5"), None).0, Some(Decimal::from(5)));
        let (amount, currency, note) = money(Some("5"), Some("USDT"));
        assert_eq!((amount, currency), (None, None));
        assert!(note.unwrap().contains("USDT"));
        assert!(money(Some("much"), Some("EUR")).2.unwrap().contains("much"));
        assert_eq!(money(Some(" "), None), (None, None, None));
    }

    #[test]
    fn the_first_candidate_with_a_value_wins() {
        let body = json!({ "id": "", "lead_id": null, "data": { "id": 7, "list": [{ "id": "x" }] } });
        let word = |paths: &[&str]| {
            let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
            Paths::parse(&paths).unwrap().word(&body)
        };
        assert_eq!(word(&["id", "lead_id", "data.id"]).as_deref(), Some("7"));
        assert_eq!(word(&["/data/list/0/id"]).as_deref(), Some("x"));
        assert_eq!(word(&["data", "data.list"]), None);
    }

    /// JSON of few names, so that paths meet something.
    fn nested() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!(null)), Just(json!(7)), "[a-z]{0,3}".prop_map(Value::from)];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::hash_map("[ab~/.]{1,2}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_path_finds_what_the_same_pointer_finds(
            value in nested(), parts in proptest::collection::vec("[ab]{1,2}|[ab~/.]{2}|0|1", 1..4),
        ) {
            let escaped: Vec<String> = parts.iter().map(|part| part.replace('~', "~0").replace('/', "~1")).collect();
            let pointer = format!("/{}", escaped.join("/"));
            prop_assert_eq!(Path::parse(&pointer).unwrap().find(&value), value.pointer(&pointer));
            if parts.iter().all(|part| !part.contains(['.', '~', '/'])) {
                prop_assert_eq!(Path::parse(&parts.join(".")).unwrap().find(&value), value.pointer(&pointer));
            }
        }

        #[test]
        fn no_path_is_a_panic(text in "[ab./~0-9]{0,12}|\\PC{0,300}", value in nested()) {
            if let Ok(path) = Path::parse(&text) {
                let _ = path.find(&value);
            }
        }

        #[test]
        fn no_text_becomes_a_panic_or_a_control_character(raw in any::<String>()) {
            let _ = amount(&raw);
            let _ = money(Some(&raw), Some(&raw));
            if let Some(word) = word(&raw) {
                prop_assert!(!word.chars().any(char::is_control));
            }
            if let Some(text) = text(&raw) {
                prop_assert!(text.chars().count() <= 1000 && !text.chars().any(char::is_control));
            }
        }
    }
}

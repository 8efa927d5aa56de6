use proptest::prelude::*;

use super::*;
use crate::domain::status::Status;

fn parse(text: &str, encoding: Encoding) -> Result<Template, TemplateError> {
    Template::parse(text, encoding, Audience::Webmaster)
}

fn url(text: &str, values: &Values) -> String {
    parse(text, Encoding::Url).unwrap().render(values)
}

fn json(text: &str, values: &Values) -> serde_json::Value {
    serde_json::from_str(&parse(text, Encoding::Json).unwrap().render(values)).unwrap()
}

const ODD: &str = "a b&c+ü\"'<>";

/// A value with this text in several places.
fn with(text: &str) -> Values {
    let mut values = Values { comment: Some(text.into()), click_id: Some(text.into()), ..Values::default() };
    values.subs[0] = Some(text.into());
    values.subs[11] = Some(text.into());
    values.utm[2] = Some(text.into());
    values
}

fn full() -> Values {
    Values {
        id: "0197".into(),
        number: Some(17),
        external_id: Some("o-9".into()),
        click_id: Some("c1".into()),
        subs: std::array::from_fn(|no| Some(format!("s{}", no + 1))),
        utm: ["source", "medium", "campaign", "content", "term"].map(|word| Some(word.to_owned())),
        status: Some(Status::Approved),
        old_status: Some(Status::Pending),
        reason: Some("why".into()),
        comment: Some("said".into()),
        payout: Some("10.5".parse().unwrap()),
        revenue: Some("1200.000".parse().unwrap()),
        currency: Some("USD".into()),
        goal: Some("lead".into()),
        offer: Some("slim".into()),
        flow: Some("f1".into()),
        country: Some("DE".into()),
        at: Some("2026-03-01T10:20:30.5Z".parse().unwrap()),
        transaction_id: Some("t1".into()),
        seq: Some(3),
    }
}

#[test]
fn every_macro_says_its_value() {
    for (name, expected) in [
        ("id", "0197"),
        ("number", "17"),
        ("external_id", "o-9"),
        ("click_id", "c1"),
        ("uuid", "c1"),
        ("subid", "s1"),
        ("sub1", "s1"),
        ("sub12", "s12"),
        ("subid1", "s1"),
        ("subid12", "s12"),
        ("utm_source", "source"),
        ("utm_medium", "medium"),
        ("utm_campaign", "campaign"),
        ("utm_content", "content"),
        ("utm_term", "term"),
        ("status", "approved"),
        ("stage", "approve"),
        ("old_status", "pending"),
        ("reason", "why"),
        ("comment", "said"),
        ("payout", "10.50"),
        ("cash", "10.50"),
        ("revenue", "1200.00"),
        ("currency", "USD"),
        ("goal", "lead"),
        ("offer", "slim"),
        ("flow", "f1"),
        ("country", "DE"),
        ("time", "2026-03-01T10:20:30Z"),
        ("unixtime", "1772360430"),
        ("transaction_id", "t1"),
        ("seq", "3"),
    ] {
        let template = Template::parse(&format!("<{{{name}}}>"), Encoding::Raw, Audience::Admin).unwrap();
        assert_eq!(template.render(&full()), format!("<{expected}>"), "{name}");
        assert_eq!(template.render(&Values::default()), "<>", "{name} when absent");
        assert_eq!(template.names(), [name]);
    }
}

#[test]
fn own_words_follow_the_five_stages() {
    let template = parse("{status:new one|h|ok|no|bin}", Encoding::Form).unwrap();
    for (status, word) in [
        (Status::New, "new%20one"),
        (Status::Pending, "new%20one"),
        (Status::Hold, "h"),
        (Status::Approved, "ok"),
        (Status::Paid, "ok"),
        (Status::Rejected, "no"),
        (Status::Trash, "bin"),
    ] {
        assert_eq!(template.render(&Values { status: Some(status), ..Values::default() }), word);
    }
    assert_eq!(template.render(&Values::default()), "");
    let stage = parse("{stage:1|2|3|4|5}-{old_status:1|2|3|4|5}", Encoding::Raw).unwrap();
    assert_eq!(stage.render(&full()), "3-1");
    assert!(matches!(parse("{status:a|b}", Encoding::Form), Err(TemplateError::Words { .. })));
    assert!(matches!(parse("{payout:a|b|c|d|e}", Encoding::Form), Err(TemplateError::UnknownMacro { .. })));
}

#[test]
fn what_is_not_a_macro_is_refused_with_its_place() {
    let unknown = |name: &str, position| TemplateError::UnknownMacro { name: name.into(), position };
    let base = "https://t.example/";
    assert_eq!(parse("https://t.example/ü?a={nope}", Encoding::Url), Err(unknown("nope", 23)));
    assert_eq!(parse("{sub13}", Encoding::Form), Err(unknown("sub13", 1)));
    for bad in ["{sub0}", "{sub01}", "{sub+1}", "{}", "{ id }", "{ID}", "{{id}}", "{utm_x}", "{sub}"] {
        let parsed = parse(&format!("{base}{bad}"), Encoding::Url);
        assert!(matches!(parsed, Err(TemplateError::UnknownMacro { .. })), "{bad}");
    }
    assert_eq!(parse("a={id", Encoding::Form), Err(TemplateError::Unclosed { position: 3 }));
    assert_eq!(parse(r#"{"a": "{nope}"}"#, Encoding::Json), Err(unknown("nope", 8)));
}

#[test]
fn revenue_is_for_administrators() {
    let text = "https://t.example/?r={revenue}";
    assert!(matches!(parse(text, Encoding::Url), Err(TemplateError::AdminOnly { position: 22, .. })));
    assert!(Template::parse(text, Encoding::Url, Audience::Admin).is_ok());
}

#[test]
fn no_macro_may_choose_the_server() {
    for bad in [
        "{sub1}",
        "{sub1}://x.example/",
        "https://{sub1}/",
        "https://a.{sub1}.example/x",
        "https://t.example{sub1}",
        "https://t.example:{sub1}/",
        "https:{sub1}/",
        "https:/\\{sub1}/",
        "https:\t//{sub1}/",
        "https://u:{sub1}@t.example/",
    ] {
        assert!(matches!(parse(bad, Encoding::Url), Err(TemplateError::InAddress { .. })), "{bad}");
    }
    for good in ["https://t.example/{sub1}", "https://t.example?{sub1}", "http://t.example:81/a/{id}?b={sub1}#{sub2}"] {
        assert!(parse(good, Encoding::Url).is_ok(), "{good}");
    }
}

#[test]
fn no_value_finishes_an_escape() {
    for bad in ["https://t.example/%2{sub1}", "https://t.example/?a=%{sub1}", "https://t.example/{id}%a{sub1}#"] {
        assert!(matches!(parse(bad, Encoding::Url), Err(TemplateError::InEscape { .. })), "{bad}");
    }
    assert_eq!(parse("a=%2{sub1}", Encoding::Form), Err(TemplateError::InEscape { position: 5 }));
    assert!(parse("https://t.example/%2f{sub1}%25{id}%g{sub2}", Encoding::Url).is_ok());
    assert!(parse("100 %{sub1}", Encoding::Raw).is_ok());
}

#[test]
fn odd_values_survive_each_encoding() {
    let rendered: url::Url = url("https://t.example/p?a={sub1}&b={comment}&c=1", &with(ODD)).parse().unwrap();
    let pairs: Vec<_> = rendered.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(pairs, [pair("a", ODD), pair("b", ODD), pair("c", "1")]);

    let value = json(r#"{ "a": "<{sub1}>", "b": {sub1}, "c": { "d": ["{comment}"] } }"#, &with(ODD));
    assert_eq!(value["a"], format!("<{ODD}>"));
    assert_eq!(value["b"], ODD);
    assert_eq!(value["c"]["d"][0], ODD);
}

#[test]
fn no_value_walks_up_a_path() {
    let text = "https://t.example/a/{sub1}/./b/{sub12}{comment}/c?d={sub1}&e=../{sub1}";
    for (value, rendered) in [
        ("..", "a/%252e%252e/./b/..../c?d=..&e=../.."),
        (".", "a/%252e/./b/%252e%252e/c?d=.&e=../."),
        ("...", "a/..././b/....../c?d=...&e=../..."),
        ("%2e", "a/%252e/./b/%252e%252e/c?d=%252e&e=../%252e"),
        ("", "a//./b//c?d=&e=../"),
    ] {
        assert_eq!(url(text, &with(value)), format!("https://t.example/{rendered}"), "{value}");
    }
    assert_eq!(url("https://t.example/{sub1}", &with("..")), "https://t.example/%252e%252e");
    assert_eq!(url("https://t.example/x/{sub1}%2e#{sub1}", &with(".")), "https://t.example/x/%252e%252e#.");
}

#[test]
fn json_outside_strings_keeps_types() {
    let text = r#"{"payout":{payout},"number":{number},"sub":{sub1},"status":{status},"empty":{flow},"none":"{goal}"}"#;
    let mut values = full();
    (values.flow, values.goal) = (None, None);
    for phone_like in ["007", "+49", "1e5", "1.", ".5", "12345678901234567890", "NaN"] {
        values.subs[0] = Some(phone_like.into());
        assert_eq!(json(text, &values)["sub"], phone_like);
    }
    let expected = serde_json::json!({
        "payout": 10.5, "number": 17, "sub": -12.5, "status": "approved", "empty": null, "none": ""
    });
    values.subs[0] = Some("-12.5".into());
    assert_eq!(json(text, &values), expected);
}

#[test]
fn a_broken_json_template_is_told_where() {
    let place = |text: &str| match parse(text, Encoding::Json) {
        Err(TemplateError::NotJson { position }) => position,
        other => panic!("{other:?}"),
    };
    assert_eq!(place(r#"{"a": x}"#), 7);
    assert_eq!(place("{\n\"a\": \"{sub1}\",\n\"b\": x}"), 23);
    assert_eq!(place(r#"{"a": "\u00{id}41"}"#), 12);
}

#[test]
fn json_that_could_break_is_refused() {
    for bad in [
        "",
        "{",
        "hello",
        r#"{"a": "{id}"#,
        r#"{"a": 1{number}}"#,
        r#"{"a": {id}{id}}"#,
        r#"{ {id}: 1 }"#,
        r#"{"a": "\{id}n"}"#,
        r#"{"a": "\u00{id}41"}"#,
        r#"{"a": "\ud83d{id}\ude00"}"#,
        r#"{"a": "\{id}"}"#,
    ] {
        assert!(matches!(parse(bad, Encoding::Json), Err(TemplateError::NotJson { .. })), "{bad}");
    }
    for good in
        [r#"{"a": "\\{id}"}"#, r#"{"{id}": 1}"#, r#"{"a": "\u00e4{id}\"{id}"}"#, "[{id}]", "{id}", r#""{ id }""#]
    {
        assert!(parse(good, Encoding::Json).is_ok(), "{good}");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC{0,60}") {
        for encoding in [Encoding::Url, Encoding::Json, Encoding::Form, Encoding::Raw] {
            let _ = parse(&text, encoding);
        }
    }

    #[test]
    fn a_template_of_pieces_parses_or_is_refused_and_what_parses_stays_json(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "{", "}", "\"", ":", ",", "[", "]", "\\", "\\\"", "\\u00", "\\ud83d", "\\ude00", "e4", "{sub1}", "{status}",
            "{utm_campaign}", "{status:a|b|c|\"|e}", "\"a\"", "1", "-", ".", "null", " ", "\n",
        ]), 0..12),
        values in proptest::collection::vec(any::<String>(), 4),
    ) {
        if let Ok(template) = parse(&pieces.concat(), Encoding::Json) {
            for value in values.iter().map(String::as_str).chain(["", "x", "1", "-0.5", "\"", "\\", "n", "\\ude00", "0041"]) {
                let rendered = template.render(&Values { status: Some(Status::Rejected), ..with(value) });
                prop_assert!(serde_json::from_str::<serde_json::Value>(&rendered).is_ok(), "{}", rendered);
            }
        }
    }

    #[test]
    fn json_values_come_out_as_they_went_in(value in any::<String>()) {
        let rendered = json(r#"{"a":"{sub1}","b":"x{comment}y","c":{click_id}}"#, &with(&value));
        prop_assert_eq!(&rendered["a"], &value);
        prop_assert_eq!(&rendered["b"], &format!("x{value}y"));
        let is_same = rendered["c"] == value || rendered["c"].is_number() || (value.is_empty() && rendered["c"].is_null());
        prop_assert!(is_same);
    }

    #[test]
    fn a_url_decodes_to_its_values_and_keeps_its_server(a in any::<String>(), b in any::<String>()) {
        let mut values = with(&a);
        values.reason = Some(b.clone());
        let rendered: url::Url = url("https://t.example:81/x/{sub12}/y?a={sub1}&b={reason}&n=1", &values).parse().unwrap();
        prop_assert_eq!(rendered.host_str(), Some("t.example"));
        prop_assert_eq!(rendered.port(), Some(81));
        let pairs: Vec<(String, String)> = rendered.query_pairs().into_owned().collect();
        prop_assert_eq!(pairs, vec![("a".to_owned(), a.clone()), ("b".to_owned(), b.clone()), ("n".to_owned(), "1".to_owned())]);
        let form = parse("a={sub1}&b={reason}", Encoding::Form).unwrap().render(&values);
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        prop_assert_eq!(pairs, vec![("a".to_owned(), a), ("b".to_owned(), b)]);
    }
}

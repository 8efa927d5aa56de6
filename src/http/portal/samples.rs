//! Calls that post a lead, ready to be pasted: with the address of this server, an offer, the fields it wants, and a
//! token. They are templates; a test runs them.

use askama::Template;

use crate::app::App;
use crate::domain::rules::Offer;
use crate::http::dashboard::texts::{Text, say};

/// Stands for a token until one is made.
const PLACEHOLDER: &str = "TOKEN";

/// Numbers nobody is called under, by country. The first serves where no other does.
const PHONES: &[(&str, &str)] = &[
    ("DE", "+4915112345678"),
    ("ES", "+34612345678"),
    ("FR", "+33612345678"),
    ("GB", "+447400123456"),
    ("IT", "+393123456789"),
    ("PL", "+48512345678"),
    ("TR", "+905321234567"),
    ("US", "+12015550123"),
];

/// A call in one language.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Of its element.
    pub id: &'static str,
    pub title: &'static str,
    pub code: String,
}

/// What all samples say.
struct Call<'a> {
    url: &'a str,
    token: &'a str,
    fields: &'a [(String, String)],
    note: String,
}

macro_rules! language {
    ($name:ident, $path:literal) => {
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        struct $name<'a> {
            url: &'a str,
            token: &'a str,
            fields: &'a [(String, String)],
            note: &'a str,
        }

        impl $name<'_> {
            fn code(call: &Call<'_>) -> String {
                let template = $name { url: call.url, token: call.token, fields: call.fields, note: &call.note };
                template.render().unwrap_or_default()
            }
        }
    };
}
language!(Curl, "portal/samples/curl.txt");
language!(Php, "portal/samples/php.txt");
language!(Python, "portal/samples/python.txt");
language!(JavaScript, "portal/samples/javascript.txt");

/// The fields of a sample lead of this offer; without one its place is held.
pub fn fields(offer: Option<&Offer>) -> Vec<(String, String)> {
    let country = offer.and_then(|offer| offer.countries.first()).map_or("", String::as_str);
    let mut names = vec!["name", "phone"];
    names.extend((!country.is_empty()).then_some("country"));
    names.extend(offer.into_iter().flat_map(|offer| &offer.required_fields).map(String::as_str));
    names.extend(["click_id", "sub1"]);
    let mut fields = vec![("offer".to_owned(), offer.map_or("OFFER", |offer| offer.slug.as_str()).to_owned())];
    for name in names {
        // A field of the webmaster's own is taken beside the others, too.
        let name = match name {
            "meta" => "note",
            name => name.strip_prefix("meta.").unwrap_or(name),
        };
        // What would have to be written in another way in each language is left to the reader.
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        if is_plain && name != "test" && !fields.iter().any(|(known, _)| known == name) {
            fields.push((name.to_owned(), value(name, country, offer)));
        }
    }
    fields
}

/// A value that a field of this name takes.
fn value(name: &str, country: &str, offer: Option<&Offer>) -> String {
    let phone = PHONES.iter().find(|(of, _)| *of == country).or(PHONES.first()).map_or("", |(_, phone)| phone);
    let goal = offer.and_then(|offer| offer.goals.first()).map_or("sale", |goal| goal.slug.as_str());
    let text = match name {
        "name" => "Ann Example",
        "first_name" => "Ann",
        "last_name" => "Example",
        "phone" => phone,
        "email" => "ann@example.com",
        "country" if country.is_empty() => "DE",
        "country" => country,
        "ip" => "203.0.113.7",
        "user_agent" => "Mozilla/5.0",
        "referer" | "landing_url" => "https://landing.example/",
        "language" => "en",
        "zip" => "10115",
        "price" => "10.00",
        "currency" => offer.map_or("USD", |offer| offer.currency.as_str()),
        "quantity" => "1",
        "goal" => goal,
        "click_id" => "click-1",
        "external_id" => "order-1",
        _ => "sample",
    };
    text.to_owned()
}

/// The samples, with this token in them.
pub fn all(app: &App, offer: Option<&Offer>, token: Option<&str>) -> Vec<Sample> {
    let note: Text = say("portal-sample-note");
    let call = Call {
        url: &format!("{}/api/v1/leads", app.public_url.as_str().trim_end_matches('/')),
        token: token.unwrap_or(PLACEHOLDER),
        fields: &fields(offer),
        note: note.to_string(),
    };
    vec![
        Sample { id: "sample-curl", title: "curl", code: Curl::code(&call) },
        Sample { id: "sample-php", title: "PHP", code: Php::code(&call) },
        Sample { id: "sample-python", title: "Python", code: Python::code(&call) },
        Sample { id: "sample-javascript", title: "JavaScript", code: JavaScript::code(&call) },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::phone;

    #[test]
    fn the_numbers_are_numbers_of_their_countries() {
        for (country, number) in PHONES {
            let read = phone::parse_as(number, None, phone::Reading::International).unwrap();
            assert_eq!(read.country.as_deref(), Some(*country), "{number}");
        }
    }

    #[test]
    fn what_an_offer_wants_is_given_once_and_plainly() {
        let required = ["phone", "meta.age", "it's", "email"];
        let offer = Offer {
            offer_id: uuid::Uuid::nil(),
            number: 1,
            slug: "tea".into(),
            name: "Tea".into(),
            countries: vec!["ES".into()],
            params: serde_json::Map::new(),
            payout: None,
            revenue: None,
            currency: "USD".into(),
            goals: Vec::new(),
            duplicates: None,
            required_fields: required.map(str::to_owned).to_vec(),
            enabled: true,
        };
        let fields = fields(Some(&offer));
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["offer", "name", "phone", "country", "age", "email", "click_id", "sub1"]);
        assert_eq!((fields[0].1.as_str(), fields[2].1.as_str(), fields[3].1.as_str()), ("tea", "+34612345678", "ES"));
    }
}

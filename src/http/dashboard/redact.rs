//! Takes a person's contact data out of recorded requests and answers, so that an exchange can be read without
//! revealing whom it was about. Best effort by values we know: people who may not reveal contacts see no bodies at all.

use crate::db::lead::Contact;

/// What stands in place of a value.
const COVER: &str = "•••";
/// Shorter values would cover half the text.
const LEAST: usize = 3;
/// Last digits of a phone number that partners keep whatever form they want it in.
const TAIL: usize = 7;

/// The values to cover, longest first, in the forms they travel in.
pub struct Cover {
    values: Vec<String>,
}

impl Cover {
    /// The values of a contact.
    pub fn of(contact: &Contact) -> Self {
        let fields = [
            &contact.name,
            &contact.first_name,
            &contact.last_name,
            &contact.phone,
            &contact.email,
            &contact.ip,
            &contact.address,
            &contact.zip,
            &contact.comment,
            &contact.user_agent,
        ];
        let mut values = Vec::new();
        for value in fields.into_iter().flatten().filter(|value| value.chars().count() >= LEAST) {
            values.push(value.clone());
            let plus: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            values.push(plus.replace('+', "%20"));
            values.push(plus);
            // As JSON writes it: `\u00e9`, `\/`.
            values.push(escaped(value));
            values.push(value.replace('/', "\\/"));
        }
        if let Some(phone) = &contact.phone {
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            values.push(digits.chars().skip(digits.chars().count().saturating_sub(TAIL)).collect());
            values.push(digits);
        }
        values.retain(|value| value.chars().count() >= LEAST);
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self { values }
    }

    /// The text without them.
    pub fn hide(&self, text: &str) -> String {
        self.values.iter().fold(text.to_owned(), |text, value| {
            if text.contains(value.as_str()) { text.replace(value.as_str(), COVER) } else { text }
        })
    }
}

fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut units = [0_u16; 2];
    for c in value.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_are_covered_in_every_form_they_travel_in() {
        let cover = Cover::of(&Contact {
            name: Some("Zoë Miller".into()),
            first_name: Some("Zoë".into()),
            last_name: Some("Li".into()),
            phone: Some("+4915112345678".into()),
            email: Some("zoe@example.com".into()),
            ip: Some("203.0.113.9".into()),
            ..Contact::default()
        });
        for text in [
            "name=Zo%C3%AB+Miller&x=1",
            "name=Zo%C3%AB%20Miller",
            r#"{"name":"Zo\u00eb Miller"}"#,
            r#"{"phone":"+4915112345678"}"#,
            "phone=%2B4915112345678",
            "tel 0151 / 015112345678",
            "email=zoe%40example.com",
            "ip: 203.0.113.9",
        ] {
            let hidden = cover.hide(text);
            assert!(hidden.contains(COVER), "{hidden}");
            for secret in ["Miller", "2345678", "zoe", "113.9"] {
                assert!(!hidden.contains(secret), "{hidden}");
            }
        }
        assert_eq!(cover.hide("status=ok&Lima"), "status=ok&Lima", "short values cover nothing");
    }
}

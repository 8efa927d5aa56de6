//! The macros of postbacks as the portal explains them.

use crate::http::dashboard::texts::{Text, say};

/// Names, and the key of what they stand for.
const MACROS: &[(&str, &str)] = &[
    ("{id}", "macro-id"),
    ("{number}", "macro-number"),
    ("{external_id}", "macro-external-id"),
    ("{click_id}", "macro-click-id"),
    ("{sub1} … {sub12}", "macro-sub"),
    ("{utm_source} … {utm_term}", "macro-utm"),
    ("{status}", "macro-status"),
    ("{stage}", "macro-stage"),
    ("{status:a|b|c|d|e}", "macro-own-words"),
    ("{old_status}", "macro-old-status"),
    ("{reason}", "macro-reason"),
    ("{comment}", "macro-comment"),
    ("{payout}", "macro-payout"),
    ("{currency}", "macro-currency"),
    ("{goal}", "macro-goal"),
    ("{offer}", "macro-offer"),
    ("{flow}", "macro-flow"),
    ("{country}", "macro-country"),
    ("{time}", "macro-time"),
    ("{unixtime}", "macro-unixtime"),
    ("{transaction_id}", "macro-transaction-id"),
    ("{seq}", "macro-seq"),
];

/// A macro and what it stands for.
pub struct Explained {
    pub name: &'static str,
    pub text: Text,
}

/// All of them.
pub fn explained() -> Vec<Explained> {
    MACROS.iter().map(|(name, key)| Explained { name, text: say(*key) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::macros::{Audience, Encoding, Template};

    #[test]
    fn every_macro_that_is_explained_may_be_used_by_a_webmaster() {
        for one in explained() {
            assert!(!one.text.to_string().is_empty());
            for name in one.name.split(" … ") {
                let template = format!("https://t.example/?x={name}");
                assert!(Template::parse(&template, Encoding::Url, Audience::Webmaster).is_ok(), "{name}");
            }
        }
    }
}

//! The first six steps of a new installation, ticked by what exists. Each leads to the page that does it; the call that
//! does the same stands beside it.

use super::texts::{Text, say};
use crate::db::screen_overview::Steps;
use crate::domain::rules::Rules;
use crate::http::principal::UserRole;
use crate::http::rights::{ADMINS, LEADS, MANAGERS};

/// One step.
#[derive(Debug)]
pub struct Step {
    pub is_done: bool,
    /// The first that is not done.
    pub is_next: bool,
    pub title: Text,
    pub text: Text,
    /// The page that does it.
    pub link: Option<Link>,
    /// The call that does the same.
    pub curl: Option<String>,
    /// Where the token of the call comes from.
    pub token: Text,
}

/// A page, and its label.
#[derive(Debug)]
pub struct Link {
    pub href: String,
    pub label: Text,
    roles: &'static [UserRole],
}

/// Short names of what was made first; the steps go on with them.
#[derive(Debug, Default)]
pub struct First {
    network: Option<String>,
    offer: Option<String>,
    webmaster: Option<String>,
}

impl First {
    /// The oldest of each.
    pub fn of(rules: &Rules) -> Self {
        let network = rules.networks.values().min_by_key(|network| network.number);
        let offer = rules.offers.values().min_by_key(|offer| offer.number);
        let webmaster = rules.webmasters.values().min_by_key(|webmaster| webmaster.number);
        Self {
            network: network.map(|network| network.slug.clone()),
            offer: offer.map(|offer| offer.slug.clone()),
            webmaster: webmaster.map(|webmaster| webmaster.slug.clone()),
        }
    }
}

/// The steps in their order, as this role may go them.
pub fn list(there: Steps, first: &First, public_url: &str, role: UserRole) -> Vec<Step> {
    let link = |href: String, label: &'static str, roles| Some(Link { href, label: say(label), roles });
    let calls = Calls { base: public_url.trim_end_matches('/'), first };
    let his_page = first.webmaster.as_ref().map(|slug| format!("/webmasters/{slug}#tokens"));
    let mut steps = vec![
        step(true, "link", None, None),
        step(
            there.network,
            "network",
            link("/networks/new".into(), "step-network-link", ADMINS),
            Some(calls.network()),
        ),
        step(there.offer, "offer", link("/offers/new".into(), "offers-new", MANAGERS), Some(calls.offer())),
        step(
            there.route,
            "route",
            first.offer.as_ref().and_then(|slug| link(format!("/offers/{slug}/routing"), "step-route-link", MANAGERS)),
            Some(calls.route()),
        ),
        step(
            there.webmaster,
            "webmaster",
            match his_page.clone() {
                Some(page) => link(page, "token-new", MANAGERS),
                None => link("/webmasters/new".into(), "webmasters-new", MANAGERS),
            },
            Some(calls.webmaster()),
        ),
        step(
            there.lead && there.accepted,
            "lead",
            match his_page.filter(|_| there.webmaster && !there.lead) {
                Some(page) => link(page, "step-lead-link", MANAGERS),
                None => link("/leads".into(), "attention-go-leads", LEADS).filter(|_| there.lead),
            },
            Some(calls.lead()),
        ),
    ];
    for step in &mut steps {
        step.link.take_if(|link| !link.roles.contains(&role));
    }
    if let Some(last) = steps.last_mut() {
        last.token = say("step-token-webmaster");
    }
    if let Some(next) = steps.iter_mut().find(|step| !step.is_done) {
        next.is_next = true;
    }
    steps
}

fn step(is_done: bool, name: &'static str, link: Option<Link>, curl: Option<String>) -> Step {
    let (title, text) = (say(format!("step-{name}")), say(format!("step-{name}-text")));
    Step { is_done, is_next: false, title, text, link, curl, token: say("step-token-admin") }
}

/// The calls that do the steps.
struct Calls<'a> {
    base: &'a str,
    first: &'a First,
}

impl Calls<'_> {
    fn post(&self, path: &str, token: &str, body: &str) -> String {
        let Self { base, .. } = self;
        format!(
            "curl -X POST {base}/api/v1/{path} \\\n  -H \"Authorization: Bearer ${token}\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"
        )
    }

    fn admin(&self, path: &str, body: &str) -> String {
        self.post(path, "ADMIN_TOKEN", body)
    }

    fn offer_slug(&self) -> &str {
        self.first.offer.as_deref().unwrap_or("first-offer")
    }

    fn network(&self) -> String {
        self.admin("networks", r#"{"slug": "sandbox", "integration": "sandbox"}"#)
    }

    fn offer(&self) -> String {
        self.admin("offers", r#"{"slug": "first-offer", "payout": "10", "revenue": "15", "currency": "USD"}"#)
    }

    fn route(&self) -> String {
        let network = self.first.network.as_deref().unwrap_or("sandbox");
        self.admin("routes", &format!(r#"{{"offer": "{}", "network": "{network}"}}"#, self.offer_slug()))
    }

    fn webmaster(&self) -> String {
        let slug = self.first.webmaster.as_deref().unwrap_or("first-webmaster");
        let token = self.admin(&format!("webmasters/{slug}/tokens"), "{}");
        match self.first.webmaster {
            Some(_) => token,
            None => format!("{}\n\n{token}", self.admin("webmasters", &format!(r#"{{"slug": "{slug}"}}"#))),
        }
    }

    fn lead(&self) -> String {
        let offer = self.offer_slug();
        let body = format!(r#"{{"offer": "{offer}", "name": "Ann Example", "phone": "+4915112345678"}}"#);
        self.post("leads?wait=10", "WEBMASTER_TOKEN", &body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes::TABLE;

    const BASE: &str = "https://x.example/";

    fn first() -> First {
        let slug = |slug: &str| Some(slug.to_owned());
        First { network: slug("n1"), offer: slug("tea"), webmaster: slug("anna") }
    }

    fn hrefs(there: Steps, first: &First, role: UserRole) -> Vec<Option<String>> {
        list(there, first, BASE, role).into_iter().map(|step| step.link.map(|link| link.href)).collect()
    }

    #[test]
    fn steps_are_ticked_by_what_exists_and_the_next_one_is_marked() {
        let read = |there| {
            let steps = list(there, &first(), BASE, UserRole::Admin);
            let done = steps.iter().filter(|step| step.is_done).count();
            (done, steps.iter().position(|step| step.is_next))
        };
        assert_eq!(read(Steps::default()), (1, Some(1)));
        assert_eq!(read(Steps { network: true, route: true, ..Steps::default() }), (3, Some(2)));
        let all = Steps { network: true, offer: true, webmaster: true, route: true, lead: true, accepted: true };
        assert_eq!(read(all), (6, None));
        assert_eq!(read(Steps { accepted: false, ..all }), (5, Some(5)), "a lead that nobody has taken is not the end");
    }

    #[test]
    fn each_step_leads_to_its_page_as_soon_as_it_can_be_gone() {
        let none = hrefs(Steps::default(), &First::default(), UserRole::Admin);
        let pages = |hrefs: Vec<Option<String>>| hrefs.into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(pages(none), ["/networks/new", "/offers/new", "/webmasters/new"]);
        let there = Steps { network: true, offer: true, webmaster: true, ..Steps::default() };
        let some = hrefs(there, &first(), UserRole::Manager);
        assert_eq!((some[1].as_deref(), some[3].as_deref()), (None, Some("/offers/tea/routing")));
        assert_eq!(some[5].as_deref(), Some("/webmasters/anna#tokens"));
        assert_eq!(pages(hrefs(Steps { lead: true, ..there }, &first(), UserRole::Support)), ["/leads"]);
    }

    #[test]
    fn every_call_is_one_of_the_api_with_a_body_that_reads() {
        for first in [First::default(), first()] {
            for step in list(Steps::default(), &first, BASE, UserRole::Admin) {
                for call in step.curl.iter().flat_map(|curl| curl.split("\n\n")) {
                    let path = call.split_whitespace().nth(3).unwrap().trim_start_matches("https://x.example");
                    let path = path.split('?').next().unwrap();
                    let path = path.replace("first-webmaster", "{id}").replace("anna", "{id}");
                    assert!(TABLE.iter().any(|(method, known, _)| *method == "POST" && *known == path), "{path}");
                    let body = call.split("-d '").nth(1).unwrap().trim_end_matches('\'');
                    assert!(serde_json::from_str::<serde_json::Value>(body).unwrap().is_object());
                }
            }
        }
    }
}

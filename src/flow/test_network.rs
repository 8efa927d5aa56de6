//! A test lead for a network: really sent, shown, and nowhere stored.

use std::time::Duration;

use serde_json::Map;
use uuid::Uuid;

use super::exchange::{self, Limits};
use super::replay::Refused;
use super::settings;
use crate::adapters::{LeadView, SendCx, case};
use crate::app::App;
use crate::domain::outcome::Outcome;
use crate::net::record;

/// What a tester fills in; a sample stands for the rest.
#[derive(Clone, Debug, Default)]
pub struct TestLead {
    /// Any usual form.
    pub phone: Option<String>,
    /// Whole name.
    pub name: Option<String>,
    /// ISO alpha-2.
    pub country: Option<String>,
    /// Address.
    pub email: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Tested {
    /// As sent, secrets masked; of all calls, one after the other. Empty when none was made.
    pub request: String,
    /// As answered.
    pub response: String,
    /// The judgement.
    pub outcome: Outcome,
    /// All calls together.
    pub took_ms: i64,
}

/// Sends a test lead with the network's present settings.
pub async fn run(app: &App, network_id: Uuid, test: TestLead) -> Result<Tested, Refused> {
    let rules = app.rules.load();
    let network = rules.networks.get(&network_id).ok_or(Refused::NotFound("network"))?;
    let adapter = app
        .adapters
        .get(&network.integration)
        .ok_or_else(|| Refused::State(format!("there is no integration {:?}", network.integration)))?;
    let unreadable = |_| Refused::State("the network's secrets do not open with this instance's key".into());
    let settings = settings::settings_of(&app.seal, network, adapter.about()).map_err(unreadable)?;
    let postback_url = settings::postback_url(app, network).map_err(unreadable)?;
    let sample = case::sample_lead();
    let name_is_given = test.name.is_some();
    let lead = LeadView {
        id: app.ids.next().to_string(),
        test: true,
        created_at: app.clock.now(),
        phone: test.phone.or(sample.phone.clone()),
        name: test.name.or(sample.name.clone()),
        first_name: if name_is_given { None } else { sample.first_name.clone() },
        last_name: if name_is_given { None } else { sample.last_name.clone() },
        email: test.email.or(sample.email.clone()),
        country: test.country.or(sample.country.clone()),
        ..sample
    };
    let params: Map<_, _> = network.params.clone();
    let cx = SendCx {
        lead: &lead,
        settings: &settings,
        params: &params,
        postback_url: &postback_url,
        delivery_id: app.ids.next(),
        now: app.clock.now(),
    };
    let limits = Limits {
        // The one who tests waits in front of the screen.
        deadline: Duration::from_secs(u64::try_from(network.timeout_seconds).unwrap_or(30))
            .min(Duration::from_secs(30)),
        connect_timeout: app.config.http.connect_timeout(),
        resend: adapter.resend(&settings),
    };
    let (outcome, exchanges) = exchange::send(&app.net, adapter.as_ref(), &cx, limits).await;
    let shown: Vec<_> = exchanges.iter().map(record::record).collect();
    let join = |texts: Vec<&str>| texts.join("\n\n");
    Ok(Tested {
        request: join(shown.iter().map(|one| one.request.as_str()).collect()),
        response: join(shown.iter().map(|one| one.response.as_str()).collect()),
        outcome,
        took_ms: exchanges.iter().map(|one| i64::try_from(one.took.as_millis()).unwrap_or(i64::MAX)).sum(),
    })
}

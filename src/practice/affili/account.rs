//! Who may call and for whom: the merchant's account, its publishers and the commissions defined in its panel.

use serde::{Deserialize, Serialize};

use super::conversion::Kind;

/// The merchant's account as the panel shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Bearer secret of the merchants' API (`/api/merchants/...`).
    pub access_id: String,
    /// Bearer token of the services API (`/services/...`), which support hands out.
    pub services_token: String,
    /// Publishers who may bring visitors.
    pub publishers: Vec<Publisher>,
    /// Commissions defined in the panel.
    pub commissions: Vec<Commission>,
    /// Affili's fee, in hundredths of a percent of the publisher's commission.
    pub fee_basis_points: i64,
}

/// Who brings visitors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    /// Id in answers of the merchants' API.
    pub id: String,
    /// Id in the services API, where the filter `publisher_id` is an integer.
    pub number: i64,
    /// Shown as `name`, and as `full_name` in the services API.
    pub name: String,
    /// `aff_id` of this publisher's links.
    pub aff_id: String,
    /// `referrer` values that belong to this publisher: one per link or visit.
    pub referrers: Vec<String>,
}

/// A commission defined in the panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commission {
    /// Id in answers.
    pub id: String,
    /// What the merchant quotes: `name` of a lead, `commissions[].name` of a sale.
    pub key: String,
    /// What the publisher earns.
    pub pay: Pay,
}

/// What the publisher earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pay {
    /// CPL: so many Rial for a lead.
    PerLead(i64),
    /// CPS: so many hundredths of a percent of the sale.
    Share(i64),
}

impl Default for Account {
    /// The documented account: fixed, so that a test or an operator can begin at once.
    fn default() -> Self {
        let publisher = |id: &str, number, name: &str, aff_id: &str, referrer: &str| Publisher {
            id: id.to_owned(),
            number,
            name: name.to_owned(),
            aff_id: aff_id.to_owned(),
            referrers: vec![referrer.to_owned()],
        };
        let commission = |id: &str, key: &str, pay| Commission { id: id.to_owned(), key: key.to_owned(), pay };
        Self {
            access_id: "fake-affili-access-id".to_owned(),
            services_token: "fake-affili-services-token".to_owned(),
            publishers: vec![
                publisher("p71aa", 71, "Sara", "affili00000001x", "5f00000000000000000000a1"),
                publisher("p72bb", 72, "Reza", "affili00000002x", "5f00000000000000000000b2"),
            ],
            commissions: vec![
                commission("c9", "signup", Pay::PerLead(500_000)),
                commission("c10", "order", Pay::PerLead(1_500_000)),
                commission("c11", "default", Pay::Share(500)),
                commission("c12", "electronics", Pay::Share(200)),
            ],
            fee_basis_points: 1000,
        }
    }
}

impl Account {
    /// Whose visit a referrer stands for.
    pub(super) fn publisher_of(&self, referrer: &str) -> Option<&Publisher> {
        self.publishers.iter().find(|publisher| publisher.referrers.iter().any(|own| own == referrer))
    }

    /// The commission a conversion of this kind may quote under a key. A click earns none.
    pub(super) fn commission(&self, kind: Kind, key: &str) -> Option<&Commission> {
        self.commissions_for(kind).find(|commission| commission.key == key)
    }

    /// The commission that applies where the caller names none, as in the services API.
    pub(super) fn first_commission(&self, kind: Kind) -> Option<&Commission> {
        self.commissions_for(kind).next()
    }

    fn commissions_for(&self, kind: Kind) -> impl Iterator<Item = &Commission> {
        self.commissions.iter().filter(move |commission| match commission.pay {
            Pay::PerLead(_) => kind == Kind::Lead,
            Pay::Share(_) => kind == Kind::Buy,
        })
    }
}

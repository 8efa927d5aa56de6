//! Plans (the merchants' offers), their shops and products, and when a plan gives no link.

use serde::{Deserialize, Serialize};

use super::answer::Refusal;

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// 0: not handed in yet.
    ToSubmit,
    /// 1
    InReview,
    /// 2
    Refused,
    /// 3
    Running,
    /// 4: a change is in review; the plan goes on.
    ChangeInReview,
    /// 7
    Ended,
    /// 8
    Suspended,
}

impl PlanState {
    /// Duomai's number.
    pub const fn code(self) -> i64 {
        match self {
            Self::ToSubmit => 0,
            Self::InReview => 1,
            Self::Refused => 2,
            Self::Running => 3,
            Self::ChangeInReview => 4,
            Self::Ended => 7,
            Self::Suspended => 8,
        }
    }
}

/// Whether the publisher may promote a plan. The same for all accounts of this fake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Application {
    /// -1
    NotApplied,
    /// 0: applied for, not approved.
    NotApproved,
    /// 1
    Approved,
}

impl Application {
    /// Duomai's number.
    pub const fn code(self) -> i64 {
        match self {
            Self::NotApplied => -1,
            Self::NotApproved => 0,
            Self::Approved => 1,
        }
    }
}

/// How an application is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplyMode {
    /// 1: by a person.
    Manual,
    /// 2: at once.
    Automatic,
}

impl ApplyMode {
    /// Duomai's number.
    pub const fn code(self) -> i64 {
        match self {
            Self::Manual => 1,
            Self::Automatic => 2,
        }
    }
}

/// A plan of a merchant. The defaults: 61 runs and takes an euid; 62 runs and takes none; 63 is not applied for
/// (4005); 64 is in review (4002); 65 can only be applied for by hand (4003); 66 has ended (4011); 67 needs a Taobao
/// authorisation (4010); 68 has no promotion resources left (4001).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Duomai's id.
    pub ads_id: String,
    /// Shown to publishers, and part of every order and push.
    pub name: String,
    /// Whose plan it is.
    pub store_id: u64,
    /// Where it stands.
    pub state: PlanState,
    /// Whether we may promote it.
    pub application: Application,
    /// How an application would be judged.
    pub apply_mode: ApplyMode,
    /// Its links carry our euid.
    pub support_euid: bool,
    /// Its links may lead to any page of the shop.
    pub support_url: bool,
    /// Of the Taobao family, and the authorisation is missing (4010).
    pub needs_taobao: bool,
    /// No promotion resources are left (4001).
    pub exhausted: bool,
    /// Where its links lead unless told otherwise.
    pub url: String,
    /// 0 web, 1 wap, 3 ROI, 4 mini program.
    pub channel: u8,
    /// 0 domestic, 1 overseas, 2 cross-border.
    pub category: u8,
    /// Days the cookie lives.
    pub rddays: u32,
}

impl Plan {
    /// A running, approved plan with euid, of shop 501.
    pub fn new(ads_id: impl Into<String>, name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            ads_id: ads_id.into(),
            name: name.into(),
            store_id: 501,
            state: PlanState::Running,
            application: Application::Approved,
            apply_mode: ApplyMode::Automatic,
            support_euid: true,
            support_url: true,
            needs_taobao: false,
            exhausted: false,
            url: url.into(),
            channel: 0,
            category: 0,
            rddays: 30,
        }
    }

    /// Why no link is made for this plan now.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let (status, message) = match (self.state, self.application, self.apply_mode) {
            (PlanState::InReview, ..) => (4002, "the plan is not reviewed yet"),
            (PlanState::ToSubmit | PlanState::Refused | PlanState::Ended | PlanState::Suspended, ..) => {
                (4011, "the plan does not exist or is offline")
            }
            (_, Application::NotApproved, _) => (4002, "the application is not reviewed yet"),
            (_, Application::NotApplied, ApplyMode::Manual) => (4003, "the plan can only be applied for by hand"),
            (_, Application::NotApplied, ApplyMode::Automatic) => (4005, "the plan is not applied for"),
            (_, Application::Approved, _) if self.needs_taobao => (4010, "Taobao authorisation is needed"),
            (_, Application::Approved, _) if self.exhausted => (4001, "promotion resources are not enough"),
            (_, Application::Approved, _) => return None,
        };
        Some(Refusal::new(status, message))
    }

    /// Whether a page belongs to the plan's shop: the same host, or one below it.
    pub(super) fn promotes(&self, page: &url::Url) -> bool {
        let own = url::Url::parse(&self.url).ok();
        match (own.as_ref().and_then(url::Url::host_str), page.host_str()) {
            (Some(own), Some(host)) => host == own || host.strip_suffix(own).is_some_and(|front| front.ends_with('.')),
            _ => false,
        }
    }
}

/// A shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Duomai's id.
    pub id: u64,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub en_name: String,
    /// Its site.
    pub url: String,
    /// In China.
    pub is_domestic: bool,
    /// Recommended by Duomai.
    pub is_recommended: bool,
}

/// An entry of Duomai's product library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Duomai's id.
    pub product_id: String,
    /// The plan that sells it.
    pub ads_id: String,
    /// Its page.
    pub url: String,
}

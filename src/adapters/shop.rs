//! Partners that offer plans to be promoted: what an operator looks at before leads are sent.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::exchange::{Request, Response};

/// A plan of a partner that can become an offer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Plan {
    /// The partner's id.
    pub id: String,
    pub name: String,
    /// The shop behind it.
    pub store: String,
    /// Its page.
    pub url: Option<String>,
    /// What it pays, in the partner's words.
    pub commission: String,
    /// Days in which an order still counts for a visit.
    pub cookie_days: Option<i64>,
    /// Whether this account may promote it now.
    pub is_open: bool,
    /// Whether orders carry our id back; null: the list does not tell, the plan itself does.
    pub carries_our_id: Option<bool>,
    /// What a person must know or do before leads are sent.
    pub warnings: Vec<String>,
    /// Parameters of an offer that stands for it.
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
}

/// Which plans.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// In their names.
    pub query: Option<String>,
    /// Only those the account has applied for.
    pub only_mine: bool,
    /// From 1.
    pub page: u32,
}

/// The calls. Pure, as everything in this room.
pub trait Shop: Send + Sync {
    /// Asks for a page of plans. The error says what is not set up.
    fn plans(&self, settings: &Map<String, Value>, wanted: &Wanted, now: DateTime<Utc>) -> Result<Request, String>;

    /// Reads the page; and whether there is another.
    fn read_plans(&self, answer: &Response) -> Result<(Vec<Plan>, bool), String>;

    /// Asks for one plan.
    fn plan(&self, settings: &Map<String, Value>, id: &str, now: DateTime<Utc>) -> Result<Request, String>;

    /// Reads it.
    fn read_plan(&self, answer: &Response) -> Result<Plan, String>;
}

//! Orders, their statuses and money, and how they look in the API.

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::DEFAULT_APP_KEY;

/// A time that is not there.
pub(super) const ZERO_TIME: &str = "0000-00-00 00:00:00";

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "i8", try_from = "Value")]
pub enum Status {
    /// -1
    Invalid,
    /// 0: placed; money is an estimate.
    Unconfirmed,
    /// 1: the merchant has confirmed it.
    Confirmed,
    /// 2: paid out to the publisher.
    Settled,
}

impl Status {
    /// Duomai's number.
    pub const fn code(self) -> i8 {
        match self {
            Self::Invalid => -1,
            Self::Unconfirmed => 0,
            Self::Confirmed => 1,
            Self::Settled => 2,
        }
    }

    /// Reads Duomai's number.
    pub fn of_code(text: &str) -> Option<Self> {
        let all = [Self::Invalid, Self::Unconfirmed, Self::Confirmed, Self::Settled];
        all.into_iter().find(|status| status.code().to_string() == text)
    }

    /// Whether the confirmed money counts.
    pub const fn has_confirmed_money(self) -> bool {
        matches!(self, Self::Confirmed | Self::Settled)
    }
}

impl From<Status> for i8 {
    fn from(status: Status) -> Self {
        status.code()
    }
}

impl TryFrom<Value> for Status {
    type Error = &'static str;
    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Self::of_code(&text).ok_or("a status is -1, 0, 1 or 2")
    }
}

/// An order that a customer is about to place. The default is one of plan 61 for the default account, without an
/// euid: 799.00 CNY, commission 5.40.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewOrder {
    /// The tag that the link carried. Empty: it carried none.
    pub euid: String,
    /// The plan.
    pub ads_id: String,
    /// The media or its position.
    pub site_id: String,
    /// Duomai's id of the link.
    pub link_id: String,
    /// The merchant's number. None: one is made up.
    pub order_sn: Option<String>,
    /// Of some networks only.
    pub parent_order_sn: String,
    /// When it was placed. None: now.
    pub order_time: Option<DateTime<Utc>>,
    /// Estimated price.
    pub amount: Decimal,
    /// Estimated commission of the publisher.
    pub commission: Decimal,
    /// CNY, USD ..
    pub currency: String,
    /// What was bought.
    pub goods_name: String,
    /// The merchant's own word, which means nothing to Duomai.
    pub merchant_status: String,
}

impl Default for NewOrder {
    fn default() -> Self {
        Self {
            euid: String::new(),
            ads_id: "61".to_owned(),
            site_id: DEFAULT_APP_KEY.to_owned(),
            link_id: "0".to_owned(),
            order_sn: None,
            parent_order_sn: String::new(),
            order_time: None,
            amount: Decimal::new(79900, 2),
            commission: Decimal::new(540, 2),
            currency: "CNY".to_owned(),
            goods_name: "Kettle 水壶".to_owned(),
            merchant_status: "paid".to_owned(),
        }
    }
}

impl From<&str> for NewOrder {
    /// The default order with this euid.
    fn from(euid: &str) -> Self {
        Self { euid: euid.to_owned(), ..Self::default() }
    }
}

/// An order in the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Duomai's id.
    pub id: String,
    /// The tag.
    pub euid: String,
    /// The plan.
    pub ads_id: String,
    /// The media or its position.
    pub site_id: String,
    /// The link.
    pub link_id: String,
    /// The merchant's number.
    pub order_sn: String,
    /// Of some networks only.
    pub parent_order_sn: String,
    /// When it was placed.
    pub order_time: DateTime<Utc>,
    /// Estimated price.
    pub amount: Decimal,
    /// Estimated commission.
    pub commission: Decimal,
    /// Of both kinds of money.
    pub currency: String,
    /// Where it stands.
    pub status: Status,
    /// Zero until confirmed.
    pub confirm_price: Decimal,
    /// Zero until confirmed.
    pub confirm_commission: Decimal,
    /// When it was settled.
    pub charge_time: Option<DateTime<Utc>>,
    /// What the default window of the order list is about. Never shown by the API.
    pub update_time: DateTime<Utc>,
    /// What was bought.
    pub goods_name: String,
    /// The merchant's own word.
    pub merchant_status: String,
}

impl Order {
    /// Moves to a status: confirmed money is filled from the estimate unless it is there, and falls to zero with the
    /// confirmation.
    pub(super) fn become_status(&mut self, status: Status, now: DateTime<Utc>) {
        self.status = status;
        if !status.has_confirmed_money() {
            (self.confirm_price, self.confirm_commission) = (Decimal::ZERO, Decimal::ZERO);
        } else if self.confirm_price.is_zero() && self.confirm_commission.is_zero() {
            (self.confirm_price, self.confirm_commission) = (self.amount, self.commission);
        }
        self.charge_time = if status == Status::Settled { self.charge_time.or(Some(now)) } else { None };
        self.update_time = now;
    }

    pub(super) fn charge_time_text(&self) -> String {
        self.charge_time.map_or_else(|| ZERO_TIME.to_owned(), local)
    }

    /// The order in the API. The status comes as text or as a number: clients must take both.
    pub(super) fn row(&self, ads_name: &str, is_status_text: bool) -> Value {
        let code = self.status.code();
        let price = money(self.amount, 2);
        json!({
            "id": self.id,
            "ads_id": self.ads_id,
            "ads_name": ads_name,
            "site_id": self.site_id,
            "link_id": self.link_id,
            "euid": self.euid,
            "order_sn": self.order_sn,
            "parent_order_sn": self.parent_order_sn,
            "order_time": local(self.order_time),
            "orders_price": price,
            "siter_commission": money(self.commission, 2),
            "currency": self.currency,
            "status": if is_status_text { json!(code.to_string()) } else { json!(code) },
            "confirm_price": money(self.confirm_price, 2),
            "confirm_siter_commission": money(self.confirm_commission, 2),
            "charge_currency": self.currency,
            "charge_time": self.charge_time_text(),
            "details": [{
                "goods_cate": "",
                "goods_cate_name": "",
                "goods_id": "77",
                "goods_name": self.goods_name,
                "goods_price": price,
                "goods_ta": "1",
                "orders_price": price,
                "order_status": self.merchant_status,
                "order_commission": money(self.commission, 2),
                "order_sn": self.order_sn,
                "parent_order_sn": self.parent_order_sn,
                "goods_img": "",
            }],
        })
    }
}

/// Money that changed after settlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettlementChange {
    /// The order.
    pub order_id: String,
    /// When it changed.
    pub modify_at: DateTime<Utc>,
    /// Before.
    pub confirm_price_old: Decimal,
    /// After.
    pub confirm_price: Decimal,
    /// Before.
    pub confirm_commission_old: Decimal,
    /// After.
    pub confirm_commission: Decimal,
}

impl SettlementChange {
    /// The change in the API: four decimals, the difference is new minus old.
    pub(super) fn row(&self, order: &Order, ads_name: &str) -> Value {
        json!({
            "order_sn": order.order_sn,
            "order_time": local(order.order_time),
            "euid": order.euid,
            "confirm_price_old": money(self.confirm_price_old, 4),
            "modify_price": money(self.confirm_price - self.confirm_price_old, 4),
            "confirm_price": money(self.confirm_price, 4),
            "confirm_siter_commission_old": money(self.confirm_commission_old, 4),
            "modify_siter_commission": money(self.confirm_commission - self.confirm_commission_old, 4),
            "confirm_siter_commission": money(self.confirm_commission, 4),
            "modify_at": local(self.modify_at),
            "ads_id": order.ads_id,
            "ads_name": ads_name,
        })
    }
}

/// A time as the rows show it: in China, without a zone.
pub(super) fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Asia::Shanghai).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Money as text with fixed decimals.
pub(super) fn money(value: Decimal, decimals: u32) -> String {
    let rounded = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    format!("{rounded:.*}", decimals as usize)
}

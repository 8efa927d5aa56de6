//! Order list, order detail and settlement changes.

use super::Duomai;
use super::account::Account;
use super::answer::{Answer, Refusal};
use super::order::{Order, Status};
use super::params::Params;
use super::state::State;
use super::window::{OrderField, Paging, Window};

/// Filters that lists of orders share.
struct Filter {
    site_id: Option<String>,
    ads_id: Option<String>,
    euid: Option<String>,
    order_sn: Option<String>,
    status: Option<Status>,
}

impl Filter {
    fn read(params: &Params) -> Result<Self, Refusal> {
        let status = match params.text("status")? {
            None => None,
            Some(text) => {
                Some(Status::of_code(&text).ok_or_else(|| Refusal::parameter("status must be -1, 0, 1 or 2"))?)
            }
        };
        Ok(Self {
            site_id: params.text("site_id")?,
            ads_id: params.text("ads_id")?,
            euid: params.text("euid")?,
            order_sn: params.text("order_sn")?,
            status,
        })
    }

    fn takes(&self, order: &Order) -> bool {
        let is = |wanted: &Option<String>, own: &str| wanted.as_deref().is_none_or(|wanted| wanted == own);
        is(&self.site_id, &order.site_id)
            && is(&self.ads_id, &order.ads_id)
            && is(&self.euid, &order.euid)
            && is(&self.order_sn, &order.order_sn)
            && self.status.is_none_or(|status| status == order.status)
    }
}

/// `orders.query.get`: rows by update time, then id.
pub(super) fn order_list(duomai: &Duomai, account: &Account, params: &Params) -> Answer {
    let switches = duomai.switches();
    let window = Window::read(params)?;
    let field = OrderField::read(params, &switches)?;
    let filter = Filter { order_sn: None, ..Filter::read(params)? };
    let paging = Paging::read(params, &switches)?;
    // Somebody may change rows between two pages; that needs the lock to be free.
    let hook = duomai.lock().take_hook(paging.page);
    if let Some(hook) = hook {
        hook(duomai);
    }
    let mut state = duomai.lock();
    let is_in_window = |order: &Order| match field {
        OrderField::Update => window.holds(order.update_time),
        OrderField::Charge => order.charge_time.is_some_and(|at| window.holds(at)),
        OrderField::Order => window.holds(order.order_time),
    };
    let mut found: Vec<Order> = state
        .orders
        .iter()
        .filter(|order| account.owns(&order.site_id) && is_in_window(order) && filter.takes(order))
        .cloned()
        .collect();
    // The sort is stable and the orders lie by id, so equal times stay by id.
    found.sort_by_key(|order| order.update_time.timestamp());
    Ok(paging.cut(found).iter().map(|order| state.order_row(order)).collect())
}

/// `orders.detail.get`: by plan and the merchant's number; of several the latest.
pub(super) fn order_detail(state: &mut State, account: &Account, params: &Params) -> Answer {
    let (ads_id, order_sn) = (params.required("ads_id")?, params.required("order_sn")?);
    let is_it = |order: &&Order| order.ads_id == ads_id && order.order_sn == order_sn && account.owns(&order.site_id);
    let order = state.orders.iter().rev().find(is_it).cloned();
    let order = order.ok_or_else(|| Refusal::new(404, "the order does not exist"))?;
    Ok(state.order_row(&order))
}

/// `orders.settlement.get`: rows by the time of the change.
pub(super) fn settlement_list(state: &State, account: &Account, params: &Params) -> Answer {
    let window = Window::read(params)?;
    let filter = Filter { site_id: None, status: None, ..Filter::read(params)? };
    let paging = Paging::read(params, &state.switches)?;
    let by_order_time = state.switches.settlement_by_order_time;
    let mut found = Vec::new();
    for change in &state.settlement_changes {
        let Some(order) = state.order(&change.order_id) else { continue };
        let at = if by_order_time { order.order_time } else { change.modify_at };
        if account.owns(&order.site_id) && window.holds(at) && filter.takes(order) {
            found.push((change, order));
        }
    }
    found.sort_by_key(|(change, _)| change.modify_at);
    Ok(paging.cut(found).into_iter().map(|(change, order)| change.row(order, state.plan_name(&order.ads_id))).collect())
}

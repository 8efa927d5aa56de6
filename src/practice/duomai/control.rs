//! What the other parties do, as plain methods: customers order, merchants confirm, Duomai settles, things break.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::Duomai;
use super::account::Account;
use super::call::Call;
use super::fault::{Fault, Planned};
use super::links::{Link, Visit};
use super::order::{NewOrder, Order, SettlementChange, Status};
use super::plan::Plan;
use super::state::State;
use super::switches::Switches;

/// Why a wish of the control side is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No order has this id.
    #[error("there is no order {0:?}")]
    UnknownOrder(String),
    /// No plan has this id.
    #[error("there is no plan {0:?}")]
    UnknownPlan(String),
    /// No account has this media or position.
    #[error("no account has the site_id {0:?}")]
    UnknownSite(String),
    /// No account has this key.
    #[error("there is no account {0:?}")]
    UnknownAccount(String),
    /// The account has set no push URL.
    #[error("the account {0:?} has no push URL")]
    NoPushUrl(String),
    /// The order has no confirmed money to change.
    #[error("order {0:?} is neither confirmed nor settled")]
    NotConfirmed(String),
    /// No push has this number.
    #[error("there is no push {0}")]
    UnknownPush(u64),
    /// The JSON does not fit the action.
    #[error("{0}")]
    BadBody(String),
    /// There is no such action.
    #[error("there is no action {0:?}; GET /_control lists them")]
    UnknownAction(String),
}

/// Orders.
impl Duomai {
    /// A customer orders; gives Duomai's id of the order. `"lead0000000001".into()` is the default order of an euid;
    /// an empty or never given euid is fine, and so are many orders for one.
    pub fn order(&self, order: impl Into<NewOrder>) -> Result<String, ControlError> {
        let new = order.into();
        let now = self.now();
        let mut state = self.lock();
        if state.plan(&new.ads_id).is_none() {
            return Err(ControlError::UnknownPlan(new.ads_id));
        }
        if state.owner(&new.site_id).is_none() {
            return Err(ControlError::UnknownSite(new.site_id));
        }
        let id = state.next_order_id();
        let order = Order {
            id: id.clone(),
            euid: new.euid,
            ads_id: new.ads_id,
            site_id: new.site_id,
            link_id: new.link_id,
            order_sn: new.order_sn.unwrap_or_else(|| format!("SN{id}")),
            parent_order_sn: new.parent_order_sn,
            order_time: new.order_time.unwrap_or(now),
            amount: new.amount,
            commission: new.commission,
            currency: new.currency,
            status: Status::Unconfirmed,
            confirm_price: Decimal::ZERO,
            confirm_commission: Decimal::ZERO,
            charge_time: None,
            update_time: now,
            goods_name: new.goods_name,
            merchant_status: new.merchant_status,
        };
        state.orders.push(order.clone());
        state.push_order(&order);
        Ok(id)
    }

    /// Moves an order to a status, also backwards: update time, confirmed money and settlement time follow. The same
    /// status again changes nothing but the update time, and is pushed again.
    pub fn set_status(&self, id: &str, status: Status) -> Result<(), ControlError> {
        let now = self.now();
        self.lock().change_order(id, true, |order| order.become_status(status, now)).map(drop)
    }

    /// Changes the confirmed money of a confirmed or settled order. After settlement that is a settlement change.
    pub fn change_money(
        &self,
        id: &str,
        confirm_price: Decimal,
        confirm_commission: Decimal,
    ) -> Result<(), ControlError> {
        let now = self.now();
        let mut state = self.lock();
        let is_pushed = state.push_modes.money_changes;
        let before = state.order(id).ok_or_else(|| ControlError::UnknownOrder(id.to_owned()))?;
        if !before.status.has_confirmed_money() {
            return Err(ControlError::NotConfirmed(id.to_owned()));
        }
        let before = state.change_order(id, is_pushed, |order| {
            (order.confirm_price, order.confirm_commission) = (confirm_price, confirm_commission);
            order.update_time = now;
        })?;
        if before.status == Status::Settled {
            state.settlement_changes.push(SettlementChange {
                order_id: before.id,
                modify_at: now,
                confirm_price_old: before.confirm_price,
                confirm_price,
                confirm_commission_old: before.confirm_commission,
                confirm_commission,
            });
        }
        Ok(())
    }

    /// Moves the update time to now and nothing else; nothing is pushed.
    pub fn touch(&self, id: &str) -> Result<(), ControlError> {
        self.touch_at(id, self.now())
    }

    /// Moves the update time to a moment of choice.
    pub fn touch_at(&self, id: &str, at: DateTime<Utc>) -> Result<(), ControlError> {
        self.lock().change_order(id, false, |order| order.update_time = at).map(drop)
    }

    /// All orders, by id.
    pub fn orders(&self) -> Vec<Order> {
        self.lock().orders.clone()
    }

    /// The orders of an euid, by id.
    pub fn orders_of(&self, euid: &str) -> Vec<Order> {
        self.lock().orders.iter().filter(|order| order.euid == euid).cloned().collect()
    }

    /// One order.
    pub fn find_order(&self, id: &str) -> Option<Order> {
        self.lock().order(id).cloned()
    }

    /// Every change of money after settlement, the oldest first.
    pub fn settlement_changes(&self) -> Vec<SettlementChange> {
        self.lock().settlement_changes.clone()
    }
}

impl State {
    /// Changes an order and pushes it if wished. Gives the order as it was.
    fn change_order(
        &mut self,
        id: &str,
        is_pushed: bool,
        change: impl FnOnce(&mut Order),
    ) -> Result<Order, ControlError> {
        let order = self.orders.iter_mut().find(|order| order.id == id);
        let order = order.ok_or_else(|| ControlError::UnknownOrder(id.to_owned()))?;
        let before = order.clone();
        change(order);
        let after = order.clone();
        if is_pushed {
            self.push_order(&after);
        }
        Ok(before)
    }
}

/// Accounts, plans and switches.
impl Duomai {
    /// The accounts.
    pub fn accounts(&self) -> Vec<Account> {
        self.lock().accounts.clone()
    }

    /// Adds an account, or replaces the one with this key.
    pub fn set_account(&self, account: Account) {
        let mut state = self.lock();
        state.accounts.retain(|old| old.app_key != account.app_key);
        state.accounts.push(account);
    }

    /// The plans.
    pub fn plans(&self) -> Vec<Plan> {
        self.lock().plans.clone()
    }

    /// Adds a plan, or replaces the one with this id.
    pub fn set_plan(&self, plan: Plan) {
        let mut state = self.lock();
        match state.plans.iter_mut().find(|old| old.ads_id == plan.ads_id) {
            Some(old) => *old = plan,
            None => state.plans.push(plan),
        }
    }

    /// Changes a plan in place.
    pub fn change_plan(&self, ads_id: &str, change: impl FnOnce(&mut Plan)) -> Result<(), ControlError> {
        let mut state = self.lock();
        let plan = state.plans.iter_mut().find(|plan| plan.ads_id == ads_id);
        change(plan.ok_or_else(|| ControlError::UnknownPlan(ads_id.to_owned()))?);
        Ok(())
    }

    /// How strict the network is.
    pub fn switches(&self) -> Switches {
        self.lock().switches.clone()
    }

    /// Sets all switches.
    pub fn set_switches(&self, switches: Switches) {
        self.lock().switches = switches;
    }
}

/// Faults, and what came.
impl Duomai {
    /// The next calls of the API whose path or service begins so (empty: any) meet this fault. Faults that are
    /// planned earlier come first.
    pub fn fault_next(&self, path_prefix: &str, fault: Fault, times: u32) {
        let planned = Planned { path_prefix: path_prefix.to_owned(), fault, times };
        self.lock().faults.push(planned);
    }

    /// Forgets all planned faults.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// Runs before the next order list with this page number is answered, so that rows can move while somebody pages.
    /// Each hook runs once; several for one page run on one call each.
    pub fn before_page(&self, page: u64, hook: impl FnOnce(&Self) + Send + 'static) {
        self.lock().add_hook(page, Box::new(hook));
    }

    /// What came, but for the control side; of a long practice the last ten thousand.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.iter().cloned().collect()
    }

    /// Forgets what came.
    pub fn clear_calls(&self) {
        self.lock().calls.clear();
    }

    /// Every link that was made.
    pub fn links(&self) -> Vec<Link> {
        self.lock().links.clone()
    }

    /// Everybody who followed a link to this server.
    pub fn visits(&self) -> Vec<Visit> {
        self.lock().visits.clone()
    }
}

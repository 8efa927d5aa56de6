//! Everything the network remembers, behind one lock.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::Duomai;
use super::account::{Account, DEFAULT_APP_KEY, DEFAULT_SECRET};
use super::call::Call;
use super::fault::{Fault, Planned};
use super::links::{Link, Visit};
use super::order::{Order, SettlementChange};
use super::plan::{Plan, Product, Store};
use super::plan_defaults;
use super::push::{Push, PushLogEntry, PushModes};
use super::switches::Switches;

/// Calls and pushes kept for reading; older ones are forgotten, so that a long practice does not fill the memory.
pub(super) const KEPT: usize = 10_000;

/// Runs before a page of the order list is answered.
pub(super) type Hook = Box<dyn FnOnce(&Duomai) + Send>;

pub(super) struct State {
    pub(super) accounts: Vec<Account>,
    pub(super) stores: Vec<Store>,
    pub(super) plans: Vec<Plan>,
    pub(super) products: Vec<Product>,
    /// As they came, which is by id as well.
    pub(super) orders: Vec<Order>,
    pub(super) settlement_changes: Vec<SettlementChange>,
    pub(super) links: Vec<Link>,
    pub(super) visits: Vec<Visit>,
    pub(super) calls: VecDeque<Call>,
    pub(super) faults: Vec<Planned>,
    hooks: BTreeMap<u64, VecDeque<Hook>>,
    pub(super) switches: Switches,
    pub(super) push_modes: PushModes,
    pub(super) pushes: Vec<Push>,
    pub(super) push_log: VecDeque<PushLogEntry>,
    pub(super) pushes_made: u64,
    next_order_id: u64,
    codes_made: u64,
    was_status_text: bool,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            accounts: vec![Account::new(DEFAULT_APP_KEY, DEFAULT_SECRET)],
            stores: plan_defaults::stores(),
            plans: plan_defaults::plans(),
            products: plan_defaults::products(),
            orders: Vec::new(),
            settlement_changes: Vec::new(),
            links: Vec::new(),
            visits: Vec::new(),
            calls: VecDeque::new(),
            faults: Vec::new(),
            hooks: BTreeMap::new(),
            switches: Switches::default(),
            push_modes: PushModes::default(),
            pushes: Vec::new(),
            push_log: VecDeque::new(),
            pushes_made: 0,
            next_order_id: 9_000_001,
            codes_made: 0,
            was_status_text: false,
        }
    }

    pub(super) fn account(&self, app_key: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.app_key == app_key)
    }

    /// Whose media or position it is.
    pub(super) fn owner(&self, site_id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.owns(site_id))
    }

    pub(super) fn plan(&self, ads_id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.ads_id == ads_id)
    }

    pub(super) fn plan_name(&self, ads_id: &str) -> &str {
        self.plan(ads_id).map_or("", |plan| &plan.name)
    }

    pub(super) fn order(&self, id: &str) -> Option<&Order> {
        self.orders.iter().find(|order| order.id == id)
    }

    /// The id of the next order: growing, with gaps, since other publishers have orders too.
    pub(super) fn next_order_id(&mut self) -> String {
        let id = self.next_order_id;
        self.next_order_id += 1 + id % 7;
        id.to_string()
    }

    /// The code of the next short link: six letters and digits, none twice.
    pub(super) fn next_code(&mut self) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        const ALL: u64 = 36_u64.pow(6);
        self.codes_made += 1;
        // A factor without a divisor in common with 36 visits every code once.
        let mut mixed = (self.codes_made % ALL) * 1_640_531_527 % ALL;
        let mut code = String::new();
        for _ in 0..6 {
            let letter = ALPHABET.get((mixed % 36) as usize).copied().unwrap_or(b'a');
            code.push(char::from(letter));
            mixed /= 36;
        }
        code
    }

    /// An order in the API. Every second status comes as a number.
    pub(super) fn order_row(&mut self, order: &Order) -> Value {
        self.was_status_text = !self.was_status_text;
        order.row(self.plan_name(&order.ads_id), self.was_status_text)
    }

    pub(super) fn keep_call(&mut self, call: Call) {
        if self.calls.len() >= KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// The first planned fault that meets a call, and one less of it.
    pub(super) fn take_fault(&mut self, call: &Call) -> Option<Fault> {
        let planned = self.faults.iter_mut().find(|planned| planned.times > 0 && planned.meets(call))?;
        planned.times -= 1;
        let fault = planned.fault.clone();
        self.faults.retain(|planned| planned.times > 0);
        Some(fault)
    }

    pub(super) fn add_hook(&mut self, page: u64, hook: Hook) {
        self.hooks.entry(page).or_default().push_back(hook);
    }

    /// The next hook of a page; each runs once.
    pub(super) fn take_hook(&mut self, page: u64) -> Option<Hook> {
        self.hooks.get_mut(&page)?.pop_front()
    }
}

//! What tests and operators may do to the network from behind: decide about leads, open and close things, plan faults.
//! A method that names a lead says whether there is one.

use chrono_tz::Tz;

use super::account::{Flow, Offer, Site, User};
use super::fault::Fault;
use super::intake;
use super::lead::Lead;
use super::network::Network;
use super::postback;
use super::status::{self, Stage};
use super::switches::Switches;
use super::tracker::Conversion;
use super::{AlterCpa, Call};

impl AlterCpa {
    /// All leads, oldest first.
    pub fn leads(&self) -> Vec<Lead> {
        self.lock().network.leads.values().cloned().collect()
    }

    /// A lead by the network's id.
    pub fn lead(&self, id: u64) -> Option<Lead> {
        self.lock().network.leads.get(&id).cloned()
    }

    /// The newest lead that an agency sent under this id of its own.
    pub fn lead_of_caller(&self, caller_id: &str) -> Option<Lead> {
        let shared = self.lock();
        shared.network.leads.values().rev().find(|lead| lead.caller_id.as_deref() == Some(caller_id)).cloned()
    }

    /// What the affiliate is shown of a lead now.
    pub fn stage(&self, id: u64) -> Option<Stage> {
        let now = (self.clock)();
        let shared = self.lock();
        shared.network.leads.get(&id).map(|lead| shared.network.stage(lead, now))
    }

    /// What the tracker was told, oldest first.
    pub fn conversions(&self) -> Vec<Conversion> {
        self.lock().network.conversions.values().cloned().collect()
    }

    /// Puts a lead into a status, 1 to 12, whatever it had. False also for another number.
    pub fn set_status(&self, id: u64, status: u8) -> bool {
        let now = (self.clock)();
        let is_status = (status::NEW..=status::DELETED).contains(&status);
        is_status && self.change(id, |lead| lead.go(status, lead.reason, now))
    }

    /// Gives a lead a reason, also a custom one (16 and up). It is shown by cancelled leads, and may make them trash.
    pub fn set_reason(&self, id: u64, reason: u8) -> bool {
        self.change(id, |lead| lead.reason = reason)
    }

    /// Cancels a lead with a reason.
    pub fn cancel(&self, id: u64, reason: u8) -> bool {
        let now = (self.clock)();
        self.change(id, |lead| lead.go(status::CANCELLED, reason, now))
    }

    /// Approves a lead: status 6, or 10 where the company completes at once.
    pub fn accept(&self, id: u64) -> bool {
        let now = (self.clock)();
        let switches = self.switches();
        self.change(id, |lead| {
            lead.accept(&switches, now);
        })
    }

    /// The network sends a new lead on: status 2.
    pub fn work(&self, id: u64) -> bool {
        self.set_status(id, status::PROCESSING)
    }

    /// Sets `custom`, the raw status text of the company's CRM.
    pub fn set_custom(&self, id: u64, text: &str) -> bool {
        self.change(id, |lead| text.clone_into(&mut lead.custom))
    }

    /// Sets the comment.
    pub fn set_comment(&self, id: u64, text: &str) -> bool {
        self.change(id, |lead| {
            lead.fields.insert("comment".to_owned(), text.to_owned());
        })
    }

    /// Sets the order's id at the target, by which `eid` finds it.
    pub fn set_exto(&self, id: u64, exto: &str) -> bool {
        self.change(id, |lead| lead.exto = Some(exto.to_owned()))
    }

    /// Gives a lead to another company.
    pub fn set_company(&self, id: u64, company: u64) -> bool {
        self.change(id, |lead| lead.company = company)
    }

    /// Bans a phone, by its digits.
    pub fn ban(&self, phone: &str) {
        self.lock().network.banned_phones.insert(intake::digits(phone));
    }

    /// Bans an IP.
    pub fn ban_ip(&self, ip: &str) {
        self.lock().network.banned_ips.insert(ip.to_owned());
    }

    /// Lifts the ban of a phone or an IP.
    pub fn unban(&self, phone_or_ip: &str) {
        let network = &mut self.lock().network;
        network.banned_phones.remove(&intake::digits(phone_or_ip));
        network.banned_ips.remove(phone_or_ip);
    }

    /// Bans or pauses a user (its calls answer `security`), or lets it in again. False when there is none.
    pub fn suspend(&self, user: u64, suspended: bool) -> bool {
        let network = &mut self.lock().network;
        network.users.get_mut(&user).map(|user| user.suspended = suspended).is_some()
    }

    /// Adds or replaces a user.
    pub fn set_user(&self, user: User) {
        self.lock().network.users.insert(user.id, user);
    }

    /// An offer by its number.
    pub fn offer(&self, id: u64) -> Option<Offer> {
        self.lock().network.offers.get(&id).cloned()
    }

    /// Adds or replaces an offer.
    pub fn set_offer(&self, offer: Offer) {
        self.lock().network.offers.insert(offer.id, offer);
    }

    /// Adds or replaces a flow.
    pub fn set_flow(&self, flow: Flow) {
        self.lock().network.flows.insert(flow.id, flow);
    }

    /// Adds or replaces an external site.
    pub fn set_site(&self, site: Site) {
        self.lock().network.sites.insert(site.id, site);
    }

    /// Gives out a click of a flow, which sites may then report.
    pub fn add_click(&self, click: &str, flow: u64) {
        self.lock().network.clicks.insert(click.to_owned(), flow);
    }

    /// The switches of this install.
    pub fn switches(&self) -> Switches {
        self.lock().network.switches.clone()
    }

    /// Turns switches: `network.switch(|it| it.moe = true)`.
    pub fn switch(&self, change: impl FnOnce(&mut Switches)) {
        change(&mut self.lock().network.switches);
    }

    /// The zone in which the network's days begin.
    pub fn set_zone(&self, zone: Tz) {
        self.switch(|it| it.zone = zone);
    }

    /// Plans a fault for the next so many calls whose path begins so, such as `ext/add`. With or without `/api`; an
    /// empty path means any call. Faults for the same path are played one after the other.
    pub fn fault_next(&self, path_prefix: &str, fault: Fault, times: u32) {
        self.lock().faults.plan(path_prefix, fault, times);
    }

    /// Forgets the faults that still wait.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// The last calls that came, oldest first. Calls that met a fault are among them.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.iter().cloned().collect()
    }

    /// Forgets the calls that came.
    pub fn forget_calls(&self) {
        self.lock().calls.clear();
    }

    /// Renders a postback template for a lead as it is now. Nothing is called: the test or the operator does that.
    pub fn postback(&self, id: u64, template: &str) -> Option<String> {
        let now = (self.clock)();
        let network = &self.lock().network;
        network.leads.get(&id).map(|lead| postback::render(network, lead, template, now))
    }

    /// Back to the default account, without leads, faults and calls.
    pub fn reset(&self) {
        let mut shared = self.lock();
        shared.network = Network::new();
        shared.faults.clear();
        shared.calls.clear();
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut Lead)) -> bool {
        self.lock().network.leads.get_mut(&id).map(change).is_some()
    }
}

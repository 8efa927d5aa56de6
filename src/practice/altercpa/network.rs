//! What the network remembers, and how it finds it again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use super::account::{self, Flow, Offer, Site, User};
use super::lead::{Channel, Lead};
use super::status::Stage;
use super::switches::{Duplicates, Switches};
use super::tracker::Conversion;

/// Ids begin here: such a network has had leads before.
const FIRST_ID: u64 = 18_402_311;
/// Huge ids begin here, above 2^53, where a float can no longer hold them.
const FIRST_HUGE_ID: u64 = 9_007_199_254_740_993;

/// The network's memory.
pub(super) struct Network {
    pub(super) users: BTreeMap<u64, User>,
    pub(super) offers: BTreeMap<u64, Offer>,
    pub(super) flows: BTreeMap<u64, Flow>,
    pub(super) sites: BTreeMap<u64, Site>,
    pub(super) banned_phones: BTreeSet<String>,
    pub(super) banned_ips: BTreeSet<String>,
    /// Clicks the network gave out, with their flows.
    pub(super) clicks: BTreeMap<String, u64>,
    pub(super) switches: Switches,
    pub(super) leads: BTreeMap<u64, Lead>,
    /// What the tracker was told.
    pub(super) conversions: BTreeMap<u64, Conversion>,
    newest_by_phone: BTreeMap<(u64, String), u64>,
    by_caller_id: BTreeMap<(u64, String), u64>,
    issued: u64,
}

impl Network {
    /// A network with the default account.
    pub(super) fn new() -> Self {
        Self {
            users: account::users().into_iter().map(|user| (user.id, user)).collect(),
            offers: account::offers().into_iter().map(|offer| (offer.id, offer)).collect(),
            flows: account::flows().into_iter().map(|flow| (flow.id, flow)).collect(),
            sites: account::sites().into_iter().map(|site| (site.id, site)).collect(),
            banned_phones: BTreeSet::from([account::BANNED_PHONE.to_owned()]),
            banned_ips: BTreeSet::from([account::BANNED_IP.to_owned()]),
            clicks: BTreeMap::new(),
            switches: Switches::default(),
            leads: BTreeMap::new(),
            conversions: BTreeMap::new(),
            newest_by_phone: BTreeMap::new(),
            by_caller_id: BTreeMap::new(),
            issued: 0,
        }
    }

    /// The next id: growing with gaps, as other people's leads come in between.
    pub(super) fn next_id(&mut self) -> u64 {
        self.issued += 1;
        let first = if self.switches.huge_ids { FIRST_HUGE_ID } else { FIRST_ID };
        first + self.issued * 3 + mixed(self.issued) % 3
    }

    /// Keeps a lead and gives its id.
    pub(super) fn keep(&mut self, mut lead: Lead) -> u64 {
        lead.id = self.next_id();
        if !lead.phone.is_empty() {
            self.newest_by_phone.insert((lead.offer, lead.phone.clone()), lead.id);
        }
        if let Some(caller_id) = &lead.caller_id {
            self.by_caller_id.insert((lead.user, caller_id.clone()), lead.id);
        }
        let id = lead.id;
        self.leads.insert(id, lead);
        id
    }

    /// The known lead that a new one repeats: the same id of the same caller, or the same phone on the offer lately.
    pub(super) fn repeated(&self, lead: &Lead) -> Option<u64> {
        let caller_id = lead.caller_id.clone();
        if let Some(known) = caller_id.and_then(|caller_id| self.by_caller_id.get(&(lead.user, caller_id))) {
            return Some(*known);
        }
        if self.switches.duplicates == Duplicates::PhonesIgnored || lead.phone.is_empty() {
            return None;
        }
        let known = *self.newest_by_phone.get(&(lead.offer, lead.phone.clone()))?;
        let period = TimeDelta::hours(self.switches.duplicate_hours.into());
        let is_recent = self.leads.get(&known).is_some_and(|known| lead.created_at - known.created_at < period);
        (is_recent || period.is_zero()).then_some(known)
    }

    /// The newest lead with this id at the target, among those that `is_seen`.
    pub(super) fn by_exto(&self, exto: &str, is_seen: impl Fn(&Lead) -> bool) -> Option<u64> {
        let mut leads = self.leads.values().rev();
        leads.find(|lead| lead.exto.as_deref() == Some(exto) && is_seen(lead)).map(|lead| lead.id)
    }

    /// The newest lead of this click on the offer that a site made.
    pub(super) fn by_click(&self, click: &str, offer: u64) -> Option<u64> {
        let of_click = |lead: &&Lead| lead.offer == offer && lead.click.as_deref() == Some(click);
        self.leads.values().rev().filter(|lead| lead.channel == Channel::Site).find(of_click).map(|lead| lead.id)
    }

    /// What the affiliate is shown.
    pub(super) fn stage(&self, lead: &Lead, now: DateTime<Utc>) -> Stage {
        lead.stage(self.offers.get(&lead.offer), &self.switches.trash_reasons, now)
    }

    /// The day of a time, in the network's zone.
    pub(super) fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.switches.zone).date_naive()
    }

    /// An id as this install prints it.
    pub(super) fn id_value(&self, id: u64) -> Value {
        if self.switches.ids_as_text { id.to_string().into() } else { id.into() }
    }
}

/// Scatters numbers, always in the same way.
pub(super) fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

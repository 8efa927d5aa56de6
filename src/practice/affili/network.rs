//! Everything the practice Affili remembers. Plain data behind one lock; every call sees it whole.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use sha2::{Digest, Sha256};

use super::account::Account;
use super::call::Call;
use super::conversion::Conversion;
use super::customer::Customer;
use super::fault::PlannedFault;
use super::settings::Settings;

/// How many calls are remembered; the oldest go first, so that a practice server may run for weeks.
const CALLS_KEPT: usize = 10_000;

/// How many ids there are: five of 36 characters.
const ID_SPACE: u64 = 36_u64.pow(5);

/// The state.
#[derive(Default)]
pub(super) struct Network {
    pub account: Account,
    pub settings: Settings,
    /// In the order they came.
    pub conversions: Vec<Conversion>,
    /// In the order they came.
    pub customers: Vec<Customer>,
    /// What `set-cookie` gave out.
    pub tokens: HashMap<String, Token>,
    /// In the order they were planned.
    pub faults: Vec<PlannedFault>,
    pub calls: VecDeque<Call>,
    /// By how much our clock is ahead of the given one.
    pub advanced_by: TimeDelta,
    counter: u64,
}

/// A token of `set-cookie`.
pub(super) struct Token {
    pub referrer: String,
    pub expires_at: DateTime<Utc>,
}

impl Network {
    /// Nothing yet but an account.
    pub fn of(account: Account) -> Self {
        Self { account, ..Self::default() }
    }

    /// A new id of a conversion or a customer. Looks random, is the same in every run, and never comes twice.
    pub fn next_id(&mut self) -> String {
        self.counter += 1;
        // The factor shares no divisor with the space, so that no two counts meet.
        let mut rest = (self.counter % ID_SPACE * 31_415_927 + 27_182_818) % ID_SPACE;
        let mut id = String::with_capacity(5);
        for _ in 0..5 {
            let digit = u32::try_from(rest % 36).unwrap_or_default();
            id.push(char::from_digit(digit, 36).unwrap_or('0'));
            rest /= 36;
        }
        id
    }

    /// A new token for a visit of this referrer.
    pub fn issue_token(&mut self, referrer: &str, now: DateTime<Utc>) -> String {
        self.counter += 1;
        let hash = Sha256::digest(format!("practice affili {} {referrer}", self.counter).as_bytes());
        let token = format!("eyJpdiI6{}", hex::encode(hash));
        let expires_at = now + TimeDelta::days(self.settings.token_valid_days.into());
        self.tokens.insert(token.clone(), Token { referrer: referrer.to_owned(), expires_at });
        token
    }

    /// A conversion by Affili's id.
    pub fn conversion(&mut self, id: &str) -> Option<&mut Conversion> {
        self.conversions.iter_mut().find(|conversion| conversion.id == id)
    }

    /// Whether a conversion other than the given one has the merchant's id.
    pub fn has_external_id(&self, external_id: &str, but_for: Option<&str>) -> bool {
        let same = |conversion: &&Conversion| conversion.external_id.as_deref() == Some(external_id);
        self.conversions.iter().filter(same).any(|conversion| Some(conversion.id.as_str()) != but_for)
    }

    /// Remembers what came.
    pub fn remember(&mut self, call: Call) {
        if self.calls.len() >= CALLS_KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// Now by our clock, to the second as Affili stores it.
    pub fn now(&self, given: DateTime<Utc>) -> DateTime<Utc> {
        let now = given.checked_add_signed(self.advanced_by).unwrap_or(given);
        now.with_nanosecond(0).unwrap_or(now)
    }
}

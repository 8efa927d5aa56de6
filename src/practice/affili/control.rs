//! What a test or an operator may do behind the API's back: play the panel, move the clock, plan faults, look.
//! A conversion is named by Affili's id or by the merchant's; of several with one merchant's id, the first is meant.

use chrono::{DateTime, TimeDelta, Utc};

use super::Affili;
use super::account::{Account, Publisher};
use super::call::Call;
use super::conversion::{APPROVED, Conversion, DUPLICATED, Kind, Line, PENDING, REJECTED};
use super::customer::Customer;
use super::fault::{Fault, PlannedFault};
use super::network::Network;
use super::settings::Settings;

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// Neither Affili's id nor the merchant's.
    #[error("no conversion has the id {0:?}")]
    NoSuchConversion(String),
    /// No publisher has it.
    #[error("no publisher has the referrer {0:?}")]
    UnknownReferrer(String),
}

/// The panel.
impl Affili {
    /// Status 1.
    pub fn approve(&self, id: &str) -> Result<Conversion, ControlError> {
        self.set_status_number(id, APPROVED)
    }

    /// Status 2.
    pub fn reject(&self, id: &str) -> Result<Conversion, ControlError> {
        self.set_status_number(id, REJECTED)
    }

    /// Status 3.
    pub fn duplicate(&self, id: &str) -> Result<Conversion, ControlError> {
        self.set_status_number(id, DUPLICATED)
    }

    /// Status 0 again.
    pub fn set_pending(&self, id: &str) -> Result<Conversion, ControlError> {
        self.set_status_number(id, PENDING)
    }

    /// Any status, also one that no document knows. Works on closed conversions too.
    pub fn set_status_number(&self, id: &str, status: i64) -> Result<Conversion, ControlError> {
        self.touch(id, |conversion| conversion.status = status)
    }

    /// No longer editable through the API.
    pub fn close(&self, id: &str) -> Result<Conversion, ControlError> {
        self.touch(id, |conversion| conversion.is_closed = true)
    }

    /// Editable again.
    pub fn reopen(&self, id: &str) -> Result<Conversion, ControlError> {
        self.touch(id, |conversion| conversion.is_closed = false)
    }

    /// Paid out, and hence approved. Whether `updated_at` changes is a setting.
    pub fn check_out(&self, id: &str) -> Result<Conversion, ControlError> {
        let is_seen = self.settings().payout_changes_updated_at;
        self.change(id, |conversion, now| {
            conversion.status = APPROVED;
            conversion.is_checked_out = true;
            if is_seen {
                conversion.updated_at = now;
            }
        })
    }

    /// The order's total, in Rial. What follows from it stays as it was.
    pub fn set_amount(&self, id: &str, rial: i64) -> Result<Conversion, ControlError> {
        self.touch(id, |conversion| conversion.amount = rial)
    }

    /// Affili's fee, in Rial.
    pub fn set_wage(&self, id: &str, rial: i64) -> Result<Conversion, ControlError> {
        self.touch(id, |conversion| conversion.wage = rial)
    }

    /// The publisher's commission, in Rial.
    pub fn set_commission_amount(&self, id: &str, rial: i64) -> Result<Conversion, ControlError> {
        self.touch(id, |conversion| conversion.commission_amount = rial)
    }

    /// Removes a conversion, as if it had never come.
    pub fn forget(&self, id: &str) -> Result<Conversion, ControlError> {
        let mut network = self.lock();
        let at = position(&network, id)?;
        Ok(network.conversions.remove(at))
    }

    /// A lead that did not come through the API but through the browser script: one that the caller does not know.
    pub fn record_lead(&self, referrer: &str, external_id: Option<&str>) -> Result<Conversion, ControlError> {
        let now = self.now();
        let mut network = self.lock();
        let publisher = network.account.publisher_of(referrer).cloned();
        let publisher = publisher.ok_or_else(|| ControlError::UnknownReferrer(referrer.to_owned()))?;
        let line = network.account.first_commission(Kind::Lead).map(|commission| Line::of(commission, 0));
        let mut conversion = Conversion {
            external_id: external_id.map(str::to_owned),
            referrer: Some(referrer.to_owned()),
            lines: line.into_iter().collect(),
            ..Conversion::begun(network.next_id(), Kind::Lead, publisher, now)
        };
        conversion.reckon(&network.account);
        network.conversions.push(conversion.clone());
        Ok(conversion)
    }

    /// One more publisher.
    pub fn add_publisher(&self, publisher: Publisher) {
        self.lock().account.publishers.push(publisher);
    }

    /// A token as `set-cookie` gives it, for a lead that brings one along.
    pub fn issue_token(&self, referrer: &str) -> Result<String, ControlError> {
        let now = self.now();
        let mut network = self.lock();
        if network.account.publisher_of(referrer).is_none() {
            return Err(ControlError::UnknownReferrer(referrer.to_owned()));
        }
        Ok(network.issue_token(referrer, now))
    }

    /// A change that anyone sees who asks for what was updated.
    fn touch(&self, id: &str, change: impl FnOnce(&mut Conversion)) -> Result<Conversion, ControlError> {
        self.change(id, |conversion, now| {
            change(conversion);
            conversion.updated_at = now;
        })
    }

    fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut Conversion, DateTime<Utc>),
    ) -> Result<Conversion, ControlError> {
        let now = self.now();
        let mut network = self.lock();
        let at = position(&network, id)?;
        let conversion =
            network.conversions.get_mut(at).ok_or_else(|| ControlError::NoSuchConversion(id.to_owned()))?;
        change(conversion, now);
        Ok(conversion.clone())
    }
}

/// What there is.
impl Affili {
    /// A conversion.
    pub fn conversion(&self, id: &str) -> Option<Conversion> {
        let network = self.lock();
        position(&network, id).ok().and_then(|at| network.conversions.get(at).cloned())
    }

    /// Every stored conversion, in the order they came.
    pub fn conversions(&self) -> Vec<Conversion> {
        self.lock().conversions.clone()
    }

    /// Every stored customer, in the order they came.
    pub fn customers(&self) -> Vec<Customer> {
        self.lock().customers.clone()
    }

    /// The merchant's account.
    pub fn account(&self) -> Account {
        self.lock().account.clone()
    }

    /// What came, also what was refused. The last 10 000.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.iter().cloned().collect()
    }

    /// Forgets what came.
    pub fn clear_calls(&self) {
        self.lock().calls.clear();
    }

    /// Forgets conversions, customers, tokens, calls and faults. Account, settings and clock stay.
    pub fn clear(&self) {
        let mut network = self.lock();
        network.conversions.clear();
        network.customers.clear();
        network.tokens.clear();
        network.calls.clear();
        network.faults.clear();
    }
}

/// How it behaves.
impl Affili {
    /// The switches.
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Sets every switch.
    pub fn set_settings(&self, settings: Settings) {
        self.lock().settings = settings;
    }

    /// Sets some switches.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings();
        change(&mut settings);
        self.set_settings(settings);
    }

    /// Plans a fault for the next calls of a path. `path_prefix` may begin with a method: `POST /services`. Empty: any.
    pub fn fault_next(&self, path_prefix: &str, fault: Fault, times: u32) {
        let planned = PlannedFault { path_prefix: path_prefix.to_owned(), fault, times };
        self.lock().faults.push(planned);
    }

    /// Faults that have not happened yet.
    pub fn faults(&self) -> Vec<PlannedFault> {
        self.lock().faults.iter().filter(|planned| planned.times > 0).cloned().collect()
    }

    /// Takes every fault back.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// Now by the practice clock, to the second.
    pub fn now(&self) -> DateTime<Utc> {
        let given = (self.clock)();
        self.lock().now(given)
    }

    /// Moves the practice clock ahead of the given one, and back by a negative time.
    pub fn advance_clock(&self, by: TimeDelta) -> DateTime<Utc> {
        let given = (self.clock)();
        let mut network = self.lock();
        network.advanced_by = network.advanced_by.checked_add(&by).unwrap_or(network.advanced_by);
        network.now(given)
    }
}

/// Where a conversion stands: by Affili's id before the merchant's, which may look like one.
fn position(network: &Network, id: &str) -> Result<usize, ControlError> {
    let by_id = network.conversions.iter().position(|conversion| conversion.id == id);
    by_id
        .or_else(|| network.conversions.iter().position(|conversion| conversion.external_id.as_deref() == Some(id)))
        .ok_or_else(|| ControlError::NoSuchConversion(id.to_owned()))
}

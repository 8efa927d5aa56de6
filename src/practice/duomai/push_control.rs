//! The queue of pushes: what is added, fetched, answered and tried again.

use std::time::Duration;

use super::Duomai;
use super::control::ControlError;
use super::order::{Order, Status};
use super::push::{Push, PushLogEntry, PushMethod, PushModes, PushOutcome, TestChecksum, order_params, test_params};
use super::state::{KEPT, State};

impl Duomai {
    /// Sets or removes the URL to which an account's orders are pushed.
    pub fn set_push_url(&self, app_key: &str, url: Option<&str>) -> Result<(), ControlError> {
        let mut state = self.lock();
        let account = state.accounts.iter_mut().find(|account| account.app_key == app_key);
        let account = account.ok_or_else(|| ControlError::UnknownAccount(app_key.to_owned()))?;
        account.push_url = url.filter(|url| !url.is_empty()).map(str::to_owned);
        Ok(())
    }

    /// How pushes are made.
    pub fn push_modes(&self) -> PushModes {
        self.lock().push_modes.clone()
    }

    /// Says how pushes are made from now on.
    pub fn set_push_modes(&self, modes: PushModes) {
        self.lock().push_modes = modes;
    }

    /// Queues a test push as at the review of a URL. It is tried once.
    pub fn test_push(&self, app_key: &str, status: Status, signed: TestChecksum) -> Result<(), ControlError> {
        let mut state = self.lock();
        let account = state.account(app_key).ok_or_else(|| ControlError::UnknownAccount(app_key.to_owned()))?;
        let url = account.push_url.clone().ok_or_else(|| ControlError::NoPushUrl(app_key.to_owned()))?;
        let params = test_params(account, status, signed);
        let method = state.push_modes.method;
        state.queue(first_try(method, url, params, None));
        Ok(())
    }

    /// Everything that waits to be sent. The caller waits `due_after` of each before sending it, and reports with
    /// [`Duomai::answered`].
    pub fn take_pushes(&self) -> Vec<Push> {
        let mut state = self.lock();
        let mut pushes = std::mem::take(&mut state.pushes);
        if state.push_modes.newest_first {
            pushes.reverse();
        }
        for entry in state.push_log.iter_mut().filter(|entry| entry.outcome == PushOutcome::Queued) {
            entry.outcome = PushOutcome::Taken;
        }
        pushes
    }

    /// Notes what the receiver answered; None when no answer came. HTTP 200 with `1` or `0` is a delivery; anything
    /// else queues the next try, three at most. Gives the push's fate; a second report of one push changes nothing.
    pub fn answered(&self, push: &Push, answer: Option<(u16, String)>) -> PushOutcome {
        // A push that the log has forgotten is an old one; nobody waits for it.
        self.lock().answered(push.number, answer).unwrap_or(PushOutcome::GivenUp)
    }

    /// All pushes and their fate, the oldest first; of a long practice the last ten thousand.
    pub fn push_log(&self) -> Vec<PushLogEntry> {
        self.lock().push_log.iter().cloned().collect()
    }
}

impl State {
    /// Queues the push about an order, if its account wants pushes.
    pub(super) fn push_order(&mut self, order: &Order) {
        let Some(account) = self.owner(&order.site_id) else { return };
        let Some(url) = account.push_url.clone() else { return };
        let modes = &self.push_modes;
        let params = order_params(order, self.plan_name(&order.ads_id), account, modes);
        let (method, times) = (modes.method, if modes.twice { 2 } else { 1 });
        for _ in 0..times {
            self.queue(first_try(method, url.clone(), params.clone(), Some(order.id.clone())));
        }
    }

    fn queue(&mut self, push: Push) {
        self.pushes_made += 1;
        let push = Push { number: self.pushes_made, ..push };
        if self.push_log.len() >= KEPT {
            self.push_log.pop_front();
        }
        self.push_log.push_back(PushLogEntry { push: push.clone(), answer: None, outcome: PushOutcome::Queued });
        self.pushes.push(push);
    }

    pub(super) fn answered(&mut self, number: u64, answer: Option<(u16, String)>) -> Option<PushOutcome> {
        let last = self.switches.push_retries.saturating_add(1);
        let entry = self.push_log.iter_mut().find(|entry| entry.push.number == number)?;
        if !matches!(entry.outcome, PushOutcome::Queued | PushOutcome::Taken) {
            return Some(entry.outcome);
        }
        let is_good = matches!(&answer, Some((200, body)) if matches!(body.trim(), "1" | "0"));
        let is_last = entry.push.order_id.is_none() || entry.push.attempt >= last;
        entry.answer = answer;
        entry.outcome = match (is_good, is_last) {
            (true, _) => PushOutcome::Delivered,
            (false, true) => PushOutcome::GivenUp,
            (false, false) => PushOutcome::Retried,
        };
        let outcome = entry.outcome;
        if outcome == PushOutcome::Retried {
            let due_after = Duration::from_secs(self.switches.push_retry_seconds);
            let retry = Push { attempt: entry.push.attempt + 1, due_after, ..entry.push.clone() };
            self.queue(retry);
        }
        Some(outcome)
    }
}

fn first_try(method: PushMethod, url: String, query_or_body: String, order_id: Option<String>) -> Push {
    Push { number: 0, method, url, query_or_body, order_id, attempt: 1, due_after: Duration::ZERO }
}

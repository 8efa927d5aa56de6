//! Which leads of a batch are new: not answered before, not twins of each other, not duplicates by the rules of their offers.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Intake, Receipt, Stored};
use crate::db;
use crate::db::intake::DuplicateQuestion;

/// Requests that were answered before.
pub(super) async fn repeats(
    conn: &mut PgConnection,
    items: &[&Intake],
    receipts: &mut [Option<Receipt>],
) -> sqlx::Result<()> {
    let webmasters: Vec<Uuid> = items.iter().map(|item| item.webmaster_id).collect();
    let keys: Vec<Option<String>> = items.iter().map(|item| item.idempotency_key.clone()).collect();
    let external_ids: Vec<Option<String>> = items.iter().map(|item| item.lead.external_id.clone()).collect();
    if keys.iter().chain(&external_ids).all(Option::is_none) {
        return Ok(());
    }
    for earlier in db::intake::earlier(conn, &webmasters, &keys, &external_ids).await? {
        let (Some(item), Some(receipt)) = (items.get(earlier.index), receipts.get_mut(earlier.index)) else { continue };
        let is_same = earlier.request_hash == item.hash;
        // Two keys that point to two leads: whatever differs wins.
        if receipt.is_none() || !is_same {
            let stored = Stored { lead_id: earlier.lead_id, number: earlier.number, created_at: earlier.created_at };
            *receipt = Some(if is_same { Receipt::Repeat(stored) } else { Receipt::Conflict(earlier.lead_id) });
        }
    }
    Ok(())
}

/// Those not answered yet, without the ones that share a key with an earlier one of the batch.
pub(super) fn first_of_twins(items: &[&Intake], receipts: &[Option<Receipt>]) -> Vec<usize> {
    let mut seen: BTreeSet<(Uuid, u8, String)> = BTreeSet::new();
    let mut locks: BTreeSet<i64> = BTreeSet::new();
    let mut fresh = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        if receipts.get(index).is_some_and(Option::is_some) {
            continue;
        }
        let key = item.idempotency_key.clone().map(|key| (item.webmaster_id, 0, key));
        let name = item.lead.external_id.clone().map(|name| (item.webmaster_id, 1, name));
        let own: Vec<_> = key.into_iter().chain(name).collect();
        let is_twin =
            own.iter().any(|key| seen.contains(key)) || item.duplicates.locks.iter().any(|key| locks.contains(key));
        // A twin's keys count as well: a third one must not overtake it.
        seen.extend(own);
        locks.extend(item.duplicates.locks.iter().copied());
        if !is_twin {
            fresh.push(index);
        }
    }
    fresh
}

/// The duplicate rules of the offers, under locks that other writers and nodes take as well.
pub(super) async fn duplicates(
    conn: &mut PgConnection,
    items: &[&Intake],
    receipts: &mut [Option<Receipt>],
) -> sqlx::Result<()> {
    let asked: Vec<(usize, DuplicateQuestion)> = items
        .iter()
        .enumerate()
        .filter(|(index, item)| item.duplicates.can_match() && receipts.get(*index).is_some_and(Option::is_none))
        .filter_map(|(index, item)| {
            let days = i64::from(item.offer.duplicates.as_ref()?.days);
            let question = DuplicateQuestion {
                offer_id: item.offer.offer_id,
                webmaster_id: item.duplicates.webmaster_id,
                phone: item.duplicates.phone.clone(),
                email: item.duplicates.email.clone(),
                all: item.duplicates.must_match_all,
                since: item.created_at - TimeDelta::days(days),
            };
            Some((index, question))
        })
        .collect();
    if asked.is_empty() {
        return Ok(());
    }
    let mut locks: Vec<i64> = asked
        .iter()
        .filter_map(|(index, _)| items.get(*index))
        .flat_map(|item| item.duplicates.locks.clone())
        .collect();
    locks.sort_unstable();
    locks.dedup();
    let questions: Vec<DuplicateQuestion> = asked.iter().map(|(_, question)| question.clone()).collect();
    let hits = db::intake::find_duplicates(conn, &locks, &questions).await?;
    if hits.is_empty() {
        return Ok(());
    }
    // What looks like a duplicate may be the same request's repeat, for whose first copy the locks may have made us wait.
    repeats(conn, items, receipts).await?;
    for (position, lead_id, webmaster_id) in hits {
        let Some((index, _)) = asked.get(position) else { continue };
        let is_own = items.get(*index).is_some_and(|item| item.webmaster_id == webmaster_id);
        if let Some(receipt @ None) = receipts.get_mut(*index) {
            *receipt = Some(Receipt::Duplicate(is_own.then_some(lead_id)));
        }
    }
    Ok(())
}

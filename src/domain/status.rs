//! Our statuses, which report may move a conversion from where to where, and how a lead's status follows.

crate::text_enum! {
    /// Where a lead or a conversion stands. Conversions are never `new`.
    pub enum Status {
        /// Stored; no network has taken it yet.
        New = "new",
        /// A network accepted it; no verdict yet.
        Pending = "pending",
        /// The network confirms later.
        Hold = "hold",
        /// Confirmed; payable.
        Approved = "approved",
        /// Settled by the network.
        Paid = "paid",
        /// Refused by the person, the call centre or the network.
        Rejected = "rejected",
        /// Invalid, fake, duplicate or a test: does not count in the approve rate.
        Trash = "trash",
    }
}

impl Status {
    /// The AlterCPA stage word: `wait`, `hold`, `approve`, `cancel`, `trash`.
    pub const fn stage(self) -> &'static str {
        match self {
            Self::New | Self::Pending => "wait",
            Self::Hold => "hold",
            Self::Approved | Self::Paid => "approve",
            Self::Rejected => "cancel",
            Self::Trash => "trash",
        }
    }

    /// Whether money is owed or expected in this status (not in `rejected` and `trash`).
    pub const fn is_alive(self) -> bool {
        !matches!(self, Self::Rejected | Self::Trash)
    }
}

crate::text_enum! {
    /// Where a status report came from. A postback may only move a conversion forward; the others know the
    /// present state and may also correct it.
    pub enum Source {
        /// The answer to a send.
        Answer = "answer",
        /// An inbound postback.
        Postback = "postback",
        /// A scheduled or requested pull.
        Poll = "poll",
        /// An import of a file.
        Import = "import",
        /// A person in the dashboard or the admin API.
        Admin = "admin",
    }
}

crate::text_enum! {
    /// What became of a status report.
    pub enum Verdict {
        /// The conversion moved, or its money changed.
        Applied = "applied",
        /// It says what we know already.
        Unchanged = "unchanged",
        /// It would move the conversion backwards.
        Stale = "stale",
        /// Its status word is not mapped.
        Unmapped = "unmapped",
        /// It names no status and nothing else of use.
        Ignored = "ignored",
        /// It names no lead of this network.
        Unmatched = "unmatched",
    }
}

/// Whether a report from `source` may move a conversion from `from` to `to` (`from != to`).
pub fn may_move(from: Status, to: Status, source: Source) -> bool {
    use Status::{Approved, Hold, New, Paid, Pending, Rejected, Trash};
    if to == New {
        return false;
    }
    let forward = match from {
        New => true,
        Pending => true,
        Hold => matches!(to, Approved | Paid | Rejected | Trash),
        Approved => matches!(to, Paid | Rejected | Trash),
        Rejected | Trash => matches!(to, Approved | Paid),
        Paid => false,
    };
    if forward {
        return true;
    }
    let knows_present = matches!(source, Source::Poll | Source::Import | Source::Admin);
    knows_present
        && match from {
            New | Pending => false,
            Hold => to == Pending,
            Approved | Rejected | Trash => matches!(to, Pending | Hold),
            Paid => true,
        }
}

/// What a move is called on the timeline: `reversed`, `reopened`, or nothing special.
pub fn move_name(from: Status, to: Status) -> Option<&'static str> {
    use Status::{Approved, Paid, Rejected, Trash};
    match (from, to) {
        (Approved | Paid, Rejected | Trash) => Some("reversed"),
        (Rejected | Trash, Approved | Paid) => Some("reopened"),
        _ => None,
    }
}

/// The lead's status from the conversions of its owning delivery: the best of paid, approved, hold, pending;
/// when all have failed `rejected`, or `trash` if all are trash. `None` when there are none.
pub fn fold(conversions: impl IntoIterator<Item = Status>) -> Option<Status> {
    let rank = |status: Status| match status {
        Status::Paid => 6,
        Status::Approved => 5,
        Status::Hold => 4,
        Status::Pending => 3,
        Status::Rejected => 2,
        Status::Trash => 1,
        Status::New => 0,
    };
    conversions.into_iter().max_by_key(|status| rank(*status))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn conversion_status() -> impl Strategy<Value = Status> {
        proptest::sample::select(&Status::ALL[1..])
    }

    proptest! {
        #[test]
        fn the_fold_is_one_of_its_parts(all in proptest::collection::vec(conversion_status(), 1..6)) {
            let folded = fold(all.clone()).unwrap();
            prop_assert!(all.contains(&folded));
            prop_assert_eq!(folded == Status::Trash, all.iter().all(|s| *s == Status::Trash));
        }
    }

    /// Where reports of everybody may move a conversion, and where those who know its present state may also:
    /// the table of the design, a second time.
    const MOVES: [(&str, &str, &str); 6] = [
        ("pending", "hold approved paid rejected trash", ""),
        ("hold", "approved paid rejected trash", "pending"),
        ("approved", "paid rejected trash", "pending hold"),
        ("rejected", "approved paid", "pending hold"),
        ("trash", "approved paid", "pending hold"),
        ("paid", "", "pending hold approved rejected trash"),
    ];

    #[test]
    fn conversions_move_as_the_table_says_and_no_other_way() {
        for (from, by_all, by_knowing) in MOVES {
            let from: Status = from.parse().unwrap();
            for to in Status::ALL.iter().copied().filter(|to| *to != from) {
                for source in Source::ALL.iter().copied() {
                    let knows = matches!(source, Source::Poll | Source::Import | Source::Admin);
                    let has = |words: &str| words.split(' ').any(|word| word == to.as_str());
                    let expected = has(by_all) || (knows && has(by_knowing));
                    assert_eq!(may_move(from, to, source), expected, "{from} to {to} by {source}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_order_of_reports_ends_where_the_table_allows_and_so_does_its_replay(
            reports in proptest::collection::vec(
                (0..3_usize, proptest::sample::select(Source::ALL), proptest::sample::select(Status::ALL)), 0..40),
        ) {
            let mut conversions = std::collections::BTreeMap::new();
            let mut applied = Vec::new();
            for (key, source, to) in reports {
                let from = conversions.get(&key).copied();
                let may = from.map_or(to != Status::New, |from| from != to && may_move(from, to, source));
                if may {
                    prop_assert!(from != Some(Status::Paid) || !matches!(source, Source::Answer | Source::Postback));
                    conversions.insert(key, to);
                    applied.push((key, to));
                }
            }
            let folded = fold(conversions.values().copied());
            let has = |word: &str| conversions.values().any(|status| status.as_str() == word);
            let best = ["paid", "approved", "hold", "pending", "rejected", "trash"].into_iter().find(|word| has(word));
            prop_assert_eq!(folded.map(Status::as_str), best);
            prop_assert_eq!(folded, fold(conversions.values().rev().copied()));
            prop_assert_eq!(applied.into_iter().collect::<std::collections::BTreeMap<_, _>>(), conversions);
        }
    }
}

//! Reports in any order from any source: a conversion moves as the table of the design says and no other way, the lead's
//! status is the best of its conversions, and replaying what was applied ends in the same state.
//!
//! The input: two bytes a report: which conversion and who says it, then which status.

#![no_main]

use std::collections::BTreeMap;

use leadrelay::domain::status::{self, Source, Status};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let pick = |byte: u8, of: usize| usize::from(byte) % of;
    let reports: Vec<(usize, Source, Status)> = data
        .chunks_exact(2)
        .map(|pair| {
            let source = Source::ALL[pick(pair[0] >> 2, Source::ALL.len())];
            (pick(pair[0], 4), source, Status::ALL[pick(pair[1], Status::ALL.len())])
        })
        .collect();
    let mut conversions: BTreeMap<usize, Status> = BTreeMap::new();
    let mut applied = Vec::new();
    for (key, source, to) in reports {
        let from = conversions.get(&key).copied();
        let may = match from {
            None => to != Status::New,
            Some(from) => from != to && status::may_move(from, to, source),
        };
        if let Some(from) = from.filter(|from| *from != to) {
            assert_eq!(may, table(from.as_str(), to.as_str(), source), "{from} to {to} by {source}");
        }
        if may {
            conversions.insert(key, to);
            applied.push((key, to));
        }
    }
    let folded = status::fold(conversions.values().copied());
    assert_eq!(folded.map(|status| status.as_str()), best(&conversions));
    assert_eq!(folded, status::fold(conversions.values().rev().copied()), "the order does not matter");
    let replayed: BTreeMap<usize, Status> = applied.into_iter().collect();
    assert_eq!(replayed, conversions);
});

/// The table of moves, from the words of the design.
fn table(from: &str, to: &str, source: Source) -> bool {
    let (by_all, by_knowing): (&[&str], &[&str]) = match from {
        "pending" => (&["hold", "approved", "paid", "rejected", "trash"], &[]),
        "hold" => (&["approved", "paid", "rejected", "trash"], &["pending"]),
        "approved" => (&["paid", "rejected", "trash"], &["pending", "hold"]),
        "rejected" | "trash" => (&["approved", "paid"], &["pending", "hold"]),
        "paid" => (&[], &["pending", "hold", "approved", "rejected", "trash"]),
        other => panic!("no conversion is {other}"),
    };
    let knows = matches!(source, Source::Poll | Source::Import | Source::Admin);
    by_all.contains(&to) || (knows && by_knowing.contains(&to))
}

fn best(conversions: &BTreeMap<usize, Status>) -> Option<&'static str> {
    let has = |word: &str| conversions.values().any(|status| status.as_str() == word);
    ["paid", "approved", "hold", "pending", "rejected", "trash"].into_iter().find(|word| has(word))
}

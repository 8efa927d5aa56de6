//! Opening hours as lines: `mon-fri 09:00-18:00`, `sat,sun 10:00-14:00`.

use crate::domain::rules::{OpenSpan, Schedule};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The schedule as lines, one for each span.
pub(super) fn write(schedule: &Schedule) -> String {
    let line = |span: &OpenSpan| format!("{} {}-{}", days(&span.days), span.from, span.to);
    schedule.open.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Days in a row as a range.
fn days(days: &[String]) -> String {
    let place = |day: &String| DAYS.iter().position(|known| known == day);
    let places: Option<Vec<usize>> = days.iter().map(place).collect();
    match (places.as_deref(), days) {
        (Some([first, .., last]), [from, .., to])
            if days.len() > 2 && last.checked_sub(*first) == Some(days.len() - 1) =>
        {
            format!("{from}-{to}")
        }
        _ => days.join(","),
    }
}

/// Lines as a schedule; none where there are none. The number of a line that cannot be read is the error.
pub(super) fn read(lines: &str) -> Result<Option<Schedule>, usize> {
    let mut open = Vec::new();
    for (index, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        open.push(span(line).ok_or(index + 1)?);
    }
    Ok((!open.is_empty()).then_some(Schedule { open }))
}

fn span(line: &str) -> Option<OpenSpan> {
    let (days, times) = line.trim().rsplit_once(char::is_whitespace)?;
    let (from, to) = times.split_once('-')?;
    let mut named = Vec::new();
    for part in days.split([',', ' ']).map(|part| part.trim().to_lowercase()).filter(|part| !part.is_empty()) {
        match part.split_once('-') {
            None => named.push(known(&part)?),
            Some((first, last)) => {
                let (first, last) = (known(first)?, known(last)?);
                named.extend(first..=last);
                if first > last {
                    return None;
                }
            }
        }
    }
    let days: Vec<String> = named.into_iter().filter_map(|at| DAYS.get(at)).map(|day| (*day).to_owned()).collect();
    (!days.is_empty()).then(|| OpenSpan { days, from: from.trim().to_owned(), to: to.trim().to_owned() })
}

fn known(day: &str) -> Option<usize> {
    DAYS.iter().position(|known| *known == day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hours_are_read_as_they_are_said() {
        let read = read("mon-fri 09:00-18:00\n\nSat, sun 10:00-14:00").unwrap().unwrap();
        assert_eq!(write(&read), "mon-fri 09:00-18:00\nsat,sun 10:00-14:00");
        assert_eq!(super::read(" \n"), Ok(None));
        for (lines, wrong) in
            [("mon", 1), ("mon 9", 1), ("mon 09:00-10:00\nmoon 1-2", 2), ("fri-mon 1-2", 1), ("- 1-2", 1)]
        {
            assert_eq!(super::read(lines), Err(wrong), "{lines}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_it_was(spans in proptest::collection::vec(proptest::sample::subsequence(DAYS.to_vec(), 1..=7), 1..4)) {
            let open = spans
                .into_iter()
                .map(|days| OpenSpan { days: days.into_iter().map(str::to_owned).collect(), from: "00:00".into(), to: "24:00".into() })
                .collect();
            let schedule = Schedule { open };
            prop_assert_eq!(read(&write(&schedule)), Ok(Some(schedule)));
        }
    }
}

//! XLSX: the first sheet that holds something. A workbook is a zip archive, which may unpack to far more than was sent:
//! its parts are counted before anything is built of them.

use std::io::{Cursor, Read, Seek, copy, sink};

use calamine::{Data, DataRef, Reader, Xlsx};
use zip::ZipArchive;

use super::{Fault, Gathering, MAX_CELL, MAX_COLUMNS, Sheet};

/// Most bytes that all parts of a workbook unpack to.
const MAX_UNPACKED: u64 = 160 * 1024 * 1024;

/// Reads it.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, Fault> {
    weigh(bytes)?;
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|_| Fault::Workbook)?;
    let mut last = Err(Fault::Empty);
    for name in book.sheet_names() {
        last = sheet(&mut book, &name);
        if last != Err(Fault::Empty) {
            break;
        }
    }
    last
}

/// Unpacks all parts into nothing, to know how large they are: what an archive says of itself need not be true.
fn weigh(bytes: &[u8]) -> Result<(), Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Fault::Workbook)?;
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| Fault::Workbook)?;
        let size = copy(&mut part.take(left + 1), &mut sink()).map_err(|_| Fault::Workbook)?;
        left = left.checked_sub(size).ok_or(Fault::TooMuch)?;
    }
    Ok(())
}

fn sheet<R: Read + Seek>(book: &mut Xlsx<R>, name: &str) -> Result<Sheet, Fault> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|_| Fault::Workbook)?;
    let mut gathering = Gathering::default();
    let mut row: Vec<String> = Vec::new();
    let mut at = 0_u32;
    while let Some(cell) = cells.next_cell().map_err(|_| Fault::Workbook)? {
        let (line, column) = cell.get_position();
        if line != at {
            gathering.add(number(at), std::mem::take(&mut row))?;
            at = line;
        }
        if matches!(cell.get_value(), DataRef::SharedString(text) if text.len() > 4 * MAX_CELL) {
            return Err(Fault::LongCell(number(line)));
        }
        let text = text(cell.get_value());
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if text.is_empty() {
            continue;
        }
        if column >= MAX_COLUMNS {
            return Err(Fault::TooManyColumns);
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        if let Some(place) = row.get_mut(column) {
            *place = text;
        }
    }
    gathering.add(number(at), row)?;
    gathering.end()
}

fn number(row: u32) -> i32 {
    i32::try_from(row).unwrap_or(i32::MAX).saturating_add(1)
}

/// A cell as a person would type it: whole numbers without a point or an exponent, so that ids and phones stay what they are.
fn text(value: &DataRef<'_>) -> String {
    match Data::from(value.clone()) {
        Data::Empty | Data::Error(_) => String::new(),
        Data::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Data::Float(number) => float(number),
        other => other.to_string(),
    }
}

/// A number as decimals; what the machine's halves have added far behind the point is not shown.
fn float(number: f64) -> String {
    if number.fract() == 0.0 {
        return format!("{number:.0}");
    }
    let short = format!("{number:.10}");
    short.trim_end_matches('0').trim_end_matches('.').to_owned()
}

//! Tables that people send as files: CSV in whatever form their spreadsheet writes it, or the first sheet of an XLSX
//! workbook. Either becomes a line of headings and rows of texts. What is too large is refused before it fills the memory.

mod delimited;
mod workbook;

use std::collections::HashMap;

/// Most bytes of a file.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Most rows below the headings.
pub const MAX_ROWS: usize = 100_000;
/// Most columns.
pub const MAX_COLUMNS: usize = 200;
/// Most characters of a cell.
pub const MAX_CELL: usize = 20_000;
/// Most bytes of all cells together: a small workbook may say one long text a million times.
const MAX_TEXT: usize = 80 * 1024 * 1024;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What the columns are called; no two alike, none empty.
    pub heads: Vec<String>,
    /// Rows that hold something, each with as many cells as there are headings.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it stands in the file, from 1: the line a person sees when he opens it.
    pub line: i32,
    /// Trimmed; empty where there is nothing.
    pub cells: Vec<String>,
}

impl std::fmt::Debug for Row {
    // What stands in the cells may be personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({}, {} cells)", self.line, self.cells.len())
    }
}

/// Why a file is not a table that can be read. Never repeats what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// There are headings and nothing below them.
    #[error("has no rows below its first line, which must be the headings")]
    NoRows,
    /// More bytes than are taken.
    #[error("is larger than {} MiB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// A small archive with much in it.
    #[error("unpacks to more than can be read at once: split it")]
    TooMuch,
    /// More rows than are taken.
    #[error("has more than {MAX_ROWS} rows: split it")]
    TooManyRows,
    /// More columns than are taken.
    #[error("has more than {MAX_COLUMNS} columns")]
    TooManyColumns,
    /// A cell holds more than is taken.
    #[error("has a cell of more than {MAX_CELL} characters in line {0}")]
    LongCell(i32),
    /// A zip archive that is no workbook, or a broken one.
    #[error("is not an XLSX workbook that can be read")]
    Workbook,
    /// A format of spreadsheets that is not taken.
    #[error("is an old Excel file (XLS): save it as XLSX or CSV")]
    OldWorkbook,
    /// Bytes that are no text.
    #[error("is neither a CSV text nor an XLSX workbook")]
    NoText,
}

/// Reads a file.
pub fn read(bytes: &[u8]) -> Result<Sheet, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(Fault::TooLarge);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook::read(bytes);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(Fault::OldWorkbook);
    }
    delimited::read(bytes)
}

/// Gathers lines into a table: the first one that holds something is the headings.
#[derive(Debug, Default)]
struct Gathering {
    heads: Vec<String>,
    rows: Vec<Row>,
    bytes: usize,
}

impl Gathering {
    fn add(&mut self, line: i32, cells: Vec<String>) -> Result<(), Fault> {
        let mut cells: Vec<String> = cells.into_iter().map(|cell| tidy(&cell)).collect();
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        if cells.len() > MAX_COLUMNS {
            return Err(Fault::TooManyColumns);
        }
        if cells.iter().any(|cell| super::text::is_longer(cell, MAX_CELL)) {
            return Err(Fault::LongCell(line));
        }
        self.bytes += cells.iter().map(String::len).sum::<usize>();
        if self.bytes > MAX_TEXT {
            return Err(Fault::TooMuch);
        }
        if self.heads.is_empty() {
            self.heads = cells;
        } else if self.rows.len() == MAX_ROWS {
            return Err(Fault::TooManyRows);
        } else {
            self.rows.push(Row { line, cells });
        }
        Ok(())
    }

    fn end(self) -> Result<Sheet, Fault> {
        let Self { mut heads, mut rows, .. } = self;
        if heads.is_empty() {
            return Err(Fault::Empty);
        }
        let width = rows.iter().map(|row| row.cells.len()).max().ok_or(Fault::NoRows)?.max(heads.len());
        heads.resize(width, String::new());
        name_apart(&mut heads);
        for row in &mut rows {
            row.cells.resize(width, String::new());
        }
        Ok(Sheet { heads, rows })
    }
}

/// Without what the database refuses and what nobody sees.
fn tidy(cell: &str) -> String {
    cell.replace('\0', "").trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned()
}

/// Gives every column a name of its own.
fn name_apart(heads: &mut [String]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, head) in heads.iter_mut().enumerate() {
        if head.is_empty() {
            *head = format!("#{}", index + 1);
        }
        let plain = head.clone();
        while seen.contains_key(head.as_str()) {
            let count = seen.entry(plain.clone()).or_insert(1);
            *count += 1;
            *head = format!("{plain} ({count})");
        }
        seen.insert(head.clone(), 1);
    }
}

#[cfg(test)]
mod tests;

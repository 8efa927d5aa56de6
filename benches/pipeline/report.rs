//! The table of figures.

/// One line.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The part of the run: `intake`.
    pub part: &'static str,
    /// What was measured.
    pub what: String,
    /// As it is printed, with its unit.
    pub value: String,
    /// What it must be, and whether it is.
    pub goal: Option<(String, bool)>,
}

/// All figures of a run.
#[derive(Debug, Default)]
pub struct Report {
    figures: Vec<Figure>,
}

impl Report {
    /// Adds a figure; printed at once, because a run is long.
    pub fn add(&mut self, part: &'static str, what: impl Into<String>, value: impl Into<String>) {
        self.push(Figure { part, what: what.into(), value: value.into(), goal: None });
    }

    /// Adds a figure that has a goal.
    pub fn judge(
        &mut self,
        part: &'static str,
        what: impl Into<String>,
        value: impl Into<String>,
        goal: &str,
        is_reached: bool,
    ) {
        self.push(Figure { part, what: what.into(), value: value.into(), goal: Some((goal.to_owned(), is_reached)) });
    }

    fn push(&mut self, figure: Figure) {
        eprintln!("  {}: {} {}", figure.part, figure.what, figure.value);
        self.figures.push(figure);
    }

    /// The table in Markdown.
    pub fn table(&self) -> String {
        let mut table = String::from("| part | what | figure | goal | |\n|---|---|---|---|---|\n");
        for figure in &self.figures {
            let (goal, mark) = match &figure.goal {
                Some((goal, true)) => (goal.as_str(), "reached"),
                Some((goal, false)) => (goal.as_str(), "**missed**"),
                None => ("", ""),
            };
            table.push_str(&format!("| {} | {} | {} | {goal} | {mark} |\n", figure.part, figure.what, figure.value));
        }
        table
    }

    /// Writes docs/BENCHMARKS.md.
    pub fn keep(&self) {
        let day = leadrelay::base::clock::Clock::system().now().format("%-d %B %Y");
        let machine = format!("Measured on {day}: {}.", super::machine::describe());
        let page = include_str!("report.md").replace("{machine}", &machine).replace("{table}", self.table().trim_end());
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/BENCHMARKS.md");
        std::fs::write(path, page).expect("write docs/BENCHMARKS.md");
    }

    /// Prints the machine and the table.
    pub fn print(&self) {
        println!("{}\n\n{}", super::machine::describe(), self.table());
    }
}

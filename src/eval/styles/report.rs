//! How well styles are told apart, as data and as Markdown.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::token::Style;

/// What the classifier says of held-out windows and of composed phrases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StyleReport {
    /// Windows learned from, with those that are heard a second time with fewer parts.
    pub n_examples: usize,
    /// Held-out windows of a known style.
    pub n_held_out: usize,
    /// Share of them taken for one of their own styles, `0.0..=1.0`.
    pub right: f64,
    /// Share of them with one of their own styles among the three likeliest.
    pub among_three: f64,
    /// The styles that are told apart well enough to be offered.
    pub told_apart: Vec<Style>,
    /// By style.
    pub styles: Vec<StyleRow>,
    /// Of composed phrases, by the style that was asked; empty if not measured.
    pub composed: Vec<ComposedRow>,
}

/// How well one style is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StyleRow {
    /// Style.
    pub style: Style,
    /// Held-out families.
    pub n_families: usize,
    /// Held-out windows.
    pub n_windows: usize,
    /// Share of them taken for this style or another of their own, `0.0..=1.0`.
    pub recall: f64,
    /// The same of real music only; absent if there is none.
    pub recall_real: Option<f64>,
    /// The same of textures only; absent if there are none.
    pub recall_textures: Option<f64>,
    /// Share of them with a style of their own among the three likeliest.
    pub among_three: f64,
    /// Share of them taken for this style itself.
    pub as_itself: f64,
    /// Share of them that would be right by chance.
    pub chance: f64,
    /// Whether it may be offered.
    pub is_told_apart: bool,
    /// Windows by the style that they are taken for first.
    pub taken_for: BTreeMap<Style, usize>,
}

/// What composed phrases of one style are taken for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComposedRow {
    /// The style that was asked.
    pub style: Style,
    /// Phrases.
    pub n_phrases: usize,
    /// Phrases taken for that style.
    pub n_right: usize,
    /// Phrases with that style among the three likeliest.
    pub n_among_three: usize,
    /// Phrases by the style that they are taken for first.
    pub taken_for: BTreeMap<Style, usize>,
}

impl fmt::Display for StyleReport {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Styles told apart\n")?;
        writeln!(
            f,
            "A softmax regression on {} windows, asked about {} held-out ones: {:.0} % are taken for one of their own styles, \
             {:.0} % have one among the three likeliest. A style is told apart if, of five held-out families or more, at least \
             half of its windows are right and three times as many as by chance, and if three times as many as by chance \
             are taken for the style itself where they have several.\n",
            self.n_examples,
            self.n_held_out,
            100.0 * self.right,
            100.0 * self.among_three
        )?;
        writeln!(
            f,
            "| style | families | windows | recall | real | textures | as itself | among three | chance | told apart |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
        let some = |share: Option<f64>| share.map_or("–".to_owned(), |share| format!("{share:.2}"));
        for row in &self.styles {
            let (real, textures) = (some(row.recall_real), some(row.recall_textures));
            let verdict = if row.is_told_apart { "yes" } else { "no" };
            writeln!(
                f,
                "| {} | {} | {} | {:.2} | {real} | {textures} | {:.2} | {:.2} | {:.2} | {verdict} |",
                row.style,
                row.n_families,
                row.n_windows,
                row.recall,
                row.as_itself,
                row.among_three,
                row.chance
            )?;
        }
        writeln!(f, "\nConfusion: rows are true, columns what is heard first, in per cent of the row.\n")?;
        let rows = self.styles.iter().map(|row| (row.style, &row.taken_for));
        self.confusion(f, rows.collect())?;
        if !self.composed.is_empty() {
            self.fmt_composed(f)?;
        }
        Ok(())
    }
}

impl StyleReport {
    fn fmt_composed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nComposed phrases:\n\n| asked | phrases | heard first | among three |\n| --- | --- | --- | --- |"
        )?;
        for ComposedRow { style, n_phrases, n_right, n_among_three, .. } in &self.composed {
            writeln!(f, "| {style} | {n_phrases} | {n_right} | {n_among_three} |")?;
        }
        writeln!(f, "\nRows are asked, columns what is heard first, in per cent of the row.\n")?;
        self.confusion(f, self.composed.iter().map(|row| (row.style, &row.taken_for)).collect())
    }

    fn confusion(
        &self,
        f: &mut fmt::Formatter<'_>,
        rows: Vec<(Style, &BTreeMap<Style, usize>)>,
    ) -> fmt::Result {
        let columns: Vec<Style> = self.styles.iter().map(|row| row.style).collect();
        let names: Vec<&str> = columns.iter().map(|style| style.name()).collect();
        writeln!(f, "| | {} |", names.join(" | "))?;
        writeln!(f, "| --- | {} |", vec!["---"; names.len()].join(" | "))?;
        for (style, taken_for) in rows {
            let n_windows: usize = taken_for.values().sum();
            let cell = |heard: &Style| match taken_for.get(heard) {
                Some(n) => format!("{}", (100 * n + n_windows / 2) / n_windows.max(1)),
                None => String::new(),
            };
            let cells: Vec<String> = columns.iter().map(cell).collect();
            writeln!(f, "| {style} | {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

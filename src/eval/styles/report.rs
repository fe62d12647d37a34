//! The report of how well styles are distinguished, as data and as Markdown.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::token::Style;

/// The results of the classifier for held-out windows and for composed phrases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StyleReport {
    /// Number of training windows, including those that are used a second time with fewer parts.
    pub n_examples: usize,
    /// Held-out windows of a known style.
    pub n_held_out: usize,
    /// Share of them classified as one of their own styles, `0.0..=1.0`.
    pub right: f64,
    /// Share of them with one of their own styles among the three likeliest.
    pub among_three: f64,
    /// The styles that are distinguished well enough to be offered.
    pub told_apart: Vec<Style>,
    /// By style.
    pub styles: Vec<StyleRow>,
    /// Rows of composed phrases, by the style that was asked for; empty if not measured.
    pub composed: Vec<ComposedRow>,
}

/// How well one style is recognised.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StyleRow {
    /// Style.
    pub style: Style,
    /// Held-out families.
    pub n_families: usize,
    /// Held-out windows.
    pub n_windows: usize,
    /// Share of them classified as this style or another of their own, `0.0..=1.0`.
    pub recall: f64,
    /// The same of real music only; absent if there is none.
    pub recall_real: Option<f64>,
    /// The same of textures only; absent if there are none.
    pub recall_textures: Option<f64>,
    /// Share of them with a style of their own among the three likeliest.
    pub among_three: f64,
    /// Share of them classified as this style itself.
    pub as_itself: f64,
    /// Share of them that would be right by chance.
    pub chance: f64,
    /// Whether it is distinguished well enough to be offered.
    pub is_told_apart: bool,
    /// Number of windows by their likeliest style.
    pub taken_for: BTreeMap<Style, usize>,
}

/// The results for composed phrases of one style.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComposedRow {
    /// The style that was asked for.
    pub style: Style,
    /// Phrases.
    pub n_phrases: usize,
    /// Phrases classified as that style.
    pub n_right: usize,
    /// Phrases with that style among the three likeliest.
    pub n_among_three: usize,
    /// Number of phrases by their likeliest style.
    pub taken_for: BTreeMap<Style, usize>,
}

impl fmt::Display for StyleReport {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Styles distinguished\n")?;
        writeln!(
            f,
            "A softmax regression on {} windows, asked about {} held-out ones: {:.0} % are taken for one of their own styles, \
             {:.0} % have one among the three likeliest. A style is distinguished if, of five held-out families or more, at least \
             half of its windows are right and three times as many as by chance, and if three times as many as by chance \
             are taken for the style itself where they have several.\n",
            self.n_examples,
            self.n_held_out,
            100.0 * self.right,
            100.0 * self.among_three
        )?;
        writeln!(
            f,
            "| style | families | windows | recall | real | textures | as itself | among three | chance | distinguished |"
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
        writeln!(f, "\nConfusion: rows are true, columns the likeliest style, in per cent of the row.\n")?;
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
            "\nComposed phrases:\n\n| asked | phrases | likeliest | among three |\n| --- | --- | --- | --- |"
        )?;
        for ComposedRow { style, n_phrases, n_right, n_among_three, .. } in &self.composed {
            writeln!(f, "| {style} | {n_phrases} | {n_right} | {n_among_three} |")?;
        }
        writeln!(f, "\nRows are asked, columns the likeliest style, in per cent of the row.\n")?;
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
            let cell = |column: &Style| match taken_for.get(column) {
                Some(n) => format!("{}", (100 * n + n_windows / 2) / n_windows.max(1)),
                None => String::new(),
            };
            let cells: Vec<String> = columns.iter().map(cell).collect();
            writeln!(f, "| {style} | {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

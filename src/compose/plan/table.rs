//! Plans counted in real music: which bars of at most 16 repeat which, by groups of styles.
//!
//! # Format
//!
//! JSON: the origin and licences of the music, and for each group rows of windows: a plan for each part, as [`Acts`]
//! are written, with the number of windows that have exactly these. `descant-cli corpus plans` writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::music::Part;
use crate::music::analysis::Acts;
use crate::token::Style;

/// A group of styles that repeat and vary alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Folk, celtic, country.
    Folk,
    /// Hymns and chorales.
    Hymn,
    /// Classical, baroque, romantic, ragtime, cinematic.
    Classical,
    /// Pop, rock, soul, reggae.
    Pop,
    /// Jazz and blues.
    Jazz,
    /// Funk, latin, afro, hip-hop, lo-fi.
    Groove,
    /// Electronic, house, techno, ambient.
    Machine,
    /// Chiptune and game.
    Game,
    /// All styles.
    All,
}

impl Group {
    /// In the order of their discriminants.
    pub const ALL: [Self; 9] = [
        Self::Folk,
        Self::Hymn,
        Self::Classical,
        Self::Pop,
        Self::Jazz,
        Self::Groove,
        Self::Machine,
        Self::Game,
        Self::All,
    ];

    /// The group of `style`; [`Self::All`] without a style.
    pub const fn of(style: Option<Style>) -> Self {
        let Some(style) = style else { return Self::All };
        match style {
            Style::Folk | Style::Celtic | Style::Country => Self::Folk,
            Style::Hymn => Self::Hymn,
            Style::Classical | Style::Baroque | Style::Romantic | Style::Ragtime | Style::Cinematic => {
                Self::Classical
            }
            Style::Pop | Style::Rock | Style::Soul | Style::Reggae => Self::Pop,
            Style::Jazz | Style::Blues => Self::Jazz,
            Style::Funk | Style::Latin | Style::Afro | Style::HipHop | Style::LoFi => Self::Groove,
            Style::Electronic | Style::House | Style::Techno | Style::Ambient => Self::Machine,
            Style::Chiptune | Style::Game => Self::Game,
        }
    }

    /// The group to use if this one has too few rows: sequenced bands are closer to bands than hymns are.
    const fn broader(self) -> Option<Self> {
        match self {
            Self::Pop | Self::Jazz | Self::Groove | Self::Machine => Some(Self::Game),
            Self::Folk | Self::Hymn | Self::Classical | Self::Game => Some(Self::All),
            Self::All => None,
        }
    }
}

/// A part of the music that has a plan of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strand {
    /// The notes of a part.
    Part(Part),
    /// The chords.
    Harmony,
}

impl Strand {
    /// The part, if it is one.
    pub const fn part(self) -> Option<Part> {
        match self {
            Self::Part(part) => Some(part),
            Self::Harmony => None,
        }
    }
}

/// The plans of one window, and the number of windows that have them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Number of windows.
    pub n: u32,
    /// The plan of the chords.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    harmony: Option<Written>,
    /// A plan for each part that plays.
    #[serde(flatten)]
    parts: BTreeMap<Part, Written>,
}

impl Row {
    /// A row of one window.
    pub fn new(harmony: Option<Acts>, parts: BTreeMap<Part, Acts>) -> Self {
        Self {
            n: 1,
            harmony: harmony.map(Written),
            parts: parts.into_iter().map(|(part, acts)| (part, Written(acts))).collect(),
        }
    }

    /// The plan of `strand`, if any.
    pub fn acts(&self, strand: Strand) -> Option<&Acts> {
        let written = match strand {
            Strand::Part(part) => self.parts.get(&part),
            Strand::Harmony => self.harmony.as_ref(),
        };
        written.map(|written| &written.0)
    }

    /// Whether it has the same plans as `other`.
    pub fn is_like(&self, other: &Self) -> bool {
        self.parts == other.parts && self.harmony == other.harmony
    }
}

/// Acts, stored as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Written(Acts);

impl TryFrom<String> for Written {
    type Error = crate::music::analysis::UnknownActs;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<Written> for String {
    fn from(written: Written) -> Self {
        written.0.to_string()
    }
}

/// The whole table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanTable {
    /// Origin of the music.
    pub source: String,
    /// Licences of the music.
    pub licence: String,
    /// The counting method, and how to read the table.
    pub counted: String,
    /// Rows by group.
    pub groups: BTreeMap<Group, Vec<Row>>,
}

impl PlanTable {
    /// Fewest rows of a part that a plan is drawn from; with fewer, a broader group is used.
    pub const FEWEST_ROWS: usize = 12;

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// A text that is not such a table.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The table as JSON, one row per line.
    pub fn to_json(&self) -> String {
        let text = |value: &str| serde_json::to_string(value).unwrap_or_default();
        let mut json = format!(
            "{{\n\"source\": {},\n\"licence\": {},\n\"counted\": {},\n\"groups\": {{",
            text(&self.source),
            text(&self.licence),
            text(&self.counted)
        );
        for (idx, (group, rows)) in self.groups.iter().enumerate() {
            let comma = if idx > 0 { "," } else { "" };
            let rows: Vec<String> =
                rows.iter().map(|row| serde_json::to_string(row).unwrap_or_default()).collect();
            let group = serde_json::to_string(group).unwrap_or_default();
            let _ = write!(json, "{comma}\n{group}: [\n{}\n]", rows.join(",\n"));
        }
        json.push_str("\n}\n}\n");
        json
    }

    /// The rows of `style` in which `strand` has a plan of at least `n_bars` bars; those of a broader group if they are
    /// few. For an arpeggio without rows of its own those of the chords are used: the returned strand says whose plans
    /// they are.
    pub fn rows(&self, style: Option<Style>, strand: Strand, n_bars: usize) -> (Strand, Vec<&Row>) {
        let mut found = (strand, Vec::new());
        for strand in [strand, Strand::Part(Part::Chords)] {
            let mut group = Some(Group::of(style));
            while let Some(one) = group {
                let suits = |row: &&Row| row.acts(strand).is_some_and(|acts| acts.as_slice().len() >= n_bars);
                let rows: Vec<&Row> = self.groups.get(&one).into_iter().flatten().filter(suits).collect();
                if rows.len() >= Self::FEWEST_ROWS {
                    return (strand, rows);
                }
                if rows.len() > found.1.len() {
                    found = (strand, rows);
                }
                group = one.broader();
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> PlanTable {
        let row = |melody: &str| Row::new(None, [(Part::Melody, melody.parse().unwrap())].into());
        let both = Row::new(
            Some("- - =1 -".parse().unwrap()),
            [(Part::Melody, "- - =1 =2".parse().unwrap()), (Part::Chords, "- - - ~1".parse().unwrap())]
                .into(),
        );
        let groups = [(Group::Folk, vec![row("- =1"); 12]), (Group::All, vec![both; 13])];
        PlanTable {
            source: "s".to_owned(),
            licence: "l".to_owned(),
            counted: "c".to_owned(),
            groups: groups.into(),
        }
    }

    #[test]
    fn a_table_reads_what_it_writes() {
        let table = table();
        assert_eq!(PlanTable::from_json(&table.to_json()).unwrap(), table);
        assert!(PlanTable::from_json(&table.to_json().replace("=1", "=9")).is_err(), "a source to come");
    }

    #[test]
    fn few_rows_fall_back_on_a_broader_group() {
        let table = table();
        let n_rows = |style, part, n_bars| {
            let (of, rows) = table.rows(style, Strand::Part(part), n_bars);
            (of, rows.len())
        };
        assert_eq!(table.rows(Some(Style::Folk), Strand::Harmony, 4).1.len(), 13);
        assert_eq!(n_rows(Some(Style::Folk), Part::Melody, 2), (Strand::Part(Part::Melody), 12));
        assert_eq!(n_rows(Some(Style::Folk), Part::Melody, 3), (Strand::Part(Part::Melody), 13));
        assert_eq!(n_rows(Some(Style::Techno), Part::Melody, 4), (Strand::Part(Part::Melody), 13));
        assert_eq!(n_rows(None, Part::Arpeggio, 4), (Strand::Part(Part::Chords), 13));
        assert_eq!(n_rows(None, Part::Drums, 4).0, Strand::Part(Part::Chords));
        assert_eq!(n_rows(None, Part::Melody, 9).1, 0);
    }
}

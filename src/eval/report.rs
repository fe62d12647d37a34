//! The report of an evaluation, as data and as Markdown: losses of model and floor, and the other measures.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;

use super::critique::CritiqueReport;
use super::decoding::DecodingReport;
use super::discriminator::DiscriminatorReport;
use super::following::Following;
use super::held_out::HeldOut;
use super::loss::Tally;
use super::methods::Methods;
use super::moods::MoodReport;
use super::ngram::{Choice, Floor};
use super::originality::OriginalityReport;
use super::styles::StyleReport;
use super::takes::TakesReport;
use super::{DRUM_SOURCE, FEWEST_FAMILIES, Window};
use crate::model::SLOTS;
use crate::music::Part;
use crate::token::Slot;
use crate::training::example::Group;

/// The results of all sections; those that were not measured are absent.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Name of the model.
    pub model: String,
    /// Hash of its weights.
    pub model_hash: String,
    /// Hash of the vocabulary.
    pub vocab_hash: String,
    /// Held-out losses.
    pub losses: Option<LossReport>,
    /// How well controls are followed.
    pub controls: Option<Following>,
    /// Runs that composed phrases share with the training set.
    pub originality: Option<OriginalityReport>,
    /// Distances of takes from each other.
    pub takes: Option<TakesReport>,
    /// Benefit of the critique.
    pub critique: Option<CritiqueReport>,
    /// How well styles are distinguished.
    pub styles: Option<StyleReport>,
    /// Effects of moods, and parts that fall silent in them; only on request.
    pub moods: Option<MoodReport>,
    /// Methods of following controls; only on request.
    pub methods: Option<Methods>,
    /// Calibrated temperature and nucleus of each slot; only on request.
    pub decoding: Option<DecodingReport>,
    /// Evaluation of the discriminator of composed and real phrases; only on request.
    pub discriminator: Option<DiscriminatorReport>,
    /// Time of each section.
    pub seconds: Seconds,
}

/// Seconds that each section took.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(missing_docs, reason = "named as the sections")]
pub struct Seconds {
    pub losses: Option<f64>,
    pub controls: Option<f64>,
    pub originality: Option<f64>,
    pub takes: Option<f64>,
    pub critique: Option<f64>,
    pub styles: Option<f64>,
    pub moods: Option<f64>,
    pub methods: Option<f64>,
    pub decoding: Option<f64>,
    pub discriminator: Option<f64>,
}

/// Held-out losses in nats.
#[derive(Debug, Clone, Serialize)]
pub struct LossReport {
    /// Most windows of a family.
    pub per_family: usize,
    /// The variants of the floor, the chosen one first.
    pub floors: Vec<Choice>,
    /// Notes that the floor was counted on.
    pub n_floor_notes: usize,
    /// The headline.
    pub overall: Row,
    /// The same with the drums of every source.
    pub all_drums: Row,
    /// By part over all styles, drums of [`DRUM_SOURCE`].
    pub parts: Vec<Row>,
    /// By style and part where there are enough families.
    pub cells: Vec<Row>,
    /// By style and part with fewer families.
    pub few_families: Vec<Row>,
    /// By slot, of the headline windows; velocity where it is known.
    pub slots: Vec<SlotRow>,
    /// By task, with random controls, of the composed tokens; without floor.
    pub tasks: Vec<TaskRow>,
}

/// Nats per note of some notes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Name such as `jazz melody`.
    pub name: String,
    /// Nats per note of the network.
    pub model: f64,
    /// Nats per note of the floor.
    pub floor: f64,
    /// Held-out families.
    pub n_families: usize,
    /// Notes.
    pub n_notes: usize,
}

/// Nats of one slot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SlotRow {
    /// Name such as `pitch`.
    pub name: &'static str,
    /// Nats of the network per token where the slot counts.
    pub model: f64,
    /// The same of the floor; absent for velocity.
    pub floor: Option<f64>,
    /// The network's nats per note: the headline is the sum of the first three.
    pub model_per_note: f64,
    /// Tokens where the slot counts.
    pub n: usize,
}

/// Nats per composed note of one task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRow {
    /// Name such as `add part`.
    pub name: String,
    /// Nats per note of the network.
    pub model: f64,
    /// Examples.
    pub n_examples: usize,
    /// Notes.
    pub n_notes: usize,
}

/// The network's tally and the floor's.
type Pair = [Tally; 2];

/// Nats, indexed by `[window][token][slot]`.
type Nats = [Vec<[f32; SLOTS]>];

impl LossReport {
    /// Sums the losses of `headlines` under network and floor, and of `tasks` under the network.
    pub fn new(
        shards: &HeldOut,
        per_family: usize,
        (headlines, model, floor): (&[Window], &Nats, &Floor),
        (tasks, task_nats): (&[Window], &Nats),
    ) -> Self {
        let drum_source = shards.source(DRUM_SOURCE);
        let drums = Group::Part(Part::Drums).index();
        let mut overall = Pair::default();
        let mut all_drums = Pair::default();
        let mut parts: [Pair; Part::ALL.len()] = Default::default();
        let mut cells: BTreeMap<(usize, usize), Pair> = BTreeMap::new();
        for ((window, model), floor) in headlines.iter().zip(model).zip(&floor.nats) {
            let counts_drums = Some(window.record.source) == drum_source;
            let add = |pair: &mut Pair, wants: &dyn Fn(u8) -> bool| {
                pair[0].add(window, model, 0, wants);
                pair[1].add(window, floor, 0, wants);
            };
            let is_music = |group: u8| group != Group::Harmony.index();
            add(&mut all_drums, &is_music);
            if counts_drums || window.record.parts != 1 << drums {
                add(&mut overall, &|group| is_music(group) && (counts_drums || group != drums));
            }
            for part in Part::ALL {
                let wanted = Group::Part(part).index();
                if (part.is_drums() && !counts_drums) || window.record.parts >> part.index() & 1 == 0 {
                    continue;
                }
                add(&mut parts[part.index()], &|group| group == wanted);
                for style in
                    (0..shards.manifest().styles.len()).filter(|bit| window.record.styles >> bit & 1 == 1)
                {
                    add(cells.entry((style, part.index())).or_default(), &|group| group == wanted);
                }
            }
        }
        let named = cells.iter().filter_map(|((style, part), pair)| {
            let style = shards.manifest().styles.get(*style)?;
            row(format!("{style} {}", Part::ALL[*part]), pair)
        });
        let (cells, few_families) = named.partition(|row| row.n_families >= FEWEST_FAMILIES);
        Self {
            per_family,
            floors: floor.choices.clone(),
            n_floor_notes: floor.n_train_notes,
            slots: slot_rows(&overall),
            overall: whole("overall", &overall),
            all_drums: whole("overall, drums of every source", &all_drums),
            parts: Part::ALL
                .iter()
                .zip(&parts)
                .filter_map(|(part, pair)| row(part.to_string(), pair))
                .collect(),
            cells,
            few_families,
            tasks: task_rows(&shards.manifest().tasks, tasks, task_nats),
        }
    }
}

/// The row of `pair`, even if it has no notes.
fn whole(name: &str, pair: &Pair) -> Row {
    let none = Row { name: name.to_owned(), model: 0.0, floor: 0.0, n_families: 0, n_notes: 0 };
    row(name.to_owned(), pair).unwrap_or(none)
}

fn row(name: String, [model, floor]: &Pair) -> Option<Row> {
    Some(Row {
        name,
        model: model.per_note()?,
        floor: floor.per_note()?,
        n_families: model.n_families(),
        n_notes: model.n_notes(),
    })
}

fn slot_rows([model, floor]: &Pair) -> Vec<SlotRow> {
    let names = ["kind", "pitch", "duration", "velocity"];
    let rows = Slot::ALL.into_iter().zip(names).filter_map(|(slot, name)| {
        Some(SlotRow {
            name,
            model: model.per_slot(slot)?,
            floor: floor.per_slot(slot).filter(|_| slot != Slot::Velocity),
            model_per_note: model.slot_per_note(slot)?,
            n: model.n_slots(slot),
        })
    });
    rows.collect()
}

fn task_rows(names: &[String], windows: &[Window], nats: &Nats) -> Vec<TaskRow> {
    let rows = names.iter().enumerate().filter_map(|(task, name)| {
        let mut tally = Tally::default();
        let mut n_examples = 0;
        for (window, nats) in
            windows.iter().zip(nats).filter(|(window, _)| usize::from(window.record.task) == task)
        {
            tally.add(window, nats, window.body(), |group| group != Group::Harmony.index());
            n_examples += 1;
        }
        let model = tally.per_note()?;
        Some(TaskRow { name: name.clone(), model, n_examples, n_notes: tally.n_notes() })
    });
    rows.collect()
}

impl Row {
    /// Nats of the model divided by those of the floor.
    pub fn ratio(&self) -> f64 {
        self.model / self.floor
    }
}

impl fmt::Display for Report {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {} ({})\n", self.model, self.model_hash)?;
        let sections: [Option<&dyn fmt::Display>; 10] = [
            self.losses.as_ref().map(|section| section as _),
            self.controls.as_ref().map(|section| section as _),
            self.originality.as_ref().map(|section| section as _),
            self.takes.as_ref().map(|section| section as _),
            self.critique.as_ref().map(|section| section as _),
            self.styles.as_ref().map(|section| section as _),
            self.moods.as_ref().map(|section| section as _),
            self.methods.as_ref().map(|section| section as _),
            self.decoding.as_ref().map(|section| section as _),
            self.discriminator.as_ref().map(|section| section as _),
        ];
        for section in sections.into_iter().flatten() {
            writeln!(f, "{section}")?;
        }
        self.seconds.fmt(f)
    }
}

impl fmt::Display for Seconds {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            losses,
            controls,
            originality,
            takes,
            critique,
            styles,
            moods,
            methods,
            decoding,
            discriminator,
        } = self;
        let rows = [
            ("losses", losses),
            ("controls", controls),
            ("originality", originality),
            ("takes", takes),
            ("critique", critique),
            ("styles", styles),
            ("moods", moods),
            ("methods", methods),
            ("decoding", decoding),
            ("discriminator", discriminator),
        ];
        let taken =
            rows.into_iter().filter_map(|(name, seconds)| Some(format!("{name} {:.0} s", (*seconds)?)));
        writeln!(f, "Taken: {}.", taken.collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Display for LossReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Held-out loss\n")?;
        writeln!(
            f,
            "Nats per note over kind, pitch and duration; at most {} windows of a family; drums of {DRUM_SOURCE} only. \
             The floor is an n-gram counted on {} notes.\n",
            self.per_family, self.n_floor_notes
        )?;
        rows(f, "what", [&self.overall, &self.all_drums].into_iter().chain(&self.parts))?;
        rows(f, "style and part", &self.cells)?;
        writeln!(f, "Fewer than {FEWEST_FAMILIES} held-out families:\n")?;
        rows(f, "style and part", &self.few_families)?;
        writeln!(f, "| slot | model | floor | model, per note | places |\n| --- | --- | --- | --- | --- |")?;
        for row in &self.slots {
            let floor = row.floor.map_or("–".to_owned(), |floor| format!("{floor:.3}"));
            writeln!(
                f,
                "| {} | {:.3} | {floor} | {:.3} | {} |",
                row.name, row.model, row.model_per_note, row.n
            )?;
        }
        writeln!(f, "\n| task, controls as drawn | model | examples | notes |\n| --- | --- | --- | --- |")?;
        for row in &self.tasks {
            writeln!(f, "| {} | {:.3} | {} | {} |", row.name, row.model, row.n_examples, row.n_notes)?;
        }
        writeln!(
            f,
            "\n| floor | orders: kind, pitch, duration | nats on held-back tenth |\n| --- | --- | --- |"
        )?;
        for choice in &self.floors {
            writeln!(f, "| {:?} | {:?} | {:.3} |", choice.variant, choice.orders, choice.held_back_nats)?;
        }
        f.write_char('\n')
    }
}

fn rows<'a>(f: &mut fmt::Formatter<'_>, what: &str, rows: impl IntoIterator<Item = &'a Row>) -> fmt::Result {
    writeln!(
        f,
        "| {what} | model | floor | ratio | families | notes |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for row in rows {
        let Row { name, model, floor, n_families, n_notes } = row;
        writeln!(f, "| {name} | {model:.3} | {floor:.3} | {:.2} | {n_families} | {n_notes} |", row.ratio())?;
    }
    f.write_char('\n')
}

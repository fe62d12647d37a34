//! Flags for the settings of a task, shared by the commands that compose.

use anyhow::{Context, bail};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, ValueEnum};
use descant::knobs::{Dial, Knobs};
use descant::music::ending::Ending;
use descant::music::measure::PartControl;
use descant::music::{Frame, Part, Pitch, Progression};
use descant::session::{GridRule, Performance, PlanRule, Rules, Sampling, ScaleRule, TaskSettings};
use descant::token::{Controls, Harmony, Style};

/// What is wanted.
#[derive(Args)]
pub struct SettingsArgs {
    /// Style, such as pop, folk, classical, lo-fi; auto if not given.
    #[arg(long)]
    pub style: Option<Style>,
    /// Mood: a word such as calm, dark or joyful, or VALENCE,AROUSAL, each 0 to 1.
    #[arg(long)]
    pub mood: Option<String>,
    #[command(flatten)]
    pub parts: PartArgs,
    /// Plain (0) to complex (1): syncopation, leaps, and polyphony of chords and drums together, but for those that have a flag
    /// of their own.
    #[arg(long, value_name = "VALUE", value_parser = parse_level)]
    pub complexity: Option<f32>,
    /// Safe (0) to bold (1); 0.5 is as calibrated.
    #[arg(long, value_name = "VALUE", value_parser = parse_level)]
    pub surprise: Option<f32>,
    /// Your chords: bars separated by |, chords of a bar by spaces, such as "Dm7 | Bbmaj7 | F C/E | N.C."; or degrees of
    /// the key, such as "ii7 | V7 | Imaj7 | V7/V". Without any | one a bar.
    #[arg(long)]
    pub chords: Option<String>,
    /// Write no chord symbols and follow none.
    #[arg(long, conflicts_with = "chords")]
    pub no_chords: bool,
    /// Which pitches and chords may be composed; by style, if not given.
    #[arg(long, value_enum)]
    pub scale: Option<ScaleRule>,
    /// How it ends: leading back to its beginning, with a cadence, or open. Auto: as the words say, else a new phrase and one
    /// that goes on lead back, the last section of a song closes, and what is changed within a phrase ends as it comes.
    #[arg(long, value_enum, default_value_t = EndingArg::Auto)]
    pub ending: EndingArg,
    /// Where notes may begin.
    #[arg(long, value_enum, default_value_t = GridRule::Straight)]
    pub grid: GridRule,
    /// Whether bars say again what earlier bars said, as often as in music of the style.
    #[arg(long, value_enum, default_value_t = TakeTargets::Return)]
    pub ideas: TakeTargets,
    /// Lowest and highest pitch of a part, as PART=LOW-HIGH with MIDI numbers, such as melody=60-84.
    #[arg(long, value_name = "PART=LOW-HIGH", value_delimiter = ',')]
    pub pitches: Vec<String>,
    /// Most notes of a part that sound at a time, as PART=N, such as melody=1.
    #[arg(long, value_name = "PART=N", value_delimiter = ',')]
    pub voices: Vec<String>,
    /// How composed notes are played: straight (on the grid, as loud as written), tight, played as people do, loose, or per
    /// cent of what people do, 0 to 150.
    #[arg(long, value_name = "AMOUNT")]
    pub performance: Option<Performance>,
    /// Boldness, as a factor of the temperatures that are calibrated for each part: below 1 safer, above bolder; if not given,
    /// as surprise says.
    #[arg(long)]
    pub temperature: Option<f32>,
    /// Draw only from the likeliest so many; 0 is no limit.
    #[arg(long, default_value_t = Sampling::default().top_k)]
    pub top_k: usize,
    /// Draw only from the likeliest that together have this share of the probability that is calibrated for each part; if not
    /// given, as surprise says.
    #[arg(long)]
    pub top_p: Option<f32>,
}

/// A flag for each control of parts, by its name: those that are given, with what they say.
pub struct PartArgs(Vec<(PartControl, String)>);

impl Args for PartArgs {
    fn augment_args(command: Command) -> Command {
        let (first, others) = ("for one part, several separated by commas", "likewise");
        PartControl::ALL.into_iter().fold(command, |command, control| {
            let parts = if control.index() == 0 { first } else { others };
            let help = format!("{}; PART=VALUE {parts}", control.about());
            command.arg(Arg::new(control.name()).long(control.name()).value_name("VALUE").help(help))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for PartArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let text = |control: PartControl| matches.get_one::<String>(control.name()).cloned();
        let given = PartControl::ALL.into_iter().filter_map(|control| Some((control, text(control)?)));
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// How it ends.
#[derive(Clone, Copy, ValueEnum)]
pub enum EndingArg {
    /// As suits what is asked for.
    Auto,
    /// The last chord leads back to the first.
    Loop,
    /// With a cadence: the melody on the tonic, the drums with a hit.
    Close,
    /// With a half cadence, on the dominant.
    Open,
    /// As it comes.
    Any,
}

/// Whether ideas return.
#[derive(Clone, Copy, ValueEnum)]
pub enum TakeTargets {
    /// By a plan of bars that music of the style has.
    Return,
    /// As the model likes.
    Free,
}

impl SettingsArgs {
    /// The mood as valence and arousal.
    pub fn mood(&self) -> anyhow::Result<Option<(f32, f32)>> {
        self.mood.as_deref().map(parse_mood).transpose()
    }

    /// The user's chords for `n_bars` bars of `frame`.
    pub fn chords(&self, frame: &Frame, n_bars: u32) -> anyhow::Result<Option<Progression>> {
        self.chords_or(None, frame, n_bars)
    }

    /// The user's chords for `n_bars` bars of `frame`, else those of `usual`; `None` with --no-chords.
    pub fn chords_or(
        &self,
        usual: Option<&str>,
        frame: &Frame,
        n_bars: u32,
    ) -> anyhow::Result<Option<Progression>> {
        let text = self.chords.as_deref().or(usual.filter(|_| !self.no_chords));
        Ok(text.map(|text| Progression::parse_in(text, frame.key, frame.meter, n_bars)).transpose()?)
    }

    /// Sets the knobs that these flags name.
    pub fn turn(&self, knobs: &mut Knobs) -> anyhow::Result<()> {
        knobs.style = self.style.or(knobs.style);
        if let Some((valence, arousal)) = self.mood()? {
            knobs.turn(Dial::Valence, Some(valence));
            knobs.turn(Dial::Arousal, Some(arousal));
        }
        if self.complexity.is_some() {
            knobs.turn(Dial::Complexity, self.complexity);
            knobs.leave_to_complexity();
        }
        knobs.surprise = self.surprise.unwrap_or(knobs.surprise);
        knobs.scale = self.scale.unwrap_or(knobs.scale);
        knobs.performance = self.performance.unwrap_or(knobs.performance);
        knobs.ending = self.ending().or(knobs.ending);
        Ok(())
    }

    /// The settings of `knobs` with these flags applied, without the user's chords.
    pub fn settings(&self, knobs: &Knobs) -> anyhow::Result<TaskSettings> {
        let mut settings = knobs.settings();
        for (control, text) in &self.parts.0 {
            set_part_control(&mut settings.controls, *control, text)?;
        }
        if self.no_chords {
            settings.harmony = Harmony::Off;
        }
        self.rule(&mut settings.rules)?;
        settings.sampling = self.sampling(settings.sampling)?;
        settings.plan = match self.ideas {
            TakeTargets::Return => PlanRule::Counted,
            TakeTargets::Free => PlanRule::Free,
        };
        Ok(settings)
    }

    /// The ending, if a flag gives one.
    pub const fn ending(&self) -> Option<Ending> {
        match self.ending {
            EndingArg::Auto => None,
            EndingArg::Loop => Some(Ending::Loop),
            EndingArg::Close => Some(Ending::Close),
            EndingArg::Open => Some(Ending::Open),
            EndingArg::Any => Some(Ending::Any),
        }
    }

    fn rule(&self, rules: &mut Rules) -> anyhow::Result<()> {
        rules.grid = self.grid;
        for text in &self.voices {
            let (part, n_voices) = split(text)?;
            rules.voices[part.index()] = match n_voices.trim().parse() {
                Ok(n_voices @ 1..=16) => n_voices,
                _ => bail!("{text:?}: a part has 1 to 16 voices"),
            };
        }
        for text in &self.pitches {
            let (part, range) = split(text)?;
            let (low, high) = range.split_once('-').with_context(|| format!("{text:?}: write LOW-HIGH"))?;
            let pitch = |text: &str| text.trim().parse().ok().and_then(Pitch::new);
            let (Some(low), Some(high)) = (pitch(low), pitch(high)) else {
                bail!("{text:?}: MIDI note numbers go from 0 to 127");
            };
            if high.number() < low.number() + 11 {
                bail!(
                    "{text:?}: a range holds at least an octave, such as {}-{}",
                    low.number(),
                    low.number() + 12
                );
            }
            rules.ranges[part.index()] = (low, high);
        }
        Ok(())
    }

    /// `sampling` with the flags applied.
    fn sampling(&self, sampling: Sampling) -> anyhow::Result<Sampling> {
        let within = |share: Option<f32>, most| share.is_none_or(|share| (0.0..=most).contains(&share));
        if !within(self.top_p, 1.0) || !within(self.temperature, 4.0) {
            bail!("--temperature goes from 0 to 4 and --top-p from 0 to 1");
        }
        Ok(Sampling {
            temperature: self.temperature.unwrap_or(sampling.temperature),
            top_p: self.top_p.unwrap_or(sampling.top_p),
            top_k: self.top_k,
            ..sampling
        })
    }
}

/// A mood word or `valence,arousal`.
fn parse_mood(text: &str) -> anyhow::Result<(f32, f32)> {
    if let Some((valence, arousal)) = text.split_once(',') {
        return Ok((parse_level(valence)?, parse_level(arousal)?));
    }
    let words = descant::words::read(text);
    if let Some(mood) = words.valence.zip(words.arousal) {
        return Ok(mood);
    }
    let nearest = words.unknown.iter().find_map(|unknown| unknown.nearest.as_deref());
    let hint = nearest.map(|word| format!("did you mean {word:?}? ")).unwrap_or_default();
    bail!(
        "{text:?} is not a mood; {hint}write a word such as calm, dark or joyful, or VALENCE,AROUSAL, each 0 to 1"
    )
}

fn set_part_control(controls: &mut Controls, control: PartControl, text: &str) -> anyhow::Result<()> {
    for item in text.split(',') {
        if item.contains('=') {
            let (part, value) = split(item)?;
            controls.set_part(part, control, Some(parse_level(value)?));
        } else {
            let value = parse_level(item)?;
            for part in Part::ALL {
                controls.set_part(part, control, Some(value));
            }
        }
    }
    Ok(())
}

fn split(text: &str) -> anyhow::Result<(Part, &str)> {
    let (part, value) = text.split_once('=').with_context(|| format!("{text:?}: write PART=VALUE"))?;
    Ok((part.parse()?, value))
}

fn parse_level(text: &str) -> anyhow::Result<f32> {
    match text.trim().parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => bail!("{text:?} is not a number from 0 to 1"),
    }
}

/// Parts separated by commas.
pub fn parse_parts(text: &str) -> anyhow::Result<Vec<Part>> {
    let mut parts = text.split(',').map(str::parse).collect::<Result<Vec<Part>, _>>()?;
    parts.sort_unstable();
    parts.dedup();
    Ok(parts)
}

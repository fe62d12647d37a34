//! The player's settings: plain values, read from parameters in every block.

use crate::music::groove::Groove;
use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// The largest performance amount: one and a half times what was composed.
pub const MAX_PERFORMANCE: f64 = 1.5;

/// What moves time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The host's transport. With a host that has none, as [`Mode::Free`].
    #[default]
    Host,
    /// A key plays the phrase from its start, transposed by its distance from middle C; the last key wins. If chords
    /// are followed, the first key starts the phrase and all held keys make the chord. In call and answer the key
    /// begins the call.
    Keys,
    /// A clock of our own, independent of the transport.
    Free,
}

/// Launch quantization: where a new phrase may take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quantum {
    /// At the next block.
    Off,
    /// At the next sixteenth.
    Sixteenth,
    /// At the next eighth.
    Eighth,
    /// At the next quarter note.
    Beat,
    /// At the next bar line.
    #[default]
    Bar,
    /// When the phrase that plays repeats.
    Phrase,
}

/// The tempo source of [`Mode::Keys`] and [`Mode::Free`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TempoSource {
    /// The host's tempo, or the knob's if the host gives none.
    #[default]
    Host,
    /// The knob's tempo.
    Knob,
    /// The MIDI clock's tempo. In [`Mode::Free`] the MIDI clock also sets the position and whether time moves.
    MidiClock,
}

/// The unit that swings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SwingUnit {
    /// Eighths, in pairs of a beat.
    #[default]
    Eighth,
    /// Sixteenths, in pairs of half a beat.
    Sixteenth,
}

/// What a key does in [`Mode::Keys`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyTrigger {
    /// The phrase plays while the key is held.
    #[default]
    Gate,
    /// The phrase plays on after the key is released, until the same key is played again.
    Latch,
}

/// Settings of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartSettings {
    /// Whether it is silent.
    pub is_muted: bool,
    /// Whether it is soloed: if any part is, the others are silent.
    pub is_soloed: bool,
    /// MIDI channel, held inside `0..=15`.
    pub channel: u8,
    /// Octaves up, held inside `-3..=3`; ignored for drums.
    pub octave: i8,
}

/// All settings of the player.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// What moves time.
    pub mode: Mode,
    /// Whether our own clock runs in [`Mode::Free`], if no MIDI clock drives it; switching it on restarts it.
    pub is_running: bool,
    /// Where a new phrase may take over.
    pub quantum: Quantum,
    /// The commit horizon, in beats: how far ahead the phrase that plays is fixed when another was composed; held
    /// inside `0.0..=16.0`.
    pub commit_beats: f64,
    /// The tempo knob, in beats (quarter notes) per minute, held inside `5.0..=1000.0`.
    pub tempo: f64,
    /// The tempo source in the modes with a clock of our own.
    pub tempo_source: TempoSource,
    /// Count-in beats before our own clock reaches position 0, held inside `0.0..=64.0`; a clock started by keys or
    /// driven by a MIDI clock has none.
    pub count_in_beats: f64,
    /// The first unit's share of each pair, held inside `0.5..=0.75`; 0.5 is straight, 2/3 is triplets.
    pub swing: f32,
    /// The unit that swings.
    pub swing_unit: SwingUnit,
    /// Lateness and loudness of each sixteenth of a bar.
    pub groove: Groove,
    /// Amount of the groove, held inside `0.0..=1.0`.
    pub groove_amount: f32,
    /// Amount of the notes' nuances, held inside `0.0..=1.5`; 0 is as written.
    pub performance: f32,
    /// Random deviation of onsets and velocities, held inside `0.0..=1.0`.
    pub humanise: f32,
    /// Louder on bar lines and beats and softer between, held inside `0.0..=1.0`; 0 is as composed.
    pub accent: f32,
    /// Factor of every note's length but the drums', held inside `0.1..=2.0`: staccato to legato.
    pub note_length: f32,
    /// What a key does in [`Mode::Keys`].
    pub key_trigger: KeyTrigger,
    /// Whether released keys and chords stay held.
    pub holds: bool,
    /// Whether notes that play nothing are passed through; incoming notes always are while bypassed.
    pub passes: bool,
    /// Influence of the velocity of the key that plays the phrase, held inside `0.0..=1.0`; 0 is as composed.
    pub key_dynamics: f32,
    /// The lowest of twelve keys that choose a slot in [`Mode::Keys`], as a MIDI note number; `None` for no such keys.
    pub key_switches: Option<u8>,
    /// Curve of sent velocities, held inside `-1.0..=1.0`: below 0 softer, above 0 harder; the softest and the loudest
    /// velocity stay. See [`Settings::curved`].
    pub velocity_curve: f32,
    /// The MIDI channel of all parts, held inside `0..=15`; `None` for each part's own.
    pub one_channel: Option<u8>,
    /// Whether the phrase follows the chord that is held on the keys.
    pub follows: bool,
    /// Length of calls and answers in beats, at least one; `None` for no call and answer.
    pub call_beats: Option<f64>,
    /// Whether the host renders offline: nothing is composed, calls are not sent, and the last answer keeps playing.
    pub is_offline: bool,
    /// Whether nothing is generated and input passes through.
    pub is_bypassed: bool,
    /// Indexed by `[part_idx]`.
    pub parts: [PartSettings; 5],
}

impl Default for Settings {
    /// Follows the host, straight; each part has its own channel, and drums the tenth, as in General MIDI.
    fn default() -> Self {
        let parts = Part::ALL.map(|part| PartSettings {
            is_muted: false,
            is_soloed: false,
            channel: part.usual_channel(),
            octave: 0,
        });
        Self {
            mode: Mode::default(),
            is_running: true,
            quantum: Quantum::default(),
            commit_beats: 1.0,
            tempo: 120.0,
            tempo_source: TempoSource::default(),
            count_in_beats: 0.0,
            swing: 0.5,
            swing_unit: SwingUnit::default(),
            groove: Groove::STRAIGHT,
            groove_amount: 1.0,
            performance: 1.0,
            humanise: 0.0,
            accent: 0.0,
            note_length: 1.0,
            key_trigger: KeyTrigger::default(),
            holds: false,
            passes: true,
            key_dynamics: 0.0,
            key_switches: Some(24),
            velocity_curve: 0.0,
            one_channel: None,
            follows: false,
            call_beats: None,
            is_offline: false,
            is_bypassed: false,
            parts,
        }
    }
}

impl Settings {
    /// Whether `part` is audible.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_audible(&self, part: Part) -> bool {
        let own = self.parts[part.index()];
        !own.is_muted && (own.is_soloed || !self.parts.iter().any(|other| other.is_soloed))
    }

    /// The MIDI channel of `part`, `0..=15`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn channel(&self, part: Part) -> u8 {
        self.one_channel.unwrap_or(self.parts[part.index()].channel).min(15)
    }

    /// Whether note-ons are passed through.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn midi_thru(&self) -> bool {
        self.is_bypassed
            || self.passes && !self.follows && (self.mode != Mode::Keys || self.window().is_some())
    }

    /// Whether keys play the phrase.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn keys_play(&self) -> bool {
        self.mode == Mode::Keys && self.window().is_none() && !self.is_bypassed
    }

    /// The length of calls and answers in beats, at least 1; `None` for none.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn window(&self) -> Option<f64> {
        self.call_beats.filter(|beats| (1.0..=1024.0).contains(beats))
    }

    /// The slot, `0..12`, that `pitch` chooses in [`Mode::Keys`]; `None` if it chooses none.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn slot_of_key(&self, pitch: Pitch) -> Option<u8> {
        pitch.number().checked_sub(self.key_switches?).filter(|slot_idx| *slot_idx < 12)
    }

    /// The count-in in beats, `0.0..=64.0`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn count_in(&self) -> f64 {
        if self.count_in_beats.is_nan() { 0.0 } else { self.count_in_beats.clamp(0.0, 64.0) }
    }

    /// The commit horizon in beats, `0.0..=16.0`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn horizon(&self) -> f64 {
        if self.commit_beats.is_nan() { 0.0 } else { self.commit_beats.clamp(0.0, 16.0) }
    }

    /// Scales `velocity` of a note by a key's velocity `key_velocity`: 100 changes nothing; at full dynamics the result
    /// is proportional.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn by_key(&self, velocity: u8, key_velocity: u8) -> u8 {
        let dynamics = if self.key_dynamics.is_nan() { 0.0 } else { self.key_dynamics.clamp(0.0, 1.0) };
        let factor = 1.0 - dynamics + dynamics * f32::from(key_velocity) / 100.0;
        to_velocity(f64::from(f32::from(velocity) * factor))
    }

    /// Applies the velocity curve: `127 (velocity / 127)^(4^-curve)`, `1..=127`, rising with `velocity`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn curved(&self, velocity: u8) -> u8 {
        if self.velocity_curve == 0.0 || self.velocity_curve.is_nan() {
            return velocity;
        }
        let exponent = 4.0_f64.powf(f64::from(-self.velocity_curve.clamp(-1.0, 1.0)));
        to_velocity(127.0 * (f64::from(velocity) / 127.0).powf(exponent))
    }

    /// Semitones by which the octave setting transposes `part`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn semitones(&self, part: Part) -> i32 {
        if part.is_drums() { 0 } else { 12 * i32::from(self.parts[part.index()].octave.clamp(-3, 3)) }
    }
}

/// The nearest MIDI velocity, `1..=127`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held inside 1 to 127")]
pub(super) fn to_velocity(velocity: f64) -> u8 {
    velocity.round().clamp(1.0, 127.0) as u8
}

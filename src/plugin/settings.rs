//! Converts parameters to the settings of the player and of the preview synth.

use super::grooves::Grooves;
use super::passthrough::SideEvent;
use super::values::Values;
use crate::music::Part;
use crate::params::SILENCE_DB;
use crate::params::choice::SoundChoice;
use crate::params::stands_for::fraction;
use crate::player::{Action, PlayerEvent, Settings};
use crate::synth::{Sound, Synth};

/// Lengths of bars in beats.
#[derive(Debug, Clone, Copy)]
pub struct Bars {
    /// A bar of calls and answers.
    pub call: f64,
    /// A bar of the count-in.
    pub count_in: f64,
}

/// The player's settings by the parameters, with the chosen one of `grooves`.
///
/// *Real-time:* wait-free, no allocation.
pub fn read(values: &Values, grooves: &Grooves, bars: Bars) -> Settings {
    let playing = values.playing();
    let call_bars = playing.answer.value().n_bars();
    Settings {
        groove: grooves.get(playing.groove.value()),
        count_in_beats: f64::from(playing.count_in.value().n_bars()) * bars.count_in,
        // In call and response the keys are a call, not chords to follow.
        follows: playing.follow.value() && call_bars.is_none(),
        call_beats: call_bars.map(|n_bars| f64::from(n_bars) * bars.call),
        is_bypassed: values.is_bypassed(),
        ..values.player_settings()
    }
}

/// The events of a block for the preview synth.
#[derive(Clone, Copy)]
pub struct BlockEvents<'a> {
    /// The notes, in order.
    pub played: &'a [PlayerEvent],
    /// The other output events, in order; only the sustain pedal matters.
    pub side_events: &'a [SideEvent],
    /// Keys whose live notes the host chokes in the block, one bit for each.
    pub choked: u128,
}

/// The last settings of the preview synth.
#[derive(Debug, Clone, Copy)]
pub struct Preview {
    is_on: bool,
    /// Preview level, then the level of each part, in decibels: gains are computed only when one changes.
    levels_db: [f32; 6],
    /// Per cent.
    pans: [i32; 5],
    sounds: [SoundChoice; 5],
}

impl Default for Preview {
    /// No settings yet.
    fn default() -> Self {
        Self { is_on: false, levels_db: [f32::NAN; 6], pans: [i32::MIN; 5], sounds: [SoundChoice(None); 5] }
    }
}

impl Preview {
    /// Renders `events` to `left` and `right`, which are overwritten. Notes passed through have the melody's sound;
    /// test notes are silent.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn render(
        &mut self,
        synth: &mut Synth,
        values: &Values,
        events: BlockEvents<'_>,
        left: &mut [f32],
        right: &mut [f32],
    ) {
        self.update(synth, values);
        let BlockEvents { played, side_events, choked } = events;
        let mut pedals = side_events.iter().filter(|event| event.as_pedal().is_some()).peekable();
        if synth.is_silent() && (played.is_empty() || !self.is_on) {
            pedals.filter_map(SideEvent::as_pedal).for_each(|is_down| synth.set_pedal(is_down));
            left.fill(0.0);
            right.fill(0.0);
            return;
        }
        let mut n_done = 0;
        let mut play_up_to = |offset: u32, synth: &mut Synth| {
            let offset = usize::try_from(offset).unwrap_or(0).clamp(n_done, left.len());
            synth.process(&mut left[n_done..offset], &mut right[n_done..offset]);
            n_done = offset;
        };
        for event in played.iter().filter(|event| !event.is_test) {
            while let Some(pedal) = pedals.next_if(|pedal| pedal.precedes(event)) {
                play_up_to(pedal.timing(), synth);
                pedal.as_pedal().into_iter().for_each(|is_down| synth.set_pedal(is_down));
            }
            play_up_to(event.offset, synth);
            let is_choked = choked & (1 << event.pitch.number()) != 0;
            match (event.action, event.part) {
                (Action::On { .. }, _) if !self.is_on => {}
                (Action::On { velocity }, Some(part)) => synth.note_on(part, event.pitch, velocity),
                (Action::On { velocity }, None) => synth.live_note_on(event.pitch, velocity),
                (Action::Off, Some(part)) => synth.note_off(part, event.pitch),
                (Action::Off, None) if is_choked => synth.choke(Part::Melody, event.pitch),
                (Action::Off, None) => synth.live_note_off(event.pitch),
            }
        }
        for pedal in pedals {
            play_up_to(pedal.timing(), synth);
            pedal.as_pedal().into_iter().for_each(|is_down| synth.set_pedal(is_down));
        }
        play_up_to(u32::MAX, synth);
    }

    /// Applies changed settings to the synth.
    fn update(&mut self, synth: &mut Synth, values: &Values) {
        let preview_db = values.playing().preview_level.value();
        let is_on = preview_db > SILENCE_DB;
        if self.is_on && !is_on {
            synth.all_notes_off();
        }
        self.is_on = is_on;
        let mut levels_db = [preview_db; 6];
        for part in Part::ALL {
            levels_db[part.index() + 1] = values.part(part).level.value();
            let sound = values.part(part).sound.value();
            if self.sounds[part.index()] != sound {
                self.sounds[part.index()] = sound;
                let usual = Sound::usual(part);
                // Drums are a kit.
                let sound = usual.map(|usual| sound.0.unwrap_or(usual));
                sound.into_iter().for_each(|sound| synth.set_sound(part, sound));
            }
            let pan = values.part(part).pan.value();
            if self.pans[part.index()] != pan {
                self.pans[part.index()] = pan;
                synth.set_pan(part, fraction(pan));
            }
        }
        if self.levels_db != levels_db {
            self.levels_db = levels_db;
            for part in Part::ALL {
                synth.set_gain(part, gain(preview_db) * gain(levels_db[part.index() + 1]));
            }
        }
    }
}

/// Converts decibels to a factor; [`SILENCE_DB`] gives 0.
fn gain(decibels: f32) -> f32 {
    if decibels <= SILENCE_DB { 0.0 } else { 10.0_f32.powf(decibels / 20.0) }
}

#[cfg(test)]
mod tests;

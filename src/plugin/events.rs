//! Converts the host's transport and note events to our types, and our events to the host's.

use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::{NoteEvent, Transport};

use super::midi_input::RealTime;
use crate::music::{Meter, Pitch};
use crate::player::{Action, HostTime, InputEvent, Mode, PlayerEvent, Settings};

/// *Real-time:* wait-free, no allocation.
pub fn host_time(transport: &Transport) -> HostTime {
    HostTime {
        is_playing: transport.playing,
        tempo: transport.tempo,
        beat: transport.pos_beats(),
        loop_range: transport.loop_range_beats(),
        bar_start: transport.bar_start_pos_beats(),
        bar_length: bar_length(transport),
    }
}

/// Corrects `host` for the standalone program. Its framework always gives a tempo (JACK's or that of a flag) with beats
/// by it, and plays unless JACK's transport rests. In Free and Keys mode the knob rules the tempo, unless JACK moves
/// the time.
///
/// *Real-time:* wait-free, no allocation.
pub fn time_without_host(host: HostTime, settings: &Settings) -> HostTime {
    let tempo = match settings.mode {
        Mode::Keys | Mode::Free => None,
        Mode::Host if host.beat.is_some() => host.tempo,
        Mode::Host => Some(settings.tempo),
    };
    HostTime { tempo, ..host }
}

/// The host's meter, if phrases can have it.
///
/// *Real-time:* wait-free, no allocation.
pub fn meter(transport: &Transport) -> Option<Meter> {
    let (numerator, denominator) = transport.time_sig_numerator.zip(transport.time_sig_denominator)?;
    Meter::new(u8::try_from(numerator).ok()?, u8::try_from(denominator).ok()?)
}

/// The length of a bar in beats.
fn bar_length(transport: &Transport) -> Option<f64> {
    let (numerator, denominator) = transport.time_sig_numerator.zip(transport.time_sig_denominator)?;
    (denominator > 0).then(|| f64::from(numerator) / f64::from(denominator) * 4.0)
}

/// The notes of a host's event: none if it is no note, one for each channel if it is a note-off for all channels.
///
/// *Real-time:* wait-free, no allocation.
pub fn from_host(event: &NoteEvent<RealTime>) -> impl Iterator<Item = InputEvent> {
    let note = to_note(event);
    let (first, last) = match note {
        Some((.., Some(channel))) => (channel, channel),
        // A note-on for all channels goes to the first only.
        Some((_, _, Action::On { .. }, None)) => (0, 0),
        _ => (0, 15),
    };
    note.into_iter().flat_map(move |(offset, pitch, action, _)| {
        (first..=last).map(move |channel| InputEvent::note(offset, channel, pitch, action))
    })
}

/// Sample offset, pitch and action of a note, and its channel unless it is for all.
fn to_note(event: &NoteEvent<RealTime>) -> Option<(u32, Pitch, Action, Option<u8>)> {
    let (offset, channel, key, action) = match *event {
        NoteEvent::NoteOn { timing, channel, key, velocity, .. } => {
            (timing, channel, key, Action::On { velocity: to_midi(velocity) })
        }
        NoteEvent::NoteOff { timing, channel, key, .. } | NoteEvent::Choke { timing, channel, key, .. } => {
            (timing, channel, key, Action::Off)
        }
        _ => return None,
    };
    Some((offset, Pitch::new(key.number()?)?, action, channel.number().map(|number| number.min(15))))
}

/// *Real-time:* wait-free, no allocation.
pub fn to_host(event: &PlayerEvent) -> NoteEvent<RealTime> {
    let timing = event.offset;
    let (voice_id, channel) = (VoiceID::ID(event.note_id), Channel::Number(event.channel));
    let key = Key::Number(event.pitch.number());
    match event.action {
        Action::On { velocity } => {
            NoteEvent::NoteOn { timing, voice_id, channel, key, velocity: f32::from(velocity) / 127.0 }
        }
        Action::Off => NoteEvent::NoteOff { timing, voice_id, channel, key, velocity: 0.0 },
    }
}

/// Converts a velocity in `0.0..=1.0` to MIDI's `1..=127`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held inside 1..=127")]
#[expect(clippy::manual_clamp, reason = "clamp keeps what is not a number")]
fn to_midi(velocity: f32) -> u8 {
    // Unlike `clamp`, `max` and `min` turn NaN into a number.
    (velocity * 127.0).round().max(1.0).min(127.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_comes_back_as_it_went() {
        for velocity in 1..=127 {
            let pitch = Pitch::new(61).unwrap();
            let out = PlayerEvent {
                offset: 17,
                action: Action::On { velocity },
                part: None,
                pitch,
                channel: 9,
                note_id: 5,
                is_test: false,
            };
            let back = from_host(&to_host(&out)).next().unwrap();
            assert_eq!(back, InputEvent::note(17, 9, pitch, out.action));
        }
    }

    #[test]
    fn a_note_off_for_every_channel_releases_the_key_on_each() {
        let off = NoteEvent::NoteOff {
            timing: 3,
            voice_id: VoiceID::Wildcard,
            channel: Channel::Wildcard,
            key: Key::Number(60),
            velocity: 0.0,
        };
        let offs: Vec<InputEvent> = from_host(&off).collect();
        let each = (0..16).map(|channel| InputEvent::note(3, channel, Pitch::MIDDLE_C, Action::Off));
        assert_eq!(offs, each.collect::<Vec<_>>());
    }

    #[test]
    fn a_choked_key_is_released_at_its_sample() {
        let choke = |channel, key| NoteEvent::Choke { timing: 9, voice_id: VoiceID::Wildcard, channel, key };
        let one = choke(Channel::Number(4), Key::Number(60));
        let found: Vec<InputEvent> = from_host(&one).collect();
        assert_eq!(found, [InputEvent::note(9, 4, Pitch::MIDDLE_C, Action::Off)]);
        assert_eq!(from_host(&choke(Channel::Wildcard, Key::Number(60))).count(), 16);
        assert_eq!(from_host(&choke(Channel::Wildcard, Key::Wildcard)).count(), 0);
    }

    #[test]
    fn a_silly_velocity_is_held_in_range() {
        assert_eq!([to_midi(-1.0), to_midi(0.0), to_midi(7.0), to_midi(f32::NAN)], [1, 1, 127, 1]);
    }
    #[test]
    fn without_a_host_the_knob_is_the_tempo_unless_jack_moves_time() {
        let jack = HostTime { tempo: Some(120.0), beat: Some(8.0), is_playing: true, ..HostTime::default() };
        let silent = HostTime { beat: None, ..jack };
        for (host, mode, expected) in [
            (jack, Mode::Free, None),
            (jack, Mode::Keys, None),
            (silent, Mode::Free, None),
            (jack, Mode::Host, Some(120.0)),
            (silent, Mode::Host, Some(82.0)),
        ] {
            let settings = Settings { mode, tempo: 82.0, ..Settings::default() };
            let found = time_without_host(host, &settings);
            assert_eq!(found, HostTime { tempo: expected, ..host }, "{mode:?}");
        }
    }
}

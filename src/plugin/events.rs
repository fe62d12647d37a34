//! The host's time and note events as ours, and ours as the host's.

use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::{NoteEvent, Transport};

use super::Action;
use crate::music::Pitch;
use crate::player::{HostTime, InputEvent, PlayerEvent};

/// *Real-time:* wait-free, no allocation.
pub fn host_time(transport: &Transport) -> HostTime {
    HostTime {
        is_playing: transport.playing,
        tempo: transport.tempo,
        beat: transport.pos_beats(),
        loop_range: transport.loop_range_beats(),
        bar_start: transport.bar_start_pos_beats(),
    }
}

/// Whether `event` lets go of every key, at least of a channel: some hosts end notes so when they stop.
///
/// *Real-time:* wait-free, no allocation.
pub fn lets_all_go(event: &NoteEvent<()>) -> bool {
    let (NoteEvent::NoteOff { key, .. } | NoteEvent::Choke { key, .. }) = event else { return false };
    key.number().is_none()
}

/// The note that the host's event is, if it is one; a note that ends on every channel is one for each.
///
/// *Real-time:* wait-free, no allocation.
pub fn from_host(event: &NoteEvent<()>) -> impl Iterator<Item = InputEvent> {
    let note = to_note(event);
    let (first, last) = match note {
        Some((_, Some(channel))) => (channel, channel),
        // Nobody plays on all channels at once.
        Some((InputEvent { action: Action::On { .. }, .. }, None)) => (0, 0),
        _ => (0, 15),
    };
    note.into_iter()
        .flat_map(move |(note, _)| (first..=last).map(move |channel| InputEvent { channel, ..note }))
}

/// A note, and its channel if it is on one only.
fn to_note(event: &NoteEvent<()>) -> Option<(InputEvent, Option<u8>)> {
    let (offset, channel, key, action) = match *event {
        NoteEvent::NoteOn { timing, channel, key, velocity, .. } => {
            (timing, channel, key, Action::On { velocity: to_midi(velocity) })
        }
        NoteEvent::NoteOff { timing, channel, key, .. } | NoteEvent::Choke { timing, channel, key, .. } => {
            (timing, channel, key, Action::Off)
        }
        _ => return None,
    };
    let note = InputEvent { offset, channel: 0, pitch: Pitch::new(key.number()?)?, action };
    Some((note, channel.number().map(|number| number.min(15))))
}

/// *Real-time:* wait-free, no allocation.
pub fn to_host(event: &PlayerEvent) -> NoteEvent<()> {
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

/// A velocity in `0.0..=1.0` as MIDI's `1..=127`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held inside 1..=127")]
#[expect(clippy::manual_clamp, reason = "clamp keeps what is not a number")]
fn to_midi(velocity: f32) -> u8 {
    // Unlike `clamp`, these make a number of what is none.
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
            assert_eq!((back.offset, back.channel, back.pitch, back.action), (17, 9, pitch, out.action));
        }
    }

    #[test]
    fn a_key_let_go_on_every_channel_is_let_go_on_each() {
        let off = NoteEvent::NoteOff {
            timing: 3,
            voice_id: VoiceID::Wildcard,
            channel: Channel::Wildcard,
            key: Key::Number(60),
            velocity: 0.0,
        };
        let channels: Vec<u8> = from_host(&off).map(|input| input.channel).collect();
        assert_eq!(channels, (0..16).collect::<Vec<u8>>());
    }

    #[test]
    fn a_choked_key_is_let_go_at_its_sample() {
        let choke = |channel, key| NoteEvent::Choke { timing: 9, voice_id: VoiceID::Wildcard, channel, key };
        let one = choke(Channel::Number(4), Key::Number(60));
        let found: Vec<_> =
            from_host(&one).map(|input| (input.offset, input.channel, input.action)).collect();
        assert_eq!(found, [(9, 4, Action::Off)]);
        assert_eq!(from_host(&choke(Channel::Wildcard, Key::Number(60))).count(), 16);
        let all = choke(Channel::Wildcard, Key::Wildcard);
        assert!(lets_all_go(&all) && !lets_all_go(&one));
    }

    #[test]
    fn a_silly_velocity_is_held_in_range() {
        assert_eq!([to_midi(-1.0), to_midi(0.0), to_midi(7.0), to_midi(f32::NAN)], [1, 1, 127, 1]);
    }
}

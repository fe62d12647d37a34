//! MIDI input besides notes: learnt controls, pedals, programs and the MIDI clock.

use std::sync::Arc;

use nice_plug::midi::sysex::SysExMessage;
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::NoteEvent;

use crate::music::Pitch;
use crate::params::choice::ProgramsChoice;
use crate::params::{Bindings, Control, Learnable, Purpose};
use crate::player::{ClockMessage, Message, N_SLOTS, Settings};
use crate::session::Command;

/// Controller number of the sustain pedal.
pub const PEDAL: u8 = 64;

/// Controller number of all notes off.
const ALL_NOTES_OFF: u8 = 123;

/// Controller numbers of all sound off and all notes off.
const RELEASES: [u8; 2] = [120, ALL_NOTES_OFF];

/// A key number out of MIDI's range.
const NO_KEY: u8 = 128;

/// A message of the MIDI clock, as the framework's type for system messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RealTime(pub ClockMessage);

/// # Source
///
/// MIDI 1.0 Detailed Specification, system real time messages.
const REAL_TIME: [(u8, ClockMessage); 4] = [
    (0xf8, ClockMessage::Tick),
    (0xfa, ClockMessage::Start),
    (0xfb, ClockMessage::Continue),
    (0xfc, ClockMessage::Stop),
];

/// The status byte of a song position; two data bytes of sixteenths follow, the low one first.
const POSITION: u8 = 0xf2;

impl SysExMessage for RealTime {
    type Buffer = [u8; 3];

    /// *Real-time:* wait-free, no allocation.
    fn from_buffer(buffer: &[u8]) -> Option<Self> {
        if let [POSITION, low, high, ..] = *buffer {
            let sixteenths = u16::from(high & 127) << 7 | u16::from(low & 127);
            return Some(Self(ClockMessage::Position(sixteenths)));
        }
        let (_, message) = REAL_TIME.into_iter().find(|(status, _)| buffer.first() == Some(status))?;
        Some(Self(message))
    }

    fn as_buffer(&self) -> ([u8; 3], usize) {
        if let ClockMessage::Position(sixteenths) = self.0 {
            let [low, high] = [sixteenths & 127, sixteenths >> 7 & 127].map(|bits| bits.to_le_bytes()[0]);
            return ([POSITION, low, high], 3);
        }
        let status = REAL_TIME.into_iter().find(|(_, message)| *message == self.0);
        status.map_or(([0; 3], 0), |(status, _)| ([status, 0, 0], 1))
    }
}

/// The destination of an input event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputRoute {
    /// A note for the player.
    Note,
    /// A message for the player.
    Input(Message),
    /// A press of a command's switch.
    Command(Command),
    /// Choose the preset at this index of the menu.
    Preset(u8),
    /// Nothing more to do.
    Done,
    /// Pass through to the output.
    Passes,
    /// Pedal up of a pedal that was passed through: for the output and for the player.
    PedalUp,
}

/// Routes input events by the bindings and the settings. Belongs to the audio thread.
#[derive(Debug)]
pub struct Controls {
    bindings: Arc<Bindings>,
    /// Whether each controller is in the upper half of its range, on whichever channel it moved last.
    are_up: [bool; 128],
    /// Keys that are down and triggered a binding, one bit each: their note-offs are consumed, too, even if the binding
    /// changed.
    taken_keys: u128,
    /// The control that is down and bound to Hold.
    holding: Option<Control>,
    /// Channels whose pedal was passed through and is not fully up yet, one bit each.
    passed_pedals: u16,
    /// The host's ids of the notes that are down, indexed by `[channel][key]`.
    voices: [[Option<i32>; 128]; 16],
}

impl Controls {
    pub const fn new(bindings: Arc<Bindings>) -> Self {
        Self {
            bindings,
            are_up: [false; 128],
            taken_keys: 0,
            holding: None,
            passed_pedals: 0,
            voices: [[None; 128]; 16],
        }
    }

    /// Adds the key to an `event` that identifies its note by the host's id alone.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn resolve(&mut self, mut event: NoteEvent<RealTime>) -> NoteEvent<RealTime> {
        if let NoteEvent::NoteOn { channel, key, voice_id, .. } = event
            && let Some(voice) = self.voice(channel, key)
        {
            *voice = voice_id.id();
        }
        if let NoteEvent::NoteOff { channel, key, voice_id, .. }
        | NoteEvent::Choke { channel, key, voice_id, .. } = &mut event
        {
            if let (None, Some(id)) = (key.number(), voice_id.id()) {
                // A note-off for an unknown note is ignored.
                (*channel, *key) = self.note_of(id).unwrap_or((*channel, Key::Number(NO_KEY)));
            }
            if let Some(voice) = self.voice(*channel, *key) {
                *voice = None;
            }
        }
        // Output notes have our ids, not the host's.
        if let NoteEvent::PolyPressure { voice_id, .. } = &mut event {
            *voice_id = VoiceID::Wildcard;
        }
        event
    }

    /// Resets the state of all controls, except pedals passed through, which are still down at the receiver.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn reset(&mut self) {
        (self.are_up, self.taken_keys, self.holding) = ([false; 128], 0, None);
    }

    /// Channels whose pedal was passed through and is not fully up yet, one bit each.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn passed_pedals(&self) -> u16 {
        self.passed_pedals
    }

    /// Pedal-up events for the pedals passed through. `timing` — samples from the start of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn lift_pedals(&mut self, timing: u32) -> impl Iterator<Item = NoteEvent<RealTime>> + use<> {
        lifted(std::mem::take(&mut self.passed_pedals), timing)
    }

    /// Whether `event` is the note-on of a key that is bound or being learnt.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn wants(&self, event: &NoteEvent<RealTime>) -> bool {
        let NoteEvent::NoteOn { key, .. } = event else { return false };
        let Some(pitch) = key.number().and_then(Pitch::new) else { return false };
        self.bindings.learning().is_some()
            || self.bindings.receive(Control::Key(pitch), false) != Purpose::Free
    }

    /// The entry for the id of the note of `key` on `channel`.
    fn voice(&mut self, channel: Channel, key: Key) -> Option<&mut Option<i32>> {
        let channel = usize::from(channel.number().unwrap_or(0));
        self.voices.get_mut(channel)?.get_mut(usize::from(key.number()?))
    }

    /// The channel and the key of the note with `id`.
    fn note_of(&self, id: i32) -> Option<(Channel, Key)> {
        let by_channel = self.voices.iter().zip(0_u8..);
        let mut notes = by_channel.flat_map(|(keys, channel)| {
            keys.iter()
                .zip(0_u8..)
                .map(move |(voice, key)| (*voice, (Channel::Number(channel), Key::Number(key))))
        });
        notes.find(|(voice, _)| *voice == Some(id)).map(|(_, note)| note)
    }

    /// The route of `event` by `settings`. `programs` — the effect of program changes.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn route(
        &mut self,
        event: &NoteEvent<RealTime>,
        settings: &Settings,
        programs: ProgramsChoice,
    ) -> InputRoute {
        match *event {
            NoteEvent::NoteOn { key, .. } => self.route_key(key.number(), true),
            NoteEvent::NoteOff { key, .. } | NoteEvent::Choke { key, .. } => {
                self.route_key(key.number(), false)
            }
            NoteEvent::MidiCC { cc, .. } if RELEASES.contains(&cc) => InputRoute::Input(Message::Release),
            NoteEvent::MidiCC { channel, cc, value, .. } => {
                self.route_controller((channel.min(15), cc.min(127)), value, settings)
            }
            NoteEvent::MidiProgramChange { program, .. } => match programs {
                _ if settings.is_bypassed => InputRoute::Passes,
                ProgramsChoice::Slots if usize::from(program) < N_SLOTS => {
                    InputRoute::Input(Message::Slot(program))
                }
                ProgramsChoice::Presets => InputRoute::Preset(program),
                ProgramsChoice::Slots | ProgramsChoice::Off => passes(settings),
            },
            NoteEvent::MidiSysEx { message: RealTime(message), .. } => {
                InputRoute::Input(Message::Clock(message))
            }
            NoteEvent::MidiPitchBend { .. }
            | NoteEvent::MidiChannelPressure { .. }
            | NoteEvent::PolyPressure { .. } => passes(settings),
            _ => InputRoute::Done,
        }
    }

    fn route_key(&mut self, number: Option<u8>, is_down: bool) -> InputRoute {
        // Some hosts release notes this way when they stop.
        let Some(number) = number else { return InputRoute::Input(Message::Release) };
        let Some(pitch) = Pitch::new(number) else { return InputRoute::Done };
        let (control, bit) = (Control::Key(pitch), 1 << number);
        if !is_down {
            let is_taken = self.taken_keys & bit != 0;
            self.taken_keys &= !bit;
            return if is_taken { self.release(control) } else { InputRoute::Note };
        }
        let route = match self.bindings.receive(control, true) {
            Purpose::Free => return InputRoute::Note,
            Purpose::Learnt => InputRoute::Done,
            Purpose::Bound(learnt) => self.route_learnt(learnt, control),
        };
        self.taken_keys |= bit;
        route
    }

    fn route_controller(
        &mut self,
        (channel, number): (u8, u8),
        value: f32,
        settings: &Settings,
    ) -> InputRoute {
        let is_up = value >= 0.5;
        let control = Control::Controller(number);
        let was_up = std::mem::replace(&mut self.are_up[usize::from(number)], is_up);
        if was_up && !is_up && self.holding == Some(control) {
            return self.release(control);
        }
        match self.bindings.receive(control, is_up && !was_up) {
            Purpose::Bound(learnt) if is_up && !was_up => self.route_learnt(learnt, control),
            Purpose::Bound(_) | Purpose::Learnt => InputRoute::Done,
            Purpose::Free if number == PEDAL => self.route_pedal(channel, value, settings),
            Purpose::Free => passes(settings),
        }
    }

    /// A pedal goes up wherever it went down, even if the setting changed, and a pedal passed through passes with all
    /// values in between.
    fn route_pedal(&mut self, channel: u8, value: f32, settings: &Settings) -> InputRoute {
        let (bit, is_down) = (1 << channel, value >= 0.5);
        let was_passed = self.passed_pedals & bit != 0;
        let holds_keys = settings.keys_play() || settings.follows && !settings.is_bypassed;
        if is_down && holds_keys {
            return InputRoute::Input(Message::Hold { is_down });
        }
        let passes = passes(settings);
        let is_passed = passes == InputRoute::Passes && !holds_keys;
        if is_passed || (was_passed && !is_down) {
            self.passed_pedals =
                if value > 0.0 { self.passed_pedals | bit } else { self.passed_pedals & !bit };
            return if is_down { InputRoute::Passes } else { InputRoute::PedalUp };
        }
        if is_down { passes } else { InputRoute::Input(Message::Hold { is_down }) }
    }

    fn route_learnt(&mut self, learnt: Learnable, control: Control) -> InputRoute {
        match learnt {
            Learnable::Command(command) => InputRoute::Command(command),
            Learnable::Slot(slot_idx) => InputRoute::Input(Message::Slot(slot_idx)),
            Learnable::Hold => {
                self.holding = Some(control);
                InputRoute::Input(Message::Hold { is_down: true })
            }
        }
    }

    /// A bound control goes up.
    fn release(&mut self, control: Control) -> InputRoute {
        if self.holding != Some(control) {
            return InputRoute::Done;
        }
        self.holding = None;
        InputRoute::Input(Message::Hold { is_down: false })
    }
}

/// Pedal-up events for `channels`, one bit each. `timing` — samples from the start of the block.
///
/// *Real-time:* wait-free, no allocation.
pub fn lifted(channels: u16, timing: u32) -> impl Iterator<Item = NoteEvent<RealTime>> + use<> {
    let channels = (0..16).filter(move |channel| channels & (1 << channel) != 0);
    channels.map(move |channel| NoteEvent::MidiCC { timing, channel, cc: PEDAL, value: 0.0 })
}

/// Pedal-up and all-notes-off events for `channels`, one bit each. `timing` — samples from the start of the block.
///
/// *Real-time:* wait-free, no allocation.
pub fn silenced(channels: u16, timing: u32) -> impl Iterator<Item = NoteEvent<RealTime>> + use<> {
    let all_off = lifted(channels, timing).map(|mut event| {
        if let NoteEvent::MidiCC { cc, .. } = &mut event {
            *cc = ALL_NOTES_OFF;
        }
        event
    });
    lifted(channels, timing).chain(all_off)
}

fn passes(settings: &Settings) -> InputRoute {
    if settings.passes || settings.is_bypassed { InputRoute::Passes } else { InputRoute::Done }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Mode;
    use crate::session::Verb;

    /// Controls under programs that are usual.
    struct Usual(Controls);

    impl Usual {
        fn route(&mut self, event: &NoteEvent<RealTime>, settings: &Settings) -> InputRoute {
            self.0.route(event, settings, ProgramsChoice::default())
        }
    }

    fn controls() -> Usual {
        Usual(Controls::new(Arc::default()))
    }

    fn cc(cc: u8, value: f32) -> NoteEvent<RealTime> {
        NoteEvent::MidiCC { timing: 3, channel: 2, cc, value }
    }

    #[test]
    fn real_time_messages_come_back_as_they_went_and_others_are_none() {
        let position = ClockMessage::Position(0x1234);
        for message in REAL_TIME.map(|(_, message)| message).into_iter().chain([position]) {
            let (bytes, n_bytes) = RealTime(message).as_buffer();
            assert_eq!(RealTime::from_buffer(&bytes[..n_bytes]), Some(RealTime(message)));
        }
        assert_eq!(RealTime::from_buffer(&[]), None);
        assert_eq!(RealTime::from_buffer(&[0xf0, 0xf8, 0xf7]), None);
    }

    #[test]
    fn a_pedal_holds_what_is_played_by_keys_and_passes_elsewhere() {
        let keys = Settings { mode: Mode::Keys, ..Settings::default() };
        let bypassed = Settings { is_bypassed: true, ..keys };
        let (down, up) = (cc(PEDAL, 1.0), cc(PEDAL, 0.0));
        let hold = |is_down| InputRoute::Input(Message::Hold { is_down });
        assert_eq!(controls().route(&down, &keys), hold(true));
        assert_eq!(controls().route(&up, &keys), hold(false));
        assert_eq!(controls().route(&down, &bypassed), InputRoute::Passes);
        let mut controls = controls();
        assert_eq!(controls.route(&down, &Settings::default()), InputRoute::Passes);
        let lifted = [NoteEvent::MidiCC { timing: 7, channel: 2, cc: 64, value: 0.0 }];
        assert_eq!(controls.0.lift_pedals(7).collect::<Vec<_>>(), lifted);
        assert_eq!(controls.0.lift_pedals(0).count(), 0);
    }

    #[test]
    fn a_note_off_with_an_id_alone_releases_its_note() {
        let mut controls = controls().0;
        let (timing, velocity) = (0, 0.5);
        let mut check =
            |is_on: bool, number: Option<u8>, channel: u8, id: Option<i32>, expected: Option<(u8, u8)>| {
                let (key, channel) = (number.map_or(Key::Wildcard, Key::Number), Channel::Number(channel));
                let voice_id = id.map_or(VoiceID::Wildcard, VoiceID::ID);
                let event = if is_on {
                    NoteEvent::NoteOn { timing, voice_id, channel, key, velocity }
                } else {
                    NoteEvent::NoteOff { timing, voice_id, channel, key, velocity }
                };
                let (NoteEvent::NoteOn { channel, key, .. } | NoteEvent::NoteOff { channel, key, .. }) =
                    controls.resolve(event)
                else {
                    panic!("no note")
                };
                assert_eq!(channel.number().zip(key.number()), expected, "{event:?}");
            };
        check(true, Some(60), 1, Some(7), Some((1, 60)));
        check(true, Some(60), 2, Some(8), Some((2, 60)));
        check(false, None, 1, Some(8), Some((2, 60)));
        check(false, None, 1, Some(8), Some((1, NO_KEY)));
        check(false, None, 1, Some(7), Some((1, 60)));
        // Ids come again, and so do keys.
        check(true, Some(64), 1, Some(7), Some((1, 64)));
        check(false, None, 1, Some(7), Some((1, 64)));
        check(true, Some(65), 1, Some(9), Some((1, 65)));
        check(false, Some(65), 1, None, Some((1, 65)));
        check(false, None, 1, Some(9), Some((1, NO_KEY)));
        check(false, None, 1, None, None);
    }

    #[test]
    fn half_pedals_are_passed_with_every_step_to_the_very_top() {
        let (mut controls, through) = (controls(), Settings::default());
        for (value, route, is_down) in [
            (0.2, InputRoute::PedalUp, true),
            (0.6, InputRoute::Passes, true),
            (1.0, InputRoute::Passes, true),
            (0.4, InputRoute::PedalUp, true),
            (0.1, InputRoute::PedalUp, true),
            (0.0, InputRoute::PedalUp, false),
        ] {
            assert_eq!(controls.route(&cc(PEDAL, value), &through), route, "{value}");
            assert_eq!(controls.0.passed_pedals(), if is_down { 4 } else { 0 }, "{value}");
        }
        // A pedal passed through before a restart goes up after it.
        controls.route(&cc(PEDAL, 1.0), &through);
        controls.0.reset();
        assert_eq!(
            controls.route(&cc(PEDAL, 0.0), &Settings { passes: false, ..through }),
            InputRoute::PedalUp
        );
        assert_eq!(controls.0.passed_pedals(), 0);
        let silence: Vec<_> = silenced(4, 3).collect();
        assert_eq!(silence, [cc(PEDAL, 0.0), cc(ALL_NOTES_OFF, 0.0)]);
    }

    #[test]
    fn what_went_down_goes_up_whatever_is_set_by_then() {
        let through = Settings::default();
        let keys = Settings { mode: Mode::Keys, ..through };
        let closed = Settings { passes: false, ..through };
        for later in [keys, closed, Settings { follows: true, ..through }] {
            let mut controls = controls();
            assert_eq!(controls.route(&cc(PEDAL, 1.0), &through), InputRoute::Passes);
            assert_eq!(controls.route(&cc(PEDAL, 0.0), &later), InputRoute::PedalUp);
            assert_eq!(controls.0.lift_pedals(0).count(), 0);
        }
        let mut controls = controls();
        let hold = |is_down| InputRoute::Input(Message::Hold { is_down });
        assert_eq!(controls.route(&cc(PEDAL, 1.0), &keys), hold(true));
        // It releases keys, and is passed through for whatever comes next.
        assert_eq!(controls.route(&cc(PEDAL, 0.0), &through), InputRoute::PedalUp);
        assert_eq!(controls.route(&cc(PEDAL, 0.0), &closed), hold(false));
        // A key that was played before it was bound is released as a note, one that did something is not.
        let note = |is_on| {
            let (timing, voice_id, channel, key, velocity) =
                (0, VoiceID::Wildcard, Channel::Number(0), Key::Number(60), 0.5);
            match is_on {
                true => NoteEvent::NoteOn { timing, voice_id, channel, key, velocity },
                false => NoteEvent::NoteOff { timing, voice_id, channel, key, velocity },
            }
        };
        assert_eq!(controls.route(&note(true), &through), InputRoute::Note);
        controls.0.bindings.learn(Learnable::Hold);
        controls.route(&cc(20, 1.0), &through);
        assert!(!controls.0.wants(&note(true)));
        controls.0.bindings.learn(Learnable::Hold);
        assert!(controls.0.wants(&note(true)));
        assert_eq!(controls.route(&note(true), &through), InputRoute::Done);
        assert_eq!(controls.route(&note(false), &through), InputRoute::Done);
        assert_eq!(controls.route(&note(true), &through), hold(true));
        controls.0.bindings.forget(Learnable::Hold);
        assert_eq!(controls.route(&note(false), &through), hold(false));
        assert_eq!(controls.route(&note(false), &through), InputRoute::Note);
    }

    #[test]
    fn a_bound_controller_acts_once_on_its_way_up() {
        let mut controls = controls();
        let settings = Settings::default();
        assert_eq!(controls.route(&cc(20, 1.0), &settings), InputRoute::Passes);
        controls.0.bindings.learn(Learnable::Command(Command::Compose(Verb::Vary)));
        // It is up already, so it did not move.
        assert_eq!(controls.route(&cc(20, 0.9), &settings), InputRoute::Passes);
        assert_eq!(controls.route(&cc(20, 0.0), &settings), InputRoute::Passes);
        assert_eq!(controls.route(&cc(20, 0.8), &settings), InputRoute::Done);
        let moves = [0.9, 0.1, 0.3, 0.6, 0.7].map(|value| controls.route(&cc(20, value), &settings));
        let (done, press) = (InputRoute::Done, InputRoute::Command(Command::Compose(Verb::Vary)));
        assert_eq!(moves, [done, done, done, press, done]);
        controls.0.bindings.learn(Learnable::Hold);
        controls.route(&cc(21, 1.0), &settings);
        let hold = |is_down| InputRoute::Input(Message::Hold { is_down });
        assert_eq!(controls.route(&cc(21, 0.0), &settings), InputRoute::Done);
        assert_eq!(controls.route(&cc(21, 1.0), &settings), hold(true));
        assert_eq!(controls.route(&cc(21, 0.4), &settings), hold(false));
    }

    #[test]
    fn programs_follow_their_setting_and_all_notes_off_releases() {
        let program = |program| NoteEvent::MidiProgramChange { timing: 0, channel: 0, program };
        let settings = Settings::default();
        let bypassed = Settings { is_bypassed: true, ..settings };
        let closed = Settings { passes: false, ..settings };
        for (number, choice, settings, expected) in [
            (11, ProgramsChoice::Slots, settings, InputRoute::Input(Message::Slot(11))),
            (12, ProgramsChoice::Slots, settings, InputRoute::Passes),
            (12, ProgramsChoice::Slots, closed, InputRoute::Done),
            (0, ProgramsChoice::Off, settings, InputRoute::Passes),
            (0, ProgramsChoice::Slots, bypassed, InputRoute::Passes),
            (40, ProgramsChoice::Presets, closed, InputRoute::Preset(40)),
        ] {
            assert_eq!(
                controls().0.route(&program(number), &settings, choice),
                expected,
                "{number} {choice:?}"
            );
        }
        assert_eq!(controls().route(&cc(123, 0.0), &settings), InputRoute::Input(Message::Release));
        let clock = NoteEvent::MidiSysEx { timing: 0, message: RealTime(ClockMessage::Tick) };
        assert_eq!(
            controls().route(&clock, &settings),
            InputRoute::Input(Message::Clock(ClockMessage::Tick))
        );
    }
}

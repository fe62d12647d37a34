//! What comes in besides notes: learnt controls, pedals, programs and the MIDI clock.

use std::sync::Arc;

use nice_plug::midi::sysex::SysExMessage;
use nice_plug::prelude::NoteEvent;

use crate::music::Pitch;
use crate::params::{Bindings, Command, Control, Press, Purpose};
use crate::player::{ClockMessage, Message, Mode, N_SLOTS, Settings};

/// The controller of the sustain pedal.
const PEDAL: u8 = 64;

/// The controllers that let all notes go: all sound off, all notes off.
const LET_GO: [u8; 2] = [120, 123];

/// The MIDI messages beside notes and controllers that are understood: those of the clock.
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

impl SysExMessage for RealTime {
    type Buffer = [u8; 1];

    /// *Real-time:* wait-free, no allocation.
    fn from_buffer(buffer: &[u8]) -> Option<Self> {
        let (_, message) = REAL_TIME.into_iter().find(|(status, _)| buffer.first() == Some(status))?;
        Some(Self(message))
    }

    fn as_buffer(&self) -> ([u8; 1], usize) {
        let status = REAL_TIME.into_iter().find(|(_, message)| *message == self.0);
        status.map_or(([0], 0), |(status, _)| ([status], 1))
    }
}

/// What an event is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obeyed {
    /// It is a note.
    Note,
    /// It lets go of every key, at least of a channel: some hosts end notes so when they stop.
    LetsAllGo,
    /// It is for the player.
    Input(Message),
    /// It presses a switch.
    Press(Press),
    /// It has done what it is for, or is for nothing.
    Done,
    /// It is for whoever comes after us.
    Passes,
}

/// Tells what events are for.
#[derive(Debug)]
pub struct Controls {
    bindings: Arc<Bindings>,
    /// Whether each controller is in the upper half of its range, on whichever channel it moved last.
    are_up: [bool; 128],
}

impl Controls {
    pub const fn new(bindings: Arc<Bindings>) -> Self {
        Self { bindings, are_up: [false; 128] }
    }

    /// Nothing was moved yet.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn reset(&mut self) {
        self.are_up = [false; 128];
    }

    /// What `event` is for, under `settings`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn obey(&mut self, event: &NoteEvent<RealTime>, settings: &Settings) -> Obeyed {
        match *event {
            NoteEvent::NoteOn { key, .. } => self.obey_key(key.number(), true),
            NoteEvent::NoteOff { key, .. } | NoteEvent::Choke { key, .. } => {
                self.obey_key(key.number(), false)
            }
            NoteEvent::MidiCC { cc, .. } if LET_GO.contains(&cc) => Obeyed::LetsAllGo,
            NoteEvent::MidiCC { cc, value, .. } => self.obey_controller(cc.min(127), value >= 0.5, settings),
            NoteEvent::MidiProgramChange { program, .. } if usize::from(program) < N_SLOTS => {
                Obeyed::Input(Message::Slot(program))
            }
            NoteEvent::MidiSysEx { message: RealTime(message), .. } => Obeyed::Input(Message::Clock(message)),
            NoteEvent::MidiPitchBend { .. }
            | NoteEvent::MidiChannelPressure { .. }
            | NoteEvent::PolyPressure { .. } => Obeyed::Passes,
            _ => Obeyed::Done,
        }
    }

    fn obey_key(&self, number: Option<u8>, is_down: bool) -> Obeyed {
        let Some(number) = number else { return Obeyed::LetsAllGo };
        let Some(pitch) = Pitch::new(number) else { return Obeyed::Done };
        match self.bindings.hear(Control::Key(pitch), is_down) {
            Purpose::Free => Obeyed::Note,
            Purpose::Learnt => Obeyed::Done,
            Purpose::Bound(command) => obey_command(command, is_down),
        }
    }

    fn obey_controller(&mut self, number: u8, is_up: bool, settings: &Settings) -> Obeyed {
        let was_up = std::mem::replace(&mut self.are_up[usize::from(number)], is_up);
        let has_moved = was_up != is_up;
        let holds_keys = !settings.is_bypassed && (settings.mode == Mode::Keys || settings.follows);
        match self.bindings.hear(Control::Controller(number), is_up && has_moved) {
            Purpose::Bound(command) if has_moved => obey_command(command, is_up),
            Purpose::Bound(_) | Purpose::Learnt => Obeyed::Done,
            Purpose::Free if number == PEDAL && holds_keys => Obeyed::Input(Message::Hold { is_down: is_up }),
            Purpose::Free => Obeyed::Passes,
        }
    }
}

fn obey_command(command: Command, is_down: bool) -> Obeyed {
    match command {
        Command::Press(press) if is_down => Obeyed::Press(press),
        Command::Slot(slot_idx) if is_down => Obeyed::Input(Message::Slot(slot_idx)),
        Command::Hold => Obeyed::Input(Message::Hold { is_down }),
        Command::Press(_) | Command::Slot(_) => Obeyed::Done,
    }
}

/// The pedals that were passed on and are still down, one bit for each channel.
#[derive(Debug, Clone, Copy, Default)]
pub struct PassedPedals(u16);

impl PassedPedals {
    /// Keeps in mind what is passed on.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn pass(&mut self, event: &NoteEvent<RealTime>) {
        if let NoteEvent::MidiCC { channel, cc: PEDAL, value, .. } = *event {
            let bit = 1 << channel.min(15);
            if value >= 0.5 { self.0 |= bit } else { self.0 &= !bit }
        }
    }

    /// The events by which they go up, at `timing` of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn lift(&mut self, timing: u32) -> impl Iterator<Item = NoteEvent<RealTime>> + use<> {
        let are_down = std::mem::take(&mut self.0);
        let channels = (0..16).filter(move |channel| are_down & (1 << channel) != 0);
        channels.map(move |channel| NoteEvent::MidiCC { timing, channel, cc: PEDAL, value: 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn controls() -> Controls {
        Controls::new(Arc::default())
    }

    fn cc(cc: u8, value: f32) -> NoteEvent<RealTime> {
        NoteEvent::MidiCC { timing: 3, channel: 2, cc, value }
    }

    #[test]
    fn real_time_messages_come_back_as_they_went_and_others_are_none() {
        for (_, message) in REAL_TIME {
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
        let hold = |is_down| Obeyed::Input(Message::Hold { is_down });
        assert_eq!(controls().obey(&down, &keys), hold(true));
        assert_eq!(controls().obey(&up, &keys), hold(false));
        assert_eq!(controls().obey(&down, &bypassed), Obeyed::Passes);
        assert_eq!(controls().obey(&down, &Settings::default()), Obeyed::Passes);
        let mut pedals = PassedPedals::default();
        pedals.pass(&down);
        assert_eq!(
            pedals.lift(7).collect::<Vec<_>>(),
            [NoteEvent::MidiCC { timing: 7, channel: 2, cc: 64, value: 0.0 }]
        );
        pedals.pass(&down);
        pedals.pass(&up);
        assert_eq!(pedals.lift(0).count(), 0);
    }

    #[test]
    fn a_bound_controller_acts_once_on_its_way_up() {
        let mut controls = controls();
        let settings = Settings::default();
        assert_eq!(controls.obey(&cc(20, 1.0), &settings), Obeyed::Passes);
        controls.bindings.learn(Command::Press(Press::Vary));
        // It is up already: that is no move.
        assert_eq!(controls.obey(&cc(20, 0.9), &settings), Obeyed::Passes);
        assert_eq!(controls.obey(&cc(20, 0.0), &settings), Obeyed::Passes);
        assert_eq!(controls.obey(&cc(20, 0.8), &settings), Obeyed::Done);
        let moves = [0.9, 0.1, 0.3, 0.6, 0.7].map(|value| controls.obey(&cc(20, value), &settings));
        let (done, press) = (Obeyed::Done, Obeyed::Press(Press::Vary));
        assert_eq!(moves, [done, done, done, press, done]);
        controls.bindings.learn(Command::Hold);
        controls.obey(&cc(21, 1.0), &settings);
        let hold = |is_down| Obeyed::Input(Message::Hold { is_down });
        assert_eq!(controls.obey(&cc(21, 0.0), &settings), hold(false));
        assert_eq!(controls.obey(&cc(21, 1.0), &settings), hold(true));
    }

    #[test]
    fn programs_choose_slots_and_all_notes_off_lets_go() {
        let program = |program| NoteEvent::MidiProgramChange { timing: 0, channel: 0, program };
        let settings = Settings::default();
        assert_eq!(controls().obey(&program(11), &settings), Obeyed::Input(Message::Slot(11)));
        assert_eq!(controls().obey(&program(12), &settings), Obeyed::Done);
        assert_eq!(controls().obey(&cc(123, 0.0), &settings), Obeyed::LetsAllGo);
        let clock = NoteEvent::MidiSysEx { timing: 0, message: RealTime(ClockMessage::Tick) };
        assert_eq!(controls().obey(&clock, &settings), Obeyed::Input(Message::Clock(ClockMessage::Tick)));
    }
}

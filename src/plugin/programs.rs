//! Sends program changes: the program and bank of each part's channel.

use nice_plug::prelude::NoteEvent;

use super::midi_input::RealTime;
use super::values::Values;
use crate::music::Part;
use crate::player::Settings;

/// The largest number of events sent in a block.
pub const MAX_DUE: usize = 15;

/// The program and bank of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patch {
    /// `0..=15`.
    channel: u8,
    /// `0..=127`; `None` leaves the bank as it is.
    bank: Option<u8>,
    /// `0..=127`.
    program: u8,
}

/// The programs set by the parameters, indexed by `[part_idx]`.
///
/// *Real-time:* wait-free, no allocation.
pub fn wanted(values: &Values, settings: &Settings) -> [Option<Patch>; 5] {
    // The parameters count from 1; 0 is none.
    let number = |value: i32| u8::try_from(value - 1).ok().filter(|number| *number < 128);
    Part::ALL.map(|part| {
        let of_part = values.part(part);
        let program = number(of_part.program.value())?;
        Some(Patch { channel: settings.channel(part), bank: number(of_part.bank.value()), program })
    })
}

/// The longest time after which a program change that the host sends back is recognised, in seconds.
const MAX_WAY_BACK: f32 = 0.25;

/// The programs sent to the instruments that play the parts.
#[derive(Debug, Default)]
pub struct Programs {
    /// Indexed by `[part_idx]`.
    sent: [Option<Patch>; 5],
    /// Remaining samples in which it may come back, indexed by `[part_idx]`.
    may_return: [u32; 5],
    /// [`MAX_WAY_BACK`] in samples.
    way_back: u32,
    /// Whether the transport ran in the last block.
    was_running: bool,
}

impl Programs {
    /// Resets to nothing sent. `sample_rate` — hertz.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn start(&mut self, sample_rate: f32) {
        self.forget();
        self.way_back = to_samples(MAX_WAY_BACK * sample_rate);
    }

    const fn forget(&mut self) {
        self.sent = [None; 5];
    }

    /// Advances the time by a block of `n_samples`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn advance(&mut self, n_samples: u32) {
        self.may_return = self.may_return.map(|left| left.saturating_sub(n_samples));
    }

    /// Notes the state of the transport. At its start all programs are sent again, since the instruments may have
    /// changed.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn follow_transport(&mut self, is_running: bool) {
        if is_running && !self.was_running {
            self.forget();
        }
        self.was_running = is_running;
    }

    /// Whether `channel` was set to `program` within the last quarter of a second, so that it may be our own event sent
    /// back.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn has_just_sent(&self, channel: u8, program: u8) -> bool {
        let lately = self.sent.iter().zip(self.may_return).filter(|(_, left)| *left > 0);
        lately.filter_map(|(sent, _)| *sent).any(|patch| (patch.channel, patch.program) == (channel, program))
    }

    /// Sends the programs of `wanted` that changed, at the start of the block. Of several parts on one channel the
    /// first counts.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn update(&mut self, wanted: [Option<Patch>; 5], mut send: impl FnMut(NoteEvent<RealTime>)) {
        let mut taken = 0_u16;
        for ((sent, may_return), wanted) in self.sent.iter_mut().zip(&mut self.may_return).zip(wanted) {
            let wanted = wanted.filter(|patch| taken & (1 << patch.channel) == 0);
            let before = std::mem::replace(sent, wanted);
            let Some(Patch { channel, bank, program }) = wanted else { continue };
            taken |= 1 << channel;
            if before == wanted {
                continue;
            }
            *may_return = self.way_back;
            if let Some(bank) = bank {
                let value = f32::from(bank) / 127.0;
                send(NoteEvent::MidiCC { timing: 0, channel, cc: 0, value });
                send(NoteEvent::MidiCC { timing: 0, channel, cc: 32, value: 0.0 });
            }
            send(NoteEvent::MidiProgramChange { timing: 0, channel, program });
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
fn to_samples(samples: f32) -> u32 {
    samples as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::DescantParams;

    fn sent(programs: &mut Programs, wanted: [Option<Patch>; 5]) -> Vec<NoteEvent<RealTime>> {
        let mut events = Vec::new();
        programs.update(wanted, |event| events.push(event));
        events
    }

    #[test]
    fn parts_without_a_program_are_sent_nothing() {
        let values = Values::new(DescantParams::new(std::sync::Arc::default()).into());
        assert_eq!(wanted(&values, &Settings::default()), [None; 5]);
        assert_eq!(sent(&mut Programs::default(), [None; 5]), []);
    }

    #[test]
    fn a_program_is_sent_once_with_its_bank_and_again_when_it_changes() {
        let mut programs = Programs::default();
        programs.start(48_000.0);
        let program = |channel, program| NoteEvent::MidiProgramChange { timing: 0, channel, program };
        let controller = |cc, value| NoteEvent::MidiCC { timing: 0, channel: 2, cc, value };
        let plain = Some(Patch { channel: 1, bank: None, program: 7 });
        let banked = Some(Patch { channel: 2, bank: Some(127), program: 0 });
        let wanted = [None, plain, banked, None, None];
        let all = [program(1, 7), controller(0, 1.0), controller(32, 0.0), program(2, 0)];
        assert_eq!(sent(&mut programs, wanted), all);
        assert_eq!(sent(&mut programs, wanted), []);
        let other = Some(Patch { channel: 1, bank: None, program: 8 });
        assert_eq!(sent(&mut programs, [None, other, banked, None, None]), [program(1, 8)]);
        programs.follow_transport(true);
        assert_eq!(sent(&mut programs, wanted), all);
        programs.follow_transport(true);
        assert_eq!(sent(&mut programs, wanted), []);
        programs.follow_transport(false);
        assert_eq!(sent(&mut programs, wanted), []);
        assert!(programs.has_just_sent(2, 0) && !programs.has_just_sent(1, 0));
        programs.advance(11_999);
        assert!(programs.has_just_sent(2, 0));
        programs.advance(1);
        assert!(!programs.has_just_sent(2, 0), "by now it is the user's");
    }

    #[test]
    fn on_one_channel_the_first_program_counts() {
        let patch = |program| Some(Patch { channel: 3, bank: None, program });
        let events = sent(&mut Programs::default(), [None, patch(5), patch(6), None, patch(7)]);
        assert_eq!(events, [NoteEvent::MidiProgramChange { timing: 0, channel: 3, program: 5 }]);
    }
}

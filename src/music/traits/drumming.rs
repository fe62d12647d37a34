//! Traits of drums: which kinds play, and where in the bar.

use super::sample::{Trait, mean, n_different, share_of};
use crate::music::STEPS_PER_BEAT;
use crate::music::quality::{Line, likeness, real};

/// General MIDI keys of a kind of drum.
const KICK: &[u8] = &[35, 36];
const SNARE: &[u8] = &[38, 40];
const CLOSED_HAT: &[u8] = &[42, 44];
const OPEN_HAT: &[u8] = &[46];
const RIDE: &[u8] = &[51, 53, 59];
const CRASH: &[u8] = &[49, 52, 55, 57];
const TOM: &[u8] = &[41, 43, 45, 47, 48, 50];
const CLAP: &[u8] = &[37, 39];

pub fn traits(line: &Line) -> Vec<Trait> {
    let bar_steps = line.meter.bar_steps();
    let of = |keys: &'static [u8]| line.notes.iter().filter(move |note| keys.contains(&note.pitch));
    let by_bar = |keys: &'static [u8]| Some(real(of(keys).count()) / f64::from(line.n_bars));
    let place = |step: u32| step % STEPS_PER_BEAT;
    let has = |keys: &'static [u8], bar: u32, at: u32| {
        of(keys).any(|note| note.step == bar * bar_steps + at * STEPS_PER_BEAT)
    };
    let hats = || {
        line.notes.iter().filter(|note| CLOSED_HAT.contains(&note.pitch) || OPEN_HAT.contains(&note.pitch))
    };
    let last_half = |bar: u32| {
        let fills = of(TOM).chain(of(SNARE));
        let from = bar * bar_steps + bar_steps / 2;
        real(fills.filter(|note| (from..(bar + 1) * bar_steps).contains(&note.step)).count())
    };
    let all_halves = mean((0..line.n_bars).map(last_half)).unwrap_or(0.0);
    let rhythms: Vec<_> = (0..line.n_bars).map(|bar| line.rhythm(bar)).collect();
    let oddness = |idx: usize| {
        let others = rhythms.iter().enumerate().filter(|(other, _)| *other != idx);
        mean(others.map(|(_, other)| 1.0 - likeness(&rhythms[idx], other)))
    };
    vec![
        ("kicks", by_bar(KICK)),
        ("snares", by_bar(SNARE)),
        ("closed_hats", by_bar(CLOSED_HAT)),
        ("open_hats", by_bar(OPEN_HAT)),
        ("rides", by_bar(RIDE)),
        ("crashes", by_bar(CRASH)),
        ("toms", by_bar(TOM)),
        ("claps", by_bar(CLAP)),
        ("instruments", Some(real(n_different(line.notes.iter().map(|note| note.pitch))))),
        ("strokes", Some(real(line.notes.len()) / f64::from(line.n_bars))),
        ("kick_on_one", share_of(0..line.n_bars, |bar| has(KICK, bar, 0))),
        ("kick_on_three", share_of(0..line.n_bars, |bar| has(KICK, bar, 2))),
        ("kick_off_beat", share_of(of(KICK), |note| place(note.step) != 0)),
        ("snare_on_two", share_of(0..line.n_bars, |bar| has(SNARE, bar, 1) || has(CLAP, bar, 1))),
        ("snare_on_four", share_of(0..line.n_bars, |bar| has(SNARE, bar, 3) || has(CLAP, bar, 3))),
        ("snare_off_beat", share_of(of(SNARE), |note| place(note.step) != 0)),
        ("hats_on_sixteenths", share_of(hats(), |note| [3, 9].contains(&place(note.step)))),
        ("hats_on_off_beats", share_of(hats(), |note| place(note.step) == 6)),
        ("hats_on_triplets", share_of(hats(), |note| place(note.step) % 4 == 0 && place(note.step) != 0)),
        ("crash_first", Some(f64::from(u8::from(of(CRASH).any(|note| note.step == 0))))),
        ("last_bar_is_odd", rhythms.len().checked_sub(1).and_then(oddness)),
        ("fourth_bar_is_odd", (rhythms.len() > 4).then(|| oddness(3)).flatten()),
        ("fill_at_the_end", line.n_bars.checked_sub(1).map(|last| last_half(last) - all_halves)),
    ]
}

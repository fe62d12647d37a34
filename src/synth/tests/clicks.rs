//! No action on a sounding part makes a click.
//!
//! The synth is linear below the limiter, so the effect of an action is the passage with it, minus the same passage
//! without it, minus the notes that it starts, each played alone. That difference must neither have larger steps from
//! sample to sample, nor a higher peak above [`EDGE_HZ`], where a click shows and a fade does not, than the notes
//! themselves.

use super::*;

/// Samples of a passage, and the sample of the action.
const LENGTH: usize = 170 * MS;
const AT: usize = 100 * MS;

const EDGE_HZ: f32 = 6000.0;

/// Most that the difference may exceed the notes by: of its steps, and of its peak above [`EDGE_HZ`].
const STEPS: f32 = 1.05;
const EDGE: f32 = 1.2;

/// A note to start at a sample.
type Note = (usize, Part, i32);

/// Something to do at a sample.
type Act = (usize, fn(&mut Synth, Part));

/// A part with a sound, and its notes that sound when something is done; then notes of other parts.
struct Scene {
    part: Part,
    sound: Sound,
    notes: Vec<Note>,
    others: Vec<Note>,
}

impl Scene {
    fn new(part: Part, sound: Sound, notes: Vec<Note>) -> Self {
        Self { part, sound, notes, others: Vec::new() }
    }

    /// Both channels, one after the other, with `notes` and `acts`.
    fn play(&self, notes: &[Note], acts: &[Act]) -> Vec<f32> {
        let mut synth = Synth::new(48_000.0);
        for part in Part::ALL {
            // Far below the limiter's knee.
            synth.set_gain(part, if part == self.part { 0.25 } else { 0.02 });
        }
        synth.set_sound(self.part, self.sound);
        let mut channels = [vec![0.0; LENGTH], vec![0.0; LENGTH]];
        let mut times: Vec<_> =
            notes.iter().map(|(at, ..)| *at).chain(acts.iter().map(|(at, _)| *at)).collect();
        times.extend([0, LENGTH]);
        times.sort_unstable();
        for range in times.windows(2).map(|pair| pair[0]..pair[1]).filter(|range| !range.is_empty()) {
            for (_, part, pitch) in notes.iter().filter(|(at, ..)| *at == range.start) {
                synth.note_on(*part, Pitch::clamped(*pitch), 100);
            }
            if range.start == 0 && self.part == Part::Chords {
                // Keeps the chorus swinging alike in all passages, and cancels in the difference.
                synth.note_on(self.part, Pitch::clamped(100), 1);
            }
            acts.iter().filter(|(at, _)| *at == range.start).for_each(|(_, act)| act(&mut synth, self.part));
            let [left, right] = &mut channels;
            synth.process(&mut left[range.clone()], &mut right[range]);
        }
        channels.concat()
    }

    /// Checks the effect of `acts` and the `started` notes on the passage.
    fn check(&self, name: &str, started: &[Note], acts: &[Act]) {
        let mut all = [self.notes.as_slice(), &self.others].concat();
        let without = self.play(&all, &[]);
        all.extend(started);
        let mut difference = self.play(&all, acts);
        let mut whole = self.play(&self.notes, &[]);
        subtract(&mut difference, &without);
        if !started.is_empty() {
            let silent = self.play(&[], &[]);
            for note in started {
                let mut alone = self.play(&[*note], &[]);
                subtract(&mut alone, &silent);
                subtract(&mut difference, &alone);
                if note.1 == self.part {
                    whole.iter_mut().zip(alone).for_each(|(sample, note)| *sample += note);
                }
            }
        }
        let name = format!("{} {:?}: {name}", self.part, self.sound);
        let changed = difference.iter().map(|x| x.abs()).fold(0.0, f32::max);
        let steps = steps(&difference) / steps(&whole);
        let edge = edge(&difference) / edge(&whole);
        assert!(changed > 1e-3, "{name} changes nothing");
        assert!(steps <= STEPS, "{name} steps {steps:.2} times as far");
        assert!(edge <= EDGE, "{name} reaches {edge:.2} times as high above {EDGE_HZ} Hz");
    }
}

fn subtract(from: &mut [f32], what: &[f32]) {
    from.iter_mut().zip(what).for_each(|(x, y)| *x -= y);
}

/// The largest step of both channels.
fn steps(samples: &[f32]) -> f32 {
    samples.chunks(LENGTH).map(jump).fold(0.0, f32::max)
}

/// The peak of both channels above [`EDGE_HZ`].
fn edge(samples: &[f32]) -> f32 {
    let mut peak = 0.0_f32;
    for channel in samples.chunks(LENGTH) {
        let mut filters: [dsp::Filter; 2] = Default::default();
        filters.iter_mut().for_each(|filter| filter.tune(dsp::Band::High, EDGE_HZ, 0.707, 48_000.0));
        for sample in channel {
            peak = peak.max(filters.iter_mut().fold(*sample, |x, filter| filter.tick(x)).abs());
        }
    }
    peak
}

/// What can be done to a part that sounds, in any sound.
const ACTIONS: [(&str, &[Act]); 12] = [
    ("released", &[(AT, |synth, part| every_pitch(|pitch| synth.note_off(part, pitch)))]),
    ("choked", &[(AT, |synth, part| every_pitch(|pitch| synth.choke(part, pitch)))]),
    ("all notes off", &[(AT, |synth, _| synth.all_notes_off())]),
    ("to keys", &[(AT, |synth, part| synth.set_sound(part, Sound::Keys))]),
    ("to pad", &[(AT, |synth, part| synth.set_sound(part, Sound::Pad))]),
    ("to bass", &[(AT, |synth, part| synth.set_sound(part, Sound::Bass))]),
    ("to pluck", &[(AT, |synth, part| synth.set_sound(part, Sound::Pluck))]),
    ("off", &[(AT, |synth, part| synth.set_gain(part, 0.0))]),
    (
        "off and back",
        &[
            (AT, |synth, part| synth.set_gain(part, 0.0)),
            (AT + 20 * MS, |synth, part| synth.set_gain(part, 0.25)),
        ],
    ),
    ("left", &[(AT, |synth, part| synth.set_pan(part, -1.0))]),
    ("right", &[(AT, |synth, part| synth.set_pan(part, 1.0))]),
    (
        "from side to side",
        &[
            (AT, |synth, part| synth.set_pan(part, -1.0)),
            (AT + 20 * MS, |synth, part| synth.set_pan(part, 1.0)),
        ],
    ),
];

fn every_pitch(act: impl FnMut(Pitch)) {
    (0..128).map(Pitch::clamped).for_each(act);
}

/// A pitch at which `sound` has few high partials of its own, so that nothing is masked.
fn plain_pitch(sound: Sound) -> i32 {
    match sound {
        Sound::Keys | Sound::Pluck => 60,
        Sound::Pad => 55,
        Sound::Bass => 36,
    }
}

fn tonal() -> impl Iterator<Item = (Part, Sound)> {
    let parts = Part::ALL.into_iter().filter(|part| !part.is_drums());
    parts.flat_map(|part| SOUNDS.map(|sound| (part, sound)))
}

#[test]
fn nothing_done_to_a_sounding_part_clicks() {
    for (part, sound) in tonal() {
        let scene = Scene::new(part, sound, vec![(0, part, plain_pitch(sound))]);
        let same = format!("to {sound:?}").to_lowercase();
        for (name, acts) in ACTIONS.into_iter().filter(|(name, _)| *name != same) {
            scene.check(name, &[], acts);
        }
        scene.check("retriggered", &[(AT, part, plain_pitch(sound))], &[]);
    }
}

#[test]
fn nothing_done_to_a_sounding_drum_clicks() {
    for pitch in [36, 38, 46, 49, 51, 56, 72, 73, 79, 81, 87] {
        let scene = Scene::new(Part::Drums, Sound::Keys, vec![(AT - 30 * MS, Part::Drums, pitch)]);
        // Drums have one sound, and ring on when they are released.
        let has_effect = |name: &str| !name.starts_with("to ") && name != "released";
        for (name, acts) in ACTIONS.into_iter().filter(|(name, _)| has_effect(name)) {
            scene.check(&format!("{pitch} {name}"), &[], acts);
        }
        scene.check(&format!("{pitch} retriggered"), &[(AT, Part::Drums, pitch)], &[]);
    }
}

#[test]
fn a_choking_drum_does_not_click() {
    for (open, closed) in [(46, 42), (46, 44), (72, 71), (74, 73), (79, 78), (81, 80), (87, 86)] {
        let scene = Scene::new(Part::Drums, Sound::Keys, vec![(AT - 30 * MS, Part::Drums, open)]);
        scene.check(&format!("{open} choked by {closed}"), &[(AT, Part::Drums, closed)], &[]);
    }
}

#[test]
fn stealing_does_not_click() {
    for (part, sound) in tonal() {
        let pitch = plain_pitch(sound);
        // As many as the part has voices: one more steals the first, and a run of them within the time of a fade
        // leaves no voice to fade on. One of the chords' voices keeps the chorus swinging.
        let n_voices = match part {
            Part::Bass => 2,
            Part::Chords => 9,
            Part::Arpeggio => 6,
            _ => 8,
        };
        let notes = (0..n_voices).map(|idx| (97 * idx as usize, part, pitch + idx)).collect();
        let scene = Scene::new(part, sound, notes);
        scene.check("stolen", &[(AT, part, pitch + 20)], &[]);
        let run = |n: usize, gap: usize| -> Vec<_> {
            (0..n).map(|idx| (AT + gap * idx, part, pitch + 12 + idx as i32)).collect()
        };
        scene.check("four stolen at once", &run(4, 0), &[]);
        scene.check("seven stolen at once", &run(7, 0), &[]);
        scene.check("seven stolen in 6 ms", &run(7, 40), &[]);
    }
}

#[test]
fn a_voice_that_gives_way_to_another_part_does_not_click() {
    for (part, sound) in tonal() {
        // Fifteen voices and the one in question, which is the oldest.
        let long_drums = [46, 49, 51, 52, 53, 55, 57, 59, 81].map(|pitch| (10, Part::Drums, pitch));
        let filler = if part == Part::Melody { Part::Arpeggio } else { Part::Melody };
        let others = long_drums.into_iter().chain((60..66).map(|pitch| (10, filler, pitch)));
        let scene = Scene {
            others: others.collect(),
            ..Scene::new(part, sound, vec![(0, part, plain_pitch(sound))])
        };
        scene.check("stolen by a drum", &[(AT, Part::Drums, 38)], &[]);
    }
}

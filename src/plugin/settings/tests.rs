use std::sync::Arc;

use super::*;
use crate::music::{Key, Phrase};
use crate::params::DescantParams;
use crate::player::{Cause, Clip, HostTime, Monitor, Player, clip_channel};
use crate::{smf, synth};

const BARS: Bars = Bars { call: 4.0, count_in: 4.0 };

/// Hertz.
const RATE: u32 = 48_000;

/// Settings by default parameters.
fn values() -> Values {
    Values::new(Arc::new(DescantParams::new(Arc::default())))
}

#[test]
fn untouched_parameters_are_the_usual_settings() {
    let settings = read(&values(), &Grooves::shipped(), BARS);
    assert_eq!(settings, Settings { tempo: 100.0, key_dynamics: 0.5, ..Settings::default() });
}

#[test]
fn decibels_are_factors() {
    assert!((gain(0.0) - 1.0).abs() < 1e-6 && (gain(6.0) - 1.995).abs() < 1e-3);
    assert_eq!(gain(SILENCE_DB), 0.0);
}

/// The first bar of an example of each style.
fn phrases() -> Vec<(String, Phrase)> {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/examples");
    let styles = std::fs::read_dir(examples).unwrap().map(|entry| entry.unwrap());
    let phrases = styles.filter(|style| style.path().is_dir()).map(|style| {
        let bytes = std::fs::read(style.path().join("01.mid")).unwrap();
        let (phrase, _) = smf::read(&bytes).unwrap().to_phrase(|_| Key::C_MAJOR).unwrap();
        (style.file_name().into_string().unwrap(), phrase.window(0, 1).unwrap())
    });
    phrases.collect()
}

/// An instance of the plugin, as far as sound goes.
struct Rig {
    values: Values,
    player: Player,
    synth: Synth,
    preview: Preview,
}

impl Rig {
    fn new(phrase: &Phrase) -> Self {
        let (mut clips, receiver) = clip_channel();
        let mut player = Player::new(receiver, Arc::new(Monitor::new()));
        player.set_sample_rate(48_000.0);
        clips.send(Clip::new(0, Cause::Chosen, phrase)).unwrap();
        Self { values: values(), player, synth: Synth::new(48_000.0), preview: Preview::default() }
    }

    /// Resets as at the start of processing.
    fn reset(&mut self) {
        self.player.reset();
        self.synth.reset();
    }

    /// The sound of `phrase`, once from its start under the transport of a host whose blocks have `blocks` samples, over
    /// and over, and of `n_after` samples after it stopped.
    fn play(&mut self, phrase: &Phrase, n_after: usize, blocks: &[usize]) -> [Vec<f32>; 2] {
        let tempo = f64::from(phrase.frame().tempo);
        let beats_per_sample = tempo / 60.0 / f64::from(RATE);
        let end = n_samples(phrase);
        let mut sound = [vec![9.0; end + n_after], vec![9.0; end + n_after]];
        let settings = read(&self.values, &Grooves::shipped(), BARS);
        let mut blocks = blocks.iter().cycle();
        let mut at = 0;
        while at < end + n_after {
            let last = if at < end { end } else { end + n_after };
            let n_block = (*blocks.next().unwrap()).min(last - at);
            let host = HostTime {
                is_playing: at < end,
                tempo: Some(tempo),
                beat: Some(f64::from(u32::try_from(at.min(end)).unwrap()) * beats_per_sample),
                ..HostTime::default()
            };
            let played = self.player.process(&host, &settings, &[], u32::try_from(n_block).unwrap());
            let [left, right] = sound.each_mut().map(|channel| &mut channel[at..at + n_block]);
            let events = BlockEvents { played, side_events: &[], choked: 0 };
            self.preview.render(&mut self.synth, &self.values, events, left, right);
            at += n_block;
        }
        sound
    }
}

/// How far `a` and `b` are apart at most.
fn difference(a: &[Vec<f32>; 2], b: &[Vec<f32>; 2]) -> f32 {
    let pairs = a.iter().flatten().zip(b.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Samples of one pass.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a phrase of one bar")]
fn n_samples(phrase: &Phrase) -> usize {
    let seconds = phrase.frame().duration().to_beats() * 60.0 / f64::from(phrase.frame().tempo);
    (seconds * f64::from(RATE)).round() as usize
}

#[test]
fn a_bounce_is_its_playback_in_every_style_however_the_host_cuts_time() {
    let phrases = phrases();
    assert!(phrases.len() >= 25, "{} styles", phrases.len());
    for (style, phrase) in &phrases {
        let (left, right) = synth::render(phrase, RATE);
        let mut file = [left, right];
        assert!(file[0].iter().any(|x| x.abs() > 0.01), "{style} is silent");
        let n_after = 10_000;
        file.iter_mut().for_each(|channel| channel.resize(n_samples(phrase) + n_after, 0.0));
        for blocks in [&[1][..], &[17], &[64], &[512], &[4096], &[701, 3, 64, 1, 2999, 33, 128]] {
            let playback = Rig::new(phrase).play(phrase, n_after, blocks);
            assert!(
                playback == file,
                "{style}: playback in blocks of {blocks:?} is up to {:e} from the file",
                difference(&playback, &file)
            );
        }
    }
}

#[test]
fn a_second_pass_sounds_as_the_first_did_after_a_reset_or_a_silence() {
    for (style, phrase) in &phrases() {
        let mut rig = Rig::new(phrase);
        let first = rig.play(phrase, 5000, &[512]);
        rig.reset();
        let second = rig.play(phrase, 300_000, &[333]).map(|mut channel| {
            channel.truncate(first[0].len());
            channel
        });
        assert!(second == first, "{style}: up to {:e} after a reset", difference(&second, &first));
        assert!(rig.synth.is_silent(), "{style} rings on");
        let third = rig.play(phrase, 5000, &[64]);
        assert!(third == first, "{style}: up to {:e} after a silence", difference(&third, &first));
    }
}

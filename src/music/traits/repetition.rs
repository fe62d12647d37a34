//! Traits of bars in relation to earlier bars.

use super::sample::{Trait, mean, n_different, share_of};
use crate::music::quality::{Line, likeness, real};

/// The onsets of a bar in steps, each with a key or pitch.
type Figure = Vec<(u32, u8)>;

pub fn traits(line: &Line) -> Vec<Trait> {
    let rhythms: Vec<Figure> = (0..line.n_bars).map(|bar| line.rhythm(bar)).collect();
    let figures: Vec<Figure> = (0..line.n_bars).map(|bar| line.figure(bar)).collect();
    let filled: Vec<usize> = (0..rhythms.len()).filter(|idx| !rhythms[*idx].is_empty()).collect();
    let later = || filled.iter().copied().skip(1);
    let is_among_earlier = |bars: &[Figure], idx: usize| bars[..idx].contains(&bars[idx]);
    let is_turned = |idx: &usize| {
        is_among_earlier(&rhythms, *idx) && !is_among_earlier(&figures, *idx) && !is_moved(&figures, *idx)
    };
    let is_moved_only = |idx: &usize| !is_among_earlier(&figures, *idx) && is_moved(&figures, *idx);
    let alike = |bars: &[Figure], pairs: &[(usize, usize)]| {
        let there = pairs.iter().filter(|(one, other)| bars.len() > *one.max(other));
        mean(there.map(|(one, other)| likeness(&bars[*one], &bars[*other])))
    };
    let neighbours: Vec<(usize, usize)> = (1..rhythms.len()).map(|idx| (idx, idx - 1)).collect();
    let apart = |n: usize| -> Vec<(usize, usize)> { (n..rhythms.len()).map(|idx| (idx, idx - n)).collect() };
    vec![
        ("rhythm_as_before", share_of(&neighbours, |(idx, before)| rhythms[*idx] == rhythms[*before])),
        ("rhythm_again", share_of(later(), |idx| is_among_earlier(&rhythms, idx))),
        ("different_rhythms", Some(real(n_different(&rhythms)) / real(rhythms.len()))),
        ("bar_as_before", share_of(&neighbours, |(idx, before)| figures[*idx] == figures[*before])),
        ("bar_again", share_of(later(), |idx| is_among_earlier(&figures, idx))),
        ("different_bars", Some(real(n_different(&figures)) / real(figures.len()))),
        ("new_pitches", share_of(later(), |idx| is_turned(&idx))),
        ("moved", share_of(later(), |idx| is_moved_only(&idx))),
        ("rhythm_likeness", alike(&rhythms, &neighbours)),
        ("rhythm_likeness_two", alike(&rhythms, &apart(2))),
        ("rhythm_likeness_four", alike(&rhythms, &apart(4))),
        ("likeness", alike(&figures, &neighbours)),
        ("likeness_two", alike(&figures, &apart(2))),
        ("likeness_four", alike(&figures, &apart(4))),
    ]
}

/// Whether the bar has two notes or more and transposes an earlier bar: the same onsets, with all pitches moved equally
/// far.
fn is_moved(figures: &[Figure], idx: usize) -> bool {
    let figure = &figures[idx];
    let is_of = |earlier: &Figure| {
        let by = i32::from(figure[0].1) - i32::from(earlier[0].1);
        let pairs = figure.iter().zip(earlier);
        pairs.clone().all(|(one, other)| one.0 == other.0 && i32::from(one.1) - i32::from(other.1) == by)
    };
    figure.len() > 1 && figures[..idx].iter().any(|earlier| earlier.len() == figure.len() && is_of(earlier))
}

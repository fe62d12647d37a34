//! Draws a phrase as a piano roll: as a PNG picture, or as text for the terminal.
//!
//! Time runs from left to right and pitch upwards; drums have lanes of their own below. Rows and lanes adapt to the notes
//! of the phrase.

mod canvas;
mod lettering;
mod picture;
mod text;

pub use picture::{RollStyle, png};
pub use text::text;

use crate::music::counted;
use crate::music::phrase::Frame;

/// Meter, tempo and length of a phrase, in words.
fn facts(frame: &Frame) -> [String; 3] {
    let pickup = if frame.has_pickup { " and a pickup" } else { "" };
    let length = format!("{}{pickup}", counted(frame.n_bars, "bar"));
    [frame.meter.to_string(), format!("{:.0} bpm", frame.tempo), length]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::phrase::{Note, Part, Phrase};
    use crate::music::pitch::Pitch;
    use crate::music::progression::Progression;
    use crate::music::time::{Meter, TickDuration, TickInstant};

    /// Eight bars of five parts in D minor, two notes locked.
    fn song() -> Phrase {
        let mut parts: [Vec<Note>; 5] = Default::default();
        let mut add = |part: Part, onset: u32, steps: u32, pitch: i32, velocity: u8| {
            let (onset, duration) = (TickInstant::from_steps(onset), TickDuration::from_steps(steps));
            parts[part.index()].push(Note::new(onset, duration, Pitch::clamped(pitch), velocity));
        };
        for (bar, root) in (0..8).zip([50, 46, 53, 48, 50, 46, 48, 50]) {
            let start = bar * 48;
            for tone in [0, 7, 12, 15] {
                add(Part::Chords, start, 48, root + tone, 70);
            }
            for (onset, steps) in [(0, 18), (24, 6), (36, 12)] {
                add(Part::Bass, start + onset, steps, root - 12, 95);
            }
            for eighth in 0..8 {
                add(Part::Drums, start + eighth * 6, 3, 42, if eighth % 2 == 0 { 80 } else { 50 });
            }
            for (beat, key) in [(0, 36), (1, 38), (2, 36), (3, 38)] {
                add(Part::Drums, start + beat * 12, 3, key, 110);
            }
            for sixteenth in 0..if bar < 4 { 0 } else { 8 } {
                let tone = [12, 19, 24, 27][sixteenth as usize % 4];
                add(Part::Arpeggio, start + 24 + sixteenth * 3, 3, root + tone, 75);
            }
        }
        for (onset, steps, pitch) in [
            (0, 12, 69),
            (18, 6, 76),
            (24, 18, 77),
            (42, 6, 76),
            (48, 12, 74),
            (60, 6, 72),
            (66, 6, 70),
            (72, 24, 72),
        ] {
            for half in [0, 96, 192, 288] {
                add(Part::Melody, onset + half, steps, pitch - i32::from(half == 96) * 2, 100);
            }
        }
        parts[Part::Melody.index()][0].locked = true;
        parts[Part::Bass.index()][0].locked = true;
        let frame = Frame::new(Meter::COMMON, 8, "D minor".parse().unwrap(), 82.0);
        let chords = "Dm7 | Bbmaj7 | F C7/E | C7 | Dm7 | Bbmaj7 | C7 | Dm7";
        let progression = Progression::parse(chords, frame.meter, 8).unwrap();
        Phrase::repaired(frame, progression, parts).unwrap().0
    }

    fn decoded(bytes: &[u8]) -> (usize, usize, Vec<u8>) {
        let mut decoder = ::png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(::png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width as usize, info.height as usize, pixels)
    }

    #[test]
    fn notes_are_where_the_picture_shows_them() {
        let phrase = song();
        let (width, height, pixels) = decoded(&png(&phrase, &RollStyle::default()));
        assert!(width >= 1200 && height >= 400, "{width} x {height}");
        let style = RollStyle::default();
        let layout = picture::Layout::new(&phrase, &style);
        for (part, note) in phrase.all_notes() {
            let area = if part.is_drums() { layout.stroke_area(note) } else { layout.note_area(note) };
            let [x, y] = [area.x + area.width - 2, area.y + 1].map(|place| place * usize::from(style.scale));
            assert!(x < width && y < height);
            let at = 3 * (y * width + x);
            let brightest = pixels[at..at + 3].iter().max().unwrap();
            assert!(*brightest > 0x60, "{part} {note:?}: {:?}", &pixels[at..at + 3]);
        }
    }

    #[test]
    fn pictures_grow_with_bars_and_stay_within_bounds() {
        let frame = *song().frame();
        for n_bars in [1, 2, 16, 400, Frame::MAX_BARS] {
            let phrase = Phrase::empty(Frame { n_bars, has_pickup: true, ..frame }).unwrap();
            let (width, ..) = decoded(&png(&phrase, &RollStyle { bar_width: 0, row_height: 0, scale: 0 }));
            assert!((400..40_000).contains(&width), "{n_bars} bars: {width}");
        }
    }

    #[test]
    fn text_of_a_small_phrase() {
        insta::assert_snapshot!(text(&song().window(0, 2).unwrap(), 100), @r"
        D minor, 4/4, 82 bpm, 2 bars

                 1                2
                 Dm7              Bbmaj7
              F5│·   ·   M━━━━━  │·   ·   ·   ·   │
              E5│·   · M━·   · M━│·   ·   ·   ·   │
              D5│·   ·   ·   ·   │M━━━·   ·   ·   │
              C5│·   ·   ·   ·   │·   M━  M━━━━━━━│
             Bb4│·   ·   ·   ·   │·   · M━·   ·   │
              A4│m━━━·   ·   ·   │·   ·   ·   ·   │
              F4│C───────────────│·   ·   ·   ·   │
              D4│C───────────────│·   ·   ·   ·   │
             Db4│·   ·   ·   ·   │C───────────────│
             Bb3│·   ·   ·   ·   │C───────────────│
              A3│C───────────────│·   ·   ·   ·   │
              F3│·   ·   ·   ·   │C───────────────│
              D3│C───────────────│·   ·   ·   ·   │
             Bb2│·   ·   ·   ·   │C───────────────│
                │·   ·   ·   ·   │·   ·   ·   ·   │
              D2│b═════  B═  B═══│·   ·   ·   ·   │
             Bb1│·   ·   ·   ·   │B═════  B═  B═══│
                │·   ·   ·   ·   │·   ·   ·   ·   │
             Hat│o o o o o o o o │o o o o o o o o │
           Snare│·   X   ·   X   │·   X   ·   X   │
            Kick│X   ·   X   ·   │X   ·   X   ·   │
        ");
    }

    #[test]
    fn text_keeps_to_its_width() {
        for (meter, width) in [("4/4", 100), ("4/4", 40), ("4/4", 24), ("4/2", 80), ("7/8", 60), ("6/8", 100)]
        {
            let frame =
                Frame { meter: meter.parse().unwrap(), n_bars: 5, has_pickup: true, ..*song().frame() };
            let (phrase, _) =
                Phrase::repaired(frame, song().progression().clone(), song().to_parts()).unwrap();
            for line in text(&phrase, width).lines().skip(1) {
                assert!(line.chars().count() <= width, "{meter} in {width}: {line}");
            }
        }
    }
}

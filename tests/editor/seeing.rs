//! Whether what is drawn can be seen by everyone: contrast, sizes of text, colours for people who see some weakly, accidentals.
//!
//! # Source
//!
//! Contrast: Web Content Accessibility Guidelines 2.2, "relative luminance" and "contrast ratio", with success criteria 1.4.3
//! (texts 4.5 : 1, inactive components excepted) and 1.4.11 (others 3 : 1). Colour vision: Machado, Oliveira and Fernandes,
//! "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009, matrices of severity 1.0.
//! Differences: CIE 1976, ΔE*ab, white point D65.

use descant::editor::ViewState;
use descant::editor::theme::{self, Appearance, DARK, LIGHT};
use descant::look::{PARTS, with_signs};
use descant::music::{Frame, Key, Meter, Mode, Phrase, PitchClass, Progression};
use descant::params::ParamId;
use egui::epaint::{Shape, TextShape};
use egui::{Color32, Pos2, Rect, Role};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::acting::{Editor, SIZE, TABS};
use crate::turning::still;
use crate::{example, open};

/// Red, green and blue of a colour, linear, `0.0..=1.0` each.
fn linear(color: Color32) -> [f64; 3] {
    let [red, green, blue, _] = color.to_array();
    [red, green, blue].map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

fn luminance(color: Color32) -> f64 {
    let [red, green, blue] = linear(color);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: Color32, other: Color32) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn what_can_be_pressed_turned_or_measured_stands_out() {
    assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
    for (name, theme) in [("dark", DARK), ("light", LIGHT)] {
        let surfaces = [
            ("background", theme.background),
            ("bar", theme.bar),
            ("well", theme.well),
            ("card", theme.card),
            ("panel", theme.button),
        ];
        let marks = [
            ("outline", theme.outline),
            ("track", theme.track),
            ("focus", theme.focus),
            ("accent", theme.accent),
            ("got", theme.got),
            ("good", theme.good),
            ("problem", theme.problem),
        ];
        for (mark, color) in marks {
            for (surface, below) in surfaces {
                let found = contrast(color, below);
                assert!(found >= 3.0, "{name}: {mark} on {surface}: {found:.2} : 1");
            }
        }
        for row in [theme.card, theme.row_dark] {
            for (line, color) in [("beat", theme.beat_line), ("bar", theme.bar_line)] {
                let found = contrast(color, row);
                assert!(found >= 3.0, "{name}: {line} line: {found:.2} : 1");
            }
            for part in PARTS {
                let found = contrast(theme.part(part), row);
                assert!(found >= 3.0, "{name}: {part}: {found:.2} : 1");
            }
        }
        for part in PARTS {
            // The letter of its badge.
            let found = contrast(theme.part(part), theme.on_part(part));
            assert!(found >= 4.5, "{name}: letter of {part}: {found:.2} : 1");
        }
    }
}

/// What people with weak or no red, green and blue cones see, from linear colours.
const SIMULATED: [(&str, [[f64; 3]; 3]); 4] = [
    ("all cones", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protan",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deutan",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritan",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// L*, a* and b* of a linear colour.
fn lab([red, green, blue]: [f64; 3]) -> [f64; 3] {
    let curve = |value: f64| if value > 0.008_856 { value.cbrt() } else { 7.787 * value + 16.0 / 116.0 };
    let x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.950_47);
    let y = curve(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    let z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[test]
fn parts_differ_for_every_eye() {
    for (eye, matrix) in SIMULATED {
        let seen = |color: Color32| {
            let color = linear(color);
            lab(matrix.map(|row| {
                row.iter().zip(color).map(|(weight, value)| weight * value).sum::<f64>().clamp(0.0, 1.0)
            }))
        };
        let pairs = PARTS
            .into_iter()
            .enumerate()
            .flat_map(|(idx, part)| PARTS[..idx].iter().map(move |other| (part, *other)));
        for (part, other) in pairs {
            for theme in [DARK, LIGHT] {
                let (one, two) = (seen(theme.part(part)), seen(theme.part(other)));
                let difference =
                    one.iter().zip(two).map(|(one, two)| (one - two).powi(2)).sum::<f64>().sqrt();
                assert!(difference >= 20.0, "{part} and {other} for {eye}: ΔE {difference:.1}");
            }
        }
    }
}

/// The editor in states that show every kind of text, in these colours, each with what opens it.
fn views(appearance: Appearance) -> Vec<(String, Editor)> {
    let mut views = Vec::new();
    for (name, state) in [
        ("full", still()),
        ("empty", example::empty()),
        ("problem", ViewState { playhead_beats: None, ..example::problem() }),
        ("choosing", ViewState { playhead_beats: None, ..example::choosing() }),
    ] {
        for tab in TABS {
            for size in [[1000.0, 640.0], SIZE] {
                let mut editor = open(state.clone(), size);
                theme::choose(&editor.ctx, appearance);
                editor.get_by_role_and_label(Role::Tab, tab).click();
                editor.run();
                views.push((format!("{name}, {tab}, {size:?}"), editor));
            }
        }
    }
    for menu in ["Mode", "MIDI", "Preset", "Test routing", "Settings"] {
        let mut editor = open(still(), SIZE);
        theme::choose(&editor.ctx, appearance);
        editor.get_by_label(menu).click();
        editor.run_steps(8);
        views.push((menu.to_owned(), editor));
    }
    views
}

/// The texts that are drawn, each with the opaque surface below its middle.
fn texts(editor: &Editor, theme: &theme::Theme) -> Vec<(TextShape, Color32)> {
    let mut surfaces: Vec<(Rect, Color32)> = Vec::new();
    let mut texts = Vec::new();
    for clipped in &editor.output().shapes {
        let mut flat = vec![&clipped.shape];
        while let Some(shape) = flat.pop() {
            match shape {
                Shape::Vec(shapes) => flat.extend(shapes.iter().rev()),
                Shape::Rect(rect) if rect.fill.a() == 255 => {
                    surfaces.push((rect.rect.intersect(clipped.clip_rect), rect.fill));
                }
                // The colours of the mood pad are none of the surfaces: its texts are on the brightest of them.
                Shape::Mesh(mesh) => {
                    let brightest = mesh.vertices.iter().map(|vertex| vertex.color);
                    let brightest = brightest.max_by(|one, two| luminance(*one).total_cmp(&luminance(*two)));
                    surfaces.extend(brightest.map(|color| (mesh.calc_bounds(), color)));
                }
                Shape::Text(text) => {
                    let middle: Pos2 = text.visual_bounding_rect().center();
                    if clipped.clip_rect.contains(middle) && !text.galley.text().trim().is_empty() {
                        let below = surfaces.iter().rev().find(|(rect, _)| rect.contains(middle));
                        texts.push((text.clone(), below.map_or(theme.background, |(_, color)| *color)));
                    }
                }
                _ => {}
            }
        }
    }
    texts
}

#[test]
fn every_text_is_large_enough_and_stands_out_from_what_it_is_on() {
    let mut n_texts = 0;
    for (theme, view, editor) in
        [(DARK, Appearance::Dark), (LIGHT, Appearance::Light)].into_iter().flat_map(|(theme, appearance)| {
            views(appearance).into_iter().map(move |(view, editor)| (theme.clone(), view, editor))
        })
    {
        for (text, below) in texts(&editor, &theme) {
            n_texts += 1;
            let shown = text.galley.text();
            for section in &text.galley.job.sections {
                let size = section.format.font_id.size;
                assert!(size >= 11.0, "{view}: {shown:?} has {size} points");
                let own = section.format.color;
                let color = text.override_text_color.unwrap_or(if own == Color32::PLACEHOLDER {
                    text.fallback_color
                } else {
                    own
                });
                // What cannot be used now is excepted.
                if color == theme.disabled {
                    continue;
                }
                let seen = below.blend(color);
                let found = contrast(seen, below);
                assert!(found >= 4.5, "{view}: {shown:?} in {color:?} on {below:?}: {found:.2} : 1");
            }
        }
    }
    assert!(n_texts > 4000, "{n_texts} texts");
}

#[test]
fn accidentals_are_signs() {
    let mut state = still();
    let frame = Frame::new(Meter::COMMON, 2, Key::new(PitchClass::new(8), Mode::Minor), 82.0);
    let progression = Progression::parse("G#m7 | C#m7b5", Meter::COMMON, 2).unwrap();
    state.phrase = Some(std::sync::Arc::new(Phrase::new(frame, progression, Default::default()).unwrap()));
    for take in &mut state.takes {
        take.phrase = state.phrase.clone().unwrap();
    }
    example::choose(&mut state, ParamId::Tonic, 2);
    state.words.text = String::new();
    let mut editor = open(state, SIZE);
    editor.get_by_label("Key").click();
    editor.run();
    let drawn: Vec<String> =
        texts(&editor, &DARK).iter().map(|(text, _)| text.galley.text().to_owned()).collect();
    for text in &drawn {
        assert_eq!(with_signs(text), *text);
    }
    for expected in ["G♯m7", "C♯m7♭5", "D♭", "E♭", "G♯ minor · 2 bars"] {
        assert!(drawn.iter().any(|text| text == expected), "{expected} in {drawn:?}");
    }
    for node in editor.root().children_recursive() {
        let texts = [node.accesskit_node().label(), node.accesskit_node().value()];
        for text in texts.into_iter().flatten() {
            assert_eq!(with_signs(&text), text);
        }
    }
    // Either can be typed.
    for (letters, signs) in [("soul in Ab", "soul in A♭"), ("waltz in F# minor", "waltz in F♯ minor")] {
        let [letters, signs] = [letters, signs].map(descant::words::read);
        assert_eq!(letters.unknown, []);
        assert_eq!(signs.unknown, []);
        let effects = |words: &descant::words::Words| -> Vec<String> {
            words.understood.iter().map(|one| one.effect.clone()).collect()
        };
        assert_eq!(effects(&letters), effects(&signs));
    }
}

//! The chords over the bars: a click opens a field to type another in, with those that fit the melody there.

use egui::{
    Align2, Button, CursorIcon, Id, Key, Popup, PopupCloseBehavior, Rect, Role, Sense, Stroke, StrokeKind,
    TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use super::geometry::{Areas, Geometry};
use super::note_keys;
use crate::editor::drag::Frame;
use crate::editor::state::Action;
use crate::editor::theme;
use crate::editor::widgets::{focus_ring, name_text_field, select_text, text, text_width};
use crate::look::with_signs;
use crate::music::chords_that_fit::fitting;
use crate::music::roman::{chord_of, numeral_of};
use crate::music::{Chord, ChordSpan, Key as MusicalKey, Part, Phrase, Pitch, TickInstant};
use crate::session::Edit;

/// How many chords are offered.
const N_OFFERED: usize = 8;

/// The velocity of auditioned chords.
const VELOCITY: u8 = 84;

/// The lowest root of an auditioned chord.
const LOWEST_ROOT: i32 = 48;

/// The chord track of `roll`; chords cannot be changed while the phrase is composed.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, roll: &Geometry<'_>, areas: &Areas) {
    for span in spans(roll.phrase) {
        let place = Rect::from_min_max(
            pos2((roll.x(span.onset) + 1.0).max(areas.chords.left()), areas.chords.top()),
            pos2((roll.x(span.end()) - 1.0).min(areas.chords.right()), areas.chords.bottom()),
        );
        if place.width() >= 3.0 {
            cell(ui, frame, roll, (span, place));
        }
    }
}

/// The chords of `phrase`, and an empty span for each bar without any.
fn spans(phrase: &Phrase) -> Vec<ChordSpan> {
    let frame = phrase.frame();
    let mut spans = phrase.progression().spans().to_vec();
    for bar in 0..frame.n_bars_total() {
        let (start, end) = (frame.bar_start(bar), frame.bar_start(bar + 1));
        if !spans.iter().any(|span| span.onset < end && start < span.end()) {
            spans.push(ChordSpan { onset: start, duration: end.since(start), chord: None });
        }
    }
    spans.sort_by_key(|span| span.onset);
    spans
}

fn cell(ui: &Ui, frame: &mut Frame<'_>, roll: &Geometry<'_>, (span, place): (ChordSpan, Rect)) {
    let key = roll.phrase.frame().key;
    let symbol = span.chord.map(|chord| chord.symbol(key.spelling()));
    let bar = roll.phrase.frame().bar_number(roll.phrase.frame().bar_of(span.onset));
    let can_edit = !frame.state.is_streaming;
    let sense = if can_edit { Sense::click() } else { Sense::hover() };
    let response = ui.interact(place, ui.scope_id().with(("chord", span.onset.0)), sense);
    let shown = symbol.as_deref().map_or_else(|| "none".into(), |symbol| with_signs(symbol).into_owned());
    let label = format!("Chord {shown}, bar {bar}");
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, can_edit, &label));
    paint(ui, place, (&span, symbol.as_deref()), key, response.hovered());
    focus_ring(ui, &response, place, theme::RADIUS);
    let was_open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    if response.clicked() {
        frame.memory.chord_typed = symbol.unwrap_or_default();
        audition(frame, span.chord);
    }
    Popup::menu(&response).gap(4.0).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(214.0);
        if field(ui, frame, roll.phrase, span.onset, !was_open) {
            ui.close();
        }
    });
    if !was_open {
        let tip = match span.chord {
            Some(chord) => format!(
                "{shown}, {} in {}. Click to change it: chords, bass and arpeggio follow, but for locked notes.",
                with_signs(&numeral_of(chord, key)),
                with_signs(&key.to_string())
            ),
            None => "No chord. Click to set one.".to_owned(),
        };
        response.on_hover_text(tip).on_hover_cursor(CursorIcon::PointingHand);
    }
}

fn paint(ui: &Ui, place: Rect, (span, symbol): (&ChordSpan, Option<&str>), key: MusicalKey, is_hot: bool) {
    let (painter, theme) = (ui.painter(), theme::of(ui));
    let line = if is_hot { theme.accent } else { theme.chord_line };
    let Some((symbol, chord)) = symbol.zip(span.chord) else {
        painter.rect_stroke(place, 5, Stroke::new(1.0, line.gamma_multiply(0.6)), StrokeKind::Inside);
        return;
    };
    painter.rect_filled(place, 5, theme.chord_fill);
    painter.rect_stroke(place, 5, Stroke::new(1.0, line), StrokeKind::Inside);
    let symbol = with_signs(symbol);
    let (size, side) = if place.width() < 64.0 { (11.0, 4.0) } else { (14.0, 11.0) };
    if text_width(ui, &symbol, theme::semibold(11.0)) > place.width() - 6.0 {
        return;
    }
    let room = place.shrink2(vec2(side, 0.0));
    text(ui, room, Align2::LEFT_CENTER, &symbol, theme::semibold(size), theme.chord_text);
    let numeral = numeral_of(chord, key);
    let numeral = with_signs(&numeral);
    let left = room.width() - text_width(ui, &symbol, theme::semibold(size)) - 8.0;
    if text_width(ui, &numeral, theme::regular(11.0)) <= left {
        text(ui, room, Align2::RIGHT_CENTER, &numeral, theme::regular(11.0), theme.text_dim);
    }
}

/// The field for another chord, and what fits; returns whether it is done. `opens` — in the first frame it takes the focus.
fn field(ui: &mut Ui, frame: &mut Frame<'_>, phrase: &Phrase, at: TickInstant, opens: bool) -> bool {
    let key = phrase.frame().key;
    let id = Id::unique("chord field");
    let edit = TextEdit::singleline(&mut frame.memory.chord_typed)
        .id(id)
        .desired_width(200.0)
        .hint_text("Dm7, F/A, V7, none");
    let response = ui.add(edit);
    name_text_field(ui, &response, "Chord");
    if opens {
        response.request_focus();
        select_text(ui, id, 0..frame.memory.chord_typed.chars().count());
    }
    let typed = frame.memory.chord_typed.trim().to_owned();
    let read = read_chord(&typed, key);
    if read.is_none() && !typed.is_empty() {
        ui.colored_label(theme::of(ui).problem, format!("{typed} is no chord; try Dm7, F/A or V7"));
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        if let Some(chord) = read {
            set(frame, phrase, at, chord);
        }
        return read.is_some();
    }
    let mut is_done = false;
    ui.label("Fits here:");
    ui.horizontal_wrapped(|ui| {
        ui.set_max_width(214.0);
        for chord in fitting(phrase, at).into_iter().take(N_OFFERED) {
            let symbol = chord.symbol(key.spelling());
            let symbol = with_signs(&symbol);
            let button = Button::new(symbol.as_ref()).stroke(Stroke::new(1.0, theme::of(ui).outline));
            let button = ui.add(button).on_hover_text(with_signs(&numeral_of(chord, key)));
            if button.clicked() {
                set(frame, phrase, at, Some(chord));
                is_done = true;
            }
        }
    });
    is_done
}

/// The chord that `text` names, as a symbol or a degree of `key`; `Some(None)` for none, `None` for what is no chord.
fn read_chord(text: &str, key: MusicalKey) -> Option<Option<Chord>> {
    let text = text.replace('♭', "b").replace('♯', "#");
    if matches!(text.to_lowercase().as_str(), "none" | "n.c." | "nc" | "-") {
        return Some(None);
    }
    // What begins with a letter of a note is a symbol: a lower-case one is a numeral only where it reads as one.
    text.parse().ok().or_else(|| chord_of(&text, key)).map(Some)
}

fn set(frame: &mut Frame<'_>, phrase: &Phrase, at: TickInstant, chord: Option<Chord>) {
    audition(frame, chord);
    note_keys::edit(frame, phrase, Edit::Chord(at, chord));
    frame.memory.hand.picked.clear();
}

/// Lets `chord` sound, if clicked notes do.
fn audition(frame: &mut Frame<'_>, chord: Option<Chord>) {
    let Some(chord) = chord.filter(|_| frame.memory.hand.auditions) else { return };
    let root = LOWEST_ROOT + i32::from(chord.root.number());
    let tones = chord.quality.tones().iter().map(|tone| Pitch::clamped(root + i32::from(*tone)));
    frame.actions.push(Action::Audition(Part::Chords, tones.collect(), VELOCITY));
}

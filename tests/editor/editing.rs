//! Editing notes in the roll by mouse and by keys.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "points on a screen are small"
)]

use descant::editor::{Action, Steps, TakeCard};
use descant::music::chords_that_fit::fitting;
use descant::music::time::TICKS_PER_STEP;
use descant::music::{Note, Part, Phrase, Pitch, TickDuration, TickInstant};
use descant::session::{Alteration, Ask, Edit, Mark, NoteName, Selection};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, pos2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::acting::{Editor, SIZE, drag_from, keys};
use crate::{example, open};

/// The editor with the example and Audition off, so that clicks return edits only; and its phrase.
fn editor() -> (Editor, std::sync::Arc<Phrase>) {
    let mut state = example::full();
    state.playhead_beats = None;
    let phrase = state.phrase.clone().unwrap();
    let mut editor = open(state, SIZE);
    editor.get_by_label("Audition").click();
    editor.run();
    (editor, phrase)
}

fn roll(editor: &Editor) -> Rect {
    editor.get_by(|node| node.label().is_some_and(|label| label.starts_with("Piano roll"))).rect()
}

fn n_picked(editor: &Editor) -> usize {
    let node = editor.get_by(|node| node.label().is_some_and(|label| label.starts_with("Piano roll")));
    let label = node.accesskit_node().label().unwrap();
    label.rsplit_once(", ").and_then(|(_, rest)| rest.strip_suffix(" picked")?.parse().ok()).unwrap_or(0)
}

/// Where `note` of `part` is drawn: found by clicks down its column, as a user would who looks for it.
fn place(editor: &mut Editor, phrase: &Phrase, part: Part, note: &Note) -> Pos2 {
    let rect = roll(editor);
    let x = |at: TickInstant| {
        rect.left() + rect.width() * (at.to_beats() / phrase.frame().end().to_beats()) as f32
    };
    let x = if part.is_drums() { x(note.onset) + 3.0 } else { (x(note.onset) + x(note.end())) / 2.0 };
    let remove = Action::EditNotes(Edit::Alter(vec![NoteName::of(part, note)], Alteration::Remove));
    let mut y = rect.top() + 2.0;
    keys(Modifiers::NONE, Key::Escape)(editor);
    loop {
        assert!(y < rect.bottom(), "{note:?} is not found");
        // A click picks it, and the key says what is picked.
        click_at(editor, pos2(x, y), Modifiers::NONE);
        if n_picked(editor) == 1 {
            keys(Modifiers::NONE, Key::Delete)(editor);
            editor.run();
            if editor.state_mut().actions.pop() == Some(remove.clone()) {
                keys(Modifiers::NONE, Key::Escape)(editor);
                editor.run();
                editor.state_mut().actions.clear();
                return pos2(x, y + 1.0);
            }
        }
        y += 3.0;
    }
}

fn click_at(editor: &mut Editor, pos: Pos2, modifiers: Modifiers) {
    editor.hover_at(pos);
    editor.event(Event::ModifiersChanged(modifiers));
    editor.run();
    for pressed in [true, false] {
        editor.event(Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers });
    }
    editor.run();
    editor.event(Event::ModifiersChanged(Modifiers::NONE));
    // So that the next click is no double click.
    editor.run_steps(12);
}

fn drag_with(editor: &mut Editor, from: Pos2, motion: egui::Vec2, modifiers: Modifiers) {
    editor.event(Event::ModifiersChanged(modifiers));
    drag_from(editor, from, motion);
    editor.event(Event::ModifiersChanged(Modifiers::NONE));
    editor.run();
}

fn taken(editor: &mut Editor) -> Vec<Action> {
    std::mem::take(&mut editor.state_mut().actions)
}

fn edited(editor: &mut Editor) -> Edit {
    let mut actions = taken(editor);
    match (actions.pop(), actions.as_slice()) {
        (Some(Action::EditNotes(edit)), []) => edit,
        other => panic!("{other:?}"),
    }
}

fn melody(phrase: &Phrase, idx: usize) -> (Note, NoteName) {
    let note = phrase.notes(Part::Melody)[idx];
    (note, NoteName::of(Part::Melody, &note))
}

/// Points a quarter note.
fn beat(editor: &Editor, phrase: &Phrase) -> f32 {
    roll(editor).width() / phrase.frame().duration().to_beats() as f32
}

#[test]
fn a_note_is_moved_resized_copied_and_made_louder_by_the_mouse() {
    let (mut editor, phrase) = editor();
    let (note, name) = melody(&phrase, 9);
    let at = place(&mut editor, &phrase, Part::Melody, &note);
    let beat = beat(&editor, &phrase);
    // A quarter later and somewhere above; the onset keeps to the grid.
    drag_from(&mut editor, at, vec2(beat + 2.0, 0.0));
    let moved = Alteration::Move { ticks: 960, semitones: 0 };
    assert_eq!(edited(&mut editor), Edit::Alter(vec![name], moved));
    drag_from(&mut editor, at, vec2(0.0, -30.0));
    let Edit::Alter(names, Alteration::Move { ticks: 0, semitones }) = edited(&mut editor) else { panic!() };
    assert!(names == [name] && semitones > 1, "{semitones}");
    drag_with(&mut editor, at, vec2(beat, 0.0), Modifiers::COMMAND);
    let copied = Alteration::Copy { ticks: 960, semitones: 0 };
    assert_eq!(edited(&mut editor), Edit::Alter(vec![name], copied));
    drag_with(&mut editor, at, vec2(0.0, -30.0), Modifiers::ALT);
    assert_eq!(edited(&mut editor), Edit::Alter(vec![name], Alteration::Louder(20)));
    // At its end.
    let half = beat * note.duration.to_beats() as f32 / 2.0;
    drag_from(&mut editor, at + vec2(half - 3.0, 0.0), vec2(beat, 0.0));
    let Edit::Alter(names, Alteration::Resize(ticks)) = edited(&mut editor) else { panic!() };
    assert!(names == [name] && (720..=1200).contains(&ticks), "{ticks}");
    // A drag that Escape ends changes nothing.
    editor.hover_at(at);
    editor.run();
    editor.drag_at(at);
    editor.run();
    editor.hover_at(at + vec2(beat, 0.0));
    editor.run();
    keys(Modifiers::NONE, Key::Escape)(&mut editor);
    editor.run();
    editor.drop_at(at + vec2(beat, 0.0));
    editor.run();
    assert_eq!(taken(&mut editor), []);
}

#[test]
fn notes_are_picked_one_by_one_and_by_a_rectangle() {
    let (mut editor, phrase) = editor();
    let [first, second] = [2, 9].map(|idx| {
        let (note, name) = melody(&phrase, idx);
        (place(&mut editor, &phrase, Part::Melody, &note), name)
    });
    click_at(&mut editor, first.0, Modifiers::NONE);
    assert_eq!(n_picked(&editor), 1);
    click_at(&mut editor, second.0, Modifiers::SHIFT);
    assert_eq!(n_picked(&editor), 2);
    keys(Modifiers::NONE, Key::Delete)(&mut editor);
    editor.run();
    assert_eq!(edited(&mut editor), Edit::Alter(vec![first.1, second.1], Alteration::Remove));
    // All melody notes lie inside of a rectangle over the upper rows of the roll; nothing else does, in focus.
    keys(Modifiers::NONE, Key::Escape)(&mut editor);
    keys(Modifiers::NONE, Key::Num1)(&mut editor);
    editor.run();
    let rect = roll(&editor);
    drag_from(&mut editor, rect.left_top() + vec2(1.0, 1.0), vec2(rect.width() - 4.0, rect.height() * 0.6));
    assert_eq!(n_picked(&editor), phrase.notes(Part::Melody).len());
    // A click on the empty roll picks none.
    click_at(&mut editor, rect.left_top() + vec2(1.0, 1.0), Modifiers::NONE);
    assert_eq!(n_picked(&editor), 0);
}

#[test]
fn notes_are_drawn_and_removed() {
    let (mut editor, phrase) = editor();
    let (note, name) = melody(&phrase, 9);
    let at = place(&mut editor, &phrase, Part::Melody, &note);
    let beat = beat(&editor, &phrase);
    let twice = |editor: &mut Editor, pos: Pos2| {
        editor.hover_at(pos);
        editor.run();
        for pressed in [true, false, true, false] {
            let modifiers = Modifiers::NONE;
            editor.event(Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers });
            editor.step();
        }
        editor.run_steps(12);
    };
    twice(&mut editor, at);
    assert_eq!(edited(&mut editor), Edit::Alter(vec![name], Alteration::Remove));
    // Beside it, in its row, before the next.
    let free = pos2(roll(&editor).left() + 8.9 * beat, at.y);
    twice(&mut editor, free);
    let Edit::Insert(Part::Melody, drawn) = edited(&mut editor) else { panic!() };
    assert_eq!((drawn.pitch, drawn.onset.0 % 240), (note.pitch, 0));
    keys(Modifiers::NONE, Key::D)(&mut editor);
    editor.run();
    drag_from(&mut editor, free, vec2(beat, 0.0));
    let Edit::Insert(Part::Melody, drawn) = edited(&mut editor) else { panic!() };
    assert_eq!((drawn.pitch, drawn.onset.0), (note.pitch, 8 * 960 + 720));
    assert!((960..=1440).contains(&drawn.duration.0), "{drawn:?}");
    click_at(&mut editor, at, Modifiers::NONE);
    assert_eq!(edited(&mut editor), Edit::Alter(vec![name], Alteration::Remove));
}

#[test]
fn notes_are_locked_and_bars_brushed_by_their_tools() {
    let (mut editor, phrase) = editor();
    let (note, name) = melody(&phrase, 9);
    let at = place(&mut editor, &phrase, Part::Melody, &note);
    editor.get_by_label("Lock").click();
    editor.run();
    click_at(&mut editor, at, Modifiers::NONE);
    assert_eq!(edited(&mut editor), Edit::Alter(vec![name], Alteration::Lock(true)));
    editor.get_by_label("Brush").click();
    editor.run();
    keys(Modifiers::NONE, Key::Num1)(&mut editor);
    editor.run();
    let bar_width = 4.0 * beat(&editor, &phrase);
    drag_from(&mut editor, at, vec2(bar_width, 0.0));
    let parts = Part::ALL.map(|part| part == Part::Melody);
    let bar = phrase.frame().bar_of(note.onset);
    let selection = Selection { first_bar: bar, n_bars: 2, parts };
    assert_eq!(taken(&mut editor), [Action::Compose(Ask::Recompose(selection))]);
}

#[test]
fn the_lane_is_drawn_into() {
    let (mut editor, phrase) = editor();
    keys(Modifiers::NONE, Key::Num1)(&mut editor);
    editor.run();
    let lane = editor.get_by_label("Velocity of the notes").rect();
    // A straight line from the lower left to the upper right.
    drag_with(
        &mut editor,
        lane.left_bottom() + vec2(1.0, -4.0),
        vec2(lane.width() - 2.0, 8.0 - lane.height()),
        Modifiers::SHIFT,
    );
    let Edit::Velocities(wanted) = edited(&mut editor) else { panic!() };
    assert_eq!(wanted.len(), phrase.notes(Part::Melody).len());
    assert!(wanted.is_sorted_by_key(|(_, velocity)| *velocity), "{wanted:?}");
    assert!(wanted[0].1 < 20 && wanted.last().unwrap().1 > 100, "{wanted:?}");
    editor.get_by_label("Lane of timing").click();
    editor.run();
    let lane = editor.get_by_label("Timing of the notes").rect();
    drag_from(&mut editor, lane.left_top() + vec2(2.0, 5.0), vec2(30.0, 0.0));
    let Edit::Timing(late) = edited(&mut editor) else { panic!() };
    assert!(late.iter().all(|(_, late)| *late > 20), "{late:?}");
}

#[test]
fn keys_edit_what_is_picked() {
    let (mut editor, phrase) = editor();
    keys(Modifiers::NONE, Key::Num1)(&mut editor);
    keys(Modifiers::COMMAND, Key::A)(&mut editor);
    editor.run();
    let all: Vec<NoteName> =
        phrase.notes(Part::Melody).iter().map(|note| NoteName::of(Part::Melody, note)).collect();
    assert_eq!(n_picked(&editor), all.len());
    let none = Modifiers::NONE;
    for (modifiers, key, expected) in [
        (none, Key::ArrowUp, Alteration::Move { ticks: 0, semitones: 1 }),
        (Modifiers::SHIFT, Key::ArrowDown, Alteration::Move { ticks: 0, semitones: -12 }),
        (none, Key::ArrowRight, Alteration::Move { ticks: 240, semitones: 0 }),
        (Modifiers::ALT, Key::ArrowLeft, Alteration::Resize(-240)),
        (Modifiers::ALT, Key::ArrowUp, Alteration::Louder(5)),
        (none, Key::Q, Alteration::Quantise(TickDuration(240))),
        (none, Key::T, Alteration::Legato),
        (none, Key::J, Alteration::Join),
        (none, Key::L, Alteration::Lock(true)),
        (Modifiers::COMMAND, Key::D, Alteration::Copy { ticks: 4 * 3840, semitones: 0 }),
        (none, Key::Delete, Alteration::Remove),
    ] {
        // What an edit made is picked; the phrase stays as it is here, so pick all again.
        keys(Modifiers::COMMAND, Key::A)(&mut editor);
        editor.run();
        keys(modifiers, key)(&mut editor);
        editor.run();
        let expected = Action::EditNotes(Edit::Alter(all.clone(), expected));
        assert_eq!(taken(&mut editor), [expected], "{modifiers:?} {key:?}");
    }
    // One after the other, and cut in two.
    keys(none, Key::Escape)(&mut editor);
    editor.run();
    for _ in 0..2 {
        keys(none, Key::Period)(&mut editor);
        editor.run();
    }
    keys(none, Key::S)(&mut editor);
    editor.run();
    let (note, name) = melody(&phrase, 1);
    let middle = TickInstant(note.onset.0 + note.duration.0 / 2);
    assert_eq!(edited(&mut editor), Edit::Alter(vec![name], Alteration::Split(middle)));
    // Into bar 3.
    keys(none, Key::Comma)(&mut editor);
    editor.event(Event::Copy);
    editor.run();
    keys(none, Key::Escape)(&mut editor);
    editor.run();
    for _ in 0..3 {
        keys(none, Key::ArrowRight)(&mut editor);
        editor.run();
    }
    editor.event(Event::Paste(String::new()));
    editor.run();
    let (first, _) = melody(&phrase, 0);
    assert_eq!(edited(&mut editor), Edit::Paste { notes: vec![(Part::Melody, first)], ticks: 2 * 3840 });
}

#[test]
fn a_clicked_note_sounds_and_takes_the_focus_to_its_part() {
    let (mut editor, phrase) = editor();
    let bass = phrase.notes(Part::Bass)[2];
    let at = place(&mut editor, &phrase, Part::Bass, &bass);
    editor.get_by_label("Audition").click();
    keys(Modifiers::NONE, Key::Num1)(&mut editor);
    editor.run();
    click_at(&mut editor, at, Modifiers::NONE);
    assert_eq!(taken(&mut editor), [Action::Audition(Part::Bass, vec![bass.pitch], bass.velocity)]);
    // Then bars mean the bass alone.
    keys(Modifiers::NONE, Key::Escape)(&mut editor);
    keys(Modifiers::NONE, Key::ArrowRight)(&mut editor);
    keys(Modifiers::SHIFT, Key::ArrowRight)(&mut editor);
    editor.run();
    keys(Modifiers::COMMAND, Key::R)(&mut editor);
    editor.run();
    let parts = Part::ALL.map(|part| part == Part::Bass);
    let selection = Selection { first_bar: 0, n_bars: 2, parts };
    assert_eq!(taken(&mut editor), [Action::Compose(Ask::Recompose(selection))]);
}

#[test]
fn the_menu_of_a_note_edits_it() {
    let (mut editor, phrase) = editor();
    let (note, name) = melody(&phrase, 9);
    let at = place(&mut editor, &phrase, Part::Melody, &note);
    editor.hover_at(at);
    editor.run();
    for pressed in [true, false] {
        let (button, modifiers) = (PointerButton::Secondary, Modifiers::NONE);
        editor.event(Event::PointerButton { pos: at, button, pressed, modifiers });
    }
    editor.run();
    editor.get_by(|node| node.label().is_some_and(|label| label.starts_with("Octave up"))).click();
    editor.run();
    let up = Alteration::Move { ticks: 0, semitones: 12 };
    assert_eq!(edited(&mut editor), Edit::Alter(vec![name], up));
}

#[test]
fn the_grid_and_the_key_hold_what_is_drawn() {
    let (mut editor, phrase) = editor();
    editor.get_by_label("Grid").click();
    editor.run();
    editor.get_by_label("1/4").click();
    editor.run();
    editor.get_by_label("In key").click();
    keys(Modifiers::NONE, Key::D)(&mut editor);
    editor.run();
    let rect = roll(&editor);
    for y in 0..12 {
        let pos = rect.left_top() + vec2(0.49 * rect.width(), 4.0 + 5.0 * y as f32);
        click_at(&mut editor, pos, Modifiers::NONE);
        let Some(Action::EditNotes(Edit::Insert(_, drawn))) = taken(&mut editor).pop() else { continue };
        assert_eq!(drawn.onset.0 % (12 * TICKS_PER_STEP), 0);
        assert!(phrase.frame().key.contains(drawn.pitch.class()), "{}", drawn.pitch);
        assert!(drawn.pitch >= Pitch::MIDDLE_C);
    }
}

#[test]
fn alternatives_are_chosen_in_place() {
    let (mut editor, _) = editor();
    keys(Modifiers::NONE, Key::Num1)(&mut editor);
    keys(Modifiers::NONE, Key::ArrowRight)(&mut editor);
    editor.run();
    keys(Modifiers::COMMAND, Key::R)(&mut editor);
    editor.run();
    assert_eq!(taken(&mut editor).len(), 1);
    // Two takes come of it, the first of them chosen.
    let takes = &mut editor.state_mut().state.takes;
    takes[0].is_current = false;
    for number in [8, 9] {
        let take =
            TakeCard { number, is_current: number == 8, slot: None, parent: Some(7), ..takes[0].clone() };
        takes.insert(0, take);
    }
    editor.run();
    for key in [Key::ArrowDown, Key::ArrowUp] {
        keys(Modifiers::NONE, key)(&mut editor);
        editor.run();
        assert_eq!(taken(&mut editor), [Action::SelectTake(0)], "{key:?}");
    }
    editor.get_by_label("Next alternative").click();
    editor.run();
    assert_eq!(taken(&mut editor), [Action::SelectTake(0)]);
    // What another request makes of take 8 is no alternative of these.
    let takes = &mut editor.state_mut().state.takes;
    let take = TakeCard { number: 10, is_current: false, parent: Some(8), ..takes[0].clone() };
    takes.insert(0, take);
    editor.run();
    editor.get_by_label("Next alternative").click();
    editor.run();
    assert_eq!(taken(&mut editor), [Action::SelectTake(1)]);
    // Back to take 7, and no more alternatives.
    keys(Modifiers::NONE, Key::Escape)(&mut editor);
    editor.run();
    assert_eq!(taken(&mut editor), [Action::SelectTake(3)]);
    assert!(editor.query_by_label("Next alternative").is_none());
}

#[test]
fn the_toolbar_of_bars_varies_and_locks_them() {
    let (mut editor, phrase) = editor();
    keys(Modifiers::NONE, Key::Num3)(&mut editor);
    editor.run();
    keys(Modifiers::NONE, Key::ArrowRight)(&mut editor);
    editor.run();
    editor.get_by_label("Vary bars").click();
    editor.run();
    let parts = Part::ALL.map(|part| part == Part::Bass);
    let selection = Selection { first_bar: 0, n_bars: 1, parts };
    assert_eq!(taken(&mut editor), [Action::Compose(Ask::Vary(selection))]);
    editor.get_by_label("Lock bars").click();
    editor.run();
    let bass = phrase.notes(Part::Bass)[..2].iter().map(|note| NoteName::of(Part::Bass, note));
    assert_eq!(edited(&mut editor), Edit::Alter(bass.collect(), Alteration::Lock(true)));
}

#[test]
fn a_chord_is_typed_or_picked() {
    for (typed, expected) in
        [("F/A", Some("F/A")), ("V7", Some("A7")), ("E♭maj7", Some("Ebmaj7")), ("none", None)]
    {
        let (mut editor, _) = editor();
        editor.get_by_label("Chord Dm7, bar 1").click();
        editor.run();
        // The field has the focus, and what is typed takes the place of what is there.
        editor.event(Event::Text(typed.to_owned()));
        editor.run();
        keys(Modifiers::NONE, Key::Enter)(&mut editor);
        editor.run();
        let chord = expected.map(|chord| chord.parse().unwrap());
        assert_eq!(taken(&mut editor), [Action::EditNotes(Edit::Chord(TickInstant(0), chord))], "{typed}");
        assert!(editor.query_by_label("Chord").is_none(), "the field is closed");
    }
    // What is no chord stays to be mended.
    let (mut editor, phrase) = editor();
    editor.get_by_label("Chord F, bar 3").click();
    editor.run();
    editor.event(Event::Text("x".to_owned()));
    keys(Modifiers::NONE, Key::Enter)(&mut editor);
    editor.run();
    assert_eq!(taken(&mut editor), []);
    assert!(editor.query_by_label_contains("is no chord").is_some());
    let best = fitting(&phrase, TickInstant(2 * 3840))[0];
    editor.get_by_label(&best.to_string()).click();
    editor.run();
    let chord = Some(best);
    assert_eq!(taken(&mut editor), [Action::EditNotes(Edit::Chord(TickInstant(2 * 3840), chord))]);
}

#[test]
fn takes_are_favoured_and_discarded() {
    let (mut editor, _) = editor();
    editor.get_by_label("Favour take 6").click();
    editor.run();
    assert_eq!(taken(&mut editor), [Action::MarkTake(1, Mark::Favourite)]);
    editor.get_by_label("Favour take 5").click();
    editor.run();
    assert_eq!(taken(&mut editor), [Action::MarkTake(2, Mark::None)]);
    for (key, mark) in [(Key::F, Mark::Favourite), (Key::X, Mark::Discarded)] {
        keys(Modifiers::NONE, key)(&mut editor);
        editor.run();
        assert_eq!(taken(&mut editor), [Action::MarkTake(0, mark)]);
    }
    editor.get_by_label("Take 6").click_secondary();
    editor.run();
    editor.get_by_label("Discard take 6").click();
    editor.run();
    assert_eq!(taken(&mut editor), [Action::MarkTake(1, Mark::Discarded)]);
}

#[test]
fn a_part_in_focus_is_varied_alone() {
    let (mut editor, phrase) = editor();
    editor.get_by_label("Focus on bass").click();
    editor.run();
    editor.get_by_label("Vary").click();
    editor.run();
    let parts = Part::ALL.map(|part| part == Part::Bass);
    let selection = Selection { first_bar: 0, n_bars: phrase.frame().n_bars_total(), parts };
    assert_eq!(taken(&mut editor), [Action::Compose(Ask::Vary(selection))]);
}

#[test]
fn two_takes_are_compared_and_steps_listed() {
    let (mut editor, _) = editor();
    // Take 6 is chosen after take 7.
    for take in &mut editor.state_mut().state.takes {
        take.is_current = take.number == 6;
    }
    editor.run();
    keys(Modifiers::NONE, Key::A)(&mut editor);
    editor.run();
    editor.get_by_label("Compare takes").click();
    editor.run();
    assert_eq!(taken(&mut editor), [Action::SelectTake(0), Action::SelectTake(0)]);
    let step = |name: &str| name.to_owned();
    editor.state_mut().state.history = Steps {
        done: vec![step("move of a note"), step("take 3 in slot 2")],
        undone: vec![step("chord Bb")],
    };
    editor.get_by_label("History").click();
    editor.run();
    editor.get_by_label("take 3 in slot 2").click();
    editor.run();
    assert_eq!(taken(&mut editor), [Action::UndoSteps(2)]);
    editor.get_by_label("chord B♭").click();
    editor.run();
    assert_eq!(taken(&mut editor), [Action::RedoSteps(1)]);
}

#[test]
fn the_map_of_keys_opens_by_its_button_and_by_its_key() {
    let (mut editor, _) = editor();
    for open in [true, false, true] {
        if open {
            editor.get_by_label("Keyboard map").click();
        } else {
            keys(Modifiers::SHIFT, Key::Questionmark)(&mut editor);
        }
        editor.run();
        let is_shown = editor.query_by_label("Quantise, legato, join, split, humanise").is_some();
        assert_eq!(is_shown, open);
    }
}

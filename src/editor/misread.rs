//! Words that were not understood: shown red in the text box and listed next to it; a click on either selects them.

use std::ops::Range;

use egui::text::{LayoutJob, TextFormat};
use egui::text_edit::TextEditState;
use egui::{Align2, CursorIcon, FontId, Id, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use super::theme::{self, Theme};
use super::widgets::{select_text, text, text_width};
use crate::words::Unknown;

/// The layout of `text` in `font`, with the `unknown` words in red.
pub fn laid_out(theme: &Theme, text: &str, font: &FontId, unknown: &[Unknown]) -> LayoutJob {
    let mut places: Vec<Range<usize>> = unknown.iter().flat_map(|one| places_of(text, &one.words)).collect();
    places.sort_by_key(|place| place.start);
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    job.wrap.max_width = f32::INFINITY;
    let mut append = |piece: &str, color| {
        job.append(piece, 0.0, TextFormat { font_id: font.clone(), color, ..TextFormat::default() });
    };
    let mut done = 0;
    for place in places.into_iter().filter(|place| !place.is_empty()) {
        if place.start < done {
            continue;
        }
        append(&text[done..place.start], theme.text);
        append(&text[place.clone()], theme.problem);
        done = place.end;
    }
    append(&text[done..], theme.text);
    job
}

/// After a click into the text box `id`: selects the unknown word under the cursor, if there is one.
pub fn select_clicked(ui: &Ui, id: Id, text: &str, unknown: &[Unknown]) {
    let Some(state) = TextEditState::load(ui.ctx(), id) else { return };
    let Some(clicked) = state.cursor.char_range().map(|range| range.primary.index.0) else { return };
    let places = unknown.iter().flat_map(|one| places_of(text, &one.words));
    let hit =
        places.map(|place| to_chars(text, &place)).find(|place| (place.start..=place.end).contains(&clicked));
    hit.into_iter().for_each(|place| select_text(ui, id, place));
}

/// Lists the `unknown` words at the right of `rect`; returns the rest of `rect`, and the word that was clicked.
pub fn list<'a>(ui: &Ui, rect: Rect, unknown: &'a [Unknown]) -> (Rect, Option<&'a Unknown>) {
    let mut clicked = None;
    let font = theme::regular(12.0);
    let pieces: Vec<String> = unknown
        .iter()
        .enumerate()
        .map(
            |(idx, one)| if idx + 1 < unknown.len() { format!("{}, ", one.words) } else { one.words.clone() },
        )
        .collect();
    let prefix = "not understood: ";
    let width_of = |piece: &str| text_width(ui, piece, font.clone());
    let width = width_of(prefix) + pieces.iter().map(|piece| width_of(piece)).sum::<f32>() + 1.0;
    let (rest, place) = rect.split_left_right_at_x(rect.right() - width.min(rect.width() * 0.5));
    let mut left = place.left();
    let mut next = |piece: &str| {
        let end = (left + width_of(piece)).min(place.right());
        let room = Rect::from_min_max(pos2(left, place.top()), pos2(end, place.bottom()));
        left = end;
        room
    };
    text(ui, next(prefix).expand(1.0), Align2::LEFT_CENTER, prefix, font.clone(), theme::of(ui).problem);
    for (one, piece) in unknown.iter().zip(&pieces) {
        let room = next(piece);
        if room.width() < 2.0 {
            break;
        }
        let hit =
            Rect::from_center_size(room.center(), egui::vec2(room.width(), 20.0_f32.min(room.height())));
        let response = ui.interact(hit, ui.scope_id().with(("unknown", &one.words)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Link, true, format!("Go to {}", one.words)));
        text(ui, room.expand(1.0), Align2::LEFT_CENTER, piece, font.clone(), theme::of(ui).problem);
        if response.clicked() {
            clicked = Some(one);
        }
        response.on_hover_text(one.to_string()).on_hover_cursor(CursorIcon::PointingHand);
    }
    (rest.with_max_x(rest.right() - 10.0), clicked)
}

/// Selects `unknown` in `text`, in the text box `id`, and gives the box the keyboard focus. To be called after the box was
/// drawn, since a box gives up the focus on a click elsewhere.
pub fn go_to(ui: &Ui, id: Id, text: &str, unknown: &Unknown) {
    ui.memory_mut(|memory| memory.request_focus(id));
    let end = text.chars().count();
    let found = places_of(text, &unknown.words).next();
    select_text(ui, id, found.map_or(end..end, |place| to_chars(text, &place)));
}

/// The byte ranges where `words` occur in `text` as whole words.
fn places_of<'a>(text: &'a str, words: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let is_apart = |place: &Range<usize>| {
        let before = text[..place.start].chars().next_back();
        let after = text[place.end..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    };
    let found = text.match_indices(words).filter(|(_, found)| !found.is_empty());
    found.map(|(start, found)| start..start + found.len()).filter(is_apart)
}

/// A range of bytes of `text` as a range of characters.
fn to_chars(text: &str, place: &Range<usize>) -> Range<usize> {
    let count = |end: usize| text.get(..end).map_or(0, |before| before.chars().count());
    count(place.start)..count(place.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(words: &str) -> Unknown {
        Unknown { words: words.to_owned(), nearest: None }
    }

    #[test]
    fn unknown_words_are_found_where_they_stand() {
        for (text, words, expected) in [
            ("dark spicyy folk", "spicyy", &[(5, 11)][..]),
            ("asdf and asdf", "asdf", &[(0, 4), (9, 13)]),
            ("spicyy", "spicy", &[]),
            ("très spicyy", "spicyy", &[(6, 12)]),
            ("folk", "melody range", &[]),
            ("", "", &[]),
        ] {
            let places: Vec<_> = places_of(text, words).map(|place| (place.start, place.end)).collect();
            assert_eq!(places, expected, "{text} {words}");
        }
        assert_eq!(to_chars("très spicyy", &(6..12)), 5..11);
    }

    #[test]
    fn what_is_unknown_is_red_and_nothing_is_lost() {
        let text = "dark spicyy folk, asdf";
        let job = laid_out(
            &theme::DARK,
            text,
            &FontId::default(),
            &[unknown("asdf"), unknown("spicyy"), unknown("spicyy folk")],
        );
        assert_eq!(job.text, text);
        let red: Vec<_> =
            job.sections.iter().filter(|section| section.format.color == theme::DARK.problem).collect();
        assert_eq!(red.len(), 2, "{red:?}");
    }
}

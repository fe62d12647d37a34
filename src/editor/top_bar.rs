//! The bar at the top: presets, words, routing, settings and status.

use egui::{
    Align2, Area, Frame as Panel, Id, Key, Margin, Order, Pos2, Rect, Role, Sense, Stroke, TextBuffer,
    TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use super::drag::Frame;
use super::key_map;
use super::misread;
use super::preset_menu;
use super::routing;
use super::settings;
use super::state::{Action, Tone};
use super::theme;
use super::widgets::{Look, button_if, name_text_field, scale, text, text_in_rows, text_width, well};
use crate::words;

const HEIGHT: f32 = 38.0;

/// The bar, filling `rect`.
pub fn show(ui: &mut Ui, frame: &mut Frame<'_>, rect: Rect) {
    let is_narrow = rect.width() < 1150.0;
    let gap = if is_narrow { 10.0 } else { 16.0 };
    let row = Rect::from_center_size(rect.center(), vec2(rect.width() - 40.0, HEIGHT));
    let logo_width = logo(ui, row);
    let left = row.left() + logo_width + gap;
    let switcher =
        Rect::from_min_size(pos2(left, row.top()), vec2(if is_narrow { 200.0 } else { 224.0 }, HEIGHT));
    preset_menu::show(ui, frame, switcher);
    let room = rect.width() * 0.26;
    let status_width =
        (text_width(ui, &frame.state.status.text, theme::regular(13.5)) + 20.0).min(room).max(60.0);
    let status = row.with_min_x(row.right() - status_width);
    tell(ui, frame, status);
    let gear = Rect::from_min_max(
        pos2(status.left() - gap - HEIGHT, row.top()),
        pos2(status.left() - gap, row.bottom()),
    );
    let map = gear.translate(vec2(-HEIGHT - 6.0, 0.0));
    let (title, padding) = if is_narrow { ("Routing", 18.0) } else { ("Test routing", 28.0) };
    let route = Rect::from_min_max(
        pos2(map.left() - 6.0 - text_width(ui, title, theme::regular(14.0)) - padding, row.top()),
        pos2(map.left() - 6.0, row.bottom()),
    );
    settings::show(ui, frame, gear);
    key_map::show(ui, map);
    routing::show(ui, frame, route, title);
    let words =
        Rect::from_min_max(pos2(switcher.right() + gap, row.top()), pos2(route.left() - gap, row.bottom()));
    self::words(ui, frame, words);
}

/// The name with its note; returns their width.
fn logo(ui: &Ui, row: Rect) -> f32 {
    let painter = ui.painter();
    let head = pos2(row.left() + 5.0, row.center().y + 6.0);
    let stem = head + vec2(3.2, 0.0);
    let top = stem - vec2(0.0, 15.0);
    painter.circle_filled(head, 4.0, theme::of(ui).accent);
    painter.line_segment([stem, top], Stroke::new(1.8, theme::of(ui).accent));
    let flag = [top, top + vec2(1.0, 4.0), top + vec2(5.5, 6.5), top + vec2(4.8, 10.0)];
    painter.line(flag.to_vec(), Stroke::new(1.8, theme::of(ui).accent));
    let name = row.with_min_x(row.left() + 19.0);
    text(ui, name, Align2::LEFT_CENTER, "Descant", theme::semibold(19.0), theme::of(ui).text);
    19.0 + text_width(ui, "Descant", theme::semibold(19.0))
}

/// The text box for words; below it, while it is edited, the effects of the words. Longer than other functions: what the box
/// answers is read in the order in which keys reach it.
fn words(ui: &mut Ui, frame: &mut Frame<'_>, rect: Rect) {
    let state = frame.state;
    if frame.memory.applied_words != state.words.text {
        frame.memory.applied_words.clone_from(&state.words.text);
        frame.memory.words.clone_from(&state.words.text);
    }
    let id = ui.scope_id().with("words");
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    let is_applied = frame.memory.words == state.words.text;
    let has_unknown = is_applied && !state.words.unknown.is_empty();
    let outline = match (has_focus, has_unknown) {
        (true, _) => theme::of(ui).accent,
        (false, true) => theme::of(ui).problem,
        (false, false) => theme::of(ui).outline,
    };
    well(ui, rect, outline);

    let inside = rect.shrink2(vec2(14.0, 0.0)).with_max_x(rect.right() - 40.0);
    let unknown = if is_applied { state.words.unknown.as_slice() } else { &[] };
    let (inside, wanted) =
        if has_unknown && !has_focus { misread::list(ui, inside, unknown) } else { (inside, None) };
    let font = theme::regular(14.0 * scale(ui));
    // Words that were not understood stay red until the text changes.
    let applied = state.words.text.as_str();
    let mut layouter = |ui: &Ui, text: &dyn TextBuffer, _: f32| {
        let unknown = if text.as_str() == applied { unknown } else { &[] };
        ui.painter().layout_job(misread::laid_out(theme::of(ui), text.as_str(), &font, unknown))
    };
    let edit = TextEdit::singleline(&mut frame.memory.words)
        .id(id)
        .font(font.clone())
        .layouter(&mut layouter)
        .hint_text(format!("Say what you want: {}", words::EXAMPLE))
        .frame(Panel::NONE)
        .char_limit(400)
        .align(Align2::LEFT_CENTER)
        .desired_width(inside.width())
        .min_size(inside.size());
    let response = ui.put(inside, edit);
    name_text_field(ui, &response, "Words");
    if let Some(wanted) = wanted {
        misread::go_to(ui, id, &frame.memory.words, wanted);
    } else if response.clicked() && is_applied {
        misread::select_clicked(ui, id, &frame.memory.words, unknown);
    }

    let says_something = !frame.memory.words.trim().is_empty();
    // An emptied text can be applied too: it removes the words.
    let can_apply = says_something || !is_applied;
    let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let is_clicked = apply_clicked(ui, rect, can_apply);
    if can_apply && (is_clicked || is_entered) {
        frame.actions.push(Action::ApplyWords(frame.memory.words.clone()));
    }
    let is_open = has_focus && says_something;
    if is_open {
        reading(ui, frame, rect);
    } else {
        response.on_hover_text(words_tip(frame));
    }
}

/// Draws the button in the box at `rect` that applies the words; returns whether it was clicked.
fn apply_clicked(ui: &Ui, rect: Rect, is_enabled: bool) -> bool {
    let place = Rect::from_min_max(
        pos2(rect.right() - 36.0, rect.top() + 4.0),
        pos2(rect.right() - 4.0, rect.bottom() - 4.0),
    );
    let response = button_if(ui, place, "↵", "Apply words", Look::Bare, is_enabled);
    response.on_hover_text("Set the controls to what the words say. Enter").clicked()
}

/// The effects of the applied words, for a tooltip.
fn words_tip(frame: &Frame<'_>) -> String {
    let applied = &frame.state.words;
    if applied.text.is_empty() {
        return "Say in words what you want; Enter sets the controls.".to_owned();
    }
    let understood = applied.understood.iter().map(|one| format!("{}: {}", one.words, one.effect));
    let unknown = applied.unknown.iter().map(ToString::to_string);
    understood.chain(unknown).collect::<Vec<_>>().join("\n")
}

/// The effects of the words in the box, in a list below it.
fn reading(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let memory = &mut *frame.memory;
    let is_fresh = memory.reading.as_ref().is_some_and(|(text, _)| *text == memory.words);
    if !is_fresh {
        memory.reading = Some((memory.words.clone(), words::read(&memory.words)));
    }
    let Some((_, read)) = &memory.reading else { return };
    if read.understood.is_empty() && read.unknown.is_empty() {
        return;
    }
    let below: Pos2 = rect.left_bottom() + vec2(0.0, 6.0);
    let panel = Panel::popup(ui.style()).inner_margin(Margin::symmetric(14, 10));
    Area::new(Id::unique("what the words say"))
        .order(Order::Foreground)
        .fixed_pos(below)
        .interactable(false)
        .show(ui.ctx(), |ui| {
            panel.show(ui, |ui| {
                ui.set_width((rect.width() - 28.0).min(420.0));
                for one in &read.understood {
                    line(ui, &one.words, &one.effect, theme::of(ui).good);
                }
                for one in &read.unknown {
                    let nearest = one.nearest.as_ref().map(|nearest| format!("did you mean {nearest}?"));
                    line(
                        ui,
                        &one.words,
                        nearest.as_deref().unwrap_or("not understood"),
                        theme::of(ui).problem,
                    );
                }
            });
        });
}

fn line(ui: &mut Ui, words: &str, effect: &str, color: egui::Color32) {
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), 21.0), Sense::hover());
    ui.painter().circle_filled(pos2(row.left() + 4.0, row.center().y), 3.0, color);
    let (left, right) = row.with_min_x(row.left() + 16.0).split_left_right_at_fraction(0.42);
    text(ui, left, Align2::LEFT_CENTER, words, theme::semibold(12.5), theme::of(ui).text);
    text(
        ui,
        right.with_min_x(right.left() + 8.0),
        Align2::LEFT_CENTER,
        effect,
        theme::regular(12.5),
        theme::of(ui).text_soft,
    );
}

/// The status with its dot; the full text on hover.
fn tell(ui: &Ui, frame: &Frame<'_>, rect: Rect) {
    let status = &frame.state.status;
    let (dot, color) = match status.tone {
        Tone::Good => (theme::of(ui).good, theme::of(ui).text_soft),
        Tone::Working => (theme::of(ui).accent, theme::of(ui).text_soft),
        Tone::Problem => (theme::of(ui).problem, theme::of(ui).text),
    };
    let response = ui.interact(rect, ui.scope_id().with("status"), Sense::hover());
    let label = if status.text.is_empty() { "Ready" } else { &status.text };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, label));
    ui.painter().circle_filled(pos2(rect.left() + 6.0, rect.center().y), 5.0, dot);
    let room = rect.with_min_x(rect.left() + 18.0);
    if text_width(ui, label, theme::regular(13.5)) <= room.width() {
        text(ui, room, Align2::LEFT_CENTER, label, theme::regular(13.5), color);
    } else {
        text_in_rows(ui, room, label, 2, theme::regular(12.0), color);
    }
    response.on_hover_text(label);
}

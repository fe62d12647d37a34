//! The preset selector: the chosen preset between two arrows, and a menu of all presets with a box to save a new one.

use egui::{
    Align, Align2, CursorIcon, Frame as Panel, Key, Popup, PopupCloseBehavior, Rect, Response, Role,
    ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use super::drag::Frame;
use super::state::Action;
use super::theme;
use super::widgets::{
    Look, button_if, caption, chevron, focus_ring, name_text_field, text, text_width, well,
};
use crate::preset::{Library, Preset, library};

const MENU_WIDTH: f32 = 330.0;
/// Least and most height of the list, and the height that the window needs around it, in points.
const LIST_HEIGHTS: (f32, f32) = (160.0, 640.0);
const AROUND_LIST: f32 = 180.0;
/// Height of the button for a new session, in points.
const SESSION: f32 = 44.0;
const ROW: f32 = 25.0;
const ARROW: f32 = 30.0;

/// The heading over the user's presets.
const USER: &str = "YOURS";

/// The chosen preset, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    well(ui, rect, theme::of(ui).outline);
    let inside = rect.shrink(4.0);
    let (previous, rest) = inside.split_left_right_at_x(inside.left() + ARROW);
    let (middle, next) = rest.split_left_right_at_x(inside.right() - ARROW);
    menu(ui, frame, middle.expand2(vec2(0.0, 4.0)));
    let state = frame.state;
    let name = state.preset.as_ref().map(|preset| preset.name.as_str());
    for (rect, arrow, label, preset) in [
        (previous, "‹", "Previous preset", state.presets.before(name)),
        (next, "›", "Next preset", state.presets.after(name)),
    ] {
        let response = button_if(ui, rect, arrow, label, Look::Bare, preset.is_some());
        let tip = preset.map_or_else(|| "There are no more presets.".to_owned(), description);
        if let Some(preset) = preset.filter(|_| response.clicked()) {
            frame.actions.push(Action::ChoosePreset(preset.name.clone()));
        }
        response.on_hover_text(tip);
    }
}

/// The chosen preset's name, which opens the menu.
fn menu(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let state = frame.state;
    let name = state.preset.as_ref().map_or("", |preset| preset.name.as_str());
    let is_changed = state.preset.as_ref().is_some_and(|preset| preset.is_changed);
    let response = ui.interact(rect, ui.scope_id().with("presets"), Sense::click());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, true, "Preset");
        info.current_text_value = Some(format!("{name}{}", if is_changed { ", changed" } else { "" }));
        info
    });
    let is_open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    if response.hovered() || is_open {
        ui.painter().rect_filled(rect.shrink2(vec2(0.0, 4.0)), theme::RADIUS, theme::of(ui).card);
    }
    focus_ring(ui, &response, rect.shrink2(vec2(0.0, 4.0)), theme::RADIUS);
    let (shown, color) = match (name, is_changed) {
        ("", _) => ("Presets".to_owned(), theme::of(ui).text_dim),
        (name, true) => (format!("{name} *"), theme::of(ui).text),
        (name, false) => (name.to_owned(), theme::of(ui).text),
    };
    let font = theme::regular(14.0);
    let room = rect.shrink2(vec2(4.0, 0.0)).with_max_x(rect.right() - 16.0);
    text(ui, room, Align2::CENTER_CENTER, &shown, font.clone(), color);
    let end = room.center().x + text_width(ui, &shown, font).min(room.width()) * 0.5;
    chevron(ui, pos2(end + 9.0, rect.center().y), 3.5, theme::of(ui).text_dim);

    if response.clicked() && !is_open {
        frame.memory.preset_in_view = None;
        // Files may have been added since.
        frame.actions.push(Action::ListPresets);
    }
    Popup::menu(&response)
        .gap(4.0)
        .width(MENU_WIDTH)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(MENU_WIDTH);
            list(ui, frame);
            ui.separator();
            save(ui, frame);
            if frame.state.is_standalone {
                ui.separator();
                begin_session(ui, frame);
            }
        });
    if !is_open {
        let changed = if is_changed { "\nIt was changed since." } else { "" };
        let tip = state.presets.find(name).map_or_else(
            || "Settings to begin from; your notes stay. Click for all of them.".to_owned(),
            |preset| format!("{}{changed}", description(preset)),
        );
        response.on_hover_text(tip).on_hover_cursor(CursorIcon::PointingHand);
    }
}

/// The button for a new session; the previous session is kept.
fn begin_session(ui: &mut Ui, frame: &mut Frame<'_>) {
    let (place, _) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::hover());
    let response = button_if(ui, place, "New session", "New session", Look::Default, true);
    if response.clicked() {
        frame.actions.push(Action::BeginSession);
        ui.close();
    }
    response
        .on_hover_text("Begin anew with all takes and controls; this session is kept as a file of its own.");
}

/// All presets below their categories, the user's last, then the files that could not be read.
fn list(ui: &mut Ui, frame: &mut Frame<'_>) {
    let state = frame.state;
    let library: &Library = &state.presets;
    let current = state.preset.as_ref().map(|preset| preset.name.as_str());
    let mut chosen = None;
    let around = if state.is_standalone { AROUND_LIST + SESSION } else { AROUND_LIST };
    let height = (ui.ctx().content_rect().height() - around).clamp(LIST_HEIGHTS.0, LIST_HEIGHTS.1);
    // Without the least height the menu would take frames to grow to its size.
    ScrollArea::vertical().min_scrolled_height(height).max_height(height).show(ui, |ui| {
        let categories = library.factory.chunk_by(|one, other| one.category == other.category);
        let headed =
            categories.filter_map(|presets| Some((presets.first()?.category.to_uppercase(), presets)));
        for (heading, presets) in headed.chain([(USER.to_owned(), library.user.as_slice())]) {
            if presets.is_empty() {
                continue;
            }
            let (place, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
            caption(ui, place.with_min_x(place.left() + 8.0), &heading);
            for preset in presets {
                let is_current = Some(preset.name.as_str()) == current;
                let response = row(ui, preset, is_current);
                if response.clicked() {
                    chosen = Some(preset.name.clone());
                }
                // Where nothing is drawn yet, there is nothing to scroll either.
                if is_current && !ui.is_sizing_pass() && frame.memory.preset_in_view.as_deref() != current {
                    response.scroll_to_me(Some(Align::Center));
                    frame.memory.preset_in_view = Some(preset.name.clone());
                }
            }
        }
        for unreadable in &library.unreadable {
            let (place, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
            let line = format!("{} cannot be used", unreadable.file_name);
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &line));
            let place = place.shrink2(vec2(8.0, 0.0));
            text(ui, place, Align2::LEFT_CENTER, &line, theme::regular(12.5), theme::of(ui).problem);
            response.on_hover_text(format!("{} {}", unreadable.file_name, unreadable.why));
        }
    });
    if let Some(name) = chosen {
        frame.actions.push(Action::ChoosePreset(name));
        ui.close();
    }
}

/// A preset's name and its style.
fn row(ui: &mut Ui, preset: &Preset, is_current: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_current, &preset.name));
    if is_current || response.hovered() {
        let fill = if is_current { theme::of(ui).chosen } else { theme::of(ui).hover };
        ui.painter().rect_filled(rect, theme::RADIUS, fill);
    }
    focus_ring(ui, &response, rect.shrink(1.0), theme::RADIUS);
    let inside = rect.shrink2(vec2(8.0, 0.0));
    let style = style(preset);
    let (name, place) = inside.split_left_right_at_x(inside.right() - 84.0);
    text(ui, name, Align2::LEFT_CENTER, &preset.name, theme::regular(13.0), theme::of(ui).text);
    text(ui, place, Align2::RIGHT_CENTER, style, theme::regular(12.0), theme::of(ui).text_dim);
    response.on_hover_text(description(preset)).on_hover_cursor(CursorIcon::PointingHand)
}

/// The name of a new preset, and the button that saves it.
fn save(ui: &mut Ui, frame: &mut Frame<'_>) {
    let (place, _) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::hover());
    let (field, button) = place.split_left_right_at_x(place.right() - 70.0);
    let field = field.with_max_x(field.right() - 6.0);
    ui.painter().rect_filled(field, theme::RADIUS, theme::of(ui).well);
    ui.painter().rect_stroke(
        field,
        theme::RADIUS,
        Stroke::new(1.0, theme::of(ui).outline),
        StrokeKind::Inside,
    );
    let inside = field.shrink2(vec2(8.0, 0.0));
    let edit = TextEdit::singleline(&mut frame.memory.preset_name)
        .font(theme::regular(13.0))
        .hint_text("Save as…")
        .frame(Panel::NONE)
        .char_limit(library::MAX_NAME_CHARS)
        .align(Align2::LEFT_CENTER)
        .desired_width(inside.width())
        .min_size(inside.size());
    let response = ui.put(inside, edit);
    name_text_field(ui, &response, "Name of a new preset");
    let has_name = !frame.memory.preset_name.trim().is_empty();
    let save = button_if(ui, button, "Save", "Save preset", Look::Plain, has_name);
    let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if has_name && (is_entered || save.clicked()) {
        frame.actions.push(Action::SavePreset(std::mem::take(&mut frame.memory.preset_name)));
        ui.close();
    }
    let tip = match &frame.state.presets.folder {
        Some(folder) => format!(
            "Save all settings under this name, without the notes; nothing is written over.\nYour presets are files in {}.",
            folder.display()
        ),
        None if frame.state.is_standalone => {
            "There is no folder for presets: set the environment variable HOME and start again.".to_owned()
        }
        None => "There is no folder for presets: set the environment variable HOME for your DAW.".to_owned(),
    };
    save.on_hover_text(&tip);
    response.on_hover_text(tip);
}

/// A preset's name, style and use, for a tooltip.
fn description(preset: &Preset) -> String {
    let style = style(preset);
    let of_style = if style.is_empty() { String::new() } else { format!(" · {style}") };
    let about = if preset.about.is_empty() { String::new() } else { format!("\n{}.", preset.about) };
    format!("{}{of_style}{about}", preset.name)
}

/// The style that a preset sets; empty if it sets none.
fn style(preset: &Preset) -> &str {
    preset.values.get("style").map_or("", String::as_str)
}

//! The MIDI panel: MIDI learn, the sound and program of each part, and the choice of a model.

use egui::{
    Align2, CursorIcon, Frame as Panel, Margin, Popup, PopupCloseBehavior, Rect, Role, Sense, Ui, WidgetInfo,
    pos2, vec2,
};

use super::conversions::from_count;
use super::drag::Frame;
use super::parts::paint_badge;
use super::state::Action;
use super::theme;
use super::widgets::{Look, MenuLook, button, caption, field, focus_ring, menu, text, text_in_rows};
use crate::look::{PARTS, part_title, with_signs};
use crate::params::text::title;
use crate::params::{Control, Learnable, ParamId, PartParam};

const WIDTH: f32 = 476.0;
const ROW: f32 = 24.0;
const GAP: f32 = 12.0;
const HEADER: f32 = 26.0;

/// The button, filling `rect`, which opens the panel.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let response = button(ui, rect, "MIDI", "MIDI", Look::Plain);
    let is_open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    Popup::menu(&response)
        .gap(4.0)
        .width(WIDTH)
        .frame(Panel::popup(ui.style()).inner_margin(Margin::symmetric(16, 12)))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing.y = 0.0;
            learn(ui, frame);
            sounds(ui, frame);
            models(ui, frame);
        });
    if !is_open {
        if frame.state.learning.is_some() {
            // With the panel closed the user does not see that a control is awaited.
            frame.actions.push(Action::StopLearning);
        }
        response.on_hover_text("What your keys and controllers do, and what the parts sound like.");
    }
}

/// The list of commands, each with the MIDI control bound to it.
fn learn(ui: &mut Ui, frame: &mut Frame<'_>) {
    header(ui, "MIDI LEARN");
    let hint = match frame.state.learning {
        None => {
            "Click an action, then move a controller or play a key: from then on it does that.".to_owned()
        }
        Some(command) => format!("Now move the controller or play the key that is to do: {command}."),
    };
    let color = if frame.state.learning.is_some() { theme::of(ui).accent } else { theme::of(ui).text_soft };
    let place = row(ui, ROW);
    text_in_rows(ui, place, &hint, 1, theme::regular(13.0), color);
    listing(ui, frame);
    let commands: Vec<Learnable> = Learnable::all().collect();
    let n_rows = commands.len().div_ceil(2);
    let (area, _) = ui.allocate_exact_size(vec2(WIDTH, ROW * from_count(n_rows) + 6.0), Sense::hover());
    let width = (WIDTH - GAP) * 0.5;
    for (idx, command) in commands.into_iter().enumerate() {
        let corner = pos2(
            area.left() + from_count(idx / n_rows) * (width + GAP),
            area.top() + 3.0 + from_count(idx % n_rows) * ROW,
        );
        binding(ui, frame, command, Rect::from_min_size(corner, vec2(width, ROW - 2.0)));
    }
}

/// The switch for the controllers given to a VST3 host: each is a parameter to it, and many of them slow some hosts down.
fn listing(ui: &mut Ui, frame: &mut Frame<'_>) {
    let Some(lists_all) = frame.state.lists_all_controllers else { return };
    let (place, switch) = row(ui, ROW).split_left_right_at_fraction(0.6);
    let what = if lists_all {
        "Your host sends every controller."
    } else {
        "Your host sends the usual controllers."
    };
    text_in_rows(ui, place, what, 1, theme::regular(13.0), theme::of(ui).text_soft);
    let look = if lists_all { Look::Chosen } else { Look::Chip };
    let title = "All controllers (VST3)";
    let response = button(ui, switch.shrink2(vec2(0.0, 1.0)), title, title, look);
    if response.clicked() {
        frame.actions.push(Action::ListAllControllers(!lists_all));
    }
    response.on_hover_text(
        "A VST3 host sends controllers as hidden parameters, of which some hosts open slowly if there are two thousand. \
         With this off there are those of wheels, pedals and sliders, and those that something was learnt to. It holds for \
         all projects; hosts that do not notice at once do when the project is opened again.",
    );
}

fn binding(ui: &Ui, frame: &mut Frame<'_>, command: Learnable, rect: Rect) {
    let control =
        frame.state.bindings.iter().find(|(bound, _)| *bound == command).map(|(_, control)| *control);
    let is_learning = frame.state.learning == Some(command);
    let (main, cross) = rect.split_left_right_at_x(rect.right() - ROW);
    let name = title(&command.to_string());
    let shown = match control {
        _ if is_learning => "move it …".to_owned(),
        Some(Control::Key(pitch)) => with_signs(&pitch.to_string()).into_owned(),
        Some(Control::Controller(number)) => format!("CC {number}"),
        None => "–".to_owned(),
    };
    let response = ui.interact(main, ui.scope_id().with(("learn", &name)), Sense::click());
    let label = format!("Learn {command}");
    response.widget_info(|| {
        let mut info = WidgetInfo::selected(Role::Button, true, is_learning, &label);
        info.current_text_value = Some(shown.clone());
        info
    });
    let is_hot = is_learning || response.hovered();
    ui.painter().rect_filled(
        rect,
        theme::RADIUS,
        if is_hot { theme::of(ui).hover } else { theme::of(ui).card },
    );
    let inside = main.shrink2(vec2(9.0, 0.0));
    text(ui, inside, Align2::LEFT_CENTER, &name, theme::regular(13.0), theme::of(ui).text);
    let color = match control {
        _ if is_learning => theme::of(ui).text,
        Some(_) => theme::of(ui).text_soft,
        None => theme::of(ui).text_dim,
    };
    text(ui, inside, Align2::RIGHT_CENTER, &shown, theme::regular(13.0), color);
    focus_ring(ui, &response, rect, theme::RADIUS);
    if response.clicked() {
        frame.actions.push(if is_learning { Action::StopLearning } else { Action::Learn(command) });
    }
    let tip = if is_learning { "Click to give up." } else { "Click, then move what is to do this." };
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::PointingHand);
    if control.is_some() {
        let response = button(ui, cross, "×", &format!("Forget {command}"), Look::Bare);
        if response.clicked() {
            frame.actions.push(Action::Forget(command));
        }
        response.on_hover_text("No control does this any more.");
    }
}

/// The sound, the program and the bank of each part.
fn sounds(ui: &mut Ui, frame: &mut Frame<'_>) {
    header(ui, "SOUNDS");
    let place = row(ui, ROW);
    let hint = "Of the preview. Programs are sent on the parts' channels as playing starts.";
    text_in_rows(ui, place, hint, 1, theme::regular(13.0), theme::of(ui).text_soft);
    let (area, _) = ui.allocate_exact_size(vec2(WIDTH, 4.0 * ROW + 12.0), Sense::hover());
    let gap = 6.0;
    let width = (WIDTH - gap * from_count(PARTS.len() - 1)) / from_count(PARTS.len());
    for (idx, part) in PARTS.into_iter().enumerate() {
        let left = area.left() + from_count(idx) * (width + gap);
        let cell = |line: usize| {
            let top = area.top() + 2.0 + from_count(line) * (ROW + 2.0);
            Rect::from_min_size(pos2(left, top), vec2(width, ROW - 1.0))
        };
        let name = part_title(part);
        let badge = paint_badge(ui, part, cell(0).left_center(), true);
        let room = cell(0).with_min_x(badge.right() + 6.0);
        text(ui, room, Align2::LEFT_CENTER, name, theme::semibold(13.0), theme::of(ui).text);
        if !part.is_drums() {
            let (id, label) = (ParamId::Part(part, PartParam::Sound), format!("{name} sound"));
            let tip = "Sound of the preview; Auto suits the part.";
            menu(ui, frame, id, cell(1), MenuLook::Field, (&label, "", tip));
        }
        for (line, id, what, caption, tip) in [
            (2, PartParam::Program, "program", "Prog", "Program, counted from 1."),
            (3, PartParam::Bank, "bank", "Bank", "Bank that the program is of, counted from 1."),
        ] {
            let label = format!("{name} {what}");
            field(ui, frame, ParamId::Part(part, id), cell(line), (&label, caption, tip));
        }
    }
}

/// The choice of a model, if there are others besides the built-in one.
fn models(ui: &mut Ui, frame: &mut Frame<'_>) {
    let state = frame.state;
    if state.models.is_empty() && state.model.is_none() {
        return;
    }
    header(ui, "MODEL");
    let names = std::iter::once(None).chain(state.models.iter().map(Some));
    for name in names {
        let place = row(ui, ROW).shrink2(vec2(0.0, 1.0));
        let title = name.map_or("Descant's own", String::as_str);
        let look = if name == state.model.as_ref() { Look::Chosen } else { Look::Chip };
        let response = button(ui, place, title, &format!("Model {title}"), look);
        if response.clicked() {
            frame.actions.push(Action::ChooseModel(name.cloned()));
        }
        response.on_hover_text(
            "Composes what you ask for from now on, in all projects; takes that are there stay as they are. \
             Other open instances follow when their project is opened again.",
        );
    }
}

fn header(ui: &mut Ui, title: &str) {
    let place = row(ui, HEADER);
    caption(ui, place, title);
}

fn row(ui: &mut Ui, height: f32) -> Rect {
    ui.allocate_exact_size(vec2(WIDTH, height), Sense::hover()).0
}

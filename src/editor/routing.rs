//! The routing panel: how to route Descant's notes to another instrument in this host, and test notes to check the routing.

pub mod daw;
mod manual;

use egui::text::LayoutJob;
use egui::{
    Align2, CursorIcon, FontId, Frame as Panel, Margin, Popup, PopupCloseBehavior, Rect, Response, Role,
    Sense, TextFormat, Ui, WidgetInfo, pos2, vec2,
};

use super::conversions::from_count;
use super::drag::Frame;
use super::state::{Action, Routing, Tone, ViewState};
use super::theme;
use super::widgets::{Look, button, caption, text, text_width};
use crate::look::{PARTS, part_title};
use crate::music::Part;
use crate::params::{ParamId, PartParam};
use crate::player::TestStage;
use daw::Daw;

const WIDTH: f32 = 430.0;
const CHIP: f32 = 24.0;
const BUTTON: f32 = 34.0;
const NUMBER: f32 = 22.0;
/// Height of the advice, in points: three rows at most.
const ADVICE: f32 = 54.0;

/// The least number of returned test notes that counts as a loop in the host; one or two may come back by chance.
const MIN_BACK: u8 = 3;

/// The button, filling `rect`, which opens the panel.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect, title: &str) {
    let response = button(ui, rect, title, "Test routing", Look::Plain);
    let is_open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    Popup::menu(&response)
        .gap(4.0)
        .width(WIDTH)
        .frame(Panel::popup(ui.style()).inner_margin(Margin::symmetric(16, 12)))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing.y = 6.0;
            panel(ui, frame);
        });
    if is_open {
        frame.memory.is_routing_open = true;
    } else if std::mem::take(&mut frame.memory.is_routing_open)
        && frame.state.routing.notes.stage == TestStage::Awaited
    {
        // With the panel closed, test notes that sound later would be a surprise.
        frame.actions.push(Action::StopTest);
    }
    if !is_open {
        let tip = if frame.state.is_standalone {
            "Have other instruments play Descant's notes: how to connect them, and notes to test it."
        } else {
            "Have other instruments play Descant's notes: what to click in your host, and notes to test it."
        };
        response.on_hover_text(tip);
    }
}

fn panel(ui: &mut Ui, frame: &mut Frame<'_>) {
    let program = &frame.state.routing.program;
    let is_standalone = frame.state.is_standalone;
    let shown = if is_standalone { Some(Daw::Standalone) } else { frame.memory.daw_shown.or(program.daw) };
    let title = line(ui, 26.0);
    text(
        ui,
        title,
        Align2::LEFT_CENTER,
        "Play another instrument",
        theme::semibold(16.0),
        theme::of(ui).text,
    );
    let host = match (program.daw, program.name.as_str()) {
        _ if is_standalone => "Descant runs as a program of its own.".to_owned(),
        (Some(daw), _) => format!("Your host is {}.", daw.title()),
        (None, "") => "Your host is not known. Choose the one most like it, or try this:".to_owned(),
        (None, name) => {
            format!("Your host, {name}, is not known here. Choose the one most like it, or try this:")
        }
    };
    label(ui, &host, theme::of(ui).text_soft);
    if !is_standalone {
        chips(ui, frame, shown);
    }
    for (idx, step) in manual::steps(shown).enumerate() {
        numbered(ui, idx + 1, step);
    }
    ui.separator();
    let heading = line(ui, 18.0);
    caption(ui, heading, "TEST NOTES");
    parts(ui, frame);
    test(ui, frame, shown);
}

/// The hosts to choose from.
fn chips(ui: &mut Ui, frame: &mut Frame<'_>, shown: Option<Daw>) {
    let row = line(ui, CHIP);
    let gap = 4.0;
    let known = Daw::ALL.map(|daw| (daw, text_width(ui, daw.short_title(), theme::regular(12.5))));
    let n_chips = from_count(known.len());
    let padding =
        (row.width() - gap * (n_chips - 1.0) - known.iter().map(|(_, width)| width).sum::<f32>()) / n_chips;
    let mut left = row.left();
    for (daw, width) in known {
        let place = Rect::from_min_size(pos2(left, row.top()), vec2(width + padding, row.height()));
        left = place.right() + gap;
        let is_shown = Some(daw) == shown;
        let look = if is_shown { Look::Default } else { Look::Chip };
        let response = button(ui, place, daw.short_title(), daw.title(), look);
        if response.clicked() {
            // A second click goes back to the recognised host.
            frame.memory.daw_shown = (!is_shown).then_some(daw);
        }
    }
}

/// A step with its number, wrapped.
fn numbered(ui: &mut Ui, number: usize, step: &str) {
    let mut job = LayoutJob::default();
    job.wrap.max_width = ui.available_width() - NUMBER;
    for (idx, span) in step.split('*').enumerate() {
        // Every second span was between asterisks.
        let (font, color) = if idx % 2 == 1 {
            (theme::semibold(13.0), theme::of(ui).text)
        } else {
            (theme::regular(13.0), theme::of(ui).text_soft)
        };
        job.append(span, 0.0, TextFormat { font_id: font, color, ..Default::default() });
    }
    let galley = ui.painter().layout_job(job);
    let (place, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y), Sense::hover());
    let label = format!("{number}. {}", step.replace('*', ""));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
    let figure = Rect::from_min_size(place.min, vec2(NUMBER, 17.0));
    text(ui, figure, Align2::LEFT_CENTER, &number.to_string(), theme::semibold(13.0), theme::of(ui).accent);
    ui.painter().galley(place.min + vec2(NUMBER, 0.0), galley, theme::of(ui).text_soft);
}

/// The parts with their channels; the one that sounds is lit.
fn parts(ui: &mut Ui, frame: &Frame<'_>) {
    let state = frame.state;
    let row = line(ui, CHIP + 16.0);
    let gap = 4.0;
    let width = (row.width() - gap * (from_count(PARTS.len()) - 1.0)) / from_count(PARTS.len());
    for (idx, part) in PARTS.into_iter().enumerate() {
        let left = row.left() + from_count(idx) * (width + gap);
        let place = Rect::from_min_size(pos2(left, row.top()), vec2(width, row.height()));
        let is_lit = state.routing.notes.stage == TestStage::Sounding(part) && !state.routing.is_stalled;
        let response = ui.interact(place, ui.scope_id().with(("test", part)), Sense::hover());
        let channel = channel(state, part);
        let label =
            format!("{}, channel {channel}{}", part_title(part), if is_lit { ", sounds" } else { "" });
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
        let (fill, name, dim) = if is_lit {
            (theme::of(ui).part(part), theme::of(ui).on_part(part), theme::of(ui).on_part(part))
        } else {
            (theme::of(ui).card, theme::of(ui).text, theme::of(ui).text_dim)
        };
        ui.painter().rect_filled(place, theme::RADIUS, fill);
        if !is_lit {
            let edge = place.with_max_x(place.left() + 3.0);
            ui.painter().rect_filled(edge, theme::RADIUS, theme::of(ui).part(part));
        }
        let inside = place.shrink2(vec2(10.0, 3.0));
        let (above, below) = inside.split_top_bottom_at_fraction(0.54);
        text(ui, above, Align2::LEFT_CENTER, part_title(part), theme::semibold(12.5), name);
        text(ui, below, Align2::LEFT_CENTER, &format!("channel {channel}"), theme::regular(11.5), dim);
    }
}

/// The state of the test with advice, and the button that starts and stops it.
fn test(ui: &mut Ui, frame: &mut Frame<'_>, shown: Option<Daw>) {
    let (said, tone) = advice(frame.state, shown);
    let row = line(ui, ADVICE);
    let color = match tone {
        Tone::Good => theme::of(ui).good,
        Tone::Working => theme::of(ui).accent,
        Tone::Problem => theme::of(ui).problem,
    };
    ui.painter().circle_filled(row.min + vec2(5.0, 9.0), 4.0, color);
    let response = ui.interact(row, ui.scope_id().with("advice"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &said));
    let job = LayoutJob::simple(said, theme::regular(13.0), theme::of(ui).text, row.width() - NUMBER);
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(row.min + vec2(NUMBER, 0.0), galley, theme::of(ui).text);
    let place = line(ui, BUTTON);
    let is_under_way = frame.state.routing.notes.stage.is_under_way();
    let (title, action) = if is_under_way {
        ("Stop test notes", Action::StopTest)
    } else {
        ("Send test notes", Action::SendTest)
    };
    let look = if is_under_way { Look::Default } else { Look::Chosen };
    let response = button(ui, place, title, title, look);
    if response.clicked() {
        frame.actions.push(action);
    }
    response.on_hover_cursor(CursorIcon::PointingHand);
}

/// The state of the test in words, with what to do next, and its tone.
fn advice(state: &ViewState, shown: Option<Daw>) -> (String, Tone) {
    let Routing { is_stalled, notes, .. } = state.routing;
    if notes.stage.is_under_way() && is_stalled {
        let text = if state.is_standalone {
            "The audio engine is not running: nobody asks Descant for notes. See that the sound card or JACK runs; the \
             test notes follow."
        } else {
            "The audio engine is not running: your host asks Descant for no notes. Switch on its audio device and this \
             track, or press play; the test notes follow."
        };
        return (text.to_owned(), Tone::Problem);
    }
    let is_bypassed = state.is_on(ParamId::Bypass);
    match notes.stage {
        TestStage::Awaited if state.is_standalone => {
            ("Waiting for the audio engine …".to_owned(), Tone::Working)
        }
        TestStage::Awaited => ("Waiting for the host to play …".to_owned(), Tone::Working),
        TestStage::Sounding(part) => {
            let figure = if part.is_drums() { "a kick, a snare and two hats" } else { "four rising notes" };
            let channel = channel(state, part);
            (format!("{}: {figure} on channel {channel}.", part_title(part)), Tone::Working)
        }
        TestStage::Listening => ("Sent. Listening whether they come back …".to_owned(), Tone::Working),
        TestStage::Done if notes.n_sent == 0 => (
            "Nothing was sent, since every part is muted. Unmute one, and send again.".to_owned(),
            Tone::Problem,
        ),
        TestStage::Done if notes.n_back >= MIN_BACK => {
            let unloop = manual::unloop(shown).replace('*', "");
            let text = if state.is_standalone {
                format!("Sent, and they came back: Descant's output leads back to its own input. {unloop}")
            } else {
                format!(
                    "Sent, and they came back: your host loops Descant's output back to its own input. {unloop}"
                )
            };
            (text, Tone::Problem)
        }
        TestStage::Done => {
            let text = "Sent. Did the other instrument play four rising notes? Then the routing works: turn Preview down to \
                        hear it alone. If it did not, go through the steps again.";
            (text.to_owned(), Tone::Good)
        }
        TestStage::Idle | TestStage::Stopped if is_bypassed => {
            let text = if state.is_standalone {
                "Descant is bypassed, and so sends nothing. A new session switches it on: see the menu of presets."
            } else {
                "Descant is bypassed, and so sends nothing. Switch it on in your host, and send again."
            };
            (text.to_owned(), Tone::Problem)
        }
        TestStage::Stopped => ("Stopped.".to_owned(), Tone::Good),
        TestStage::Idle => {
            let text = "Each part plays four notes in turn on its channel, while the phrase rests. Descant's own sounds stay \
                        silent: what you hear is the other instrument.";
            (text.to_owned(), Tone::Good)
        }
    }
}

/// The channel that a part plays on, counted from 1.
fn channel(state: &ViewState, part: Part) -> &str {
    let is_one = state.settings.get(&ParamId::OneChannel).is_some_and(|setting| setting.normalized > 0.0);
    let id = if is_one { ParamId::OneChannel } else { ParamId::Part(part, PartParam::Channel) };
    state.text(id)
}

/// Allocates a line of `height` points, as wide as the panel.
fn line(ui: &mut Ui, height: f32) -> Rect {
    ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover()).0
}

/// A sentence, wrapped.
fn label(ui: &mut Ui, said: &str, color: egui::Color32) -> Response {
    let font: FontId = theme::regular(13.0);
    let job = LayoutJob::simple(said.to_owned(), font, color, ui.available_width());
    let galley = ui.painter().layout_job(job);
    let (place, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, said));
    ui.painter().galley(place.min, galley, color);
    response
}

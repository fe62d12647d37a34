//! Texts about a tempo that does not come from the knob, and the strip that offers the tempo that was asked for.

use egui::{Align2, Rect, Stroke, StrokeKind, Ui, pos2};

use super::drag::Frame;
use super::state::{Action, RulingTempo, ViewState, bpm, number_of_bpm};
use super::theme;
use super::widgets::{Look, button, text, text_width};
use crate::params::ParamId;
use crate::player::Conductor;

/// The height of the strip with the gap below it, in points.
pub const HEIGHT: f32 = 38.0;

const GAP: f32 = 8.0;

/// The source of a tempo, as the beginning of a sentence.
const fn who(conductor: Conductor, is_standalone: bool) -> &'static str {
    match (conductor, is_standalone) {
        (Conductor::Host, false) => "Your host",
        (Conductor::Host, true) => "The transport",
        (Conductor::MidiClock, _) => "The MIDI clock",
    }
}

/// The name of the play mode that follows the beats of the host, or of JACK's transport.
const fn host_mode(is_standalone: bool) -> &'static str {
    if is_standalone { "JACK" } else { "Host" }
}

/// The tooltip of the tempo knob while `ruling` sets its place: why, and how to set it by hand.
pub fn tip(state: &ViewState, ruling: &RulingTempo) -> String {
    let who = who(ruling.conductor, state.is_standalone);
    let own = state.text(ParamId::Tempo);
    let why = if state.tempo.is_on_host_beats {
        let mode = host_mode(state.is_standalone);
        format!(
            "In {mode} mode the phrase is played on its beats. In Keys or Free mode, with Tempo from set to Own, this knob counts: {own}."
        )
    } else {
        format!("Tempo from says so; set it to Own and this knob counts: {own}.")
    };
    format!("Tempo: {}\n{who} sets the tempo. {why}", ruling.text())
}

/// The tooltip of the tempo's source while the phrase follows the host's beats, which leaves no choice.
pub const fn source_tip(is_standalone: bool) -> &'static str {
    if is_standalone {
        "In JACK mode the phrase is played on the transport's beats. In Keys and Free mode this is a choice."
    } else {
        "In Host mode the phrase is played on your host's beats. In Keys and Free mode this is a choice."
    }
}

/// The tempo that was asked for, in beats per minute, with the ruling one; `None` if there is nothing to decide.
pub fn offered(state: &ViewState) -> Option<(f32, &RulingTempo)> {
    state.tempo.asked.zip(state.tempo.ruling.as_ref())
}

/// The strip, filling `rect` except for the gap below, if a tempo is offered.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let Some((asked, ruling)) = offered(frame.state) else { return };
    let rect = rect.with_max_y(rect.bottom() - GAP);
    ui.painter().rect_filled(rect, theme::RADIUS, theme::of(ui).card);
    let outline = Stroke::new(1.0, theme::of(ui).accent.gamma_multiply(0.6));
    ui.painter().rect_stroke(rect, theme::RADIUS, outline, StrokeKind::Inside);
    let who = who(ruling.conductor, frame.state.is_standalone);
    let question = format!("{who} plays at {}; use {}?", ruling.text(), number_of_bpm(asked));
    let (use_it, keep) =
        (format!("Use {}", number_of_bpm(asked)), format!("Keep {}", number_of_bpm(ruling.bpm)));
    let mode = if frame.state.tempo.is_on_host_beats { "in Free mode, " } else { "" };
    let use_tip = format!("Play at {} {mode}whatever tempo comes from outside.", bpm(asked));
    let keep_tip = format!("Stay with {}; the phrase follows it.", ruling.text());
    let width_of = |title: &str| text_width(ui, title, theme::regular(12.5)) + 24.0;
    let mut right = rect.right() - 4.0;
    let mut from_right = |width: f32| {
        let place =
            Rect::from_min_max(pos2(right - width, rect.top() + 3.0), pos2(right, rect.bottom() - 3.0));
        right -= width + 6.0;
        place
    };
    for (title, label, look, action, tip) in [
        (&keep, "Keep this tempo", Look::Plain, Action::KeepTempo, keep_tip),
        (&use_it, "Use the tempo asked for", Look::Chosen, Action::UseTempo, use_tip),
    ] {
        let response = button(ui, from_right(width_of(title)), title, label, look);
        if response.clicked() {
            frame.actions.push(action);
        }
        response.on_hover_text(tip);
    }
    let room = rect.with_min_x(rect.left() + 12.0).with_max_x(right - 6.0);
    text(ui, room, Align2::LEFT_CENTER, &question, theme::regular(13.0), theme::of(ui).text);
}

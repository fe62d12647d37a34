//! The menu of settings that a user has for all projects.

use egui::{Popup, Rect, Stroke, Ui, Vec2};

use super::drag::Frame;
use super::state::Action;
use super::theme::{self, Appearance};
use super::widgets::{Look, button};

/// The number of teeth of the gear.
const N_TEETH: u8 = 8;

/// The button, a gear in `rect`, which opens the menu.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let response = button(ui, rect, "", "Settings", Look::Plain);
    paint_gear(ui, rect);
    let current = theme::appearance(ui);
    Popup::menu(&response).gap(4.0).width(130.0).show(|ui| {
        ui.set_min_width(116.0);
        ui.label("Colours");
        for appearance in Appearance::ALL {
            if ui.selectable_label(appearance == current, appearance.title()).clicked() {
                theme::choose(ui.ctx(), appearance);
                frame.actions.push(Action::ChooseAppearance(appearance));
            }
        }
    });
    response.on_hover_text("Settings of yours for all projects.");
}

fn paint_gear(ui: &Ui, rect: Rect) {
    let (painter, stroke) = (ui.painter(), Stroke::new(1.6, theme::of(ui).text));
    for tooth in 0..N_TEETH {
        let way = Vec2::angled(f32::from(tooth) / f32::from(N_TEETH) * std::f32::consts::TAU);
        painter.line_segment([rect.center() + way * 5.5, rect.center() + way * 8.5], stroke);
    }
    painter.circle_stroke(rect.center(), 5.5, stroke);
    painter.circle_stroke(rect.center(), 1.8, stroke);
}

//! The styles as chips; those that do not fit are in a menu after them.

use egui::{CursorIcon, Popup, PopupCloseBehavior, Rect, Role, Sense, Ui, WidgetInfo};

use super::places::{GAP, cell};
use crate::editor::chips::Chips;
use crate::editor::conversions::{place_of_step, step_at};
use crate::editor::drag::Frame;
use crate::editor::state::ViewState;
use crate::editor::widgets::{Look, chip, paint_button};
use crate::params::ParamId;
use crate::token::Style;

/// The styles on offer, as steps of the parameter, Auto first, and the chosen one.
pub struct Chosen {
    steps: Vec<usize>,
    current: usize,
}

impl Chosen {
    /// Those of `state`.
    pub fn of(state: &ViewState) -> Self {
        let labels = labels(state);
        let offered = state.styles.iter().filter_map(|style| step_of(*style, labels));
        let current = step_at(state.normalized(ParamId::Style), labels.len().saturating_sub(1));
        Self { steps: [0].into_iter().chain(offered).collect(), current }
    }

    /// The steps that `n_places` chips show: the first ones, the last of them replaced by the chosen one if that is not among
    /// them.
    fn shown(&self, n_places: usize) -> Vec<usize> {
        let mut shown: Vec<usize> = self.steps.iter().copied().take(n_places).collect();
        if let Some(last) =
            shown.last_mut().filter(|_| !self.steps.iter().take(n_places).any(|step| *step == self.current))
        {
            *last = self.current;
        }
        shown
    }
}

fn labels(state: &ViewState) -> &[String] {
    state.choices.get(&ParamId::Style).map_or(&[], Vec::as_slice)
}

/// The step of the style parameter that stands for `style`.
fn step_of(style: Style, labels: &[String]) -> Option<usize> {
    labels.iter().position(|label| label.eq_ignore_ascii_case(style.name()))
}

/// The chips, in `n_rows` rows of `n_columns` that are `pitch` points apart.
pub fn show(
    ui: &Ui,
    frame: &mut Frame<'_>,
    rect: Rect,
    chosen: &Chosen,
    (n_columns, n_rows, pitch): (usize, usize, f32),
) {
    let n_places = n_columns * n_rows;
    let fits = chosen.steps.len() <= n_places;
    let shown = chosen.shown(if fits { n_places } else { n_places - 1 });
    let labels = labels(frame.state);
    let n_steps = labels.len().saturating_sub(1);
    let current = shown.iter().position(|step| *step == chosen.current);
    let chips = Chips::new(ui, "style", (shown.len(), n_columns), current);
    let place_of = |place: usize| cell(rect, place, n_columns, pitch - GAP, GAP);
    for (place, step) in shown.iter().copied().enumerate() {
        let Some(title) = labels.get(step) else { continue };
        let look = match (step == chosen.current, step) {
            (false, _) => Look::Chip,
            (true, 0) => Look::Default,
            (true, _) => Look::Chosen,
        };
        let response = chips.interact(ui, place, place_of(place));
        chip(ui, &response, place_of(place), title, title, look);
        let tip = match (step, step == chosen.current) {
            (0, _) => "The style that the model likes best here.".to_owned(),
            (_, true) => format!("{title} is the style of the next phrase. Click again for Auto."),
            (_, false) => format!("Compose in the style of {}.", title.to_lowercase()),
        };
        if response.clicked() {
            let step = if step == chosen.current { 0 } else { step };
            if step != chosen.current {
                frame.set(ParamId::Style, place_of_step(step, n_steps));
            }
        }
        response.on_hover_text(tip).on_hover_cursor(CursorIcon::PointingHand);
    }
    if !fits {
        all(ui, frame, place_of(n_places - 1), chosen);
    }
}

/// The menu of all styles.
fn all(ui: &Ui, frame: &mut Frame<'_>, rect: Rect, chosen: &Chosen) {
    let response = ui.interact(rect, ui.scope_id().with("all styles"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, "All styles"));
    paint_button(ui, &response, rect, &format!("All {}", chosen.steps.len() - 1), Look::Chip, true);
    let labels = labels(frame.state);
    let mut wanted = None;
    Popup::menu(&response).gap(4.0).close_behavior(PopupCloseBehavior::CloseOnClick).show(|ui| {
        ui.set_width(318.0);
        egui::Grid::new("styles").num_columns(3).min_col_width(100.0).show(ui, |ui| {
            for (place, step) in chosen.steps.iter().copied().enumerate() {
                let title = labels.get(step).map_or("", String::as_str);
                if ui.selectable_label(step == chosen.current, title).clicked() {
                    wanted = Some(step);
                }
                if place % 3 == 2 {
                    ui.end_row();
                }
            }
        });
    });
    if let Some(step) = wanted.filter(|step| *step != chosen.current) {
        frame.set(ParamId::Style, place_of_step(step, labels.len().saturating_sub(1)));
    }
    response.on_hover_text("All styles that the model knows.").on_hover_cursor(CursorIcon::PointingHand);
}

//! The editor's themes, sizes and fonts.
//!
//! Colours that pictures of phrases share with the dark theme come from [`look`].
//!
//! Sizes are points: the host's scale and egui's zoom factor multiply them.

mod roles;

mod palettes;

use std::sync::{Arc, LazyLock};

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Id, Margin, Shadow,
    Stroke, TextStyle, Ui, Visuals,
};

use crate::look;

pub use palettes::{DARK, LIGHT};
pub use roles::Theme;

/// The size of the window that the texts' sizes are made for, and that the editor opens with, in points.
pub const DEFAULT_SIZE: (f32, f32) = (1400.0, 868.0);

/// The least size of a text, in points.
pub const LEAST_TEXT: f32 = 11.0;

/// Corners of chips and buttons.
pub const RADIUS: CornerRadius = CornerRadius::same(6);
/// Corners of cards and large buttons.
pub const RADIUS_LARGE: CornerRadius = CornerRadius::same(8);

/// Which theme is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Appearance {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

impl Appearance {
    /// Both, in the order shown.
    pub const ALL: [Self; 2] = [Self::Dark, Self::Light];

    /// Its display name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Dark => "Dark",
            Self::Light => "Light",
        }
    }
}

/// The theme that `ui` is drawn in.
pub fn of(ui: &Ui) -> &'static Theme {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

/// Shows the theme `appearance` from the next frame on.
pub fn choose(ctx: &Context, appearance: Appearance) {
    ctx.set_theme(match appearance {
        Appearance::Dark => egui::Theme::Dark,
        Appearance::Light => egui::Theme::Light,
    });
}

/// Which theme `ui` is drawn in.
pub fn appearance(ui: &Ui) -> Appearance {
    if ui.visuals().dark_mode { Appearance::Dark } else { Appearance::Light }
}

static SEMIBOLD: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name("semibold".into()));

/// The regular font at `size` points.
pub const fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// The semibold font at `size` points.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, SEMIBOLD.clone())
}

/// Gives `ctx` the editor's fonts and colours; both show from the next frame on.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    ctx.set_theme(egui::Theme::Dark);
    ctx.style_mut_of(egui::Theme::Dark, |style| style.visuals = visuals(Visuals::dark(), &DARK));
    ctx.style_mut_of(egui::Theme::Light, |style| style.visuals = visuals(Visuals::light(), &LIGHT));
    ctx.all_styles_mut(|style| {
        style.spacing.item_spacing = egui::vec2(6.0, 4.0);
        style.spacing.button_padding = egui::vec2(8.0, 4.0);
        style.spacing.menu_margin = Margin::same(6);
        style.spacing.scroll = egui::style::ScrollStyle::thin();
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.4;
        for (text_style, size) in [
            (TextStyle::Small, 11.0),
            (TextStyle::Body, 13.0),
            (TextStyle::Button, 13.0),
            (TextStyle::Heading, 18.0),
            (TextStyle::Monospace, 13.0),
        ] {
            style.text_styles.insert(text_style, regular(size));
        }
    });
    ctx.data_mut(|data| data.insert_temp(installed_id(), true));
}

/// Whether [`install`] was called for `ctx`.
pub fn is_installed(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(installed_id()).unwrap_or(false))
}

fn installed_id() -> Id {
    Id::unique("descant theme")
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let faces = [
        ("Inter", look::REGULAR_FONT),
        ("Inter SemiBold", look::SEMIBOLD_FONT),
        ("Accidentals", look::REGULAR_ACCIDENTALS),
        ("Accidentals SemiBold", look::SEMIBOLD_ACCIDENTALS),
    ];
    for (name, bytes) in faces {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallbacks = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (family, faces) in [
        (FontFamily::Proportional, ["Inter", "Accidentals"]),
        (FontFamily::Monospace, ["Inter", "Accidentals"]),
        (SEMIBOLD.clone(), ["Inter SemiBold", "Accidentals SemiBold"]),
    ] {
        let faces = faces.map(str::to_owned).into_iter().chain(fallbacks.iter().cloned());
        fonts.families.insert(family, faces.collect());
    }
    fonts
}

fn visuals(mut visuals: Visuals, theme: &Theme) -> Visuals {
    visuals.panel_fill = theme.background;
    visuals.weak_text_color = Some(theme.text_dim);
    visuals.window_fill = theme.button;
    visuals.window_stroke = Stroke::new(1.0, theme.outline);
    visuals.extreme_bg_color = theme.well;
    visuals.window_corner_radius = RADIUS_LARGE;
    visuals.menu_corner_radius = RADIUS_LARGE;
    let shadow =
        Shadow { offset: [0, 6], blur: 18, spread: 0, color: Color32::from_black_alpha(theme.shadow) };
    visuals.popup_shadow = shadow;
    visuals.window_shadow = shadow;
    visuals.selection.bg_fill = theme.selection;
    visuals.selection.stroke = Stroke::new(1.0, theme.text);
    visuals.text_cursor.stroke = Stroke::new(1.5, theme.accent);
    let widgets = &mut visuals.widgets;
    widgets.noninteractive.fg_stroke.color = theme.text;
    widgets.noninteractive.bg_stroke.color = theme.line;
    for (widget, fill, text) in [
        (&mut widgets.inactive, theme.button, theme.text_soft),
        (&mut widgets.hovered, theme.hover, theme.text),
        (&mut widgets.active, theme.chosen, theme.text),
        (&mut widgets.open, theme.chosen, theme.text),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::NONE;
        widget.fg_stroke.color = text;
        widget.corner_radius = RADIUS;
        widget.expansion = 0.0;
    }
    visuals
}

//! The editor's colours, sizes and fonts.
//!
//! Those that pictures of phrases share with it come from [`look`].
//!
//! Sizes are points: the host's scale and egui's zoom factor multiply them.

use std::sync::{Arc, LazyLock};

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Id, Margin, Shadow,
    Stroke, TextStyle, Theme, Visuals,
};

use crate::look::{self, Rgb};
use crate::music::Part;

/// Background of the window and its columns.
pub const BACKGROUND: Color32 = opaque(look::BACKGROUND);
/// Background of the bars at the top and the bottom.
pub const BAR: Color32 = Color32::from_rgb(0x18, 0x1b, 0x20);
/// Fill of text boxes.
pub const WELL: Color32 = Color32::from_rgb(0x0f, 0x11, 0x14);
/// Fill of chips, of cards and of the rows of white keys.
pub const CARD: Color32 = opaque(look::CARD);
/// Fill of the rows of black keys.
pub const ROW_DARK: Color32 = opaque(look::ROW_DARK);
/// Fill of buttons.
pub const BUTTON: Color32 = Color32::from_rgb(0x22, 0x26, 0x2e);
/// Fill of the widget under the pointer.
pub const HOVER: Color32 = Color32::from_rgb(0x2b, 0x31, 0x3b);
/// Fill of the chosen one of several values.
pub const CHOSEN: Color32 = Color32::from_rgb(0x34, 0x3b, 0x48);
/// Lines between columns, and outlines of what cannot be used now.
pub const LINE: Color32 = Color32::from_rgb(0x26, 0x2b, 0x34);
/// Lines between bars.
pub const BAR_LINE: Color32 = opaque(look::BAR_LINE);
/// Lines between beats.
pub const BEAT_LINE: Color32 = opaque(look::BEAT_LINE);
/// Outlines of what can be pressed or turned.
pub const OUTLINE: Color32 = Color32::from_rgb(0x69, 0x72, 0x83);
/// The ring around what has the keyboard focus.
pub const FOCUS: Color32 = Color32::from_rgb(0xf4, 0xf6, 0xfa);
/// The empty part of a slider.
pub const TRACK: Color32 = OUTLINE;
/// What the take has got, on the track of what was asked for.
pub const GOT: Color32 = CHORD_TEXT;
/// Text of first importance.
pub const TEXT: Color32 = opaque(look::TEXT);
/// Text of second importance.
pub const TEXT_SOFT: Color32 = opaque(look::TEXT_SOFT);
/// Text of captions.
pub const TEXT_DIM: Color32 = opaque(look::TEXT_DIM);
/// Text of what cannot be used now.
pub const DISABLED: Color32 = Color32::from_rgb(0x75, 0x7e, 0x8f);
/// The accent: the main button, and values that are set.
pub const ACCENT: Color32 = opaque(look::ACCENT);
/// Text on the accent.
pub const ON_ACCENT: Color32 = opaque(look::ON_ACCENT);
/// The status dot when all is well.
pub const GOOD: Color32 = Color32::from_rgb(0x7b, 0xd3, 0x89);
/// The status dot and text of a problem.
pub const PROBLEM: Color32 = Color32::from_rgb(0xf0, 0x6a, 0x7d);
/// Text of chord symbols.
pub const CHORD_TEXT: Color32 = opaque(look::CHORD_TEXT);
/// Fill behind chord symbols.
pub const CHORD_FILL: Color32 = opaque(look::CHORD_FILL);
/// Outline around chord symbols.
pub const CHORD_LINE: Color32 = opaque(look::CHORD_LINE);

/// The size of the window that the texts' sizes are made for, and that the editor opens with, in points.
pub const DEFAULT_SIZE: (f32, f32) = (1400.0, 868.0);

/// The least size of a text, in points.
pub const LEAST_TEXT: f32 = 11.0;

/// Corners of chips and buttons.
pub const RADIUS: CornerRadius = CornerRadius::same(6);
/// Corners of cards and large buttons.
pub const RADIUS_LARGE: CornerRadius = CornerRadius::same(8);

static SEMIBOLD: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name("semibold".into()));

/// The colour of a part.
pub const fn part_color(part: Part) -> Color32 {
    opaque(look::part_colour(part))
}

/// An opaque colour.
pub const fn opaque([red, green, blue]: Rgb) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

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
    ctx.set_theme(Theme::Dark);
    ctx.all_styles_mut(|style| {
        style.visuals = visuals();
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

fn visuals() -> Visuals {
    let mut visuals = Visuals::dark();
    visuals.panel_fill = BACKGROUND;
    visuals.window_fill = Color32::from_rgb(0x22, 0x26, 0x2e);
    visuals.window_stroke = Stroke::new(1.0, CHOSEN);
    visuals.extreme_bg_color = WELL;
    visuals.window_corner_radius = RADIUS_LARGE;
    visuals.menu_corner_radius = RADIUS_LARGE;
    let shadow = Shadow { offset: [0, 6], blur: 18, spread: 0, color: Color32::from_black_alpha(120) };
    visuals.popup_shadow = shadow;
    visuals.window_shadow = shadow;
    visuals.selection.bg_fill = Color32::from_rgb(0x5c, 0x47, 0x2a);
    visuals.selection.stroke = Stroke::new(1.0, TEXT);
    visuals.text_cursor.stroke = Stroke::new(1.5, ACCENT);
    let widgets = &mut visuals.widgets;
    widgets.noninteractive.fg_stroke.color = TEXT;
    widgets.noninteractive.bg_stroke.color = LINE;
    for (widget, fill, text) in [
        (&mut widgets.inactive, BUTTON, TEXT_SOFT),
        (&mut widgets.hovered, HOVER, TEXT),
        (&mut widgets.active, CHOSEN, TEXT),
        (&mut widgets.open, CHOSEN, TEXT),
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

//! Colours, sizes and fonts: the one place that says how the editor looks.
//!
//! Sizes are points: the host's scale and egui's zoom factor multiply them.

use std::sync::{Arc, LazyLock};

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Id, Margin, Shadow,
    Stroke, TextStyle, Theme, Visuals,
};

use crate::music::Part;

/// The middle and the columns.
pub const BACKGROUND: Color32 = Color32::from_rgb(0x14, 0x16, 0x1a);
/// The bars above and below.
pub const BAR: Color32 = Color32::from_rgb(0x18, 0x1b, 0x20);
/// Text boxes.
pub const WELL: Color32 = Color32::from_rgb(0x0f, 0x11, 0x14);
/// Chips, cards and the rows of white keys.
pub const CARD: Color32 = Color32::from_rgb(0x1d, 0x21, 0x28);
/// The rows of black keys.
pub const ROW_DARK: Color32 = Color32::from_rgb(0x18, 0x1b, 0x21);
/// Buttons.
pub const BUTTON: Color32 = Color32::from_rgb(0x22, 0x26, 0x2e);
/// What the pointer is on.
pub const HOVER: Color32 = Color32::from_rgb(0x2b, 0x31, 0x3b);
/// The chosen one of several.
pub const CHOSEN: Color32 = Color32::from_rgb(0x34, 0x3b, 0x48);
/// Outlines and the lines between columns.
pub const LINE: Color32 = Color32::from_rgb(0x26, 0x2b, 0x34);
/// Lines between bars.
pub const BAR_LINE: Color32 = Color32::from_rgb(0x39, 0x41, 0x4f);
/// Lines between beats.
pub const BEAT_LINE: Color32 = Color32::from_rgb(0x25, 0x2a, 0x32);
/// The empty part of a knob's ring and of a slider.
pub const TRACK: Color32 = Color32::from_rgb(0x2d, 0x33, 0x3f);
/// What has to be read.
pub const TEXT: Color32 = Color32::from_rgb(0xe6, 0xe9, 0xef);
/// What may be read.
pub const TEXT_SOFT: Color32 = Color32::from_rgb(0xb4, 0xbb, 0xc8);
/// Captions.
pub const TEXT_DIM: Color32 = Color32::from_rgb(0x8b, 0x93, 0xa3);
/// The one thing to do, and what is set.
pub const ACCENT: Color32 = Color32::from_rgb(0xff, 0xb4, 0x54);
/// Text on the accent.
pub const ON_ACCENT: Color32 = Color32::from_rgb(0x1c, 0x14, 0x08);
/// All is well.
pub const GOOD: Color32 = Color32::from_rgb(0x7b, 0xd3, 0x89);
/// Something is wrong.
pub const PROBLEM: Color32 = Color32::from_rgb(0xf0, 0x6a, 0x7d);
/// Chord symbols.
pub const CHORD_TEXT: Color32 = Color32::from_rgb(0x8f, 0xc7, 0xf2);
/// Behind chord symbols.
pub const CHORD_FILL: Color32 = Color32::from_rgb(0x1b, 0x27, 0x33);
/// Around chord symbols.
pub const CHORD_LINE: Color32 = Color32::from_rgb(0x27, 0x3c, 0x50);

/// Corners of chips and buttons.
pub const RADIUS: CornerRadius = CornerRadius::same(6);
/// Corners of cards and large buttons.
pub const RADIUS_LARGE: CornerRadius = CornerRadius::same(8);

static SEMIBOLD: LazyLock<FontFamily> = LazyLock::new(|| FontFamily::Name("semibold".into()));

/// The colour of a part.
pub const fn part_color(part: Part) -> Color32 {
    match part {
        Part::Melody => ACCENT,
        Part::Chords => Color32::from_rgb(0x5a, 0xa9, 0xe6),
        Part::Bass => Color32::from_rgb(0x7b, 0xd3, 0x89),
        Part::Arpeggio => Color32::from_rgb(0xc7, 0x92, 0xea),
        Part::Drums => Color32::from_rgb(0xe0, 0x55, 0x6f),
    }
}

/// What people call a part.
pub const fn part_title(part: Part) -> &'static str {
    match part {
        Part::Melody => "Melody",
        Part::Chords => "Chords",
        Part::Bass => "Bass",
        Part::Arpeggio => "Arpeggio",
        Part::Drums => "Drums",
    }
}

/// Text of `size` points.
pub const fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Heavy text of `size` points.
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
    let faces: [(&str, &[u8]); 2] = [
        ("Inter", include_bytes!("../../assets/fonts/Inter-Regular.otf")),
        ("Inter SemiBold", include_bytes!("../../assets/fonts/Inter-SemiBold.otf")),
    ];
    for (name, bytes) in faces {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallbacks = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (family, face) in [
        (FontFamily::Proportional, "Inter"),
        (FontFamily::Monospace, "Inter"),
        (SEMIBOLD.clone(), "Inter SemiBold"),
    ] {
        let faces = [face.to_owned()].into_iter().chain(fallbacks.iter().cloned());
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

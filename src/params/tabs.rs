//! The tabs of the editor's left column, the groups of controls in them, and the widgets that controls are shown as.
//!
//! The rows that name them are in [`super::table`]. Adding a knob needs no change here.

/// A tab of the editor's left column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What is asked of the model.
    #[default]
    Compose,
    /// How notes are played.
    Feel,
    /// What is needed on stage.
    Perform,
    /// Levels, and each part's own settings.
    Mix,
}

impl Tab {
    /// All of them, from the left.
    pub const ALL: [Self; 4] = [Self::Compose, Self::Feel, Self::Perform, Self::Mix];

    /// Its display name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Compose => "Compose",
            Self::Feel => "Feel",
            Self::Perform => "Perform",
            Self::Mix => "Mix",
        }
    }

    /// Its groups of controls, from the top.
    pub fn groups(self) -> impl Iterator<Item = Group> {
        Group::ALL.into_iter().filter(move |group| group.tab() == self)
    }
}

/// A group of controls under a caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The measures of the phrase: density, register …
    Shape,
    /// Key, meter, length and form.
    Frame,
    /// Swing, groove and shifts in time.
    Timing,
    /// Loudness and length of notes.
    Dynamics,
    /// How the phrase answers what is played.
    Live,
    /// Where phrases take over, and at whose tempo.
    Launch,
    /// How much variations differ.
    Variation,
    /// What MIDI comes in and goes out.
    Midi,
}

impl Group {
    /// All of them, in the order shown.
    pub const ALL: [Self; 8] = [
        Self::Shape,
        Self::Frame,
        Self::Timing,
        Self::Dynamics,
        Self::Live,
        Self::Launch,
        Self::Variation,
        Self::Midi,
    ];

    /// The tab that it is in.
    pub const fn tab(self) -> Tab {
        match self {
            Self::Shape | Self::Frame => Tab::Compose,
            Self::Timing | Self::Dynamics => Tab::Feel,
            Self::Live | Self::Launch | Self::Variation | Self::Midi => Tab::Perform,
        }
    }

    /// Its caption.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Shape => "SHAPE",
            Self::Frame => "FRAME",
            Self::Timing => "TIMING",
            Self::Dynamics => "DYNAMICS",
            Self::Live => "LIVE",
            Self::Launch => "LAUNCH",
            Self::Variation => "VARIATION",
            Self::Midi => "MIDI",
        }
    }
}

/// What a parameter is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Widget {
    /// A horizontal slider with its value.
    Slider,
    /// A number that is dragged.
    Number,
    /// A menu of its values.
    Menu,
    /// A menu of values in more than one word, twice as wide.
    WideMenu,
    /// A switch.
    Switch,
}

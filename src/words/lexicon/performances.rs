//! Words for the amount of human velocity and micro-timing, in per cent.

use super::sense::Row;
use super::sense::Sense::Performance;

pub(super) const PERFORMANCES: &[Row] = &[
    (
        "quantised|quantized|on the grid|on grid|robotic|mechanical|machine-like|rigid|programmed|step sequenced",
        &[Performance(0)],
    ),
    ("tight|tightly played|locked in|in the pocket", &[Performance(50)]),
    (
        "human|humanised|humanized|human feel|played live|live feel|played by people|unquantised|unquantized",
        &[Performance(100)],
    ),
    ("loose|sloppy|drunken|dragging|wonky|off the grid", &[Performance(150)]),
];

//! The editor's views, pressed by their accessible names and compared with pictures, without a host or a window.
//!
//! `cargo test -p descant-editor-tests` runs them. Drawing needs a Vulkan driver; on a machine without a graphics card
//! that is lavapipe, on Debian the package `mesa-vulkan-drivers`. With `UPDATE_SNAPSHOTS=1` the pictures under
//! `tests/snapshots` are written anew: look at them before they are committed.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod acting;
mod controls;
mod editing;
mod example;
mod keyboard;
mod looking;
mod seeing;
mod standalone;
mod telling;
mod turning;

use descant::editor::{self, Action, Memory, ViewState};
use egui_kittest::Harness;

/// What a harness draws, and what was asked of it.
struct World {
    state: ViewState,
    memory: Memory,
    actions: Vec<Action>,
}

/// The editor in a window of `size` points.
fn open(state: ViewState, size: [f32; 2]) -> Harness<'static, World> {
    open_world(World { state, memory: Memory::default(), actions: Vec::new() }, size)
}

/// As [`open`], with what was remembered before.
fn open_world(world: World, size: [f32; 2]) -> Harness<'static, World> {
    let harness = Harness::builder()
        .with_size(size)
        .with_max_steps(60)
        // Fast enough that two clicks are a double click.
        .with_step_dt(1.0 / 30.0)
        .with_render_cursor(false)
        .with_context_setup(editor::theme::install);
    let mut harness = harness.build_ui_state(
        |ui, world: &mut World| {
            // Without the margin that the harness leaves.
            let window = egui::UiBuilder::new().max_rect(ui.ctx().content_rect());
            let actions =
                ui.scope_builder(window, |ui| editor::view(ui, &world.state, &mut world.memory)).inner;
            world.actions.extend(actions);
        },
        world,
    );
    harness.run();
    harness
}

//! The tabs of the left column: every control is in its tab, fits there, and turns.

use descant::editor::{Action, ViewState};
use descant::look::{PARTS, part_title};
use descant::params::table::SHOWN;
use descant::params::tabs::Widget;
use descant::params::{ParamId, PartParam};
use egui::{Key, Role};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::acting::{BOTTOM_BAR, Editor, SIZE, TABS, check, click, reveal, set};
use crate::{example, open};

/// With as many styles as any model knows.
fn with_all_styles() -> ViewState {
    ViewState { styles: descant::token::Style::ALL.to_vec(), ..example::full() }
}

/// The controls of the mixer, each with its parameter.
fn of_parts() -> Vec<(String, ParamId)> {
    let of_part = |part: descant::music::Part| {
        let all = [
            ("level", PartParam::Level),
            ("level in the mix", PartParam::Level),
            ("pan", PartParam::Pan),
            ("octave", PartParam::Octave),
            ("density", PartParam::Density),
            ("channel", PartParam::Channel),
        ];
        let own = all.into_iter().filter(move |(_, id)| !(part.is_drums() && *id == PartParam::Octave));
        own.map(move |(what, id)| (format!("{} {what}", part_title(part)), ParamId::Part(part, id)))
    };
    PARTS.into_iter().flat_map(of_part).collect()
}

#[test]
fn every_control_of_every_tab_is_turned_by_keys() {
    let shown = SHOWN.iter().filter(|row| row.4 != Widget::Switch);
    let mut controls: Vec<(String, ParamId)> =
        shown.map(|(id, label, ..)| ((*label).to_owned(), *id)).collect();
    controls.extend(of_parts());
    controls.push(("Preview level".to_owned(), ParamId::PreviewLevel));
    controls.push(("Preview level in the mix".to_owned(), ParamId::PreviewLevel));
    for (label, id) in controls {
        let mut editor = open(example::empty(), SIZE);
        reveal(&mut editor, &label);
        let setting = editor.state().state.settings.get(&id).map(|setting| setting.normalized);
        let before = setting.unwrap_or_else(|| panic!("the example lacks {label}"));
        let (key, is_up) = if before < 1.0 { (Key::ArrowUp, true) } else { (Key::ArrowDown, false) };
        editor.get_by_label(&label).focus();
        editor.run();
        editor.key_press(key);
        editor.run();
        let actions = &editor.state().actions;
        let [Action::BeginEdit(_), Action::Edit(edited, place), Action::EndEdit(_)] = actions.as_slice()
        else {
            panic!("{label}: {actions:?}");
        };
        assert!(*edited == id && (*place > before) == is_up, "{label}: {before} to {place}");
    }
}

#[test]
fn every_switch_switches() {
    for (id, label, ..) in SHOWN.iter().filter(|row| row.4 == Widget::Switch) {
        check(example::empty(), click(label), &set(*id, 1.0));
    }
}

#[test]
fn in_a_small_window_every_tab_fits_and_the_roll_stays_large() {
    for size in [[1000.0, 640.0], SIZE, [2100.0, 1300.0]] {
        let mut editor = open(with_all_styles(), size);
        let roll = editor.get_by_label_contains("Piano roll: ").rect();
        assert!(roll.height() >= size[1] * 0.45, "{roll:?} in {size:?}");
        let labels =
            SHOWN.iter().map(|row| row.1.to_owned()).chain(of_parts().into_iter().map(|(label, _)| label));
        for label in labels.chain(["Mood".to_owned(), "Preview level in the mix".to_owned()]) {
            reveal(&mut editor, &label);
            let rect = editor.get_by_label(&label).rect();
            assert!(rect.bottom() <= size[1] - BOTTOM_BAR, "{label} at {rect:?} in {size:?}");
        }
    }
}

#[test]
fn a_tab_stays_open_and_says_so() {
    let mut editor = open(example::full(), SIZE);
    for tab in TABS {
        editor.get_by_role_and_label(Role::Tab, tab).click();
        editor.run();
        editor.run_steps(3);
        for other in TABS {
            let node = editor.get_by_role_and_label(Role::Tab, other);
            let is_open = node.accesskit_node().is_selected() == Some(true)
                || node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True);
            assert_eq!(is_open, other == tab, "{other}");
        }
    }
    assert_eq!(editor.state().actions, []);
}

#[test]
fn the_chosen_style_is_in_sight_and_the_others_in_a_menu() {
    let small = [1000.0, 640.0];
    let mut state = with_all_styles();
    example::choose(&mut state, ParamId::Style, 26);
    let editor = open(state, small);
    let last = editor.state().state.choices[&ParamId::Style][26].clone();
    assert!(editor.query_by_label(&last).is_some(), "{last}");
    let mut editor: Editor = open(with_all_styles(), small);
    assert!(editor.query_by_label("Ragtime").is_none());
    editor.get_by_label("All styles").click();
    editor.run();
    editor.get_by_label("Ragtime").click();
    editor.run();
    let place = editor.state().state.choices[&ParamId::Style].iter().position(|name| name == "Ragtime");
    let [_, Action::Edit(ParamId::Style, edited), _] = editor.state().actions[..] else {
        panic!("{:?}", editor.state().actions);
    };
    assert_eq!((edited * 26.0).round(), place.map_or(0.0, |place| f32::from(u8::try_from(place).unwrap())));
}

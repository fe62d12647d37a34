//! Which MIDI controllers are listed to a VST3 host.

#![expect(unsafe_code, reason = "what is said to a library is not checked")]

use std::collections::BTreeSet;
use std::mem::zeroed;
use std::sync::atomic::Ordering;

use vst3::ComWrapper;
use vst3::Steinberg::Vst::{IEditControllerTrait, IMidiMapping, IMidiMappingTrait, ParameterInfo};
use vst3::Steinberg::kResultOk;

use crate::bundles;
use crate::host::Host;
use crate::stored::composed;
use crate::vst3_host::Vst3Host;
use crate::vst3_raw::{Handler, Raw};

/// The first parameter that is a controller: those of all channels end at 2^31.
const FIRST: u32 = (1 << 31) - 16 * 130;

/// The controllers of a channel that are listed to a host, as VST3 counts them: pressure is 128, bend 129.
const USUAL: [u32; 18] = [1, 2, 4, 7, 10, 11, 16, 17, 18, 19, 64, 66, 67, 74, 120, 123, 128, 129];

/// The ids of all parameters that are controllers, in order, and the number of all others.
fn listed(raw: &Raw) -> (Vec<u32>, usize) {
    // SAFETY: as VST3 has it.
    let infos: Vec<ParameterInfo> = unsafe {
        let read = |idx| {
            let mut info: ParameterInfo = zeroed();
            assert_eq!(raw.controller.getParameterInfo(idx, &raw mut info), kResultOk, "{idx}");
            info
        };
        (0..raw.controller.getParameterCount()).map(read).collect()
    };
    let (controllers, others): (Vec<u32>, Vec<u32>) =
        infos.iter().map(|info| info.id).partition(|id| *id >= FIRST);
    (controllers, others.len())
}

/// The ids that controllers have as parameters, by what the plugin says when it is asked for each.
fn mapped(raw: &Raw) -> Vec<u32> {
    let mapping = raw.component.cast::<IMidiMapping>().expect("controllers are parameters");
    let places = (0..16).flat_map(|channel| (0..130).map(move |controller| (channel, controller)));
    let id = |(channel, controller)| {
        let mut id = 0;
        // SAFETY: as VST3 has it.
        let result = unsafe { mapping.getMidiControllerAssignment(0, channel, controller, &raw mut id) };
        (result == kResultOk).then_some(id)
    };
    places.filter_map(id).collect()
}

fn ids(controllers: impl IntoIterator<Item = u32> + Clone) -> Vec<u32> {
    (0..16)
        .flat_map(|channel| controllers.clone().into_iter().map(move |number| FIRST + 130 * channel + number))
        .collect()
}

#[test]
fn the_usual_controllers_are_listed_under_the_ids_they_always_had() {
    let raw = Raw::initialised(None);
    let (controllers, n_others) = listed(&raw);
    assert_eq!(controllers, ids(USUAL));
    assert_eq!(mapped(&raw), controllers, "what is listed is mapped, and nothing else");
    assert_eq!(n_others, bundles::param_ids().len());
    assert!(controllers.len() + n_others < 410, "pedalboard takes its time for each");
}

#[test]
fn a_project_in_which_another_controller_was_learnt_lists_it() {
    let mut host = Vst3Host::stopped();
    let before = host.plugin.get_parameters().unwrap().len();
    host.plugin.take_restart_flags();
    let mut state = composed();
    state.0["fields"]["midi"] = serde_json::json!({"generate": "cc 20", "vary": "cc 1"}).to_string().into();
    host.load(&state);
    let flags = host.plugin.take_restart_flags();
    assert!(flags.param_titles_changed() && flags.midi_cc_assignment_changed(), "{flags:?}");
    let params = host.plugin.get_parameters().unwrap();
    let found: BTreeSet<u32> = params.iter().map(|param| param.id).filter(|id| *id >= FIRST).collect();
    assert_eq!(found, ids(USUAL.into_iter().chain([20])).into_iter().collect());
    assert_eq!(params.len(), before + 16);
    // The same again is no news.
    host.load(&state);
    let flags = host.plugin.take_restart_flags();
    assert!(!flags.param_titles_changed(), "{flags:?}");
}

#[test]
fn a_host_that_has_not_asked_yet_is_notified_of_no_change() {
    let raw = Raw::initialised(None);
    let handler = ComWrapper::new(Handler::default());
    raw.set_handler(&handler);
    crate::vst3_marks::load(&raw, &{
        let mut state = composed();
        state.0["fields"]["midi"] = serde_json::json!({"generate": "cc 20"}).to_string().into();
        state
    });
    assert_eq!(handler.restarts.load(Ordering::Acquire), 0);
    assert_eq!(listed(&raw).0, ids(USUAL.into_iter().chain([20]).collect::<BTreeSet<u32>>()));
}

//! The description of the plugin to a CLAP host: descriptor, ports, parameters, pages.

use std::collections::HashSet;
use std::ffi::CString;
use std::time::Duration;

use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::note_ports::{NoteDialect, NotePortInfoBuffer, PluginNotePorts};
use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_extensions::remote_controls::{PluginRemoteControls, RemoteControlsPageBuffer};
use clack_host::prelude::ClapId;

use crate::bundles;
use crate::clap_host::{self, ClapHost, clap_id};
use crate::stopwatch::Stopwatch;

/// What each step of a scan may take of a core with a build that checks, where either takes a few milliseconds; the budget of
/// a release for both is 30.
const MAX_SCAN: Duration = Duration::from_millis(150);

#[test]
fn the_library_names_one_instrument() {
    let (entry, took) = clap_host::library();
    println!("loading and describing took {took:?}");
    assert!(*took < MAX_SCAN, "{took:?}: a scan reads no weights");
    let factory = entry.get_plugin_factory().unwrap();
    let descriptors: Vec<_> = factory.plugin_descriptors().collect();
    let [descriptor] = descriptors[..] else { panic!("{} plugins", descriptors.len()) };
    assert_eq!(descriptor.id(), Some(c"free.descant.descant"));
    assert_eq!(descriptor.name(), Some(c"Descant"));
    assert_eq!(descriptor.vendor(), Some(c"Descant"));
    assert_eq!(descriptor.version().unwrap().to_str(), Ok(env!("CARGO_PKG_VERSION")));
    let features: Vec<_> = descriptor.features().collect();
    assert_eq!(features, [c"instrument", c"synthesizer", c"stereo"]);
}

#[test]
fn an_instance_is_made_and_dropped_as_fast_as_a_scan_needs() {
    // The first one also has what is read once in a process.
    clap_host::library();
    let stopwatch = Stopwatch::start();
    drop(ClapHost::inactive());
    let took = stopwatch.elapsed();
    println!("making and dropping an instance took {took:?}");
    assert!(took < MAX_SCAN, "{took:?}: an instance reads no weights before it is activated");
}

#[test]
fn it_has_stereo_out_and_notes_in_and_out() {
    let mut host = ClapHost::inactive();
    let audio: PluginAudioPorts = host.extension();
    let notes: PluginNotePorts = host.extension();
    let handle = host.handle();
    assert_eq!([true, false].map(|is_input| audio.count(&handle, is_input)), [0, 1]);
    assert_eq!([true, false].map(|is_input| notes.count(&handle, is_input)), [1, 1]);
    let mut buffer = AudioPortInfoBuffer::new();
    assert_eq!(audio.get(&handle, 0, false, &mut buffer).unwrap().channel_count, 2);
    for is_input in [true, false] {
        let mut buffer = NotePortInfoBuffer::new();
        let port = notes.get(&handle, 0, is_input, &mut buffer).unwrap();
        assert!(port.supported_dialects.supports(NoteDialect::Clap));
    }
}

#[test]
fn parameters_are_those_of_the_list_by_their_framework_hashes() {
    let listed: HashSet<u32> = bundles::param_ids().iter().map(|id| clap_id(id).get()).collect();
    assert_eq!(listed.len(), bundles::param_ids().len(), "hashes differ");
    let found: HashSet<u32> = params(&mut ClapHost::inactive()).iter().map(|param| param.id.get()).collect();
    assert_eq!(found, listed);
}

#[test]
fn parameters_are_worded_both_ways() {
    let mut host = ClapHost::inactive();
    let extension: PluginParams = host.extension();
    let params = params(&mut host);
    let names: HashSet<&str> = params.iter().map(|param| param.name.as_str()).collect();
    assert_eq!(names.len(), params.len(), "every name stands for one parameter");
    let handle = host.handle();
    for Param { id, name, min, max, default, is_stepped } in &params {
        assert!(min < max && (min..=max).contains(&default), "{name}: {min} {default} {max}");
        assert_eq!(extension.get_value(&handle, *id), Some(*default), "{name}");
        for value in [*default, *min, *max, (min + max) / 2.0] {
            let value = if *is_stepped { value.round() } else { value };
            let mut buffer = [0; 256];
            let text = extension.value_to_text(&handle, *id, value, &mut buffer).unwrap();
            assert!(!text.is_empty(), "{name}: {value} has words");
            let text = CString::new(text).unwrap();
            let read = extension.text_to_value(&handle, *id, &text);
            // Words round.
            let is_same = read.is_some_and(|read| (read - value).abs() <= 0.005 * (max - min));
            assert!(is_same, "{name}: {value} is {text:?}, which is {read:?}");
        }
        for nonsense in [c"", c"nonsense", c"%", c"99999999999999999999", c"-2147483648"] {
            let read = extension.text_to_value(&handle, *id, nonsense);
            assert!(read.is_none_or(|read| (min..=max).contains(&&read)), "{name}: {nonsense:?} is {read:?}");
        }
    }
}

#[test]
fn remote_control_pages_hold_parameters_that_exist() {
    let mut host = ClapHost::inactive();
    let known: HashSet<ClapId> = params(&mut host).iter().map(|param| param.id).collect();
    let pages: PluginRemoteControls = host.extension();
    let handle = host.handle();
    let n_pages = pages.count(&handle);
    assert!(n_pages >= 8, "{n_pages} pages");
    let mut names = HashSet::new();
    for idx in 0..n_pages {
        let mut buffer = RemoteControlsPageBuffer::new();
        let page = pages.get(&handle, idx, &mut buffer).unwrap();
        assert!(names.insert(page.page_name.to_vec()), "page {idx} has another's name");
        let params: Vec<ClapId> = page.param_ids.iter().flatten().copied().collect();
        assert!(!params.is_empty() && params.iter().all(|id| known.contains(id)), "page {idx}: {params:?}");
    }
}

/// A parameter as it is described.
pub struct Param {
    pub id: ClapId,
    name: String,
    pub min: f64,
    pub max: f64,
    pub default: f64,
    pub is_stepped: bool,
}

/// Every parameter.
pub fn params(host: &mut ClapHost) -> Vec<Param> {
    let extension: PluginParams = host.extension();
    let handle = host.handle();
    let info = |idx| {
        let mut buffer = ParamInfoBuffer::new();
        let info = extension.get_info(&handle, idx, &mut buffer).unwrap();
        Param {
            id: info.id,
            name: String::from_utf8(info.name.to_vec()).unwrap(),
            min: info.min_value,
            max: info.max_value,
            default: info.default_value,
            is_stepped: info.flags.contains(ParamInfoFlags::IS_STEPPED),
        }
    };
    (0..extension.count(&handle)).map(info).collect()
}

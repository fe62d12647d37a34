//! The entry point for VST3 hosts.

#![expect(unsafe_code, reason = "VST3 is an interface in C++")]

mod caught;

mod component;

mod controllers;

mod events;

mod stream;

mod notifier;

use std::ffi::c_void;
use std::ptr;

use nice_plug::wrapper::setup_logger;
use nice_plug::wrapper::vst3::PluginInfo;
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3,
    IPluginFactory3Trait, IPluginFactoryTrait, PClassInfo, PClassInfo2, PClassInfoW, PFactoryInfo, TUID,
    int32, kInternalError, kInvalidArgument, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComWrapper};

use super::super::Descant;
use caught::caught;
use component::Component;

/// The factory: describes the plugin to hosts and creates it.
struct Factory {
    info: PluginInfo,
}

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl Factory {
    /// Writes the description of the class at `idx` to `info`.
    ///
    /// # Safety
    ///
    /// `info` is null, or there is room for a `T`.
    unsafe fn describe<T>(&self, idx: int32, info: *mut T, describe: fn(&PluginInfo) -> T) -> tresult {
        if idx != 0 || info.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: as the caller says.
        unsafe { info.write_unaligned(describe(&self.info)) };
        kResultOk
    }
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: a host has room for what it asks for, or gives null.
        unsafe { self.describe(0, info, PluginInfo::create_factory_info) }
    }

    unsafe fn countClasses(&self) -> int32 {
        1
    }

    unsafe fn getClassInfo(&self, idx: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: a host has room for what it asks for, or gives null.
        unsafe { self.describe(idx, info, PluginInfo::create_class_info) }
    }

    unsafe fn createInstance(&self, cid: FIDString, iid: FIDString, object: *mut *mut c_void) -> tresult {
        if cid.is_null() || iid.is_null() || object.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the ids of classes have sixteen bytes.
        if unsafe { &*cid.cast::<[u8; 16]>() } != self.info.cid {
            return kInvalidArgument;
        }
        let Some(Some(component)) = caught(Component::create) else { return kInternalError };
        let Some(unknown) = component.as_com_ref::<FUnknown>() else { return kInternalError };
        let unknown = unknown.as_ptr();
        // SAFETY: an object of ours, asked as a host would; the ids of interfaces have sixteen bytes.
        unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, iid.cast::<TUID>(), object) }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, idx: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: a host has room for what it asks for, or gives null.
        unsafe { self.describe(idx, info, PluginInfo::create_class_info_2) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, idx: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: a host has room for what it asks for, or gives null.
        unsafe { self.describe(idx, info, PluginInfo::create_class_info_unicode) }
    }

    unsafe fn setHostContext(&self, _context: *mut FUnknown) -> tresult {
        kResultOk
    }
}

/// The VST3 plugin's factory.
#[unsafe(no_mangle)]
pub extern "system" fn GetPluginFactory() -> *mut c_void {
    let make = || {
        let factory = ComWrapper::new(Factory { info: PluginInfo::for_plugin::<Descant>() });
        factory.to_com_ptr::<IPluginFactory>()
    };
    caught(make).flatten().map_or(ptr::null_mut(), |factory| factory.into_raw().cast())
}

fn enter() -> bool {
    caught(setup_logger::<Descant>).is_some()
}

/// Called when the library was loaded.
#[unsafe(no_mangle)]
#[cfg(all(target_family = "unix", not(target_os = "macos")))]
pub extern "C" fn ModuleEntry(_library: *mut c_void) -> bool {
    enter()
}

/// Called before the library goes.
#[unsafe(no_mangle)]
#[cfg(all(target_family = "unix", not(target_os = "macos")))]
pub extern "C" fn ModuleExit() -> bool {
    true
}

/// Called when the bundle was loaded.
#[unsafe(no_mangle)]
#[cfg(target_os = "macos")]
pub extern "C" fn bundleEntry(_bundle: *mut c_void) -> bool {
    enter()
}

/// Called before the bundle goes.
#[unsafe(no_mangle)]
#[cfg(target_os = "macos")]
pub extern "C" fn bundleExit() -> bool {
    true
}

/// Called when the library was loaded.
#[unsafe(no_mangle)]
#[cfg(target_os = "windows")]
pub extern "system" fn InitDll() -> bool {
    enter()
}

/// Called before the library goes.
#[unsafe(no_mangle)]
#[cfg(target_os = "windows")]
pub extern "system" fn ExitDll() -> bool {
    true
}

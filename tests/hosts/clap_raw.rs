//! A CLAP host without a host library, which can make any call, valid or not.

#![expect(unsafe_code, reason = "what is said to a library is not checked")]

use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::LazyLock;

use clap_sys::entry::clap_plugin_entry;
use clap_sys::events::{clap_event_header, clap_input_events, clap_output_events};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_host_state};
use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use clap_sys::host::clap_host;
use clap_sys::plugin::clap_plugin;
use clap_sys::version::CLAP_VERSION;
use libloading::Library;

use crate::bundles;

/// The plugin's id.
pub const ID: &CStr = c"free.descant.descant";

/// A host that is there.
#[repr(C)]
pub struct RawHost {
    /// What the plugin has a pointer to.
    pub face: clap_host,
}

// SAFETY: what is changed in it is atomic, and the texts are constants.
unsafe impl Sync for RawHost {}

static STATE: clap_host_state = clap_host_state { mark_dirty: Some(mark_dirty) };

impl RawHost {
    /// A host that has no function at all.
    pub fn without_functions() -> Box<Self> {
        let name = c"Descant's tests".as_ptr();
        Box::new(Self {
            face: clap_host {
                clap_version: CLAP_VERSION,
                host_data: ptr::null_mut(),
                name,
                vendor: name,
                url: name,
                version: name,
                get_extension: None,
                request_restart: None,
                request_process: None,
                request_callback: None,
            },
        })
    }

    /// A host with the extension for state, and no other.
    pub fn with_state() -> Box<Self> {
        let mut host = Self::without_functions();
        host.face.get_extension = Some(get_extension);
        host.face.request_callback = Some(request_callback);
        host
    }
}

unsafe extern "C" fn get_extension(_host: *const clap_host, id: *const c_char) -> *const c_void {
    // SAFETY: plugins ask with texts.
    let is_state = unsafe { CStr::from_ptr(id) } == CLAP_EXT_STATE;
    if is_state { (&raw const STATE).cast() } else { ptr::null() }
}

unsafe extern "C" fn request_callback(_host: *const clap_host) {}

unsafe extern "C" fn mark_dirty(_host: *const clap_host) {}

/// The plugin's factory.
pub fn factory() -> &'static clap_plugin_factory {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
        // SAFETY: the bundle is our own, built from this repository.
        unsafe { Library::new(bundles::clap()) }.expect("the bundle is a library")
    });
    // SAFETY: a CLAP library has an entry by this name, which stays there with it.
    unsafe {
        let entry: &'static clap_plugin_entry =
            &**LIBRARY.get::<*const clap_plugin_entry>(b"clap_entry\0").expect("it is a CLAP");
        assert!(entry.init.unwrap()(c"".as_ptr()));
        assert!(entry.get_factory.unwrap()(ptr::null()).is_null());
        assert!(entry.get_factory.unwrap()(c"nothing".as_ptr()).is_null());
        &*entry.get_factory.unwrap()(CLAP_PLUGIN_FACTORY_ID.as_ptr()).cast()
    }
}

/// A plugin, to which anything may be said.
pub struct Raw {
    /// As the host holds it.
    pub plugin: *const clap_plugin,
    /// Its host, which has to be there as long.
    _host: Box<RawHost>,
}

impl Raw {
    /// A plugin that was made and no more.
    pub fn new(host: Box<RawHost>) -> Self {
        // SAFETY: the host is there until the plugin was destroyed.
        let plugin =
            unsafe { factory().create_plugin.unwrap()(factory(), &raw const host.face, ID.as_ptr()) };
        assert!(!plugin.is_null());
        Self { plugin, _host: host }
    }

    /// One that was initialised.
    pub fn initialised(host: Box<RawHost>) -> Self {
        let raw = Self::new(host);
        // SAFETY: as CLAP has it.
        assert!(unsafe { raw.face().init.unwrap()(raw.plugin) });
        raw
    }

    /// One that plays at 48 kHz in blocks of at most 512 samples.
    pub fn started(host: Box<RawHost>) -> Self {
        let raw = Self::initialised(host);
        // SAFETY: as CLAP has it.
        unsafe {
            assert!(raw.face().activate.unwrap()(raw.plugin, 48_000.0, 1, 512));
            assert!(raw.face().start_processing.unwrap()(raw.plugin));
        }
        raw
    }

    /// Its functions.
    pub fn face(&self) -> &clap_plugin {
        // SAFETY: it is there until this is dropped.
        unsafe { &*self.plugin }
    }

    /// Its extension called `id`.
    pub fn extension<T>(&self, id: &CStr) -> &T {
        // SAFETY: a plugin gives what the id names, for as long as it is there.
        unsafe { &*self.face().get_extension.unwrap()(self.plugin, id.as_ptr()).cast::<T>() }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: nobody has it any more. It may be active, which is a mistake.
        unsafe { self.face().destroy.unwrap()(self.plugin) };
    }
}

/// Events, each a pointer to its header.
pub struct RawEvents(pub Vec<*const clap_event_header>);

impl RawEvents {
    /// What a plugin gets of it.
    pub fn list(&self) -> clap_input_events {
        clap_input_events { ctx: ptr::from_ref(self).cast_mut().cast(), size: Some(size), get: Some(get) }
    }
}

unsafe extern "C" fn size(list: *const clap_input_events) -> u32 {
    // SAFETY: the list is one of `RawEvents`.
    u32::try_from(unsafe { &*(*list).ctx.cast::<RawEvents>() }.0.len()).unwrap()
}

unsafe extern "C" fn get(list: *const clap_input_events, idx: u32) -> *const clap_event_header {
    // SAFETY: the list is one of `RawEvents`.
    let events = unsafe { &*(*list).ctx.cast::<RawEvents>() };
    events.0.get(usize::try_from(idx).unwrap()).copied().unwrap_or(ptr::null())
}

/// Where events go, all of which are taken.
pub static OUTBOX: clap_output_events = clap_output_events { ctx: ptr::null_mut(), try_push: Some(take) };

unsafe extern "C" fn take(_list: *const clap_output_events, _event: *const clap_event_header) -> bool {
    true
}

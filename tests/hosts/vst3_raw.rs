//! A VST3 host without a host library, which can make any call, valid or not.

#![expect(unsafe_code, reason = "what is said to a library is not checked")]

use std::ffi::c_void;
use std::path::PathBuf;
use std::ptr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use libloading::Library;
use vst3::Steinberg::Linux::{
    FileDescriptor, IEventHandler, IRunLoop, IRunLoopTrait, ITimerHandler, ITimerHandlerTrait, TimerInterval,
};
use vst3::Steinberg::Vst::{
    IAudioProcessor, IAudioProcessorTrait, IComponent, IComponentHandler, IComponentHandler2,
    IComponentHandler2Trait, IComponentHandlerTrait, IComponentTrait, IEditController, IEditControllerTrait,
    ParamID, ParamValue, ProcessSetup,
};
use vst3::Steinberg::{
    FIDString, FUnknown, IPluginBaseTrait, IPluginFactory, IPluginFactoryTrait, TBool, int32, kResultFalse,
    kResultOk, tresult,
};
use vst3::{Class, ComPtr, ComRef, ComWrapper, Interface};

use crate::bundles;

/// The id of the class, as this system writes it.
pub const CLASS: [u8; 16] = if cfg!(windows) { *b"csedtnaCmopoers1" } else { *b"DescantComposer1" };

/// The plugin's factory.
pub fn factory() -> ComPtr<IPluginFactory> {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
        // SAFETY: the bundle is our own, built from this repository.
        let library = unsafe { Library::new(library_path()) }.expect("the bundle is a library");
        if cfg!(all(unix, not(target_os = "macos"))) {
            // SAFETY: as VST3 has it.
            unsafe {
                let enter = library.get::<unsafe extern "C" fn(*mut c_void) -> bool>(b"ModuleEntry\0");
                assert!(enter.expect("it is a VST3")(ptr::null_mut()));
            }
        }
        library
    });
    // SAFETY: a VST3 library has a factory by this name.
    unsafe {
        let get = LIBRARY.get::<unsafe extern "system" fn() -> *mut IPluginFactory>(b"GetPluginFactory\0");
        ComPtr::from_raw(get.expect("it is a VST3")()).expect("it has a factory")
    }
}

fn library_path() -> PathBuf {
    let contents = bundles::path("Descant.vst3").join("Contents");
    if cfg!(windows) {
        contents.join("x86_64-win/Descant.vst3")
    } else if cfg!(target_os = "macos") {
        contents.join("MacOS/Descant")
    } else {
        contents.join(format!("{}-linux/Descant.so", std::env::consts::ARCH))
    }
}

/// Counts of the plugin's notifications to its host.
#[derive(Default)]
pub struct Handler {
    /// How often there was something to save.
    pub n_marks: AtomicU32,
    /// How often a parameter was moved.
    pub n_edits: AtomicU32,
    /// What was to be read again, all flags together.
    pub restarts: AtomicI32,
}

impl Class for Handler {
    type Interfaces = (IComponentHandler, IComponentHandler2);
}

impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _id: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn performEdit(&self, _id: ParamID, _value: ParamValue) -> tresult {
        self.n_edits.fetch_add(1, Ordering::AcqRel);
        kResultOk
    }

    unsafe fn endEdit(&self, _id: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        self.restarts.fetch_or(flags, Ordering::AcqRel);
        kResultOk
    }
}

impl IComponentHandler2Trait for Handler {
    unsafe fn setDirty(&self, _state: TBool) -> tresult {
        self.n_marks.fetch_add(1, Ordering::AcqRel);
        kResultOk
    }

    unsafe fn requestOpenEditor(&self, _name: FIDString) -> tresult {
        kResultFalse
    }

    unsafe fn startGroupEdit(&self) -> tresult {
        kResultOk
    }

    unsafe fn finishGroupEdit(&self) -> tresult {
        kResultOk
    }
}

/// A handler that knows no more than the first version of VST3.
#[derive(Default)]
pub struct OldHandler(pub Handler);

impl Class for OldHandler {
    type Interfaces = (IComponentHandler,);
}

impl IComponentHandlerTrait for OldHandler {
    unsafe fn beginEdit(&self, id: ParamID) -> tresult {
        // SAFETY: it takes any number.
        unsafe { self.0.beginEdit(id) }
    }

    unsafe fn performEdit(&self, id: ParamID, value: ParamValue) -> tresult {
        // SAFETY: it takes any number.
        unsafe { self.0.performEdit(id, value) }
    }

    unsafe fn endEdit(&self, id: ParamID) -> tresult {
        // SAFETY: it takes any number.
        unsafe { self.0.endEdit(id) }
    }

    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        // SAFETY: it takes any number.
        unsafe { self.0.restartComponent(flags) }
    }
}

/// A host's loop, which runs when the test says so.
#[derive(Default)]
pub struct RunLoop {
    timers: std::sync::Mutex<Vec<ComPtr<ITimerHandler>>>,
}

impl RunLoop {
    /// Calls every timer once; how many there are.
    pub fn run(&self) -> usize {
        let timers = self.timers.lock().unwrap().clone();
        // SAFETY: they are there for as long as they are registered.
        timers.iter().for_each(|timer| unsafe { timer.onTimer() });
        timers.len()
    }
}

impl Class for RunLoop {
    type Interfaces = (IRunLoop,);
}

impl IRunLoopTrait for RunLoop {
    unsafe fn registerEventHandler(&self, _handler: *mut IEventHandler, _fd: FileDescriptor) -> tresult {
        kResultFalse
    }

    unsafe fn unregisterEventHandler(&self, _handler: *mut IEventHandler) -> tresult {
        kResultFalse
    }

    unsafe fn registerTimer(&self, handler: *mut ITimerHandler, _milliseconds: TimerInterval) -> tresult {
        // SAFETY: the plugin gives a timer.
        let timer = unsafe { ComRef::from_raw(handler) }.expect("a timer").to_com_ptr();
        self.timers.lock().unwrap().push(timer);
        kResultOk
    }

    unsafe fn unregisterTimer(&self, handler: *mut ITimerHandler) -> tresult {
        self.timers.lock().unwrap().retain(|timer| timer.as_ptr() != handler);
        kResultOk
    }
}

/// A plugin, to which anything may be said.
pub struct Raw {
    pub component: ComPtr<IComponent>,
    pub controller: ComPtr<IEditController>,
    pub processor: ComPtr<IAudioProcessor>,
}

impl Raw {
    /// A plugin that was made and no more.
    pub fn new() -> Self {
        let mut object = ptr::null_mut::<c_void>();
        let factory = factory();
        // SAFETY: as VST3 has it.
        let component = unsafe {
            let result = factory.createInstance(
                CLASS.as_ptr().cast(),
                IComponent::IID.as_ptr().cast(),
                &raw mut object,
            );
            assert_eq!(result, kResultOk);
            ComPtr::from_raw(object.cast::<IComponent>()).expect("it is a component")
        };
        let controller = component.cast().expect("it is its own controller");
        let processor = component.cast().expect("it processes");
        Self { component, controller, processor }
    }

    /// One that was initialised with what a host lends out, which may be nothing.
    pub fn initialised(context: Option<&ComWrapper<RunLoop>>) -> Self {
        let raw = Self::new();
        let context = context.and_then(|context| context.as_com_ref::<FUnknown>());
        let context = context.map_or(ptr::null_mut(), |context| context.as_ptr());
        // SAFETY: as VST3 has it.
        let result = unsafe { raw.component.initialize(context) };
        assert_eq!(result, kResultOk);
        raw
    }

    /// One that plays at 48 kHz in blocks of at most 512 samples.
    pub fn started() -> Self {
        let raw = Self::initialised(None);
        raw.start();
        raw
    }

    /// Sets up playing at 48 kHz in blocks of at most 512 samples, and starts it.
    pub fn start(&self) {
        assert_eq!(self.set_up(48_000.0, 512, 0), kResultOk);
        // SAFETY: as VST3 has it.
        unsafe {
            assert_eq!(self.component.setActive(1), kResultOk);
            assert_eq!(self.processor.setProcessing(1), kResultOk);
        }
    }

    /// Sets up processing; what came of it.
    pub fn set_up(&self, rate: f64, max_block: i32, sample_size: i32) -> tresult {
        let mut setup = ProcessSetup {
            processMode: 0,
            symbolicSampleSize: sample_size,
            maxSamplesPerBlock: max_block,
            sampleRate: rate,
        };
        // SAFETY: as VST3 has it.
        unsafe { self.processor.setupProcessing(&raw mut setup) }
    }

    /// Sets the component handler that the plugin notifies.
    pub fn set_handler<C>(&self, handler: &ComWrapper<C>)
    where
        C: Class,
    {
        let handler = handler.as_com_ref::<IComponentHandler>().expect("it is one");
        // SAFETY: as VST3 has it.
        assert_eq!(unsafe { self.controller.setComponentHandler(handler.as_ptr()) }, kResultOk);
    }
}

//! Descant as a program of its own: its flags, and the session that it keeps.
//!
//! The framework runs the plugin as it would in a host, one that always plays at the tempo of a flag. Here there is none: the
//! phrase moves in Free mode by the Tempo knob, unless JACK's transport is to move it, and what a host would store is stored
//! by the [`Keeper`].
//!
//! # Threads
//!
//! The program and its keeper belong to the main thread, the editor's and one of the keeper's own; locks are held for as long
//! as it takes to write a file. The audio thread knows of neither.

pub mod keeper;

pub mod options;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nice_plug::plugin::ParamValue;

use super::{MAX_TAKE_OVER, starter};
use crate::editor::{RepaintNotifier, StandaloneProgram};
use crate::params::choice::PlayModeChoice;
use crate::params::{DescantParams, ParamId};
use crate::preset::folder;
use crate::worker::{Desk, Report, Tone};
use keeper::Keeper;
use options::Options;

/// The play mode of a first start, by its place among them.
const FREE: i32 = PlayModeChoice::Free as i32;

/// The program, if this process is one.
static PROGRAM: OnceLock<Program> = OnceLock::new();

/// Descant as a program of its own.
pub struct Program {
    options: Options,
    keeper: Mutex<Option<Arc<Keeper>>>,
    /// What there is to say about the session.
    remark: Mutex<Option<String>>,
}

/// Runs the program with the flags of the command line until its window closes. Returns whether all went well.
#[cfg(feature = "standalone")]
pub fn run() -> bool {
    let (options, args) = Options::take_from(std::env::args());
    let program =
        PROGRAM.get_or_init(|| Program { options, keeper: Mutex::new(None), remark: Mutex::new(None) });
    let is_well = nice_plug::prelude::nice_export_standalone_with_args::<super::Descant, _>(args);
    let keeper = program.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
    let is_kept = keeper.is_none_or(|keeper| keeper.close());
    is_well && is_kept
}

/// Puts `params` and `desk`, which are fresh, to what the last session left, if this process is the program; from now on they
/// are kept. Whether it is.
pub fn open_session(params: &Arc<DescantParams>, desk: &Arc<Desk>, repaint: &RepaintNotifier) -> bool {
    let program = PROGRAM.get();
    program.into_iter().for_each(|program| program.open_session(params, desk, repaint));
    program.is_some()
}

/// What there is to say about the session, once: to be said when the worker has taken the project over, which takes back what
/// was said before.
pub fn take_remark() -> Option<Report> {
    let text = PROGRAM.get()?.remark.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    Some(Report { text, tone: Tone::Problem, duration: None })
}

/// What the editor needs of the program, if this process is one.
pub fn for_editor(desk: &Arc<Desk>) -> Option<StandaloneProgram> {
    PROGRAM.get().map(|program| program.for_editor(desk))
}

impl Program {
    fn open_session(&self, params: &Arc<DescantParams>, desk: &Arc<Desk>, repaint: &RepaintNotifier) {
        params.put(ParamId::PlayMode, &ParamValue::I32(FREE));
        let tell = |text: String| {
            *self.remark.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        };
        let Some(folder) = folder::data_folder() else {
            return tell(
                "your session is not kept: set the environment variable HOME and start again".to_owned(),
            );
        };
        match Keeper::open(&folder, self.options.session.as_deref(), Arc::clone(params), Arc::clone(desk)) {
            Ok((keeper, remark)) => {
                let keeper = Arc::new(keeper);
                keeper::keep(&keeper, repaint);
                *self.keeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(keeper);
                remark.into_iter().for_each(tell);
            }
            Err(error) => tell(format!(
                "your session is not kept in {}: {error}; mend that and start again",
                folder.display()
            )),
        }
        if let Some(tempo) = self.options.tempo {
            params.put(ParamId::Tempo, &ParamValue::F32(tempo));
        }
    }

    fn for_editor(&'static self, desk: &Arc<Desk>) -> StandaloneProgram {
        let desk = Arc::clone(desk);
        StandaloneProgram {
            scale: self.options.scale,
            is_ending: Box::new(|| IS_ENDING.load(Ordering::Relaxed)),
            begin_session: Box::new(move || {
                let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
                let kept =
                    match keeper.as_ref() {
                        Some(keeper) => keeper.put_aside()?,
                        None => return Err(
                            "your session is not kept, so there can be no new one; see the start's message"
                                .to_owned(),
                        ),
                    };
                let window = desk.with_project(|project| project.window);
                let mut project = starter::project();
                project.window = window;
                desk.restore(project);
                // What is said before would be taken back.
                desk.wait_until_taken_over(MAX_TAKE_OVER);
                Ok(kept)
            }),
        }
    }
}

/// Whether the system has asked the program to end.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

//! The state of the standalone program: its flags, its session, and the editor's access to both.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use nice_plug::params::Param;
use nice_plug::plugin::ParamValue;

use super::super::starter;
use super::keeper::{self, IS_ENDING, Keeper};
use super::options::Options;
use crate::editor::{RepaintNotifier, StandaloneProgram};
use crate::files::folders;
use crate::params::{DescantParams, ParamId};
use crate::player::Mode as PlayMode;
use crate::worker::{Report, Shared, Tone};

/// The program; unset in a plugin.
static PROGRAM: OnceLock<Program> = OnceLock::new();

/// The standalone program.
pub struct Program {
    options: Options,
    keeper: Mutex<Option<Arc<Keeper>>>,
    /// A message about the session that is not shown yet.
    remark: Mutex<Option<String>>,
}

/// In the standalone program, restores the last session to `params` and `shared`, which are fresh, and stores it from
/// now on. Returns whether this is the program.
pub fn open_session(params: &Arc<DescantParams>, shared: &Arc<Shared>, repaint: &RepaintNotifier) -> bool {
    let program = PROGRAM.get();
    program.into_iter().for_each(|program| program.open_session(params, shared, repaint));
    program.is_some()
}

/// Takes the message about the session. To be shown when the worker has taken over the project, which clears earlier
/// messages.
pub fn take_remark() -> Option<Report> {
    let text = PROGRAM.get()?.remark.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    Some(Report { text, tone: Tone::Problem, duration: None })
}

/// The editor's access to the program; `None` in a plugin.
pub fn for_editor(shared: &Arc<Shared>) -> Option<StandaloneProgram> {
    PROGRAM.get().map(|program| program.for_editor(shared))
}

impl Program {
    /// Starts the program with the flags `options`.
    #[cfg(feature = "standalone")]
    pub fn start(options: Options) -> &'static Self {
        PROGRAM.get_or_init(|| Self { options, keeper: Mutex::new(None), remark: Mutex::new(None) })
    }

    /// Closes the session, if one is open; returns whether it is stored completely.
    #[cfg(feature = "standalone")]
    pub fn close(&self) -> bool {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        keeper.is_none_or(|keeper| keeper.close())
    }

    fn open_session(&self, params: &Arc<DescantParams>, shared: &Arc<Shared>, repaint: &RepaintNotifier) {
        params.put_at(ParamId::PlayMode, params.playing.mode.preview_normalized(PlayMode::Free));
        let tell = |text: String| {
            *self.remark.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
        };
        let Some(folder) = folders::data() else {
            return tell(
                "your session is not kept: set the environment variable HOME and start again".to_owned(),
            );
        };
        match Keeper::open(&folder, self.options.session.as_deref(), Arc::clone(params), Arc::clone(shared)) {
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

    fn for_editor(&'static self, shared: &Arc<Shared>) -> StandaloneProgram {
        let shared = Arc::clone(shared);
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
                let window = shared.with_project(|project| project.window);
                let mut project = starter::project();
                project.window = window;
                shared.restore(project);
                // An earlier message would be cleared.
                shared.wait_until_taken_over(Shared::MAX_TAKE_OVER);
                Ok(kept)
            }),
        }
    }
}

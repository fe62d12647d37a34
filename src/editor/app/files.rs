//! Files: the phrase written to one, dragged out as one, and files that are dropped on the window.

use std::path::Path;

use super::super::drag_out::Outcome;
use super::super::surroundings::{Export, Imported, Surroundings};
use super::App;
use crate::session::{Choice, Excerpt, Occasion, Take};
use crate::worker::Request;

impl App {
    /// Writes an excerpt of the current take into the user's music folder.
    pub(super) fn export(&self, excerpt: Excerpt) {
        let written = self.write(&self.surroundings.export, excerpt);
        self.tell(written.map(|path| format!("written to {}", path.display())));
    }

    /// Begins to drag an excerpt of the current take out of the window, as a file.
    pub(super) fn drag_out(&mut self, excerpt: Excerpt) {
        if self.drag_out.is_under_way() {
            return self.tell(Err("the drag before is not finished yet; try again in a moment".to_owned()));
        }
        let repaint = self.surroundings.repaint.clone();
        let begun = self.write(&self.surroundings.write_dragged, excerpt).and_then(|path| {
            let name = name_of(&path);
            self.drag_out.begin(path, repaint).map(|()| name)
        });
        self.tell(begun.map(|name| format!("drop {name} where it is to go; Escape calls it off")));
    }

    /// Writes an excerpt of the current take by `export`; returns the path of the file.
    fn write(&self, export: &Export, excerpt: Excerpt) -> Result<std::path::PathBuf, String> {
        let entry = self.surroundings.shared.with_project(|project| project.takes.current().cloned());
        export(&*entry.ok_or("there is nothing to export yet; press Generate first")?, excerpt)
    }

    /// Tells how a drag out ended, and takes in what was dropped on the window.
    pub(super) fn look_after_drags(&mut self) {
        if let Some((name, outcome)) = self.drag_out.take_outcome() {
            self.tell(match outcome {
                Outcome::Taken => Ok(format!("dragged out: {name}")),
                Outcome::Refused => Err("nothing there takes files; Export writes one".to_owned()),
                Outcome::Cancelled => Ok("the drag was called off; nothing was dropped".to_owned()),
                Outcome::Failed(why) => Err(why),
            });
        }
        let dropped = self.drop_in.take();
        if !dropped.is_empty() {
            let result = self.take_in(&dropped);
            self.tell(result);
        }
    }

    /// Makes a take of each file, the first of them the current one; returns what was taken in, or why one was not.
    fn take_in(&self, paths: &[std::path::PathBuf]) -> Result<String, String> {
        let Surroundings { shared, requests, import, .. } = &*self.surroundings;
        let (read, failed): (Vec<_>, Vec<_>) = paths
            .iter()
            .map(|path| {
                import(path).map(|Imported { take, summary }| (take, format!("{}: {summary}", name_of(path))))
            })
            .partition(Result::is_ok);
        let (takes, summaries): (Vec<Take>, Vec<String>) = read.into_iter().flatten().unzip();
        if !takes.is_empty() {
            shared.edit(|project| project.takes.add(Occasion::Requested, None, takes));
            requests.send(Request::Select(Choice::Chosen));
        }
        match failed.into_iter().find_map(Result::err) {
            Some(why) => Err(why),
            None => Ok(format!("taken in: {}", summaries.join("; "))),
        }
    }
}

/// The name of the file at `path`.
fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

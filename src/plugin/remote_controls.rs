//! Pages of parameters for hardware controllers with eight knobs, for CLAP hosts.

use nice_plug::prelude::{Param, RemoteControlsContext, RemoteControlsPage, RemoteControlsSection};

use crate::music::Part;
use crate::params::part_table::PART_PAGE;
use crate::params::table::{COMPOSING_PAGES, PLAYING_PAGES};
use crate::params::text::title;
use crate::params::{DescantParams, ParamId, ParamVisitor, PartParam};

/// Adds the pages of `params` to those of the host.
pub fn add(context: &mut impl RemoteControlsContext, params: &DescantParams) {
    context.add_section("Composing", |section| add_pages(section, params, COMPOSING_PAGES));
    context.add_section("Playing", |section| {
        add_pages(section, params, PLAYING_PAGES);
        for part in Part::ALL {
            section.add_page(title(part.name()), |page| add_part(page, params, part));
        }
    });
}

fn add_pages(section: &mut impl RemoteControlsSection, params: &DescantParams, pages: &[(&str, &[ParamId])]) {
    for (name, ids) in pages {
        section.add_page(*name, |page| ids.iter().for_each(|id| params.visit(*id, AddTo(page))));
    }
}

fn add_part(page: &mut impl RemoteControlsPage, params: &DescantParams, part: Part) {
    for id in PART_PAGE.iter().copied() {
        match id {
            // This parameter has no effect for drums.
            PartParam::Octave if part.is_drums() => page.add_spacer(),
            _ => params.visit(ParamId::Part(part, id), AddTo(page)),
        }
    }
}

struct AddTo<'a, T>(&'a mut T);

impl<T: RemoteControlsPage> ParamVisitor for AddTo<'_, T> {
    type Output = ();

    fn visit<P: Param>(self, param: &P) {
        self.0.add_param(param);
    }
}

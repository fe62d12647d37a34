//! When the model is read.

use super::*;
use crate::token::Style;

#[test]
fn another_model_is_read_in_place_of_the_one_that_composes() {
    let (mut rig, _) = rig(2);
    rig.send(Request::Prepare);
    rig.send(Request::Prepare);
    rig.play_until("a model", |rig| rig.status().model.is_some());
    let card = rig.status().model.unwrap();
    assert_eq!((card.name.as_deref(), card.styles.len()), (None, Style::ALL.len()));
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    // What is under way is composed to its end.
    rig.send(Request::ChangeModel);
    rig.play_until("another model", |rig| rig.n_loads.load(Ordering::Relaxed) == 2);
    assert_eq!(rig.n_takes(), 8);
}

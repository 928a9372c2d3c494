//! The message list. Only visible rows are in the document, whatever the number of messages.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

use super::message_row::{ListRow, message_row};
use crate::api::ids::MessageId;
use crate::ui::browser;
use crate::ui::state::{ListState, UserAction};
use crate::ui::words;

/// The height of a row in units of the root's font size. The style sheet has the same figure.
const ROW_REM: f64 = 4.5;
/// The height of a row in pixels at the default font size of browsers.
const ROW_USUAL: i32 = 72;
/// Number of rows to draw above and below the visible ones.
const MARGIN: u32 = 8;

/// Properties of a [`MessageList`].
#[derive(Properties, PartialEq)]
pub(crate) struct MessageListProps {
    pub(crate) list: Rc<ListState>,
    /// The message that is open in the reader.
    pub(crate) open: Option<MessageId>,
    pub(crate) dispatch: Callback<UserAction>,
}

/// The visible part of the list, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sight {
    top: i32,
    height: i32,
    row: i32,
}

impl Sight {
    fn of(element: &Element) -> Self {
        let root = gloo_utils::document_element();
        let style = browser::window().get_computed_style(&root).ok().flatten();
        let font = style.and_then(|s| s.get_property_value("font-size").ok());
        // Whole pixels: code to format fractions would be the largest part of the page.
        #[allow(clippy::cast_possible_truncation)] // A font is some tens of pixels high.
        let row = font.map(|font| (js_sys::parse_float(&font) * ROW_REM).round() as i32);
        Self {
            top: element.scroll_top(),
            height: element.client_height(),
            row: row.filter(|row| *row > 0).unwrap_or(ROW_USUAL),
        }
    }

    /// Returns the first visible row, and the first row after the visible ones.
    fn rows(self) -> (u32, u32) {
        let first = self.top / self.row;
        let end = (self.top + self.height + self.row - 1) / self.row;
        (first.unsigned_abs(), end.unsigned_abs())
    }

    /// Returns the distance of a row from the top of the list, which is also the height of `index`
    /// rows.
    fn above(self, index: u32) -> i64 {
        i64::from(index) * i64::from(self.row)
    }
}

/// The message list.
#[function_component]
pub(crate) fn MessageList(props: &MessageListProps) -> Html {
    let grid = use_node_ref();
    let sight = use_state_eq(|| Sight {
        top: 0,
        height: 0,
        row: ROW_USUAL,
    });
    let measure = {
        let (grid, sight) = (grid.clone(), sight.clone());
        Callback::from(move |()| {
            if let Some(element) = grid.cast::<Element>() {
                // A hidden list keeps its last measures. (The reader covers it on a narrow page.)
                if element.client_height() > 0 {
                    sight.set(Sight::of(&element));
                }
            }
        })
    };
    use_resize(&grid, &measure);
    use_scroll_with(&grid, &props.list, *sight, &measure);

    let (first, end) = sight.rows();
    {
        let dispatch = props.dispatch.clone();
        use_effect_with((first, end), move |(first, end)| {
            if end > first {
                dispatch.emit(UserAction::Look(*first, *end));
            }
        });
    }
    let list = &props.list;
    let total = list.total.unwrap_or(0);
    let drawn = first.saturating_sub(MARGIN)..(end + MARGIN).min(total);
    // The active row is always drawn, because it holds the keyboard's focus.
    let outside = Some(list.active).filter(|index| *index < total && !drawn.contains(index));
    let rows = drawn.chain(outside).map(|index| {
        let row = list.row(index);
        message_row(&ListRow {
            index,
            row,
            top: sight.above(index),
            open: row.is_some_and(|row| Some(row.id) == props.open),
            active: index == list.active,
            dispatch: &props.dispatch,
        })
    });
    html! {
        <div
            ref={grid}
            class={classes!("grid", list.total.is_none().then_some("is-outline"))}
            role="grid"
            aria-label={words::labels::MESSAGES}
            aria-rowcount={total.to_string()}
            aria-busy={list.is_busy().to_string()}
            onscroll={measure.reform(|_: Event| ())}
            onkeydown={on_key(props, *sight)}
        >
            <div
                class="grid-height" role="presentation"
                style={format!("height: {}px", sight.above(total))}
            >
                {for rows}
            </div>
        </div>
    }
}

/// Measures the list when its size changes.
#[hook]
fn use_resize(grid: &NodeRef, measure: &Callback<()>) {
    let (grid, measure) = (grid.clone(), measure.clone());
    use_effect_with((), move |()| {
        let closure = Closure::<dyn Fn(Array)>::new(move |_| measure.emit(()));
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(element)) = (&observer, grid.cast::<Element>()) {
            observer.observe(&element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(closure);
        }
    });
}

/// Scrolls the list: to the top when it restarts, along with rows that moved, and to the active row
/// when that must become visible.
#[hook]
fn use_scroll_with(grid: &NodeRef, list: &ListState, sight: Sight, measure: &Callback<()>) {
    let before = use_mut_ref(|| (list.restarts, list.moved, list.reveals));
    let (grid, measure) = (grid.clone(), measure.clone());
    let now = (list.restarts, list.moved, list.reveals, list.active);
    use_effect_with(now, move |(restarts, moved, reveals, active)| {
        let old = before.replace((*restarts, *moved, *reveals));
        let Some(element) = grid.cast::<Element>() else {
            return;
        };
        let height = i64::from(element.client_height());
        let top = i64::from(element.scroll_top());
        let mut target = top;
        if old.0 != *restarts {
            target = 0;
        } else if old.1 != *moved {
            target = top + (*moved - old.1) * i64::from(sight.row);
        }
        if old.2 != *reveals && height > 0 {
            let row = sight.above(*active)..sight.above(*active + 1);
            target = target.min(row.start).max(row.end - height);
        }
        if target != top {
            // The browser clamps the value to the list.
            element.set_scroll_top(i32::try_from(target).unwrap_or(i32::MAX));
            measure.emit(());
        }
    });
}

/// Handles the keys of a grid, and `j` and `k` of older mail programs.
fn on_key(props: &MessageListProps, sight: Sight) -> Callback<KeyboardEvent> {
    let (list, dispatch) = (props.list.clone(), props.dispatch.clone());
    Callback::from(move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let last = list.total.unwrap_or(0).saturating_sub(1);
        let (first, end) = sight.rows();
        let page = end.saturating_sub(first + 1).max(1);
        let target = match event.key().as_str() {
            "ArrowDown" | "j" => list.active.saturating_add(1).min(last),
            "ArrowUp" | "k" => list.active.saturating_sub(1),
            "PageDown" => list.active.saturating_add(page).min(last),
            "PageUp" => list.active.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => {
                event.prevent_default();
                if let Some(row) = list.row(list.active) {
                    dispatch.emit(UserAction::Open {
                        id: row.id,
                        by_key: true,
                    });
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        dispatch.emit(UserAction::Focus(target));
    })
}

//! The scrolled frame of the message list: measures which rows are visible, and scrolls.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::{Callback, NodeRef};

use super::browser;
use super::state::{ListState, UserAction};

/// The height of a row in units of the root's font size. The style sheet has the same figure.
const ROW_REM: f64 = 4.5;
/// The height of a row in pixels at the default font size of browsers.
const ROW_USUAL: i32 = 72;

/// The frame of the message list. Only its visible rows are in the document.
pub(crate) struct ListFrame {
    /// The frame's element, which is absent from pages without a list.
    pub(crate) node: NodeRef,
    /// Measures the frame, after it was scrolled or its size has changed.
    pub(crate) changed: Callback<()>,
    sight: Rc<Cell<ListSight>>,
    observed: RefCell<Option<ObservedFrame>>,
    scrolled: Cell<ScrollCounts>,
}

/// The visible part of the list, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ListSight {
    top: i32,
    height: i32,
    row: i32,
}

/// The counts of a [`ListState`] that ask for scrolling.
#[derive(Clone, Copy, Default)]
struct ScrollCounts {
    restarts: u32,
    moved: i64,
    reveals: u32,
}

/// An element that reports changes of its size.
struct ObservedFrame {
    element: Element,
    observer: Option<ResizeObserver>,
    _closure: Closure<dyn Fn(Array)>,
}

impl ListFrame {
    /// Creates a frame, which passes on which rows are visible.
    pub(crate) fn new(dispatch: Callback<UserAction>) -> Self {
        let node = NodeRef::default();
        let sight = Rc::new(Cell::new(ListSight {
            top: 0,
            height: 0,
            row: ROW_USUAL,
        }));
        let changed = {
            let (node, sight) = (node.clone(), Rc::clone(&sight));
            Callback::from(move |()| {
                let Some(element) = node.cast::<Element>() else {
                    return;
                };
                // A hidden list keeps its last measures. (The reader covers it on a narrow page.)
                if element.client_height() == 0 {
                    return;
                }
                let new = ListSight::of(&element);
                let old = sight.replace(new);
                if (old.rows(), old.row) != (new.rows(), new.row) {
                    let (first, end) = new.rows();
                    dispatch.emit(UserAction::Look(first, end));
                }
            })
        };
        Self {
            node,
            changed,
            sight,
            observed: RefCell::default(),
            scrolled: Cell::default(),
        }
    }

    /// Returns the visible part of the list.
    pub(crate) fn sight(&self) -> ListSight {
        self.sight.get()
    }

    /// Follows a list that was drawn: observes the size of a new element, and scrolls to the top when
    /// the list has restarted, along with rows that have moved, and to the active row when that must
    /// become visible.
    pub(crate) fn follow(&self, list: &ListState) {
        let new = ScrollCounts {
            restarts: list.restarts,
            moved: list.moved,
            reveals: list.reveals,
        };
        let old = self.scrolled.replace(new);
        let Some(element) = self.node.cast::<Element>() else {
            *self.observed.borrow_mut() = None;
            return;
        };
        if !self.observes(&element) {
            *self.observed.borrow_mut() = Some(ObservedFrame::new(element, self.changed.clone()));
            return;
        }
        let row = self.sight();
        let height = i64::from(element.client_height());
        let top = i64::from(element.scroll_top());
        let mut target = top;
        if old.restarts != new.restarts {
            target = 0;
        } else if old.moved != new.moved {
            target = top + (new.moved - old.moved) * i64::from(row.row);
        }
        if old.reveals != new.reveals && height > 0 {
            let active = row.above(list.active)..row.above(list.active + 1);
            target = target.min(active.start).max(active.end - height);
        }
        if target != top {
            // The browser clamps the value to the list.
            element.set_scroll_top(i32::try_from(target).unwrap_or(i32::MAX));
            self.changed.emit(());
        }
    }

    fn observes(&self, element: &Element) -> bool {
        let observed = self.observed.borrow();
        observed.as_ref().is_some_and(|old| old.element == *element)
    }
}

impl ListSight {
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
    pub(crate) fn rows(self) -> (u32, u32) {
        let first = self.top / self.row;
        let end = (self.top + self.height + self.row - 1) / self.row;
        (first.unsigned_abs(), end.unsigned_abs())
    }

    /// Returns the distance of a row from the top of the list, which is also the height of `index`
    /// rows.
    pub(crate) fn above(self, index: u32) -> i64 {
        i64::from(index) * i64::from(self.row)
    }
}

impl ObservedFrame {
    fn new(element: Element, changed: Callback<()>) -> Self {
        let closure = Closure::<dyn Fn(Array)>::new(move |_| changed.emit(()));
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(&element);
        }
        Self {
            element,
            observer,
            _closure: closure,
        }
    }
}

impl Drop for ObservedFrame {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

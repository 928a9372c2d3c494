//! Line icons on a grid of 20 by 20. Each stands beside a label, or in a button that has one.

use yew::prelude::*;

/// The picture of an icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Back,
    Bin,
    Check,
    Close,
    Copy,
    Download,
    Envelope,
    Menu,
    Offline,
    PaperClip,
    Plug,
    Plus,
    Search,
    Server,
    Settings,
    Source,
    Tray,
    Unlocked,
    Unread,
    Warning,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Back => "M12 4.5 6.5 10l5.5 5.5",
            Self::Bin => {
                "M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5l.7 10.5h7.6l.7-10.5M8.5 8.5v4.5M11.5 8.5v4.5"
            }
            Self::Check => "M16 10a6 6 0 1 1-1.8-4.3M16.2 2.8v3.4h-3.4",
            Self::Close => "m5.5 5.5 9 9m0-9-9 9",
            Self::Copy => "M7 7h9.5v9.5H7zM4 13V3.5h9.5",
            Self::Download => "M10 3.5v9m-3.5-3.3L10 12.7l3.5-3.5M4 16.5h12",
            Self::Envelope => "M3 5h14v10.5H3zM3.3 5.5 10 11l6.7-5.5",
            Self::Menu => "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
            Self::Offline => {
                "M3 3l14 14M6.5 11.2a5 5 0 0 1 2-1.2M3.8 8.3a9 9 0 0 1 2.6-1.7M9.5 6a9 9 0 0 1 6.7 2.3M8.6 13.7a2.2 2.2 0 0 1 2.8 0"
            }
            Self::PaperClip => {
                "m15.5 9.2-5.6 5.6a3.4 3.4 0 0 1-4.8-4.8l6-6a2.3 2.3 0 0 1 3.2 3.2l-5.9 5.9a1.1 1.1 0 0 1-1.6-1.6l5.3-5.3"
            }
            Self::Plug => "M7 3v4m6-4v4M4.5 7h11v2.5a5.5 5.5 0 0 1-11 0zM10 15v3",
            Self::Plus => "M10 4v12M4 10h12",
            Self::Search => "M8.8 14.1a5.3 5.3 0 1 0 0-10.6 5.3 5.3 0 0 0 0 10.6zm3.9-1.4 3.8 3.8",
            Self::Server => "M3.5 4h13v5h-13zm0 7h13v5h-13zm3-4.5h.1m-.1 7h.1",
            Self::Settings => {
                "M3 6.5h7m4.5 0H17M10 4.5v4h4.5v-4zM3 13.5h2.5m4.5 0h7m-11.5-2v4H10v-4z"
            }
            Self::Source => "m7 6-4 4 4 4m6-8 4 4-4 4",
            Self::Tray => "M3 11.5 5.2 4h9.6L17 11.5V16H3zm0 0h4l1.2 2h3.6l1.2-2h4",
            Self::Unlocked => "M5 9h10v7.5H5zM7 9V6.4a3 3 0 0 1 5.8-1",
            Self::Unread => "M3 7.5v8h14v-8M3.3 7.8 10 12.5l4-2.8",
            Self::Warning => "M10 3.5 17.5 16h-15zM10 8v4m0 2v.2",
        }
    }
}

/// Draws an icon in the colour of its text.
pub(crate) fn icon(shape: Shape) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d={shape.path()} />
            if shape == Shape::Unread {
                <circle cx="15.5" cy="5.5" r="2.5" class="icon-dot" />
            }
        </svg>
    }
}

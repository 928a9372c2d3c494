//! The demo's messages as they are committed, oldest first. `demo/README.md` describes the purpose of
//! each.

/// One message file, with its [placeholders](crate::placeholder).
pub(crate) struct Template {
    /// The file's name in `demo/messages`, without its extension, for errors.
    pub(crate) name: &'static str,
    /// The content of the file.
    pub(crate) bytes: &'static [u8],
}

macro_rules! template {
    ($name:literal) => {
        Template {
            name: $name,
            bytes: include_bytes!(concat!("../messages/", $name, ".eml")),
        }
    };
}

/// All messages, in the order of the maildrop.
pub(crate) const TEMPLATES: [Template; 50] = [
    template!("hostile-scripts"),
    template!("hostile-frames"),
    template!("hostile-styles"),
    template!("hostile-mutation"),
    template!("hostile-phishing"),
    template!("hostile-file-names"),
    template!("hostile-headers"),
    template!("hostile-nesting"),
    template!("slow-post"),
    template!("gruesse-latin1"),
    template!("borscht-windows-1251"),
    template!("ferry-koi8-r"),
    template!("tanka-iso-2022-jp"),
    template!("onsen-shift-jis"),
    template!("tea-gb18030"),
    template!("library-euc-kr"),
    template!("olive-harvest-hebrew"),
    template!("lanterns-arabic"),
    template!("island-post-utf8"),
    template!("aunt-flowed"),
    template!("bookshop-receipt"),
    template!("ferry-booking"),
    template!("walk-1"),
    template!("walk-2"),
    template!("walk-3"),
    template!("walk-4"),
    template!("walk-5"),
    template!("walk-6"),
    template!("allotment-digest"),
    template!("newsletter"),
    template!("postcard-inline-images"),
    template!("forwarded-message"),
    template!("harbour-figures"),
    template!("new-address-vcard"),
    template!("keepers-log"),
    template!("empty"),
    template!("no-subject"),
    template!("no-date"),
    template!("long-subject"),
    template!("emoji"),
    template!("file-names"),
    template!("broken-structure"),
    template!("broken-encoding"),
    template!("delivery-report"),
    template!("dots"),
    template!("parcel-notice"),
    template!("large-attachment"),
    template!("invitation"),
    template!("concert-html-only"),
    template!("welcome"),
];

//! Converts hostile HTML into a document that shows it and runs nothing.
//!
//! The HTML tokenizer reads the mail. Only tokens that the allow-lists of [`elements`] and [`css`]
//! permit are written, with every text and attribute escaped anew; nothing is copied. The document
//! has exactly one element whose content a browser does not read as markup, its own `style`, which
//! never contains `<`. It has no SVG or MathML. So the browser parses the document as it was
//! written here, whatever the mail tried to make of its parser.
//!
//! This is one of three layers. The Content-Security-Policy of the document forbids it everything,
//! and the page shows it in a sandboxed frame without scripts.

mod allowed;
mod attributes;
mod cascade;
mod colour;
mod css;
mod document;
mod elements;
mod images;
mod kept_attributes;
mod link;
mod named_colours;
mod open_elements;
mod painted;
mod selector;
mod style_sheets;
mod stylesheet;
mod urls;
mod writer;

#[cfg(test)]
mod tests;

pub(in crate::engine) use document::Document;
pub(in crate::engine) use images::Images;

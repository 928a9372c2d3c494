//! Hostile HTML in, a document out that shows it and does nothing.
//!
//! The mail goes through the HTML tokenizer and only what is on the lists of [`elements`] and
//! [`css`] is written again, every text and attribute escaped anew. Nothing is copied as it came.
//! Of the elements whose content a browser does not read as markup there is exactly one, the
//! document's own `style`, and no `<` ever gets into it; there is no SVG or MathML. So the browser
//! reads the document as it was written here, whatever the mail tried to make of its parser.
//!
//! This is one of three layers: the document forbids itself everything by its
//! Content-Security-Policy, and the page shows it in a sandboxed frame without scripts.

mod attributes;
mod css;
mod document;
mod elements;
mod stylesheet;
mod urls;
mod writer;

#[cfg(test)]
mod tests;

pub(in crate::engine) use document::{Document, Images};

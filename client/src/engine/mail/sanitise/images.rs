//! The pictures of a mail that its HTML may show.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::urls::{self, Base, ImageSource};
use crate::engine::mail::parse::normalised;

/// The maximum size of all inline images, in bytes. A mail may show one image a thousand times, and
/// each time is a copy.
const MOST_IMAGE_OCTETS: usize = 48 * 1024 * 1024;

/// The images that may be shown, and their sources.
#[derive(Debug, Default)]
pub(in crate::engine) struct Images {
    /// True if images may be loaded over `https:`.
    pub(in crate::engine) remote: bool,
    pictures: Vec<Picture>,
    /// Positions in `pictures`, by the names in HTML.
    names: HashMap<String, usize>,
    octets: usize,
    /// The address to which the mail's relative addresses refer.
    pub(crate) base: Option<Base>,
    /// The addresses of the remote images that were left out.
    blocked: HashSet<String>,
}

#[derive(Debug)]
struct Picture {
    place: usize,
    media_type: &'static str,
    octets: Vec<u8>,
    is_drawn: bool,
}

impl Images {
    /// Creates a set without images of the mail.
    pub(in crate::engine) fn new(remote: bool) -> Self {
        Self {
            remote,
            ..Self::default()
        }
    }

    /// Adds the picture at a place in the tree by the names that HTML may use for it. A name that
    /// an earlier picture has keeps its meaning.
    pub(in crate::engine) fn add(
        &mut self,
        place: usize,
        names: Vec<String>,
        media_type: &'static str,
        octets: Vec<u8>,
    ) {
        for name in names {
            self.names.entry(name).or_insert(self.pictures.len());
        }
        self.pictures.push(Picture {
            place,
            media_type,
            octets,
            is_drawn: false,
        });
    }

    /// Returns the address from which an image of the HTML is shown, or `None` if it may not be
    /// shown. Counts a remote image that is left out. A background does not count as drawn.
    pub(crate) fn source(&mut self, address: &str, is_drawn: bool) -> Option<String> {
        let part = match is_drawn {
            true => self.inline(address),
            false => self.background(address),
        };
        if part.is_some() {
            return part;
        }
        match urls::image(address) {
            ImageSource::Data(address) => Some(address),
            ImageSource::Remote(address) if self.remote => Some(address),
            ImageSource::Remote(address) => {
                self.blocked.insert(address);
                None
            }
            ImageSource::Refused => None,
        }
    }

    /// Returns the number of different remote images that were left out.
    pub(crate) fn blocked(&self) -> u32 {
        u32::try_from(self.blocked.len()).unwrap_or(u32::MAX)
    }

    /// Returns the number of pictures.
    pub(in crate::engine) fn count(&self) -> usize {
        self.pictures.len()
    }

    /// Returns the picture that an address of HTML refers to, as a `data:` URL, and records that
    /// the document draws it.
    fn inline(&mut self, address: &str) -> Option<String> {
        let at = self.find(address)?;
        let url = self.url(at)?;
        self.pictures.get_mut(at)?.is_drawn = true;
        Some(url)
    }

    /// Returns the picture that an address refers to, for a background. Nothing tells if the
    /// background is visible, so the picture does not count as drawn.
    fn background(&mut self, address: &str) -> Option<String> {
        let at = self.find(address)?;
        self.url(at)
    }

    /// Returns the picture at a place in the tree, as a `data:` URL.
    pub(crate) fn at(&mut self, place: usize) -> Option<String> {
        let at = self
            .pictures
            .iter()
            .position(|picture| picture.place == place)?;
        self.url(at)
    }

    /// Returns true if the document draws the picture at a place in the tree.
    pub(crate) fn is_drawn(&self, place: usize) -> bool {
        self.pictures
            .iter()
            .any(|picture| picture.place == place && picture.is_drawn)
    }

    /// Finds a picture by a `cid:` address, by the whole address of its location, or by a relative
    /// address: its content-id alone, the end of its location, or its file name.
    fn find(&self, address: &str) -> Option<usize> {
        // The address of an image may contain all of that image.
        const LONGEST: usize = 2_000;
        if self.names.is_empty() || address.len() > LONGEST {
            return None;
        }
        let name = normalised(address);
        let name = name.trim_start_matches("./");
        let by = |name: &str| self.names.get(name).copied();
        let Some(id) = name.strip_prefix("cid:") else {
            return by(name).or_else(|| by(name.strip_prefix('/')?));
        };
        let id = id.trim().trim_start_matches('<').trim_end_matches('>');
        // A gateway may have removed the content-id `logo.png@01D2` of a file `logo.png`.
        by(id).or_else(|| by(id.split_once('@')?.0))
    }

    fn url(&mut self, at: usize) -> Option<String> {
        let Picture {
            media_type, octets, ..
        } = self.pictures.get(at)?;
        self.octets += octets.len();
        (self.octets <= MOST_IMAGE_OCTETS).then(|| {
            let data = BASE64_STANDARD.encode(octets);
            format!("data:{media_type};base64,{data}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images() -> Images {
        let mut images = Images::new(false);
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        images.add(
            3,
            names(&["ii_a+b@x", "logo.png"]),
            "image/png",
            b"1".to_vec(),
        );
        images.add(
            4,
            names(&["http://x/a/map.png", "a/map.png", "map.png"]),
            "image/gif",
            b"2".to_vec(),
        );
        images
    }

    #[test]
    fn a_picture_is_found_by_every_spelling_of_its_names() {
        for (address, media_type) in [
            ("cid:ii_a+b@x", "png"),
            ("CID:%69i%5Fa%2Bb%40X", "png"),
            ("cid:<ii_a+b@x>", "png"),
            (" ii_a+b@x ", "png"),
            ("cid:logo.png@01D2.3", "png"),
            ("logo.png", "png"),
            ("http://x/a/map.png", "gif"),
            ("./a/map.png", "gif"),
            ("/a/map.png", "gif"),
        ] {
            let url = images().inline(address).unwrap_or_default();
            assert!(
                url.starts_with(&format!("data:image/{media_type};")),
                "{address}"
            );
        }
        for address in ["cid:ii_a", "cid:", "", "http://y/a/map.png", "x/logo.png"] {
            assert_eq!(images().inline(address), None, "{address}");
        }
    }

    #[test]
    fn only_an_image_counts_as_drawn() {
        let mut images = images();
        assert!(images.background("cid:logo.png").is_some());
        assert!(images.at(3).is_some());
        assert!(!images.is_drawn(3));
        assert!(images.inline("logo.png").is_some());
        assert!(images.is_drawn(3) && !images.is_drawn(4));
    }

    #[test]
    fn the_size_of_all_copies_is_limited() {
        let mut images = Images::new(false);
        let half = vec![0; MOST_IMAGE_OCTETS / 2];
        images.add(1, vec!["a".to_owned()], "image/png", half);
        assert!(images.inline("a").is_some() && images.inline("a").is_some());
        assert!(images.inline("a").is_none());
    }
}

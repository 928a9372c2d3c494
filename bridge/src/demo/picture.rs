//! The large attachment: hills behind hills at sunset, painted with integers, so that every machine
//! paints the same octets.

/// Pixels in a row.
const WIDTH: u32 = 2048;

/// Rows. With three octets a pixel the picture has exactly 6 MiB behind its header.
const HEIGHT: u32 = 1024;

/// The size of the two headers of a BMP file (BITMAPFILEHEADER, BITMAPINFOHEADER) in octets.
const HEADER: u32 = 14 + 40;

/// The rows of hills from far to near: height of the crest, swell, wave length, phase, and colour.
const HILLS: [(i32, i32, i32, i32, [u8; 3]); 5] = [
    (560, 60, 700, 0, [150, 120, 140]),
    (650, 70, 520, 200, [112, 92, 124]),
    (740, 60, 610, 90, [78, 70, 106]),
    (840, 80, 830, 400, [50, 50, 82]),
    (950, 50, 460, 310, [28, 32, 56]),
];

/// The sun's centre and radius in pixels.
const SUN: (i32, i32, i32) = (1310, 500, 120);

/// Paints the picture as an uncompressed BMP of 24 bits a pixel.
pub(super) fn bmp() -> Vec<u8> {
    let octets = WIDTH * HEIGHT * 3;
    let mut file = Vec::with_capacity((HEADER + octets) as usize);
    file.extend_from_slice(b"BM");
    for field in [HEADER + octets, 0, HEADER, 40, WIDTH, HEIGHT] {
        file.extend_from_slice(&field.to_le_bytes());
    }
    // One plane of 24 bits; not compressed.
    file.extend_from_slice(&[1, 0, 24, 0, 0, 0, 0, 0]);
    // The size of the pixels, 72 dots an inch both ways, and no palette.
    for field in [octets, 2835, 2835, 0, 0] {
        file.extend_from_slice(&field.to_le_bytes());
    }
    let (width, height) = (WIDTH.cast_signed(), HEIGHT.cast_signed());
    let crests: Vec<[i32; 5]> = (0..width)
        .map(|x| {
            HILLS.map(|(crest, swell, length, phase, _)| {
                crest - swell * wave(x + phase, length) / 1000
            })
        })
        .collect();
    // A BMP begins with its lowest row.
    for y in (0..height).rev() {
        for (x, crests) in (0..width).zip(&crests) {
            let [red, green, blue] = pixel(x, y, crests);
            file.extend_from_slice(&[blue, green, red]);
        }
    }
    file
}

fn pixel(x: i32, y: i32, crests: &[i32; 5]) -> [u8; 3] {
    let hill = crests
        .iter()
        .zip(HILLS)
        .rev()
        .find(|(crest, _)| y >= **crest);
    if let Some((_, (_, _, _, _, colour))) = hill {
        return colour;
    }
    let (sun_x, sun_y, radius) = SUN;
    if (x - sun_x).pow(2) + (y - sun_y).pow(2) < radius.pow(2) {
        return [255, 236, 184];
    }
    // From blue above to apricot at the horizon.
    let blend = |above: i32, below: i32| above + (below - above) * y.min(700) / 700;
    [blend(70, 250), blend(92, 178), blend(150, 122)].map(|c| u8::try_from(c).unwrap_or(u8::MAX))
}

/// A wave made of parabolas, from -1000 to 1000.
fn wave(x: i32, length: i32) -> i32 {
    let half = length / 2;
    let at = x.rem_euclid(length);
    let (at, sign) = if at < half { (at, 1) } else { (at - half, -1) };
    sign * 4 * at * (half - at) / half * 1000 / half
}

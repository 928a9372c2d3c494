//! The large attachment: rows of hills at sunset, painted with integers so that every machine produces the
//! same bytes.

/// Pixels in a row.
const WIDTH: u32 = 2048;

/// Rows. With three bytes a pixel, the picture has exactly 6 MiB after its header.
const HEIGHT: u32 = 1024;

/// The size of the two headers of a BMP file (BITMAPFILEHEADER, BITMAPINFOHEADER) in bytes.
const HEADER: u32 = 14 + 40;

/// The rows of hills from far to near: height of the crest, swell, wave length, phase, and
/// colour as blue, green, red.
const HILLS: [(i32, i32, i32, i32, [u8; 3]); 5] = [
    (560, 60, 700, 0, [140, 120, 150]),
    (650, 70, 520, 200, [124, 92, 112]),
    (740, 60, 610, 90, [106, 70, 78]),
    (840, 80, 830, 400, [82, 50, 50]),
    (950, 50, 460, 310, [56, 32, 28]),
];

/// The sun's centre and radius in pixels.
const SUN: (i32, i32, i32) = (1310, 500, 120);

/// The sun as blue, green, red.
const SUN_COLOUR: [u8; 3] = [184, 236, 255];

/// Paints the picture as an uncompressed BMP of 24 bits a pixel.
pub(crate) fn bmp() -> Vec<u8> {
    let bytes = WIDTH * HEIGHT * 3;
    let mut file = Vec::with_capacity((HEADER + bytes) as usize);
    file.extend_from_slice(b"BM");
    for field in [HEADER + bytes, 0, HEADER, 40, WIDTH, HEIGHT] {
        file.extend_from_slice(&field.to_le_bytes());
    }
    // One plane of 24 bits; not compressed.
    file.extend_from_slice(&[1, 0, 24, 0, 0, 0, 0, 0]);
    // The size of the pixels, 72 dots an inch in both directions, and no palette.
    for field in [bytes, 2835, 2835, 0, 0] {
        file.extend_from_slice(&field.to_le_bytes());
    }
    let columns: Vec<[i32; 5]> = (0..WIDTH.cast_signed())
        .map(|x| {
            HILLS.map(|(crest, swell, length, phase, _)| {
                crest - swell * wave(x + phase, length) / 1000
            })
        })
        .collect();
    // A BMP begins with its lowest row.
    for y in (0..HEIGHT.cast_signed()).rev() {
        file.extend_from_slice(row(y, &columns).as_flattened());
    }
    file
}

/// Paints the pixels of one row, each blue, green, red; `columns` has the crests at each of them.
fn row(y: i32, columns: &[[i32; 5]]) -> Vec<[u8; 3]> {
    let sky = sky(y);
    let (sun_x, sun_y, radius) = SUN;
    let width_of_sun = radius.pow(2) - (y - sun_y).pow(2);
    let mut row = Vec::with_capacity(columns.len());
    for (x, crests) in (0..).zip(columns) {
        let in_front = crests.iter().rposition(|crest| y >= *crest);
        row.push(match in_front.and_then(|hill| HILLS.get(hill)) {
            Some((_, _, _, _, colour)) => *colour,
            None if (x - sun_x).pow(2) < width_of_sun => SUN_COLOUR,
            None => sky,
        });
    }
    row
}

/// Returns the colour of the sky, from blue at the top to apricot at the horizon.
fn sky(y: i32) -> [u8; 3] {
    let blend = |above: i32, below: i32| above + (below - above) * y.min(700) / 700;
    [blend(150, 122), blend(92, 178), blend(70, 250)].map(|c| u8::try_from(c).unwrap_or(u8::MAX))
}

/// Returns a wave made of parabolas, from -1000 to 1000.
fn wave(x: i32, length: i32) -> i32 {
    let half = length / 2;
    let at = x.rem_euclid(length);
    let (at, sign) = if at < half { (at, 1) } else { (at - half, -1) };
    sign * 4 * at * (half - at) / half * 1000 / half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_a_bmp_of_6_mib_with_sky_sun_and_hills() {
        let file = bmp();
        let field = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
        assert_eq!(&file[..2], b"BM");
        assert_eq!(field(2) as usize, file.len());
        assert_eq!(
            (field(10), field(18), field(22), field(34)),
            (54, 2048, 1024, 6 << 20)
        );
        assert_eq!(file.len(), 54 + (6 << 20));
        let pixel = |x: usize, y: usize| &file[54 + ((1023 - y) * 2048 + x) * 3..][..3];
        assert_eq!(pixel(0, 0), sky(0));
        assert_eq!(pixel(1310, 500), SUN_COLOUR);
        assert_eq!(pixel(1310, 1023), HILLS[4].4);
    }
}

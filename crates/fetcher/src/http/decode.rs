//! Content decoding while a body streams in, never to more than allowed: a few kilobytes of
//! brotli hold gigabytes of zeros.

use std::io::{self, Write};

use stage::FetchError;

/// Output that a body may have whatever its ratio.
const RATIO_SLACK: usize = 1024 * 1024;
/// Beyond the slack, decoded bytes for each encoded one.
const MAX_RATIO: usize = 100;
/// Largest zstd window as a power of two: 8 MiB (RFC 9659).
const WINDOW: zstd::stream::raw::DParameter = zstd::stream::raw::DParameter::WindowLogMax(23);

/// Whether a `Content-Encoding` changes nothing: the names that servers give to doing nothing, and
/// charsets, which they take for encodings.
fn is_no_coding(name: &str) -> bool {
    let is_nothing = matches!(name, "" | "identity" | "none" | "binary" | "7bit" | "8bit");
    is_nothing || encoding_rs::Encoding::for_label(name.as_bytes()).is_some()
}

/// A body in the making.
pub(super) struct Decoder {
    coding: Coding,
    encoded: usize,
    max: usize,
}

enum Coding {
    Identity(Capped),
    Gzip(flate2::write::GzDecoder<Capped>),
    /// The last member has ended; servers pad it, so the rest is nothing.
    Gunzipped(Capped),
    Zlib(flate2::write::ZlibDecoder<Capped>),
    /// What some servers take "deflate" for, against RFC 9110 8.4.1.2.
    Deflate(flate2::write::DeflateDecoder<Capped>),
    Brotli(Box<brotli_decompressor::DecompressorWriter<Capped>>),
    Zstd(Box<zstd::stream::zio::Writer<Capped, zstd::stream::raw::Decoder<'static>>>),
}

impl Decoder {
    /// A decoder for a `Content-Encoding`, with output of at most `max` bytes. Where `cut`, what
    /// is beyond is left out; otherwise it is an error.
    pub(super) fn new(encoding: &str, max: usize, cut: bool) -> Result<Self, FetchError> {
        let sink = Capped { out: Vec::new(), max, cut, is_full: false };
        let codings: Vec<String> = encoding
            .split(',')
            .map(|coding| coding.trim().to_ascii_lowercase())
            .filter(|coding| !is_no_coding(coding))
            .collect();
        let coding = match codings.as_slice() {
            [] => Coding::Identity(sink),
            [one] => match one.as_str() {
                "gzip" | "x-gzip" => Coding::Gzip(flate2::write::GzDecoder::new(sink)),
                // Not asked for, sent all the same.
                "deflate" => Coding::Zlib(flate2::write::ZlibDecoder::new(sink)),
                "br" => {
                    let writer = brotli_decompressor::DecompressorWriter::new(sink, 8 * 1024);
                    Coding::Brotli(Box::new(writer))
                }
                "zstd" => {
                    let mut decoder = zstd::stream::raw::Decoder::new().map_err(broken)?;
                    decoder.set_parameter(WINDOW).map_err(broken)?;
                    Coding::Zstd(Box::new(zstd::stream::zio::Writer::new(sink, decoder)))
                }
                other => return Err(FetchError::Broken(format!("Content-Encoding {other:.40}"))),
            },
            // We accept one at a time; several are a trap more often than a mistake.
            several => {
                return Err(FetchError::Broken(format!("{} Content-Encodings", several.len())));
            }
        };
        Ok(Self { coding, encoded: 0, max })
    }

    /// Takes in some bytes. Returns whether more are wanted.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<bool, FetchError> {
        if let Some(first) = bytes.first().filter(|_| self.encoded == 0) {
            self.believe_first_byte(*first);
        }
        self.encoded += bytes.len();
        let written = match &mut self.coding {
            Coding::Identity(sink) => sink.write_all(bytes),
            Coding::Gzip(_) | Coding::Gunzipped(_) => self.gunzip(bytes),
            Coding::Zlib(decoder) => decoder.write_all(bytes),
            Coding::Deflate(decoder) => decoder.write_all(bytes),
            Coding::Brotli(decoder) => decoder.write_all(bytes),
            Coding::Zstd(decoder) => decoder.write_all(bytes),
        };
        let max = self.max;
        let encoded = self.encoded;
        let is_identity = matches!(self.coding, Coding::Identity(_));
        let sink = self.sink();
        if sink.is_full {
            return if sink.cut { Ok(false) } else { Err(FetchError::TooBig(max)) };
        }
        written.map_err(broken)?;
        if !is_identity && sink.out.len() > RATIO_SLACK.max(encoded.saturating_mul(MAX_RATIO)) {
            return Err(FetchError::TooBig(max));
        }
        Ok(true)
    }

    /// Servers that decode and forget to say so, and those with a "deflate" of their own.
    fn believe_first_byte(&mut self, first: u8) {
        match &self.coding {
            Coding::Gzip(_) if first != 0x1f => {
                let sink = std::mem::take(self.sink());
                self.coding = Coding::Identity(sink);
            }
            // RFC 1950 2.2: the method, deflate, is the lower half of the first byte.
            Coding::Zlib(_) if first & 0x0f != 8 => {
                let sink = std::mem::take(self.sink());
                self.coding = Coding::Deflate(flate2::write::DeflateDecoder::new(sink));
            }
            _ => {}
        }
    }

    /// Member after member (RFC 1952 2.2), up to what is no member.
    fn gunzip(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while let Coding::Gzip(decoder) = &mut self.coding {
            if rest.is_empty() {
                break;
            }
            let taken = decoder.write(rest)?;
            rest = &rest[taken..];
            if taken == 0 {
                decoder.try_finish()?;
                let sink = std::mem::take(self.sink());
                self.coding = if rest.starts_with(&[0x1f]) {
                    Coding::Gzip(flate2::write::GzDecoder::new(sink))
                } else {
                    Coding::Gunzipped(sink)
                };
            }
        }
        Ok(())
    }

    /// The body, once all of it was pushed.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, FetchError> {
        let max = self.max;
        if self.encoded > 0 && !self.sink().is_full {
            let ended = match &mut self.coding {
                Coding::Identity(_) | Coding::Gunzipped(_) => Ok(()),
                Coding::Gzip(decoder) => decoder.try_finish(),
                Coding::Zlib(decoder) => decoder.try_finish(),
                Coding::Deflate(decoder) => decoder.try_finish(),
                Coding::Brotli(decoder) => decoder.close(),
                Coding::Zstd(decoder) => decoder.finish(),
            };
            if !self.sink().is_full {
                ended.map_err(broken)?;
            }
        }
        let sink = self.sink();
        if sink.is_full && !sink.cut {
            return Err(FetchError::TooBig(max));
        }
        Ok(std::mem::take(&mut sink.out))
    }

    fn sink(&mut self) -> &mut Capped {
        match &mut self.coding {
            Coding::Identity(sink) | Coding::Gunzipped(sink) => sink,
            Coding::Gzip(decoder) => decoder.get_mut(),
            Coding::Zlib(decoder) => decoder.get_mut(),
            Coding::Deflate(decoder) => decoder.get_mut(),
            Coding::Brotli(decoder) => decoder.get_mut(),
            Coding::Zstd(decoder) => decoder.writer_mut(),
        }
    }
}

fn broken(error: io::Error) -> FetchError {
    FetchError::Broken(format!("content decoding: {error}"))
}

/// Takes bytes up to a bound.
#[derive(Default)]
struct Capped {
    out: Vec<u8>,
    max: usize,
    cut: bool,
    is_full: bool,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.max - self.out.len();
        self.out.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room {
            self.is_full = true;
            return Err(io::Error::other("larger than allowed"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoding: &str, bytes: &[u8], max: usize) -> Result<Vec<u8>, FetchError> {
        let mut decoder = Decoder::new(encoding, max, false)?;
        for chunk in bytes.chunks(1000) {
            decoder.push(chunk)?;
        }
        decoder.finish()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_coding_gives_the_text_back() {
        let text = b"the same words, again and again; ".repeat(200);
        let zstd = zstd::encode_all(text.as_slice(), 3).unwrap();
        // Put together by hand (RFC 7932): one uncompressed block.
        let brotli = [0x0b, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];
        assert_eq!(decode("gzip", &gzip(&text), 1 << 20).unwrap(), text);
        assert_eq!(decode("X-GZIP", &gzip(&text), 1 << 20).unwrap(), text);
        assert_eq!(decode("zstd", &zstd, 1 << 20).unwrap(), text);
        assert_eq!(decode("br", &brotli, 1 << 20).unwrap(), b"hello");
        for nothing in ["identity", "none", "UTF-8", "iso-8859-1"] {
            assert_eq!(decode(nothing, &text, 1 << 20).unwrap(), text, "{nothing}");
        }
        assert!(decode("compress", &text, 1 << 20).is_err());
        assert_eq!(decode("gzip", &text, 1 << 20).unwrap(), text, "falsely labelled");
        assert_eq!(decode("gzip", b"", 10).unwrap(), b"");
        let two = [gzip(&text[..3000]), gzip(&text[3000..])].concat();
        assert_eq!(decode("gzip", &two, 1 << 20).unwrap(), text, "two members");
        for padding in [&[0_u8; 700][..], b"garbage"] {
            let padded = [gzip(&text), padding.to_vec()].concat();
            assert_eq!(decode("gzip", &padded, 1 << 20).unwrap(), text, "padded");
        }
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(&text).unwrap();
        assert_eq!(decode("deflate", &zlib.finish().unwrap(), 1 << 20).unwrap(), text);
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        raw.write_all(&text).unwrap();
        assert_eq!(decode("deflate", &raw.finish().unwrap(), 1 << 20).unwrap(), text);
    }

    /// Twenty mebibytes of zeros as Node's zlib packs them (`brotliCompressSync(Buffer.alloc(20 << 20))`).
    const BROTLI_ZEROS: [u8; 40] = [
        203, 255, 255, 63, 248, 39, 0, 226, 177, 64, 32, 247, 254, 143, 255, 255, 127, 240, 79, 0,
        196, 97, 17, 128, 238, 253, 95, 254, 255, 255, 224, 159, 0, 136, 195, 2, 0, 221, 251, 31,
    ];

    #[test]
    fn bombs_end_at_the_bound_or_at_the_ratio() {
        let zeros = vec![0_u8; 20 << 20];
        let zstd = zstd::encode_all(zeros.as_slice(), 3).unwrap();
        for (encoding, bomb) in
            [("gzip", gzip(&zeros)), ("zstd", zstd), ("br", BROTLI_ZEROS.to_vec())]
        {
            assert_eq!(decode(encoding, &bomb, 5 << 20), Err(FetchError::TooBig(5 << 20)));
            assert_eq!(decode(encoding, &bomb, 64 << 20), Err(FetchError::TooBig(64 << 20)));
        }
        assert_eq!(decode("", &zeros, 1000), Err(FetchError::TooBig(1000)));
    }

    #[test]
    fn what_may_be_cut_is_cut_at_the_bound() {
        let mut decoder = Decoder::new("gzip", 1000, true).unwrap();
        // Whether the bound is met now or at the end is the decoder's affair.
        decoder.push(&gzip(&[b'a'; 5000])).unwrap();
        assert_eq!(decoder.finish().unwrap(), vec![b'a'; 1000]);
    }

    #[test]
    fn damage_is_told() {
        let text = b"the same words, again and again; ".repeat(200);
        let zstd = zstd::encode_all(text.as_slice(), 3).unwrap();
        for (encoding, whole) in [("gzip", gzip(&text)), ("zstd", zstd)] {
            for length in [whole.len() / 2, whole.len() - 1] {
                let decoded = decode(encoding, &whole[..length], 1 << 20);
                assert!(matches!(decoded, Err(FetchError::Broken(_))), "{encoding} {length}");
            }
        }
        for encoding in ["rot13", "gzip, br"] {
            assert!(matches!(decode(encoding, b"x", 10), Err(FetchError::Broken(_))), "{encoding}");
        }
        for encoding in ["br", "zstd"] {
            assert!(decode(encoding, b"\xff\xfe\xfd no such thing", 10).is_err(), "{encoding}");
        }
    }
}

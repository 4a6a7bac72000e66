//! Content decoding while a body streams in, never to more than allowed: a few kilobytes of
//! brotli hold gigabytes of zeros.

use std::io::{self, Write};

use stage::FetchError;

/// Output that a body may have whatever its ratio.
const RATIO_SLACK: usize = 1024 * 1024;
/// Beyond the slack, decoded bytes for each encoded one.
const MAX_RATIO: usize = 100;
/// Largest zstd window as a power of two: 8 MiB (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

/// A body in the making.
pub(super) struct Decoder {
    coding: Coding,
    encoded: usize,
    max: usize,
}

enum Coding {
    Identity(Capped),
    Gzip(flate2::write::MultiGzDecoder<Capped>),
    Brotli(Box<brotli_decompressor::DecompressorWriter<Capped>>),
    Zstd(Box<zstd::stream::write::Decoder<'static, Capped>>),
}

impl Decoder {
    /// A decoder for a `Content-Encoding`, with output of at most `max` bytes. Where `cut`, what
    /// is beyond is left out; otherwise it is an error.
    pub(super) fn new(encoding: &str, max: usize, cut: bool) -> Result<Self, FetchError> {
        let sink = Capped { out: Vec::new(), max, cut, is_full: false };
        let codings: Vec<String> = encoding
            .split(',')
            .map(|coding| coding.trim().to_ascii_lowercase())
            .filter(|coding| !coding.is_empty() && coding != "identity")
            .collect();
        let coding = match codings.as_slice() {
            [] => Coding::Identity(sink),
            [one] => match one.as_str() {
                "gzip" | "x-gzip" => Coding::Gzip(flate2::write::MultiGzDecoder::new(sink)),
                "br" => {
                    let writer = brotli_decompressor::DecompressorWriter::new(sink, 8 * 1024);
                    Coding::Brotli(Box::new(writer))
                }
                "zstd" => {
                    let mut decoder = zstd::stream::write::Decoder::new(sink).map_err(broken)?;
                    decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(broken)?;
                    Coding::Zstd(Box::new(decoder))
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
        if self.encoded == 0
            && matches!(self.coding, Coding::Gzip(_))
            && !bytes.is_empty()
            && !bytes.starts_with(&[0x1f])
        {
            // Servers that decode and forget to say so.
            let sink = std::mem::take(self.sink());
            self.coding = Coding::Identity(sink);
        }
        self.encoded += bytes.len();
        let written = match &mut self.coding {
            Coding::Identity(sink) => sink.write_all(bytes),
            Coding::Gzip(decoder) => decoder.write_all(bytes),
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

    /// The body, once all of it was pushed.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, FetchError> {
        let max = self.max;
        if self.encoded > 0 && !self.sink().is_full {
            let ended = match &mut self.coding {
                Coding::Identity(_) => Ok(()),
                Coding::Gzip(decoder) => decoder.try_finish(),
                Coding::Brotli(decoder) => decoder.close(),
                Coding::Zstd(decoder) => decoder.flush(),
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
            Coding::Identity(sink) => sink,
            Coding::Gzip(decoder) => decoder.get_mut(),
            Coding::Brotli(decoder) => decoder.get_mut(),
            Coding::Zstd(decoder) => decoder.get_mut(),
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
        assert_eq!(decode("identity", &text, 1 << 20).unwrap(), text);
        assert_eq!(decode("gzip", &text, 1 << 20).unwrap(), text, "falsely labelled");
        assert_eq!(decode("gzip", b"", 10).unwrap(), b"");
    }

    #[test]
    fn bombs_end_at_the_bound_or_at_the_ratio() {
        let zeros = vec![0_u8; 20 << 20];
        let zstd = zstd::encode_all(zeros.as_slice(), 3).unwrap();
        for (encoding, bomb) in [("gzip", gzip(&zeros)), ("zstd", zstd)] {
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
        let mut cut = gzip(&text);
        cut.truncate(cut.len() / 2);
        assert!(matches!(decode("gzip", &cut, 1 << 20), Err(FetchError::Broken(_))));
        for encoding in ["rot13", "gzip, br"] {
            assert!(matches!(decode(encoding, b"x", 10), Err(FetchError::Broken(_))), "{encoding}");
        }
        for encoding in ["br", "zstd"] {
            assert!(decode(encoding, b"\xff\xfe\xfd no such thing", 10).is_err(), "{encoding}");
        }
    }
}

//! W3C Trace Context for record headers, derived instead of drawn: the same entry has the same
//! trace on every machine, so that a replay can be laid beside the original.

use sha2::{Digest, Sha256};

/// A `traceparent`: version 00, sampled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
}

impl TraceContext {
    /// A new trace for `subject` (an entry id with its revision, say).
    pub fn root(subject: &str) -> Self {
        let digest = Sha256::digest(subject.as_bytes());
        let mut trace_id = [0; 16];
        let mut span_id = [0; 8];
        trace_id.copy_from_slice(&digest[..16]);
        span_id.copy_from_slice(&digest[16..24]);
        Self { trace_id, span_id }
    }

    /// The span of `operation` within this trace, as a child of this one.
    #[must_use]
    pub fn child(&self, operation: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.trace_id);
        hasher.update(self.span_id);
        hasher.update(operation.as_bytes());
        let mut span_id = [0; 8];
        span_id.copy_from_slice(&hasher.finalize()[..8]);
        Self { trace_id: self.trace_id, span_id }
    }

    /// Reads a `traceparent` header; `None` where it is malformed (it is then as if absent).
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        if version.len() != 2 || version == "ff" || trace.len() != 32 || span.len() != 16 {
            return None;
        }
        let mut trace_id = [0; 16];
        let mut span_id = [0; 8];
        data_encoding::HEXLOWER.decode_mut(trace.as_bytes(), &mut trace_id).ok()?;
        data_encoding::HEXLOWER.decode_mut(span.as_bytes(), &mut span_id).ok()?;
        (trace_id != [0; 16] && span_id != [0; 8]).then_some(Self { trace_id, span_id })
    }
}

impl std::fmt::Display for TraceContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hex = data_encoding::HEXLOWER;
        write!(f, "00-{}-{}-01", hex.encode(&self.trace_id), hex.encode(&self.span_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_survives_its_header() {
        let root = TraceContext::root("entry/1/0");
        let child = root.child("extract");
        assert_eq!(TraceContext::parse(&child.to_string()), Some(child.clone()));
        assert_eq!(root.to_string()[..35], child.to_string()[..35]);
        assert_ne!(root, child);
    }

    #[test]
    fn a_malformed_header_is_no_trace() {
        for header in [
            "",
            "00",
            "00-xyz-abc-01",
            "ff-00000000000000000000000000000001-0000000000000001-01",
            "00-00000000000000000000000000000000-0000000000000001-01",
            "00-ABCDEF00000000000000000000000001-0000000000000001-01",
        ] {
            assert_eq!(TraceContext::parse(header), None, "{header}");
        }
    }
}

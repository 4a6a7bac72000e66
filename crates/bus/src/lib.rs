//! Topics and the transports that carry them.

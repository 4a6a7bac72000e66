//! Identity, versions, copies and groups of stories.

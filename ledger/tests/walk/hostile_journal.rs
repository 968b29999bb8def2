//! Walks over journals whose bytes are not what was written.

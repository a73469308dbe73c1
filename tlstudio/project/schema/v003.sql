-- How dark, bright, rich in contrast and sharp images are, by content; derived from their pixels and measured again where it is missing.
CREATE TABLE qualities (
  content_hash TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  darkest REAL NOT NULL,
  brightest REAL NOT NULL,
  contrast REAL NOT NULL,
  sharpness REAL -- NULL: looked at, and no edge in it to judge by
) STRICT, WITHOUT ROWID;

-- What images look like, by content; derived from their pixels and made again where it is missing.
CREATE TABLE fingerprints (
  content_hash TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  hash BLOB, -- NULL: looked at, and nothing in it to compare by
  detail BLOB
) STRICT;

-- Files that hold nearly the same picture; only as many pairs as hold a set together.
CREATE TABLE near_copies (
  first TEXT NOT NULL,
  second TEXT NOT NULL,
  likeness REAL NOT NULL,
  PRIMARY KEY (first, second)
) STRICT, WITHOUT ROWID;

-- Places on this machine that samples are relative to. A path that is not absolute lies inside the project's folder.
CREATE TABLE roots (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL UNIQUE,
  copied INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Classes are never deleted: a run's old class id still has a name. Merging leaves an alias.
CREATE TABLE classes (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0,
  alias_of TEXT REFERENCES classes (id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX class_names ON classes (name) WHERE removed = 0;

-- Names a class was known by: a folder that kept the old name still finds its class.
CREATE TABLE former_names (
  name TEXT PRIMARY KEY,
  class TEXT NOT NULL REFERENCES classes (id)
) STRICT, WITHOUT ROWID;

-- Samples that must stay on one side of a split: a slide, a patient, a burst.
CREATE TABLE groups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE samples (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  root INTEGER NOT NULL REFERENCES roots (id),
  path TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  width_px INTEGER NOT NULL,
  height_px INTEGER NOT NULL,
  format TEXT NOT NULL,
  parent INTEGER REFERENCES samples (id), -- what a crop was cut from
  group_id INTEGER REFERENCES groups (id),
  aside_reason TEXT, -- a message as JSON; NULL: the sample takes part
  aside_by TEXT -- 'import' or 'person'
) STRICT;
CREATE UNIQUE INDEX sample_paths ON samples (root, path) WHERE parent IS NULL;

CREATE TABLE annotations (
  id INTEGER PRIMARY KEY,
  sample INTEGER NOT NULL REFERENCES samples (id),
  kind TEXT NOT NULL,
  class TEXT REFERENCES classes (id), -- NULL with kind 'label': somebody took the label away
  payload TEXT,
  source TEXT NOT NULL
) STRICT;
CREATE INDEX annotations_of_sample ON annotations (sample);
CREATE UNIQUE INDEX one_label ON annotations (sample) WHERE kind = 'label';
CREATE INDEX annotations_of_class ON annotations (class);

CREATE TABLE splits (
  sample INTEGER PRIMARY KEY REFERENCES samples (id),
  split TEXT NOT NULL,
  given INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE folds (
  sample INTEGER PRIMARY KEY REFERENCES samples (id),
  fold INTEGER NOT NULL
) STRICT;

CREATE TABLE notes (
  sample INTEGER PRIMARY KEY REFERENCES samples (id),
  text TEXT NOT NULL
) STRICT;

-- Each time somebody looked at figures of the test set.
CREATE TABLE test_openings (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  at REAL NOT NULL
) STRICT;

-- Edits as commands with their inverses, so that undo survives a restart. `undone` ones are the redo tail.
-- The long columns come last: looking for the next one to undo does not read them.
CREATE TABLE edits (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at REAL NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0,
  words TEXT NOT NULL,
  command TEXT NOT NULL,
  inverse TEXT NOT NULL
) STRICT;

-- What the run table lists; the journal in the run's folder is the truth behind it.
CREATE TABLE runs (
  number INTEGER PRIMARY KEY,
  recipe TEXT NOT NULL,
  weights_name TEXT NOT NULL,
  created_at REAL NOT NULL,
  status TEXT NOT NULL,
  summary TEXT,
  num_classes INTEGER NOT NULL,
  override TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

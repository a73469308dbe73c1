BEGIN TRANSACTION;
CREATE TABLE annotations (
  id INTEGER PRIMARY KEY,
  sample INTEGER NOT NULL REFERENCES samples (id),
  kind TEXT NOT NULL,
  class TEXT REFERENCES classes (id), -- NULL with kind 'label': somebody took the label away
  payload TEXT,
  source TEXT NOT NULL
) STRICT;
INSERT INTO "annotations" VALUES(1,1,'label','5b7f1d51-f5ff-4135-8fe7-03f0cb90bc89',NULL,'person');
INSERT INTO "annotations" VALUES(2,2,'label','9d93e91f-08ab-4cc9-952c-825665db404b',NULL,'import');
INSERT INTO "annotations" VALUES(3,3,'label','9d93e91f-08ab-4cc9-952c-825665db404b',NULL,'import');
INSERT INTO "annotations" VALUES(4,4,'label','5b7f1d51-f5ff-4135-8fe7-03f0cb90bc89',NULL,'import');
INSERT INTO "annotations" VALUES(5,5,'label','5b7f1d51-f5ff-4135-8fe7-03f0cb90bc89',NULL,'import');
INSERT INTO "annotations" VALUES(6,6,'label','5b7f1d51-f5ff-4135-8fe7-03f0cb90bc89',NULL,'import');
INSERT INTO "annotations" VALUES(7,7,'label','5b7f1d51-f5ff-4135-8fe7-03f0cb90bc89',NULL,'import');
INSERT INTO "annotations" VALUES(8,4,'box',NULL,'{"x": 1}','person');
CREATE TABLE classes (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  removed INTEGER NOT NULL DEFAULT 0,
  alias_of TEXT REFERENCES classes (id)
) STRICT, WITHOUT ROWID;
INSERT INTO "classes" VALUES('5b7f1d51-f5ff-4135-8fe7-03f0cb90bc89','bees',1,0,NULL);
INSERT INTO "classes" VALUES('9d93e91f-08ab-4cc9-952c-825665db404b','Formicidae',0,0,NULL);
CREATE TABLE edits (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at REAL NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0,
  words TEXT NOT NULL,
  command TEXT NOT NULL,
  inverse TEXT NOT NULL
) STRICT;
INSERT INTO "edits" VALUES(1,1.79524257113189387316e+09,0,'{"id":"edit.classes.one","template":"{image} is now {name}","arguments":{"image":"0.jpg","name":"bees"}}','{"kind":"set_classes","class_by_sample":{"1":"5b7f1d51-f5ff-4135-8fe7-03f0cb90bc89"}}','{"kind":"set_classes","class_by_sample":{"1":"9d93e91f-08ab-4cc9-952c-825665db404b"}}');
INSERT INTO "edits" VALUES(2,1.79524257113493609428e+09,0,'{"id":"edit.note_one","template":"1 note is written","arguments":{}}','{"kind":"set_notes","note_by_sample":{"2":"queen?"}}','{"kind":"set_notes","note_by_sample":{"2":""}}');
INSERT INTO "edits" VALUES(3,1.79524257113951325411e+09,0,'{"id":"edit.class_renamed","template":"The class is called {name} now","arguments":{"name":"Formicidae"}}','{"kind":"rename_class","class_id":"9d93e91f-08ab-4cc9-952c-825665db404b","name":"Formicidae"}','{"kind":"rename_class","class_id":"9d93e91f-08ab-4cc9-952c-825665db404b","name":"ants"}');
INSERT INTO "edits" VALUES(4,1.79524257114768314358e+09,1,'{"id":"edit.aside_one","template":"1 image is set aside","arguments":{}}','{"kind":"set_aside","reason_by_sample":{"3":{"id":"aside.by_hand","template":"Set aside by hand","arguments":{}}}}','{"kind":"set_aside","reason_by_sample":{"3":null}}');
CREATE TABLE fingerprints (
  content_hash TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  hash BLOB, -- NULL: looked at, and nothing in it to compare by
  detail BLOB
) STRICT;
INSERT INTO "fingerprints" VALUES('ants0',1,X'0001020304050607',X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF');
INSERT INTO "fingerprints" VALUES('ants1',1,X'0102030405060708',X'000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF');
INSERT INTO "fingerprints" VALUES('ants2',1,NULL,NULL);
CREATE TABLE folds (
  sample INTEGER PRIMARY KEY REFERENCES samples (id),
  fold INTEGER NOT NULL
) STRICT;
INSERT INTO "folds" VALUES(1,0);
CREATE TABLE former_names (
  name TEXT PRIMARY KEY,
  class TEXT NOT NULL REFERENCES classes (id)
) STRICT, WITHOUT ROWID;
INSERT INTO "former_names" VALUES('ants','9d93e91f-08ab-4cc9-952c-825665db404b');
CREATE TABLE groups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "groups" VALUES(1,'hive 0');
INSERT INTO "groups" VALUES(2,'hive 1');
INSERT INTO "groups" VALUES(3,'hive 2');
CREATE TABLE near_copies (
  first TEXT NOT NULL,
  second TEXT NOT NULL,
  likeness REAL NOT NULL,
  PRIMARY KEY (first, second)
) STRICT, WITHOUT ROWID;
INSERT INTO "near_copies" VALUES('ants0','ants1',0.9876);
CREATE TABLE notes (
  sample INTEGER PRIMARY KEY REFERENCES samples (id),
  text TEXT NOT NULL
) STRICT;
INSERT INTO "notes" VALUES(2,'queen?');
CREATE TABLE qualities (
  content_hash TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  darkest REAL NOT NULL,
  brightest REAL NOT NULL,
  contrast REAL NOT NULL,
  sharpness REAL -- NULL: looked at, and no edge in it to judge by
) STRICT, WITHOUT ROWID;
INSERT INTO "qualities" VALUES('ants0',1,3.0,251.0,53.25,2.71828);
INSERT INTO "qualities" VALUES('ants1',1,17.0,228.0,31.5,1.5);
INSERT INTO "qualities" VALUES('ants2',1,255.0,255.0,0.0,NULL);
CREATE TABLE roots (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL UNIQUE,
  copied INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "roots" VALUES(1,'images',1);
CREATE TABLE runs (
  number INTEGER PRIMARY KEY,
  recipe TEXT NOT NULL,
  weights_name TEXT NOT NULL,
  created_at REAL NOT NULL,
  status TEXT NOT NULL,
  summary TEXT,
  num_classes INTEGER NOT NULL,
  override TEXT NOT NULL,
  judged_on TEXT, -- hash of the validation images with their labels; NULL: not looked up yet
  ended_early INTEGER NOT NULL DEFAULT 0,
  pruned TEXT
) STRICT;
INSERT INTO "runs" VALUES(1,'{"version":1,"name":"quick","task":"classification","network":{"architecture":"resnet18","weights":null,"input_size_px":null},"head":{"penalties":[0.0001,0.001,0.01,0.1,1.0,10.0]},"finetune":null,"augmentation":"none","class_balance":"none","seed":0,"device":"auto","precision":"auto"}','little',5.0,'finished','{"accuracy":0.9,"balanced_accuracy":0.8,"loss":0.3,"best_step":4,"seconds":2.0,"checkpoint":"checkpoints/best.safetensors"}',2,'','1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f',1,'{"epoch":3,"num_rivals":4}');
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
INSERT INTO "samples" VALUES(1,1,'ants/0.jpg','ants0',40,30,'JPEG',NULL,1,NULL,NULL);
INSERT INTO "samples" VALUES(2,1,'ants/1.jpg','ants1',40,30,'JPEG',NULL,2,NULL,NULL);
INSERT INTO "samples" VALUES(3,1,'ants/2.jpg','ants2',40,30,'JPEG',NULL,3,NULL,NULL);
INSERT INTO "samples" VALUES(4,1,'bees/0.jpg','bees0',40,30,'JPEG',NULL,1,NULL,NULL);
INSERT INTO "samples" VALUES(5,1,'bees/1.jpg','bees1',40,30,'JPEG',NULL,2,NULL,NULL);
INSERT INTO "samples" VALUES(6,1,'bees/2.jpg','bees2',40,30,'JPEG',NULL,3,NULL,NULL);
INSERT INTO "samples" VALUES(7,1,'bees/9.jpg','',0,0,'JPEG',NULL,NULL,'{"id":"reason.x","template":"{file} is cut short.","arguments":{"file":"9.jpg"}}','import');
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
INSERT INTO "settings" VALUES('file','{"format":1,"id":"0aeee0c5-cefb-4c24-8a30-73ea67b80686","name":"Insects of version 1"}');
INSERT INTO "settings" VALUES('project','{"version":1,"task":"classification","network":{"architecture":"resnet18","weights":null,"input_size_px":null},"intensity":{"kind":"range","low":0.0,"high":1.0},"split_plan":{"train":0.7,"val":0.15,"test":0.15,"seed":0,"given":true}}');
CREATE TABLE splits (
  sample INTEGER PRIMARY KEY REFERENCES samples (id),
  split TEXT NOT NULL,
  given INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO "splits" VALUES(1,'train',1);
INSERT INTO "splits" VALUES(2,'val',1);
INSERT INTO "splits" VALUES(3,'test',1);
INSERT INTO "splits" VALUES(4,'train',1);
INSERT INTO "splits" VALUES(5,'val',1);
INSERT INTO "splits" VALUES(6,'test',1);
CREATE TABLE test_openings (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  at REAL NOT NULL
) STRICT;
INSERT INTO "test_openings" VALUES(1,1,1.79524257117141962055e+09);
CREATE UNIQUE INDEX class_names ON classes (name) WHERE removed = 0;
CREATE UNIQUE INDEX sample_paths ON samples (root, path) WHERE parent IS NULL;
CREATE INDEX annotations_of_sample ON annotations (sample);
CREATE UNIQUE INDEX one_label ON annotations (sample) WHERE kind = 'label';
CREATE INDEX annotations_of_class ON annotations (class);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('roots',1);
INSERT INTO "sqlite_sequence" VALUES('samples',7);
INSERT INTO "sqlite_sequence" VALUES('edits',4);
COMMIT;
PRAGMA user_version = 4;

-- What the figures of a run are of, and how it came to its end: looked up in its folder where it is missing.
ALTER TABLE runs ADD COLUMN judged_on TEXT; -- hash of the validation images with their labels; NULL: not looked up yet
ALTER TABLE runs ADD COLUMN ended_early INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN pruned TEXT;

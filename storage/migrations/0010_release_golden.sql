-- What the golden questions said when it was handed in, as JSON; empty where nobody kept it.
ALTER TABLE releases ADD COLUMN golden TEXT NOT NULL DEFAULT '';

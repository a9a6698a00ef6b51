-- How often it was asked: an import says so of many at once, and 0 of what nobody ever asked.
ALTER TABLE missed_questions ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
-- What another system called an entry, to be given back in an export to it; metadata is JSON.
CREATE TABLE origins (
  entry_id TEXT NOT NULL,
  language TEXT NOT NULL,
  origin_key TEXT NOT NULL,
  source TEXT NOT NULL,
  metadata TEXT NOT NULL,
  PRIMARY KEY (entry_id, language)
);
-- Previews of the last hour have their origins in another form: such a file is uploaded again.
DELETE FROM imports;
